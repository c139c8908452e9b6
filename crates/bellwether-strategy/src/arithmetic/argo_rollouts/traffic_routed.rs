use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, ReplicaSet, number},
    Counts, REPLICAS, whole,
};

/// What [`traffic_weight_to_replicas`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// How many pods all traffic needs.
    pub replicas: i32,
    /// The weight.
    pub weight: i32,
    /// The weight that means all traffic; 100 when it is not said.
    pub max_weight: Option<i32>,
}

/// The weights that the router was last seen with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObservedWeights {
    /// The new version's.
    pub canary: i32,
    /// That of the version before.
    pub stable: i32,
}

/// A step that says how many pods the canary has, whatever its weight. Without any of the three it changes nothing.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SetCanaryScale {
    /// So many pods.
    pub replicas: Option<i32>,
    /// As many pods as that weight needs.
    pub weight: Option<i32>,
    /// As many as the traffic's weight needs; ends the effect of an earlier step.
    pub match_traffic_weight: bool,
}

/// What [`traffic_routed`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrafficRouted {
    /// How many pods are wanted; one when it is not said.
    pub spec_replicas: Option<i32>,
    /// The weight of the last `setWeight` step; zero before the first.
    pub set_weight: Option<i32>,
    /// The weight that means all traffic; 100 when it is not said.
    pub max_weight: Option<i32>,
    /// Whether a person asked for the new version at once.
    #[serde(default)]
    pub promote_full: bool,
    /// Whether the Rollout was aborted.
    #[serde(default)]
    pub abort: bool,
    /// How long the canary stays after an abort: zero for ever, without it 30 s.
    pub abort_scale_down_delay_seconds: Option<i32>,
    /// The last `setCanaryScale` step.
    pub set_canary_scale: Option<SetCanaryScale>,
    /// The fewest pods of a set that has any.
    pub min_pods_per_replica_set: Option<i32>,
    /// The weights that the router was last seen with.
    pub observed_weights: Option<ObservedWeights>,
    /// Whether stable shrinks as its traffic does.
    #[serde(default)]
    pub dynamic_stable_scale: bool,
}

/// What [`dynamic_stable_scale`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DynamicStableScale {
    /// How many pods are wanted; one when it is not said.
    pub spec_replicas: Option<i32>,
    /// The weights of the steps; none for a step that sets no weight.
    pub set_weight_steps: Vec<Option<i32>>,
    /// The step that the Rollout is at, counted from zero; the first when it is not said.
    pub current_step: Option<u32>,
    /// The weight that means all traffic; 100 when it is not said.
    pub max_weight: Option<i32>,
    /// Whether the Rollout was aborted.
    #[serde(default)]
    pub abort: bool,
    /// How long the canary stays after an abort: zero for ever, without it the delay does not apply.
    pub abort_scale_down_delay_seconds: Option<i32>,
    /// The weights that the router was last seen with.
    pub observed_weights: Option<ObservedWeights>,
    /// The new version's set, when there is one.
    pub canary: Option<ReplicaSet>,
    /// The set of the version before, when there is one.
    pub stable: Option<ReplicaSet>,
}

/// Counts the pods that a weight needs, rounded up; follows `trafficWeightToReplicas`.
///
/// A weight above the whole needs more pods than all traffic.
///
/// # Errors
/// When all traffic is said to be the weight zero.
pub fn traffic_weight_to_replicas(share: &Share) -> Result<i32, ArithmeticError> {
    let whole = Whole { replicas: share.replicas, weight: whole(share.max_weight)? };
    Ok(whole.pods(share.weight))
}

/// Counts the pods of both versions when a router shares out the traffic; follows
/// `CalculateReplicaCountsForTrafficRoutedCanary` where the sets are not known yet.
///
/// The canary has what its weight needs; stable keeps all. A person's promotion asks for the whole at once. A step's own
/// scale comes before the weight, and does not hold after an abort unless the canary is to stay for ever. The fewest
/// pods of a set are never more than are wanted, and do not raise a step's own number of pods while stable keeps all.
/// With a stable set that shrinks it is as in [`dynamic_stable_scale`], and after an abort the weight is zero.
///
/// # Errors
/// When all traffic is said to be the weight zero.
pub fn traffic_routed(routed: &TrafficRouted) -> Result<Counts, ArithmeticError> {
    let whole = Whole::new(routed.spec_replicas, routed.max_weight)?;
    let (explicit, weight) = wanted(routed, whole);
    let canary = explicit.unwrap_or_else(|| raised(whole.pods(weight), whole, routed.min_pods_per_replica_set));
    if !routed.dynamic_stable_scale {
        return Ok(Counts { canary, stable: whole.replicas });
    }
    let counts = followed(Counts { canary, stable: whole.rest(weight) }, whole, routed.observed_weights, routed.abort);
    Ok(Counts {
        canary: raised(counts.canary, whole, routed.min_pods_per_replica_set),
        stable: raised(counts.stable, whole, routed.min_pods_per_replica_set),
    })
}

