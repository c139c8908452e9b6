use async_trait::async_trait;
use bellwether_core::{MetricName, Time};

use crate::{Measured, PortError};

/// Gives what both arms did, interval by interval.
///
/// # Contract
/// The caller asks for what lies after the end of the last interval that it has, and takes each interval once.
///
/// The implementer gives complete intervals only: both arms have reported, nothing will be added. All of them lie within
/// `after..=until`, do not overlap, and come in order of time; the same question gives the same answer, or more at its
/// end. **What was not measured is left out, never a zero**; an empty answer means that nothing is complete yet. What is
/// not a number (NaN, an infinity, a negative count) is an error. A source that is also the router says which route was
/// in force ([`InForce`](crate::InForce)); another one leaves that open.
///
/// Asking has no effect, so a time-out, a dropped future and a crash lose nothing: it is asked again.
///
/// # Example: a source that has not measured anything
/// ```
/// use async_trait::async_trait;
/// use bellwether_core::{MetricName, Time};
/// use bellwether_port::{Measured, MetricSource, PortError};
///
/// struct Nothing;
///
/// #[async_trait]
/// impl MetricSource for Nothing {
///     async fn intervals(&self, _: &MetricName, _: Time, _: Time) -> Result<Vec<Measured>, PortError> {
///         Ok(Vec::new())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let source: Box<dyn MetricSource> = Box::new(Nothing);
/// assert!(source.intervals(&"errors".parse()?, Time::MIN, Time::MAX).await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait MetricSource: Send + Sync {
    /// The complete intervals of a metric that begin at or after `after` and end at or before `until`.
    ///
    /// # Errors
    /// The source did not answer, or what it answered is not numbers. Both are absence of data, never data.
    async fn intervals(&self, metric: &MetricName, after: Time, until: Time) -> Result<Vec<Measured>, PortError>;
}
