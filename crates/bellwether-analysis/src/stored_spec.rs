use bellwether_core::Duration;
use bellwether_stats::{Dependence, Direction};
use serde::{Deserialize, Serialize};

use crate::given::Given;
use crate::{MetricKind, MetricSpec, MinimumEvidence, Usual};

/// The written form of a [`MetricSpec`]: what is not there has the default of its kind.
///
/// What came after the first version is written only where it is not the default, so that a configuration in an old
/// journal is written again as it was.
#[derive(Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MetricSpec"))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoredSpec {
    /// What it measures.
    #[serde(skip_serializing_if = "Given::is_absent")]
    kind: Given<MetricKind>,
    /// Whether a higher or a lower rate or value is worse.
    #[serde(skip_serializing_if = "Given::is_absent")]
    direction: Given<Direction>,
    /// Up to how many times stable's rate the candidate is not called worse.
    tolerance: Given<f64>,
    /// By which part of itself a value may be worse; not of a rate.
    #[serde(skip_serializing_if = "Given::is_absent")]
    value_tolerance: Given<f64>,
    /// How many times stable's rate must not pass; at least the tolerance.
    harm: Given<f64>,
    /// The candidate's own rate up to which it passes whatever the ratio.
    acceptable: Given<f64>,
    /// The candidate's own rate up to which it never fails.
    floor: Given<f64>,
    /// Of a distribution: the value that is promised.
    #[serde(skip_serializing_if = "Given::is_absent")]
    objective: Given<f64>,
    /// Of a distribution: how stable's values were distributed before the rollout.
    #[serde(skip_serializing_if = "Given::is_absent")]
    usual: Given<Usual>,
    /// Of a gauge: the value beyond which an instance is saturated.
    #[serde(skip_serializing_if = "Given::is_absent")]
    limit: Given<f64>,
    /// Whether it is critical.
    critical: Given<bool>,
    /// Whether it is only reported.
    #[serde(skip_serializing_if = "Given::is_absent")]
    advisory: Given<bool>,
    /// Its weight among the metrics of its class.
    weight: Given<f64>,
    /// How its errors, or values beyond an edge, may depend on each other.
    dependence: Given<Dependence>,
    /// The length of its intervals.
    interval: Given<Duration>,
    /// How old the last interval may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    fresh_for: Option<Duration>,
    /// What it must have seen before it can pass.
    #[serde(skip_serializing_if = "Given::is_absent")]
    minimum: Given<MinimumEvidence>,
    /// How long an instance must have run before what it does counts.
    #[serde(skip_serializing_if = "Given::is_absent")]
    warm_up: Given<Duration>,
}

impl From<MetricSpec> for StoredSpec {
    fn from(spec: MetricSpec) -> Self {
        let usual = MetricSpec::of(spec.kind);
        Self {
            kind: Given::unless(spec.kind, &MetricKind::Rate),
            direction: Given::unless(spec.direction, &usual.direction),
            tolerance: Given(Some(spec.tolerance)),
            value_tolerance: Given::unless(spec.value_tolerance, &usual.value_tolerance),
            harm: Given(Some(spec.harm)),
            acceptable: Given(Some(spec.acceptable)),
            floor: Given(Some(spec.floor)),
            objective: Given(spec.objective),
            usual: Given(spec.usual),
            limit: Given(spec.limit),
            critical: Given(Some(spec.critical)),
            advisory: Given::unless(spec.advisory, &usual.advisory),
            weight: Given(Some(spec.weight)),
            dependence: Given(Some(spec.dependence)),
            interval: Given(Some(spec.interval)),
            fresh_for: spec.fresh_for,
            minimum: Given(spec.minimum),
            warm_up: Given::unless(spec.warm_up, &usual.warm_up),
        }
    }
}

impl From<StoredSpec> for MetricSpec {
    fn from(stored: StoredSpec) -> Self {
        let kind = stored.kind.or(MetricKind::Rate);
        let usual = Self::of(kind);
        Self {
            kind,
            direction: stored.direction.or(usual.direction),
            tolerance: stored.tolerance.or(usual.tolerance),
            value_tolerance: stored.value_tolerance.or(usual.value_tolerance),
            harm: stored.harm.or(usual.harm),
            acceptable: stored.acceptable.or(usual.acceptable),
            floor: stored.floor.or(usual.floor),
            objective: stored.objective.0,
            usual: stored.usual.0,
            limit: stored.limit.0,
            critical: stored.critical.or(usual.critical),
            advisory: stored.advisory.or(usual.advisory),
            weight: stored.weight.or(usual.weight),
            dependence: stored.dependence.or(usual.dependence),
            interval: stored.interval.or(usual.interval),
            fresh_for: stored.fresh_for,
            minimum: stored.minimum.0,
            warm_up: stored.warm_up.or(usual.warm_up),
        }
    }
}