/// Counts the pods of both versions when stable shrinks as its traffic does; follows
/// `CalculateReplicaCountsForTrafficRoutedCanary` with `dynamicStableScale`, and `GetDesiredCanaryWeight`.
///
/// Stable has what the larger of its wanted and its observed weight needs. After an abort the weight goes down the steps
/// backwards: from the last step on, the first one that needs fewer pods than stable is short of, or than the canary
/// has available. An explicit delay above zero keeps the canary as it is, so that only what stable is short of counts;
/// otherwise the two would wait for each other (issue 4898). When a set is not known the weight is zero. The canary keeps
/// what its observed weight needs, and does not grow beyond that or its present size (issue 4973).
///
/// # Errors
/// When all traffic is said to be the weight zero.
pub fn dynamic_stable_scale(scale: &DynamicStableScale) -> Result<Counts, ArithmeticError> {
    let whole = Whole::new(scale.spec_replicas, scale.max_weight)?;
    let weight = if scale.abort { weight_after_abort(scale, whole) } else { current_weight(scale, whole) };
    let wanted = Counts { canary: whole.pods(weight), stable: whole.rest(weight) };
    let counts = followed(wanted, whole, scale.observed_weights, scale.abort);
    let committed = match (scale.abort, scale.observed_weights, scale.canary, scale.stable) {
        (true, Some(observed), Some(canary), Some(_)) => whole.pods(observed.canary).max(canary.spec),
        (..) => counts.canary,
    };
    Ok(Counts { canary: counts.canary.min(committed), ..counts })
}

/// What all traffic is, in pods and in weight.
#[derive(Clone, Copy)]
struct Whole {
    replicas: i32,
    weight: i32,
}

impl Whole {
    fn new(replicas: Option<i32>, max_weight: Option<i32>) -> Result<Self, ArithmeticError> {
        Ok(Self { replicas: replicas.unwrap_or(REPLICAS), weight: whole(max_weight)? })
    }

    fn pods(self, weight: i32) -> i32 {
        let exact = f64::from(weight) * f64::from(self.replicas) / f64::from(self.weight);
        number::saturate(number::ceil(exact))
    }

    /// What the traffic that a weight leaves needs.
    fn rest(self, weight: i32) -> i32 {
        self.pods(self.weight.wrapping_sub(weight))
    }
}

/// The canary's own number of pods, if a step says one, and its weight; `GetCanaryReplicasOrWeight`.
fn wanted(routed: &TrafficRouted, whole: Whole) -> (Option<i32>, i32) {
    let weight = if routed.abort { 0 } else { routed.set_weight.unwrap_or(0) };
    let scale = if routed.promote_full { None } else { canary_scale(routed) };
    match scale {
        None if routed.promote_full => (None, whole.weight),
        Some(SetCanaryScale { replicas: Some(replicas), .. }) => (Some(replicas), 0),
        Some(SetCanaryScale { weight: Some(weight), .. }) => (None, weight),
        Some(_) | None => (None, weight),
    }
}

/// The step's scale, while it holds; `UseSetCanaryScale`.
fn canary_scale(routed: &TrafficRouted) -> Option<SetCanaryScale> {
    let holds = !routed.abort || routed.abort_scale_down_delay_seconds == Some(0);
    routed.set_canary_scale.filter(|scale| holds && !scale.match_traffic_weight)
}

/// A set's pods, not fewer than its fewest; `CheckMinPodsPerReplicaSet`.
fn raised(count: i32, whole: Whole, fewest: Option<i32>) -> i32 {
    match fewest {
        Some(fewest) if count != 0 => count.max(fewest.min(whole.replicas)),
        Some(_) | None => count,
    }
}

/// What is wanted, or more where the traffic has not moved yet.
fn followed(wanted: Counts, whole: Whole, observed: Option<ObservedWeights>, is_aborted: bool) -> Counts {
    let Some(observed) = observed else { return wanted };
    let canary = if is_aborted { wanted.canary.max(whole.pods(observed.canary)) } else { wanted.canary };
    Counts { canary, stable: wanted.stable.max(whole.pods(observed.stable)) }
}

/// `GetDesiredCanaryWeight` after an abort.
fn weight_after_abort(scale: &DynamicStableScale, whole: Whole) -> i32 {
    let (Some(canary), Some(stable)) = (scale.canary, scale.stable) else { return 0 };
    let missing = whole.replicas.wrapping_sub(stable.available);
    let pods = match scale.abort_scale_down_delay_seconds {
        Some(0) | None => missing.max(canary.available),
        Some(_) => missing,
    };
    let mut backwards = scale.set_weight_steps.iter().rev().copied().flatten();
    backwards.find(|&weight| whole.pods(weight) < pods).unwrap_or(0)
}

/// `GetCurrentSetWeight`: the last weight up to the current step; all traffic after the last step.
fn current_weight(scale: &DynamicStableScale, whole: Whole) -> i32 {
    let current = scale.current_step.map_or(0, |step| usize::try_from(step).unwrap_or(usize::MAX));
    match scale.set_weight_steps.get(..=current) {
        None => whole.weight,
        Some(steps) => steps.iter().rev().copied().flatten().next().unwrap_or(0),
    }
}
