use alloc::vec::Vec;
use core::num::Wrapping;

use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, IntOrPercent, ReplicaSet, int_or_percent::Rounding},
    DeploymentStrategy,
    fencepost::unavailable,
};

/// What [`new_rs_new_replicas`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// How the Deployment replaces its pods.
    pub strategy: DeploymentStrategy,
    /// How many pods are wanted.
    pub replicas: i32,
    /// How many pods the new set should have until now.
    pub new_spec: i32,
    /// Pods beyond the wanted number; a rolling update needs it.
    pub max_surge: Option<IntOrPercent>,
    /// How many pods every set should have, the new one among them.
    pub all_rs_spec: Vec<i32>,
}

/// What [`reconcile_new_replica_set`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSet {
    /// How many pods are wanted.
    pub replicas: i32,
    /// Pods beyond the wanted number.
    pub max_surge: Option<IntOrPercent>,
    /// How many pods the old sets should have together.
    pub old: i32,
    /// How many pods the new set should have until now.
    pub new: i32,
}

/// What [`reconcile_old_replica_sets`] and [`scale_down_old_for_rolling_update`] look at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OldSets {
    /// How many pods are wanted.
    pub replicas: i32,
    /// Pods beyond the wanted number.
    pub max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing.
    pub max_unavailable: Option<IntOrPercent>,
    /// The new set, when there is one.
    pub new: Option<ReplicaSet>,
    /// The old sets, the oldest first.
    pub old: Vec<ReplicaSet>,
}

/// What [`cleanup_unhealthy_replicas`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cleanup {
    /// The old sets, the oldest first.
    pub old: Vec<ReplicaSet>,
    /// How many pods may be removed.
    pub max_cleanup: i32,
}

/// Counts the pods that the new set should have; follows `NewRSNewReplicas`.
///
/// It grows by what all sets together are short of the wanted number and the surge, and not beyond the wanted number;
/// it does not shrink here. `Recreate` asks for all at once.
///
/// # Errors
/// When a rolling update has no surge, or one that is no percentage.
pub fn new_rs_new_replicas(growth: &Growth) -> Result<i32, ArithmeticError> {
    match growth.strategy {
        DeploymentStrategy::Recreate => Ok(growth.replicas),
        DeploymentStrategy::RollingUpdate => {
            let Some(surge) = &growth.max_surge else {
                return Err(ArithmeticError::new("max_surge", "a whole number or a percentage", "none"));
            };
            let surge = surge.scaled("max_surge", growth.replicas, Rounding::Up)?;
            let all = growth.all_rs_spec.iter().copied().map(Wrapping).sum();
            Ok(grown(Wrapping(growth.replicas), Wrapping(growth.new_spec), Wrapping(surge), all))
        }
    }
}

/// Counts the pods that the new set should have, if that is another number than until now; follows
/// `reconcileNewReplicaSet`.
///
/// A new set that is too large is cut to the wanted number at once; otherwise it grows as [`new_rs_new_replicas`] says.
///
/// # Errors
/// When the set is too small and the surge is missing or no percentage.
pub fn reconcile_new_replica_set(set: &NewSet) -> Result<Option<i32>, ArithmeticError> {
    let wanted = if set.new >= set.replicas {
        set.replicas
    } else {
        new_rs_new_replicas(&Growth {
            strategy: DeploymentStrategy::RollingUpdate,
            replicas: set.replicas,
            new_spec: set.new,
            max_surge: set.max_surge.clone(),
            all_rs_spec: [set.old, set.new].into(),
        })?
    };
    Ok((wanted != set.new).then_some(wanted))
}

