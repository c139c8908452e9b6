use std::fmt;
use std::future::Future;

use bellwether_core::Duration;
use bellwether_port::{Clock, PortError};

/// Tells that a port did not answer in time. Whether it had its effect is unknown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Elapsed(Duration);

/// Waits for an answer, but not for ever.
pub(crate) async fn within<T>(clock: &dyn Clock, limit: Duration, call: impl Future<Output = T>) -> Result<T, Elapsed> {
    let end = clock.now().after(limit);
    tokio::select! {
        biased;
        answer = call => Ok(answer),
        () = clock.sleep_until(end) => Err(Elapsed(limit)),
    }
}

/// Waits for a port's answer; silence is a transient failure.
pub(crate) async fn ask<T>(
    clock: &dyn Clock,
    limit: Duration,
    call: impl Future<Output = Result<T, PortError>>,
) -> Result<T, PortError> {
    within(clock, limit, call).await.unwrap_or_else(|elapsed| Err(PortError::transient(elapsed)))
}

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no answer within {}", self.0)
    }
}
