use alloc::vec::Vec;
use core::{cmp::Reverse, num::Wrapping};

use serde::{Deserialize, Serialize};

use super::{
    super::{IntOrPercent, number},
    fencepost::surge,
};

/// What [`proportional_scale`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// How many pods are wanted now.
    pub replicas: i32,
    /// Pods beyond the wanted number.
    pub max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing.
    pub max_unavailable: Option<IntOrPercent>,
    /// The new set, when there is one.
    pub new: Option<RecordedSet>,
    /// The old sets, the newest first; all are older than the new one.
    pub old_newest_first: Vec<RecordedSet>,
}

/// A set with what its annotations record of the last time it was scaled.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordedSet {
    /// How many pods it should have.
    pub spec: i32,
    /// How many of its pods are available.
    pub available: i32,
    /// How many pods were wanted then (`deployment.kubernetes.io/desired-replicas`).
    pub recorded_desired: i32,
    /// How many pods there might be then (`deployment.kubernetes.io/max-replicas`): the wanted ones and the surge.
    pub recorded_max: i32,
}

/// How many pods each set should have.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// The new set, when there is one.
    pub new: Option<i32>,
    /// The old sets, the newest first.
    pub old_newest_first: Vec<i32>,
}

/// Spreads a change of the wanted number over the sets of a rolling update under way; follows `scale` in `sync.go`.
///
/// With at most one set that has pods, that one (or with none the newest) takes the wanted number. When the new set has
/// all that is wanted, old ones go to zero. Otherwise each set changes in proportion to its size, the largest first,
/// and the largest takes what rounding leaves over: of equally large ones the newest grows and the oldest shrinks.
///
/// The proportion is a set's size times the pods that there may be now, by those that there might be when the set was
/// last scaled; the product wraps at 2^31. A set that recorded none keeps its size.
#[must_use]
pub fn proportional_scale(scale: &Scale) -> Sizes {
    let mut sets: Vec<RecordedSet> = scale.new.iter().chain(&scale.old_newest_first).copied().collect();
    let mut active = (0..sets.len()).filter(|&at| sets.get(at).is_some_and(|set| set.spec > 0));
    match (active.next(), active.next()) {
        (only, None) => {
            if let Some(set) = sets.get_mut(only.unwrap_or(0)) {
                set.spec = scale.replicas;
            }
        }
        (_, Some(_)) if scale.new.is_some_and(|new| is_saturated(new, scale.replicas)) => {
            for set in sets.iter_mut().skip(1).filter(|set| set.spec > 0) {
                set.spec = 0;
            }
        }
        (_, Some(_)) => spread(&mut sets, scale),
    }
    let mut sizes = sets.into_iter().map(|set| set.spec);
    Sizes { new: scale.new.and_then(|_| sizes.next()), old_newest_first: sizes.collect() }
}

/// Whether the set has all that is wanted, and knew so when it was last scaled; `IsSaturated`.
const fn is_saturated(set: RecordedSet, replicas: i32) -> bool {
    set.spec == replicas && set.recorded_desired == replicas && set.available == replicas
}

/// Changes the sets, which come newest first.
fn spread(sets: &mut [RecordedSet], scale: &Scale) {
    let most = Wrapping(scale.replicas)
        + Wrapping(surge(scale.replicas, scale.max_surge.as_ref(), scale.max_unavailable.as_ref()));
    let allowed = if scale.replicas > 0 { most } else { Wrapping(0) };
    let mut active: Vec<&mut RecordedSet> = sets.iter_mut().filter(|set| set.spec > 0).collect();
    let to_add = allowed - active.iter().map(|set| Wrapping(set.spec)).sum::<Wrapping<i32>>();
    if to_add.0 == 0 {
        return;
    }
    if to_add.0 < 0 {
        active.reverse();
    }
    // The sort keeps the order of age among equally large ones.
    active.sort_by_key(|set| Reverse(set.spec));
    let mut added = Wrapping(0);
    for set in &mut active {
        let part = proportion(**set, scale.replicas, most, to_add - added);
        set.spec = (Wrapping(set.spec) + part).0;
        added += part;
    }
    if let Some(largest) = active.first_mut() {
        largest.spec = (Wrapping(largest.spec) + (to_add - added)).0.max(0);
    }
}

/// What a set gains or loses, and not more than is left to add or take; `GetReplicaSetProportion`.
fn proportion(set: RecordedSet, replicas: i32, most: Wrapping<i32>, left: Wrapping<i32>) -> Wrapping<i32> {
    let fraction = fraction(set, replicas, most);
    match left.0 {
        0 => Wrapping(0),
        1.. => fraction.min(left),
        ..0 => fraction.max(left),
    }
}

/// What a set would gain or lose in proportion; `getReplicaSetFraction`.
fn fraction(set: RecordedSet, replicas: i32, most: Wrapping<i32>) -> Wrapping<i32> {
    if replicas == 0 {
        return -Wrapping(set.spec);
    }
    if set.recorded_max == 0 {
        return Wrapping(0);
    }
    let size = f64::from((Wrapping(set.spec) * most).0) / f64::from(set.recorded_max);
    // Half away from zero, as `integer.RoundToInt32` does it.
    let rounded = number::truncate(if size < 0.0 { size - 0.5 } else { size + 0.5 });
    Wrapping(number::wrap(rounded)) - Wrapping(set.spec)
}
