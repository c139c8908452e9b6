use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, Bounds, IntOrPercent, int_or_percent::Rounding},
    REPLICAS,
};

/// `maxSurge` and `maxUnavailable` when they are not said; `defaults.DefaultMaxSurge` is the text `25`, which is read as
/// a percentage.
const DEFAULT_PERCENT: i32 = 25;

/// How a Rollout replaces its pods.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RolloutStrategy {
    /// Step by step.
    Canary,
    /// A second full set, then a switch.
    BlueGreen,
}

/// What [`resolve_fenceposts`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fenceposts {
    /// How many pods are wanted.
    pub desired: i32,
    /// Pods beyond the wanted number; zero when it is not said.
    pub max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing; zero when it is not said.
    pub max_unavailable: Option<IntOrPercent>,
}

/// What [`max_surge`] and [`max_unavailable`] look at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How the Rollout replaces its pods, if it says so.
    pub strategy: Option<RolloutStrategy>,
    /// How many pods are wanted; one when it is not said.
    pub replicas: Option<i32>,
    /// Pods beyond the wanted number; 25 % when it is not said.
    pub max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing; 25 % when it is not said.
    pub max_unavailable: Option<IntOrPercent>,
}

/// Resolves how far an update may leave the wanted number of pods; follows `resolveFenceposts`.
///
/// A surge is rounded up and unavailability down; when both come out as zero, one pod may be unavailable. Unlike
/// Kubernetes it reads a text without `%` as a percentage too: `"3"` is 3 %.
///
/// # Errors
/// When a text is no number.
pub fn resolve_fenceposts(fenceposts: &Fenceposts) -> Result<Bounds, ArithmeticError> {
    let Fenceposts { desired, max_surge, max_unavailable } = fenceposts;
    let surge = max_surge.as_ref().map_or(Ok(0), |most| most.lenient("max_surge", *desired, Rounding::Up))?;
    let unavailable =
        max_unavailable.as_ref().map_or(Ok(0), |most| most.lenient("max_unavailable", *desired, Rounding::Down))?;
    Ok(Bounds { surge, unavailable }.or_one_unavailable())
}

/// Counts the pods that there may be beyond the wanted number; follows `MaxSurge`.
///
/// None without the canary strategy. A text that is no number counts as zero, as in the original, which relies on
/// validation.
#[must_use]
pub fn max_surge(limits: &Limits) -> i32 {
    match limits.strategy {
        Some(RolloutStrategy::Canary) => limits.bounds().surge,
        Some(RolloutStrategy::BlueGreen) | None => 0,
    }
}

/// Counts the wanted pods that may be missing; follows `MaxUnavailable`.
///
/// Never more than are wanted. The rule that one may be missing where both bounds are zero holds for a canary only.
#[must_use]
pub fn max_unavailable(limits: &Limits) -> i32 {
    let replicas = limits.replicas.unwrap_or(REPLICAS);
    if replicas == 0 {
        return 0;
    }
    let unavailable = match limits.strategy {
        Some(RolloutStrategy::Canary) => limits.bounds().unavailable,
        Some(RolloutStrategy::BlueGreen) | None => {
            or_default(limits.max_unavailable.as_ref()).lenient("", replicas, Rounding::Down).unwrap_or(0)
        }
    };
    unavailable.min(replicas)
}

impl Limits {
    fn bounds(&self) -> Bounds {
        resolve_fenceposts(&Fenceposts {
            desired: self.replicas.unwrap_or(REPLICAS),
            max_surge: Some(or_default(self.max_surge.as_ref())),
            max_unavailable: Some(or_default(self.max_unavailable.as_ref())),
        })
        .unwrap_or_default()
    }
}

fn or_default(value: Option<&IntOrPercent>) -> IntOrPercent {
    value.cloned().unwrap_or_else(|| IntOrPercent::percent(DEFAULT_PERCENT))
}
