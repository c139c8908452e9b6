use async_trait::async_trait;
use bellwether_core::{Duration, Time};
use bellwether_port::Clock;
use bellwether_port::testing::FakeClock;
use tokio::time::Instant;

/// Tokio's paused time, which goes on when nobody has anything to do, shown to the fakes as well.
#[derive(Clone, Debug)]
pub(crate) struct TestClock {
    pub(crate) fake: FakeClock,
    start: Time,
    since: Instant,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        let start: Time = "2026-03-03T10:00:00Z".parse().unwrap();
        Self { fake: FakeClock::standing(start), start, since: Instant::now() }
    }
}

/// The same clock after somebody set it back.
#[derive(Clone, Debug)]
pub(crate) struct SetBack {
    pub(crate) clock: TestClock,
    pub(crate) by: Duration,
}

#[async_trait]
impl Clock for SetBack {
    fn now(&self) -> Time {
        self.clock.now().before(self.by)
    }

    async fn sleep_until(&self, at: Time) {
        self.clock.sleep_until(at.after(self.by)).await;
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Time {
        let now = self.start.after(Duration::from_millis(u64::try_from(self.since.elapsed().as_millis()).unwrap()));
        self.fake.advance_to(now);
        now
    }

    async fn sleep_until(&self, at: Time) {
        tokio::time::sleep_until(self.since + std::time::Duration::from(at.since(self.start))).await;
        self.now();
    }
}
