use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, Bounds, IntOrPercent, int_or_percent::Rounding},
    DeploymentStrategy,
};

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

/// What [`max_unavailable`] and [`min_available`] look at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How the Deployment replaces its pods.
    pub strategy: DeploymentStrategy,
    /// How many pods are wanted; only `Recreate` does without.
    pub replicas: Option<i32>,
    /// Pods beyond the wanted number.
    pub max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing.
    pub max_unavailable: Option<IntOrPercent>,
}

/// Resolves how far a rolling update may leave the wanted number of pods; follows `ResolveFenceposts`.
///
/// A surge is rounded up and unavailability down, so that an update moves without removing too much. When both come
/// out as zero, one pod may be unavailable. Unavailability is not capped at the wanted number here, but in
/// [`max_unavailable`].
///
/// # Errors
/// When a text is no percentage.
///
/// # Example: a quarter of ten pods
/// ```
/// use bellwether_strategy::arithmetic::{Bounds, IntOrPercent, kubernetes::{Fenceposts, resolve_fenceposts}};
///
/// let quarter = Some(IntOrPercent::percent(25));
/// let fenceposts = Fenceposts { desired: 10, max_surge: quarter.clone(), max_unavailable: quarter };
/// assert_eq!(resolve_fenceposts(&fenceposts)?, Bounds { surge: 3, unavailable: 2 });
/// # Ok::<(), bellwether_strategy::arithmetic::ArithmeticError>(())
/// ```
pub fn resolve_fenceposts(fenceposts: &Fenceposts) -> Result<Bounds, ArithmeticError> {
    bounds(fenceposts.desired, fenceposts.max_surge.as_ref(), fenceposts.max_unavailable.as_ref())
}

/// Counts how many pods a Deployment may be short of; follows `MaxUnavailable`.
///
/// None under `Recreate` and with no wanted pods, and never more than are wanted. A text that is no percentage counts
/// as zero, as in the original, which relies on validation.
///
/// # Errors
/// When a rolling update does not say how many pods are wanted: the original dereferences a nil pointer.
pub fn max_unavailable(limits: &Limits) -> Result<i32, ArithmeticError> {
    Ok(match limits.strategy {
        DeploymentStrategy::Recreate => 0,
        DeploymentStrategy::RollingUpdate => {
            unavailable(limits.replicas()?, limits.max_surge.as_ref(), limits.max_unavailable.as_ref())
        }
    })
}

/// Counts how many pods a Deployment must keep available; follows `MinAvailable`.
///
/// Zero under `Recreate`.
///
/// # Errors
/// As [`max_unavailable`].
pub fn min_available(limits: &Limits) -> Result<i32, ArithmeticError> {
    Ok(match limits.strategy {
        DeploymentStrategy::Recreate => 0,
        DeploymentStrategy::RollingUpdate => limits.replicas()?.wrapping_sub(max_unavailable(limits)?),
    })
}

impl Limits {
    fn replicas(&self) -> Result<i32, ArithmeticError> {
        self.replicas.ok_or_else(|| ArithmeticError::new("replicas", "a whole number under RollingUpdate", "none"))
    }
}

/// [`resolve_fenceposts`] of three values.
fn bounds(
    desired: i32,
    max_surge: Option<&IntOrPercent>,
    max_unavailable: Option<&IntOrPercent>,
) -> Result<Bounds, ArithmeticError> {
    let surge = max_surge.map_or(Ok(0), |surge| surge.scaled("max_surge", desired, Rounding::Up))?;
    let unavailable = max_unavailable.map_or(Ok(0), |most| most.scaled("max_unavailable", desired, Rounding::Down))?;
    Ok(Bounds { surge, unavailable }.or_one_unavailable())
}

/// [`max_unavailable`] of a rolling update.
pub(super) fn unavailable(
    replicas: i32,
    max_surge: Option<&IntOrPercent>,
    max_unavailable: Option<&IntOrPercent>,
) -> i32 {
    if replicas == 0 {
        return 0;
    }
    bounds(replicas, max_surge, max_unavailable).unwrap_or_default().unavailable.min(replicas)
}

/// `MaxSurge` of a rolling update.
pub(super) fn surge(replicas: i32, max_surge: Option<&IntOrPercent>, max_unavailable: Option<&IntOrPercent>) -> i32 {
    bounds(replicas, max_surge, max_unavailable).unwrap_or_default().surge
}
