use alloc::vec::Vec;
use core::num::Wrapping;

use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, IntOrPercent, ReplicaSet, null},
    Approximation, Counts, Limits, REPLICAS, RolloutStrategy, approximate_weighted, max_surge, max_unavailable, whole,
};

/// What [`basic_canary`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BasicCanary {
    /// How many pods are wanted; one when it is not said.
    pub spec_replicas: Option<i32>,
    /// The weight of the last `setWeight` step; zero before the first.
    pub set_weight: Option<i32>,
    /// The weight that means all traffic; 100 when it is not said.
    pub max_weight: Option<i32>,
    /// Pods beyond the wanted number; 25 % when it is not said.
    pub max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing; 25 % when it is not said.
    pub max_unavailable: Option<IntOrPercent>,
    /// Whether a person asked for the new version at once.
    #[serde(default)]
    pub promote_full: bool,
    /// Whether the Rollout was aborted.
    #[serde(default)]
    pub abort: bool,
    /// How many pods the set of the version before should have; none without such a set.
    pub stable_spec: Option<i32>,
    /// How many of them are available.
    #[serde(default)]
    pub stable_available: i32,
    /// How many pods the new version's set should have; none without such a set.
    pub canary_spec: Option<i32>,
    /// How many of them are available.
    #[serde(default)]
    pub canary_available: i32,
    /// The sets of still older versions.
    #[serde(default, deserialize_with = "null::is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<ReplicaSet>>"))]
    pub older: Vec<ReplicaSet>,
}

/// Counts the pods that both versions should have next, when pods are all that shares out the traffic; follows
/// `CalculateReplicaCountsForBasicCanary`.
///
/// The goal is [`approximate_weighted`]'s, or all canaries when there is no other set. One move goes towards it: first
/// stable grows, then the canary, within the wanted number and the surge. Then the side that should shrink is drained,
/// unless older sets have pods, and not below the fewest that must be available. Of the side that is drained the pods
/// that it should have count, because those that do not start should be the first to go; of the other side those that
/// are available. At last both are cut to the limits.
///
/// # Errors
/// When all traffic is said to be the weight zero.
pub fn basic_canary(canary: &BasicCanary) -> Result<Counts, ArithmeticError> {
    let world = World::new(canary)?;
    let goal = world.goal(canary)?;
    let grown = world.grow(goal);
    if ReplicaSet::spec_of(canary.older.iter().copied()).0 > 0 {
        return Ok(grown);
    }
    Ok(world.drain(goal, grown))
}

/// What there is and what is allowed.
struct World {
    canary: Option<ReplicaSet>,
    stable: Option<ReplicaSet>,
    /// The pods of all sets, the older ones too.
    pods: Wrapping<i32>,
    replicas: i32,
    surge: i32,
    /// How many pods there may be.
    most: Wrapping<i32>,
    /// How many pods must be available.
    fewest: Wrapping<i32>,
}

impl World {
    fn new(input: &BasicCanary) -> Result<Self, ArithmeticError> {
        whole(input.max_weight)?;
        let canary = input.canary_spec.map(|spec| ReplicaSet::new(spec, input.canary_available));
        let stable = input.stable_spec.map(|spec| ReplicaSet::new(spec, input.stable_available));
        let limits = Limits {
            strategy: Some(RolloutStrategy::Canary),
            replicas: input.spec_replicas,
            max_surge: input.max_surge.clone(),
            max_unavailable: input.max_unavailable.clone(),
        };
        let replicas = input.spec_replicas.unwrap_or(REPLICAS);
        let surge = max_surge(&limits);
        Ok(Self {
            pods: ReplicaSet::spec_of(input.older.iter().copied().chain(canary).chain(stable)),
            canary,
            stable,
            replicas,
            surge,
            most: Wrapping(replicas) + Wrapping(surge),
            fewest: Wrapping(replicas) - Wrapping(max_unavailable(&limits)),
        })
    }

