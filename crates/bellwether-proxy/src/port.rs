//! What both ways to a proxy have in common.

use bellwether_analysis::Sample;
use bellwether_core::{Capabilities, CohortSupport, Duration, Fencing, MetricName, Route, Weight};
use bellwether_port::{InForce, Measured, PortError};

use crate::{Count, CountedInterval};

/// The one metric: requests, and which of them were errors.
const METRIC: &str = "errors";

/// What any proxy of this crate can do as a router.
///
/// It takes no running proxy to know, so that a rollout can be planned before there is one.
///
/// # Example: a share of a basis point, and no copies of traffic
/// ```
/// let capabilities = bellwether_proxy::capabilities();
/// assert_eq!(capabilities.precision.to_string(), "0.01 %");
/// assert!(!capabilities.mirror);
/// ```
#[must_use]
pub fn capabilities() -> Capabilities {
    Capabilities {
        // One basis point is one bucket.
        precision: Weight::new(1).unwrap_or(Weight::ZERO),
        mirror: false,
        cohort: CohortSupport::None,
        fencing: Fencing::Token,
        staleness: Duration::ZERO,
    }
}

pub(crate) fn check_metric(metric: &MetricName) -> Result<(), PortError> {
    if metric.as_str() == METRIC {
        return Ok(());
    }
    Err(PortError::refused(format_args!("expected the metric `{METRIC}`, found {:?}", metric.as_str())))
}

pub(crate) fn measure(interval: CountedInterval) -> Result<Measured, PortError> {
    let sample = |count: Count| Sample::counts(count.requests, count.errors).map_err(PortError::refused);
    let arms =
        bellwether_core::Arms { stable: sample(interval.arms.stable)?, candidate: sample(interval.arms.candidate)? };
    let in_force = interval.share.map_or(InForce::Changed, |share| InForce::Throughout(Route::share(share)));
    Ok(Measured::new(interval.start, interval.end, arms).with_in_force(in_force))
}