/// Counts the pods that each old set should have, if any loses some; follows `reconcileOldReplicaSets`.
///
/// What may go are the pods beyond the fewest that must be available, less the new pods that are not available yet:
/// they must not pay for a new version that does not start. Old pods that are not available go first
/// ([`cleanup_unhealthy_replicas`]), then available ones ([`scale_down_old_for_rolling_update`]). An old set with more
/// available pods than it should have stops it all until the next round.
#[must_use]
pub fn reconcile_old_replica_sets(sets: &OldSets) -> Option<Vec<i32>> {
    let sets = &sets.with_active_only();
    if ReplicaSet::spec_of(sets.old.iter().copied()).0 == 0 {
        return None;
    }
    let new = sets.new.unwrap_or(ReplicaSet::new(0, 0));
    let all = ReplicaSet::spec_of(sets.all());
    let max_scaled_down = all - sets.min_available() - (Wrapping(new.spec) - Wrapping(new.available));
    if max_scaled_down.0 <= 0 {
        return None;
    }
    let (cleaned_up, cleaned) = clean_up(&sets.old, max_scaled_down.0).ok()?;
    let (left, scaled_down) = scale_down(sets, cleaned_up);
    ((cleaned + scaled_down).0 > 0).then_some(left)
}

/// Counts the old pods that can go because they are not available anyway; follows `cleanupUnhealthyReplicas`.
///
/// # Errors
/// When a set has more available pods than it should have: the original fails on "an invalid request to scale down".
pub fn cleanup_unhealthy_replicas(cleanup: &Cleanup) -> Result<i32, ArithmeticError> {
    Ok(clean_up(&cleanup.old, cleanup.max_cleanup)?.1.0)
}

/// Counts the pods that each old set should have when available ones go, if any does; follows
/// `scaleDownOldReplicaSetsForRollingUpdate`.
///
/// As many go as are available beyond the fewest that must be, from the oldest set first.
#[must_use]
pub fn scale_down_old_for_rolling_update(sets: &OldSets) -> Option<Vec<i32>> {
    let (left, scaled_down) = scale_down(sets, sets.old.iter().map(|set| set.spec).collect());
    (scaled_down.0 > 0).then_some(left)
}

impl OldSets {
    fn all(&self) -> impl Iterator<Item = ReplicaSet> {
        self.old.iter().copied().chain(self.new)
    }

    /// Without the pods that are left of sets which should have none: nothing can be taken from those.
    fn with_active_only(&self) -> Self {
        let keep = |set: &ReplicaSet| if set.spec > 0 { *set } else { ReplicaSet::new(0, 0) };
        Self { old: self.old.iter().map(keep).collect(), ..self.clone() }
    }

    fn min_available(&self) -> Wrapping<i32> {
        Wrapping(self.replicas)
            - Wrapping(unavailable(self.replicas, self.max_surge.as_ref(), self.max_unavailable.as_ref()))
    }
}

fn grown(replicas: Wrapping<i32>, new: Wrapping<i32>, surge: Wrapping<i32>, all: Wrapping<i32>) -> i32 {
    let most = replicas + surge;
    if all >= most { new.0 } else { (new + (most - all).min(replicas - new)).0 }
}

/// What each set has left after its unavailable pods went, and how many went.
fn clean_up(old: &[ReplicaSet], most: i32) -> Result<(Vec<i32>, Wrapping<i32>), ArithmeticError> {
    let mut cleaned = Wrapping(0);
    let mut left = Vec::with_capacity(old.len());
    for set in old {
        if cleaned.0 >= most || set.spec == 0 || set.spec == set.available {
            left.push(set.spec);
            continue;
        }
        let gone = (Wrapping(most) - cleaned).min(Wrapping(set.spec) - Wrapping(set.available));
        let rest = Wrapping(set.spec) - gone;
        if rest.0 > set.spec {
            return Err(ArithmeticError::new("old", "no more available pods than the set should have", set.available));
        }
        cleaned += gone;
        left.push(rest.0);
    }
    Ok((left, cleaned))
}

/// What each set has left after available pods went, and how many went. Availability is that of before the clean-up.
fn scale_down(sets: &OldSets, mut left: Vec<i32>) -> (Vec<i32>, Wrapping<i32>) {
    let available = ReplicaSet::available_of(sets.all());
    let min_available = sets.min_available();
    if available <= min_available {
        return (left, Wrapping(0));
    }
    let most = available - min_available;
    let mut scaled_down = Wrapping(0);
    for spec in &mut left {
        if scaled_down >= most {
            break;
        }
        let gone = Wrapping(*spec).min(most - scaled_down);
        *spec = (Wrapping(*spec) - gone).0;
        scaled_down += gone;
    }
    (left, scaled_down)
}