    /// Where the step leads in the end.
    fn goal(&self, input: &BasicCanary) -> Result<Counts, ArithmeticError> {
        if self.stable.is_none() {
            return Ok(Counts { canary: self.replicas, stable: 0 });
        }
        let weight = match (input.promote_full, input.abort) {
            (true, _) => whole(input.max_weight)?,
            (false, true) => 0,
            (false, false) => input.set_weight.unwrap_or(0),
        };
        approximate_weighted(&Approximation {
            replicas: self.replicas,
            weight,
            max_weight: input.max_weight,
            max_surge: self.surge,
        })
    }

    /// The sizes after growing as far as there is room, stable first.
    fn grow(&self, goal: Counts) -> Counts {
        let room = self.most - self.pods;
        let (stable, room) = grow(self.stable, goal.stable, room);
        let (canary, _) = grow(self.canary, goal.canary, room);
        Counts { canary, stable }
    }

    /// The sizes after the side that should shrink was drained as far as availability allows.
    fn drain(&self, goal: Counts, grown: Counts) -> Counts {
        let is_increasing = self.canary.is_none_or(|canary| goal.canary >= canary.spec);
        let counted = counted(self.canary, !is_increasing) + counted(self.stable, is_increasing);
        if counted <= self.fewest || (is_increasing && self.stable.is_none()) {
            return grown;
        }
        let spare = counted - self.fewest;
        if is_increasing {
            let drained = Side { set: self.stable, count: shrink(self.stable, goal.stable, spare, grown.stable) };
            let (stable, canary) = self.limit(drained, Side { set: self.canary, count: grown.canary });
            Counts { canary, stable }
        } else {
            let drained = Side { set: self.canary, count: shrink(self.canary, goal.canary, spare, grown.canary) };
            let (canary, stable) = self.limit(drained, Side { set: self.stable, count: grown.stable });
            Counts { canary, stable }
        }
    }

    /// Cuts both sides to the limits; `adjustReplicaWithinLimits`. The sizes are the drained side's and the other's.
    ///
    /// The other side is cut by what both exceed the most. If that leaves too few available, it gets back the smaller of
    /// what is missing and of the available pods that it lost; the drained side is cut by what both then exceed.
    fn limit(&self, drained: Side, other: Side) -> (i32, i32) {
        let Some(other_set) = other.set else { return (drained.count, other.count) };
        let drained_count = Wrapping(drained.count);
        let over = |count: Wrapping<i32>| (count + drained_count - self.most).max(Wrapping(0));
        let cut = Wrapping(other.count) - over(Wrapping(other.count));
        let other_available = Wrapping(other_set.available);
        let drained_available = drained.set.map_or(Wrapping(0), |set| Wrapping(set.available).min(drained_count));
        let missing = (self.fewest - (drained_available + other_available.min(cut))).max(Wrapping(0));
        let lost = (other_available - cut).max(Wrapping(0));
        let given_back = cut + lost.min(missing);
        ((drained_count - over(given_back)).0, given_back.0)
    }
}

/// One version's set and the size that it should have.
#[derive(Clone, Copy)]
struct Side {
    set: Option<ReplicaSet>,
    count: i32,
}

/// A set's size after it grew towards a goal, and the room that is left.
fn grow(set: Option<ReplicaSet>, goal: i32, room: Wrapping<i32>) -> (i32, Wrapping<i32>) {
    let Some(set) = set else { return (0, room) };
    let spec = Wrapping(set.spec);
    if set.spec >= goal || room.0 <= 0 {
        (set.spec, room)
    } else if (spec + room).0 < goal {
        ((spec + room).0, Wrapping(0))
    } else {
        (goal, room - (Wrapping(goal) - spec))
    }
}

/// A set's size after it shrank towards a goal; `calculateScaleDownReplicaCount`.
fn shrink(set: Option<ReplicaSet>, goal: i32, spare: Wrapping<i32>, count: i32) -> i32 {
    match set {
        Some(set) if set.spec > goal => (Wrapping(set.spec) - spare).0.max(goal),
        Some(_) | None => count,
    }
}

/// The pods of a set that count as available: never more than it should have, and all of those when it is drained;
/// `GetReplicasForScaleDown`.
fn counted(set: Option<ReplicaSet>, is_drained: bool) -> Wrapping<i32> {
    Wrapping(set.map_or(0, |set| if is_drained { set.spec } else { set.available.min(set.spec) }))
}
