use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_core::{Arms, Duration, Fence, Time};
use bellwether_rollout::Units;

use crate::testing::FakeClock;
use crate::{Clock, Observed, PortError, Workload};

/// Units in memory that need time to become ready. Clones are the same workload.
///
/// # Example: units that take ten seconds
/// ```
/// use bellwether_core::{Arms, Duration, Fence, Time};
/// use bellwether_port::Workload;
/// use bellwether_port::testing::{FakeClock, FakeWorkload};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bellwether_port::PortError> {
/// let clock = FakeClock::standing(Time::default());
/// let workload = FakeWorkload::new(clock.clone(), 10).with_delay(Duration::from_seconds(10));
/// workload.apply(&Arms { stable: 10, candidate: 1 }, Fence::default()).await?;
/// assert_eq!(workload.observe().await?.value.candidate.ready, 0);
/// clock.advance(Duration::from_seconds(10));
/// assert_eq!(workload.observe().await?.value.candidate.ready, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FakeWorkload {
    clock: FakeClock,
    delay: Duration,
    units: Arc<Mutex<Scaled>>,
}

#[derive(Debug, Default)]
struct Scaled {
    /// When each unit is ready.
    ready_at: Arms<Vec<Time>>,
    want: Arms<u32>,
    faults: u32,
}

impl FakeWorkload {
    /// That many units of stable, all ready, and none of the candidate.
    #[must_use]
    pub fn new(clock: FakeClock, stable: u32) -> Self {
        let ready_at = Arms { stable: vec![Time::MIN; count(stable)], candidate: Vec::new() };
        let scaled = Scaled { ready_at, want: Arms { stable, candidate: 0 }, faults: 0 };
        Self { clock, delay: Duration::ZERO, units: Arc::new(Mutex::new(scaled)) }
    }

    /// Sets how long a new unit takes until it is ready.
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Lets the next call fail, without an effect.
    pub fn fail_next(&self) {
        let mut scaled = self.lock();
        scaled.faults = scaled.faults.saturating_add(1);
    }

    /// Crashes that many units of the candidate; they start again.
    pub fn crash_candidate(&self, units: u32) {
        let ready_at = self.clock.now().after(self.delay);
        let mut scaled = self.lock();
        scaled.ready_at.candidate.iter_mut().take(count(units)).for_each(|unit| *unit = ready_at);
    }

    fn lock(&self) -> MutexGuard<'_, Scaled> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scaled {
    fn answer(&mut self) -> Result<(), PortError> {
        let Some(left) = self.faults.checked_sub(1) else { return Ok(()) };
        self.faults = left;
        Err(PortError::transient("the workload does not answer"))
    }
}

#[async_trait]
impl Workload for FakeWorkload {
    async fn observe(&self) -> Result<Observed<Arms<Units>>, PortError> {
        let now = self.clock.now();
        let mut scaled = self.lock();
        scaled.answer()?;
        let seen = |want, units: &[Time]| Units {
            want,
            exist: u32::try_from(units.len()).unwrap_or(u32::MAX),
            ready: u32::try_from(units.iter().filter(|ready_at| **ready_at <= now).count()).unwrap_or(u32::MAX),
        };
        let Scaled { ready_at, want, .. } = &*scaled;
        let stable = seen(want.stable, &ready_at.stable);
        let candidate = seen(want.candidate, &ready_at.candidate);
        Ok(Observed::new(Arms { stable, candidate }, now))
    }

    async fn apply(&self, units: &Arms<u32>, _fence: Fence) -> Result<(), PortError> {
        let ready_at = self.clock.now().after(self.delay);
        let mut scaled = self.lock();
        scaled.answer()?;
        scaled.want = *units;
        scaled.ready_at.stable.resize(count(units.stable), ready_at);
        scaled.ready_at.candidate.resize(count(units.candidate), ready_at);
        Ok(())
    }
}

fn count(units: u32) -> usize {
    usize::try_from(units).unwrap_or(usize::MAX)
}
