use bellwether_core::Duration;
use bellwether_stats::{Dependence, Direction, GaugeSpec, HarmSpec, PassSpec, RankSpec, ValueSpec};
use serde::{Deserialize, Serialize};

use crate::stored_spec::StoredSpec;
use crate::{MetricKind, MinimumEvidence, SpecError, Usual};

/// How one metric is judged.
///
/// The defaults hold for an error rate of which nothing is known yet:
/// errors may come in bursts, up to 1.5 times the rate of stable is tolerated, twice the rate is harm. Other kinds have
/// defaults of their own, see [`MetricSpec::of`]; a field that is not written has the default of its kind.
///
/// # Example: latencies with an objective
/// ```
/// use bellwether_analysis::{MetricKind, MetricSpec};
///
/// let spec: MetricSpec = serde_json::from_str(r#"{"kind": "distribution", "objective": 0.5}"#)?;
/// assert_eq!((spec.tolerance, spec.value_tolerance, spec.harm), (1.1, 0.1, 1.5));
/// assert_eq!(spec, MetricSpec { objective: Some(0.5), ..MetricSpec::of(MetricKind::Distribution) });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "StoredSpec"))]
#[serde(from = "StoredSpec", into = "StoredSpec")]
#[expect(clippy::exhaustive_structs, reason = "hosts write `MetricSpec { tolerance: 1.25, ..Default::default() }`")]
pub struct MetricSpec {
    /// What it measures.
    pub kind: MetricKind,
    /// Whether a higher or a lower rate or value is worse.
    pub direction: Direction,
    /// Up to how many times stable's rate the candidate is not called worse; of a distribution, the rate of values
    /// beyond an edge.
    pub tolerance: f64,
    /// By which part of itself a value may be worse; not of a rate.
    pub value_tolerance: f64,
    /// How many times stable's rate must not pass; at least the tolerance.
    pub harm: f64,
    /// The candidate's own rate up to which it passes whatever the ratio.
    pub acceptable: f64,
    /// The candidate's own rate up to which it never fails.
    pub floor: f64,
    /// Of a distribution: the value that is promised, at which it is shown not to be harmful beside the values that 90 %
    /// and 99 % of stable's are at most.
    pub objective: Option<f64>,
    /// Of a distribution: how stable's values were distributed before the rollout.
    pub usual: Option<Usual>,
    /// Of a gauge: the value beyond which an instance is saturated; most of the candidate's beyond it fail at once.
    pub limit: Option<f64>,
    /// Whether it is critical: critical metrics together hold half of the evidence, the others the other half.
    pub critical: bool,
    /// Whether it is only reported: it neither fails nor keeps from passing.
    pub advisory: bool,
    /// Its weight among the metrics of its class.
    pub weight: f64,
    /// How its errors, or values beyond an edge, may depend on each other.
    pub dependence: Dependence,
    /// The length of its intervals. Bursts must end within one, so a shorter interval needs a calibration.
    pub interval: Duration,
    /// How old the last interval may be; the larger of three intervals and 15 s where it is not given.
    pub fresh_for: Option<Duration>,
    /// What it must have seen before it can pass, where that differs from the other metrics.
    pub minimum: Option<MinimumEvidence>,
    /// How long an instance must have run before what it does counts, in both arms.
    pub warm_up: Duration,
}

/// Of a rate.
impl Default for MetricSpec {
    fn default() -> Self {
        Self::of(MetricKind::Rate)
    }
}

impl MetricSpec {
    /// The defaults of a kind.
    ///
    /// A rate tolerates 1.5 times that of stable, and twice is harm. A distribution tolerates 1.1 times the values beyond
    /// an edge and a tenth of each value, and 1.5 times as many beyond are harm. Samples tolerate a tenth of each value.
    /// A gauge tolerates a quarter and is only reported, because with a few instances a host cannot be told from the
    /// version.
    #[must_use]
    pub const fn of(kind: MetricKind) -> Self {
        let (tolerance, harm) = match kind {
            MetricKind::Rate => (1.5, 2.0),
            MetricKind::Distribution | MetricKind::Samples | MetricKind::Gauge => (1.1, 1.5),
        };
        let is_gauge = matches!(kind, MetricKind::Gauge);
        Self {
            kind,
            direction: Direction::HigherIsWorse,
            tolerance,
            value_tolerance: if is_gauge { 0.25 } else { 0.1 },
            harm,
            acceptable: 0.005,
            floor: 1e-4,
            objective: None,
            usual: None,
            limit: None,
            critical: false,
            advisory: is_gauge,
            weight: 1.0,
            dependence: Dependence::Clustered,
            interval: Duration::from_seconds(60),
            fresh_for: None,
            minimum: None,
            warm_up: Duration::from_minutes(2),
        }
    }

    /// How old the last interval may be.
    #[must_use]
    pub fn freshness(&self) -> Duration {
        let usual = self.interval.saturating_mul(3).max(Duration::from_seconds(15));
        self.fresh_for.unwrap_or(usual)
    }

    pub(crate) fn harm_spec(&self) -> HarmSpec {
        HarmSpec { dependence: self.dependence, tolerance: self.tolerance, floor: self.floor }
    }

    pub(crate) fn pass_spec(&self) -> PassSpec {
        PassSpec { dependence: self.dependence, harm: self.harm, acceptable: self.acceptable }
    }

    pub(crate) fn value_spec(&self) -> ValueSpec {
        let Self { dependence, direction, tolerance, value_tolerance, .. } = *self;
        ValueSpec { dependence, direction, tolerance, value_tolerance }
    }

    pub(crate) fn rank_spec(&self) -> RankSpec {
        let Self { direction, value_tolerance, .. } = *self;
        RankSpec { direction, value_tolerance, ..RankSpec::default() }
    }

    pub(crate) fn gauge_spec(&self) -> GaugeSpec {
        GaugeSpec { direction: self.direction, value_tolerance: self.value_tolerance }
    }

    pub(crate) fn check(&self) -> Result<(), SpecError> {
        self.harm_spec().check()?;
        self.pass_spec().check()?;
        self.value_spec().check()?;
        if self.harm < self.tolerance {
            return Err(SpecError::number("harm", "at least the tolerance", self.harm));
        }
        if !(self.weight > 0.0 && self.weight <= 1e6) {
            return Err(SpecError::number("weight", "a weight above 0 and at most 1e6", self.weight));
        }
        if self.interval.is_zero() {
            return Err(SpecError::number("interval", "a length above zero", 0.0));
        }
        if self.fresh_for.is_some_and(|limit| limit < self.interval) {
            return Err(SpecError::number("fresh_for", "at least the interval", 0.0));
        }
        if self.critical && self.advisory {
            return Err(SpecError::number("advisory", "a critical metric that is more than reported", 1.0));
        }
        self.check_values()
    }

    fn check_values(&self) -> Result<(), SpecError> {
        for (field, value) in [("objective", self.objective), ("limit", self.limit)] {
            if let Some(found) = value.filter(|value| !value.is_finite()) {
                return Err(SpecError::number(field, "a finite number", found));
            }
        }
        let of_kind = [
            ("objective", self.objective.is_some(), MetricKind::Distribution),
            ("usual", self.usual.is_some(), MetricKind::Distribution),
            ("limit", self.limit.is_some(), MetricKind::Gauge),
        ];
        if let Some((field, ..)) = of_kind.into_iter().find(|(_, is_given, kind)| *is_given && *kind != self.kind) {
            return Err(SpecError::number(field, "a metric of the kind that has it", 1.0));
        }
        self.usual.map_or(Ok(()), |usual| usual.check())
    }
}
