use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, ReplicaSet},
    whole,
};

/// How far below the asked percentage a percentage may be and still pass, so that `29 / 100 * 100` is 29 %.
const EPSILON: f64 = 1e-10;

/// How many of the wanted pods are ready enough to go on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProgressThreshold {
    /// What the value counts.
    #[serde(rename = "type")]
    pub kind: ThresholdType,
    /// How many; less than zero means all.
    pub value: i32,
}

/// What a [`ProgressThreshold`] counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ThresholdType {
    /// Hundredths of the wanted pods.
    Percent,
    /// Pods.
    #[serde(alias = "Pod")]
    Pods,
}

/// What [`progress_threshold`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// How many pods are enough; without it all that are wanted.
    pub threshold: Option<ProgressThreshold>,
    /// The set, when there is one.
    pub rs: Option<ReplicaSet>,
    /// How many pods the step wants.
    pub desired: i32,
}

/// What [`enough_replicas_for_weight`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// How many pods the Rollout wants.
    pub total_replicas: i32,
    /// The set that should carry the weight, when there is one.
    pub rs: Option<ReplicaSet>,
    /// The weight that it should carry.
    pub desired_weight: i32,
    /// The weight that means all traffic; 100 when it is not said.
    pub max_weight: Option<i32>,
    /// How many of its pods are enough; without it all that the weight needs.
    pub threshold: Option<ProgressThreshold>,
}

/// Says whether enough of a step's pods are available to go on; follows `ReplicaProgressThresholdMet`.
///
/// Without a threshold, or with one below zero, exactly the wanted number must be wanted of the set and available. A
/// percentage of no pods is met.
#[must_use]
pub fn progress_threshold(progress: &Progress) -> bool {
    let Some(set) = progress.rs else { return false };
    match progress.threshold {
        Some(ProgressThreshold { kind, value: value @ 0.. }) => match kind {
            ThresholdType::Percent => is_percentage_met(set.available, progress.desired, value),
            ThresholdType::Pods => set.available >= value,
        },
        Some(_) | None => set == ReplicaSet::new(progress.desired, progress.desired),
    }
}

/// Says whether a set has the pods for a weight, before traffic moves to it; follows `checkReplicasAvailable` in
/// `rollout/trafficrouting.go`, with the router's own whole weight.
///
/// A threshold can only ask for less. Known faults, kept: the pods that a weight needs are rounded down, while scaling
/// rounds them up, so this can pass one pod short; and the product wraps at 2^31 (22 pods at a weight of 100 000 000 do),
/// and a negative number of pods is always there.
///
/// # Errors
/// When all traffic is said to be the weight zero.
pub fn enough_replicas_for_weight(demand: &Demand) -> Result<bool, ArithmeticError> {
    let max_weight = whole(demand.max_weight)?;
    let Some(set) = demand.rs else { return Ok(false) };
    let desired = demand.desired_weight.wrapping_mul(demand.total_replicas).wrapping_div(max_weight);
    Ok(set.available >= desired
        || progress_threshold(&Progress { threshold: demand.threshold, rs: demand.rs, desired }))
}

fn is_percentage_met(available: i32, desired: i32, percent: i32) -> bool {
    if desired == 0 {
        return true;
    }
    let current = f64::from(available) / f64::from(desired) * 100.0;
    let asked = f64::from(percent);
    current >= asked || (current - asked).abs() <= EPSILON
}
