//! What both ways to a proxy have in common.

use bellwether_analysis::Sample;
use bellwether_core::{Arms, Capabilities, CohortSupport, Duration, Fencing, MetricName, Route, Weight};
use bellwether_port::{InForce, Measured, PortError};

use crate::{Count, CountedInterval, arm::Arm};

/// What can be asked of an interval.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Metric {
    /// Requests that ended well or failed, and which of them failed.
    Errors,
    /// All requests that arrived, and which of them are no evidence for `Errors`.
    Unanswered,
}

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

impl Metric {
    pub(crate) fn read(name: &MetricName) -> Result<Self, PortError> {
        match name.as_str() {
            "errors" => Ok(Self::Errors),
            "unanswered" => Ok(Self::Unanswered),
            found => {
                Err(PortError::refused(format_args!("expected the metric `errors` or `unanswered`, found {found:?}")))
            }
        }
    }

    pub(crate) fn measure(self, interval: &CountedInterval) -> Result<Measured, PortError> {
        let sample = |arm: Arm| {
            let (count, unanswered) = (*arm.of(&interval.arms), *arm.of(&interval.unanswered));
            let count = match self {
                Self::Errors => count,
                Self::Unanswered => Count { requests: count.requests.saturating_add(unanswered), errors: unanswered },
            };
            Sample::counts(count.requests, count.errors).map_err(PortError::refused)
        };
        let arms = Arms { stable: sample(Arm::Stable)?, candidate: sample(Arm::Candidate)? };
        let in_force = interval.share.map_or(InForce::Changed, |share| InForce::Throughout(Route::share(share)));
        Ok(Measured::new(interval.start, interval.end, arms).with_in_force(in_force))
    }
}
