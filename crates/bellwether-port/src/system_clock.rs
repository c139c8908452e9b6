use std::time::SystemTime;

use async_trait::async_trait;
use bellwether_core::{Duration, Time};
use tokio::time::{Instant, sleep_until};

use crate::Clock;

/// The machine's clock: UTC read once when it is built, and what has passed since.
///
/// Somebody who sets the machine's clock back or forth moves no bake and no deadline of a running process.
///
/// # Example: time goes on
/// ```
/// use bellwether_core::Duration;
/// use bellwether_port::{Clock, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = SystemClock::new();
/// let soon = clock.now().after(Duration::from_millis(2));
/// clock.sleep_until(soon).await;
/// assert!(clock.now() >= soon);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Time,
    since: Instant,
}

impl SystemClock {
    /// Reads UTC; a time before 1970 is read as 1970.
    #[must_use]
    pub fn new() -> Self {
        let passed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
        Self { start: Time::from_unix_millis(millis), since: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Time {
        let millis = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.start.after(Duration::from_millis(millis))
    }

    async fn sleep_until(&self, at: Time) {
        if let Some(instant) = self.since.checked_add(at.since(self.start).into()) {
            sleep_until(instant).await;
        } else {
            std::future::pending::<()>().await;
        }
    }
}
