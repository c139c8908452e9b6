use std::sync::Arc;

use async_trait::async_trait;
use bellwether_core::{Duration, Time};
use tokio::sync::watch;

use crate::Clock;

/// A clock that stands still until it is told to go on, or jumps to whatever is waited for. It never sleeps.
///
/// Clones show the same time.
///
/// # Example: a jump
/// ```
/// use bellwether_core::{Duration, Time};
/// use bellwether_port::Clock;
/// use bellwether_port::testing::FakeClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = FakeClock::jumping(Time::default());
/// clock.sleep_until(Time::default().after(Duration::from_hours(72))).await;
/// assert_eq!(clock.now().since(Time::default()), Duration::from_hours(72));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FakeClock {
    now: Arc<watch::Sender<Time>>,
    jumps: bool,
}

impl FakeClock {
    /// A clock that jumps to the time that is waited for.
    #[must_use]
    pub fn jumping(now: Time) -> Self {
        Self { now: Arc::new(watch::Sender::new(now)), jumps: true }
    }

    /// A clock that goes on by [`FakeClock::advance`] alone.
    #[must_use]
    pub fn standing(now: Time) -> Self {
        Self { now: Arc::new(watch::Sender::new(now)), jumps: false }
    }

    /// Goes on, and wakes who waits for it.
    pub fn advance(&self, duration: Duration) {
        self.now.send_modify(|now| *now = now.after(duration));
    }

    /// Goes on to that time; never back.
    pub fn advance_to(&self, at: Time) {
        self.now.send_modify(|now| *now = at.max(*now));
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Time {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Time) {
        if self.jumps {
            tokio::task::yield_now().await; // whoever waits for news beside the time is asked first
            return self.advance_to(at);
        }
        let mut times = self.now.subscribe();
        // The sender lives as long as this clock, so waiting cannot fail.
        let _ = times.wait_for(|now| *now >= at).await;
    }
}
