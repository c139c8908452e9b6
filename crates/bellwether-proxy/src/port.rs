//! What both ways to a proxy have in common.

use bellwether_analysis::Sample;
use bellwether_core::{Arms, Capabilities, CohortSupport, Duration, Fencing, MetricName, Route, Time, Weight};
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

/// How far apart the clocks of a proxy and of its caller may be. Clocks that are kept by NTP differ by milliseconds, and
/// a second is less than the age at which counts become too old to judge by.
const SKEW_MAX: Duration = Duration::from_seconds(1);

/// Refuses the times of a proxy whose clock is not its caller's: by a clock that is behind everything counted is too old,
/// by one that is ahead the past is taken for the present. `asked` and `answered` are the caller's, and the proxy read its
/// clock in between, so that a slow answer is no skew.
pub(crate) fn check_clock(asked: Time, issued_at: Time, answered: Time) -> Result<(), PortError> {
    let (behind, ahead) = (asked.since(issued_at), issued_at.since(answered));
    let (skew, way) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
    if skew <= SKEW_MAX {
        return Ok(());
    }
    Err(PortError::refused(format_args!(
        "clock skew: expected the proxy's clock within {SKEW_MAX} of the driver's, found it {skew} {way} it; set the \
         clocks, and restart the process that began with the wrong one"
    )))
}

/// The names of what a proxy measures: `errors` and `unanswered`.
///
/// Have both judged. A version that answers some requests and lets its clients wait for the others until they leave has
/// no errors: what was not answered is neither good nor bad, and what is left looks well.
///
/// # Example: a judge of both
/// ```
/// use bellwether_analysis::{MetricSpec, Sequential, SequentialSpec};
/// use bellwether_core::Duration;
///
/// // A proxy counts by the second.
/// let spec = MetricSpec { interval: Duration::from_seconds(1), ..MetricSpec::default() };
/// let metrics = bellwether_proxy::metrics().map(|name| (name, spec)).collect();
/// let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() })?;
/// assert_eq!(judge.metrics().len(), 2);
/// # Ok::<(), bellwether_analysis::SpecError>(())
/// ```
pub fn metrics() -> impl Iterator<Item = MetricName> {
    Metric::ALL.into_iter().filter_map(|(name, _)| MetricName::new(name).ok())
}

impl Metric {
    const ALL: [(&str, Self); 2] = [("errors", Self::Errors), ("unanswered", Self::Unanswered)];

    pub(crate) fn read(name: &MetricName) -> Result<Self, PortError> {
        let found = Self::ALL.into_iter().find(|(own, _)| *own == name.as_str());
        let refused = || PortError::refused(format_args!("expected the metric `errors` or `unanswered`, found {name}"));
        found.map(|(_, metric)| metric).ok_or_else(refused)
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
