//! Canaries: `pkg/controller/scheduler.go` and `pkg/apis/flagger/v1beta1` of Flagger.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::null;

/// All traffic.
const WHOLE: i64 = 100;

/// What [`strategy_choice`] looks at; nothing of it when a Canary has no analysis.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Analysis {
    /// How often the analysis runs; zero for a canary.
    pub iterations: i64,
    /// How many conditions (`match`) choose the requests of the new version.
    pub conditions: usize,
}

/// How Flagger releases.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentStrategy {
    /// Weight by weight.
    Canary,
    /// Analysed so often, then switched.
    BlueGreen,
    /// As blue-green, with the new version for some requests only.
    AbTesting,
}

/// What [`next_step_weight`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// How much each step adds; it comes before the list.
    #[serde(deserialize_with = "null::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<i64>"))]
    pub step_weight: i64,
    /// The weights one after the other.
    #[serde(deserialize_with = "null::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<i64>>"))]
    pub step_weights: Vec<i64>,
    /// The new version's weight now.
    #[serde(deserialize_with = "null::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<i64>"))]
    pub canary_weight: i64,
}

/// What [`max_weight`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Limit {
    /// The weight after which the new version is promoted; zero means all traffic.
    #[serde(deserialize_with = "null::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<i64>"))]
    pub max_weight: i64,
    /// The weights one after the other; they come before the single one.
    #[serde(deserialize_with = "null::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<i64>>"))]
    pub step_weights: Vec<i64>,
}

/// Names how a Canary is released; follows `DeploymentStrategy`.
///
/// Conditions without iterations are a canary.
#[must_use]
pub const fn strategy_choice(analysis: &Analysis) -> DeploymentStrategy {
    match (analysis.iterations > 0, analysis.conditions > 0) {
        (true, true) => DeploymentStrategy::AbTesting,
        (true, false) => DeploymentStrategy::BlueGreen,
        (false, _) => DeploymentStrategy::Canary,
    }
}

/// Says how much weight the next step adds; follows `nextStepWeight`.
///
/// With a list it is the difference to the next entry, cut so that the sum is at most all traffic; at zero it is the
/// first entry, and at all traffic one, which only leads to the promotion. Known faults, kept: a weight that is not in
/// the list, or its last, jumps to all traffic; a list that falls gives a negative step, at which a canary hangs; without
/// list and step nothing ever moves; a single step is not cut, so that 20 up to 50 reaches 60.
#[must_use]
pub fn next_step_weight(step: &Step) -> i64 {
    let Some(first) = step.step_weights.first().filter(|_| step.step_weight <= 0) else { return step.step_weight };
    let most = WHOLE.wrapping_sub(step.canary_weight);
    if most == 0 {
        return 1;
    }
    if step.canary_weight == 0 {
        return most.min(*first);
    }
    let next = step.step_weights.iter().zip(step.step_weights.iter().skip(1));
    next.into_iter()
        .find(|(weight, _)| **weight == step.canary_weight)
        .map_or(most, |(_, next)| most.min(next.wrapping_sub(step.canary_weight)))
}

/// Says after which weight the new version is promoted; follows `maxWeight`.
///
/// The list's last entry, which is cut to all traffic, or the single weight, which is not; all traffic without both.
#[must_use]
pub fn max_weight(limit: &Limit) -> i64 {
    match limit.step_weights.last() {
        Some(last) => WHOLE.min(*last),
        None if limit.max_weight > 0 => limit.max_weight,
        None => WHOLE,
    }
}
