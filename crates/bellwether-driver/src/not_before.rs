use std::sync::Arc;

use async_trait::async_trait;
use bellwether_core::{Duration, Time};
use bellwether_port::Clock;

/// A clock that begins where the journal ends.
///
/// Somebody may have set the machine's clock back since the last driver wrote. Looks that are older than the last one
/// in the journal would be dropped until the clock has caught up; ahead by the difference, this driver goes on at once.
struct Ahead {
    clock: Arc<dyn Clock>,
    by: Duration,
}

/// The clock itself, or, where it is behind `earliest`, one that is ahead of it by the difference.
pub(crate) fn not_before(clock: Arc<dyn Clock>, earliest: Time) -> Arc<dyn Clock> {
    let by = earliest.since(clock.now());
    if by.is_zero() {
        return clock;
    }
    tracing::warn!(%by, "the clock is behind the journal; the driver goes on at the journal's time");
    Arc::new(Ahead { clock, by })
}

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Time {
        self.clock.now().after(self.by)
    }

    async fn sleep_until(&self, at: Time) {
        self.clock.sleep_until(at.before(self.by)).await;
    }
}
