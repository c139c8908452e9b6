use std::collections::BTreeMap;

use bellwether_strategy::arithmetic::{ArithmeticError, Bounds, argo_rollouts, flagger, kubernetes};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::argument::{Analysis, Old, OldAndNew, Resize, Unhealthy};
use crate::{complaint::Complaint, document, node::Node};

/// A function of another system.
pub(super) struct Function {
    pub(super) system: &'static str,
    pub(super) name: &'static str,
    /// What it is called there.
    pub(super) original: &'static str,
    pub(super) compute: fn(Node) -> Result<Value, Complaint>,
    pub(super) arguments: fn(&mut SchemaGenerator) -> Schema,
    /// Arguments that the original takes and does not look at.
    pub(super) ignored: &'static [&'static str],
    /// The fields of the result.
    pub(super) results: &'static [&'static str],
}

const KUBERNETES: &str = "kubernetes";
const ARGO_ROLLOUTS: &str = "argo-rollouts";
const FLAGGER: &str = "flagger";

/// Every function, in the order of the systems and of their sources.
pub(super) const FUNCTIONS: [Function; 25] = [
    Function {
        system: KUBERNETES,
        name: "resolve_fenceposts",
        original: "ResolveFenceposts",
        compute: |node| fallible(node, kubernetes::resolve_fenceposts, bounds),
        arguments: schema::<kubernetes::Fenceposts>,
        ignored: &[],
        results: &["surge", "unavailable", "error"],
    },
    Function {
        system: KUBERNETES,
        name: "new_rs_new_replicas",
        original: "NewRSNewReplicas",
        compute: |node| fallible(node, kubernetes::new_rs_new_replicas, |replicas| json!({ "replicas": replicas })),
        arguments: schema::<kubernetes::Growth>,
        ignored: &["max_unavailable"],
        results: &["replicas"],
    },
    Function {
        system: KUBERNETES,
        name: "deployment_complete",
        original: "DeploymentComplete",
        compute: |node| total(node, kubernetes::deployment_complete, |complete| json!({ "complete": complete })),
        arguments: schema::<kubernetes::Completion>,
        ignored: &["max_surge", "max_unavailable"],
        results: &["complete"],
    },
    Function {
        system: KUBERNETES,
        name: "deployment_progressing",
        original: "DeploymentProgressing",
        compute: |node| total(node, kubernetes::deployment_progressing, |moved| json!({ "progressing": moved })),
        arguments: schema::<kubernetes::Progress>,
        ignored: &[],
        results: &["progressing"],
    },
    Function {
        system: KUBERNETES,
        name: "deployment_timed_out",
        original: "DeploymentTimedOut",
        compute: |node| total(node, kubernetes::deployment_timed_out, |late| json!({ "timed_out": late })),
        arguments: schema::<kubernetes::Timeout>,
        ignored: &[],
        results: &["timed_out"],
    },
    Function {
        system: KUBERNETES,
        name: "max_unavailable",
        original: "MaxUnavailable",
        compute: |node| fallible(node, kubernetes::max_unavailable, |pods| json!({ "unavailable": pods })),
        arguments: schema::<kubernetes::Limits>,
        ignored: &[],
        results: &["unavailable"],
    },
    Function {
        system: KUBERNETES,
        name: "min_available",
        original: "MinAvailable",
        compute: |node| fallible(node, kubernetes::min_available, |pods| json!({ "available": pods })),
        arguments: schema::<kubernetes::Limits>,
        ignored: &[],
        results: &["available"],
    },
    Function {
        system: KUBERNETES,
        name: "reconcile_new_replica_set",
        original: "reconcileNewReplicaSet",
        compute: |node| fallible(node, kubernetes::reconcile_new_replica_set, |new| json!({ "new": new })),
        arguments: schema::<kubernetes::NewSet>,
        ignored: &["max_unavailable"],
        results: &["new"],
    },
    Function {
        system: KUBERNETES,
        name: "reconcile_old_replica_sets",
        original: "reconcileOldReplicaSets",
        compute: |node| {
            total(
                node,
                |old: &OldAndNew| kubernetes::reconcile_old_replica_sets(&old.sets()),
                |left| json!({ "scaled": left.is_some(), "old": only(left.as_deref()) }),
            )
        },
        arguments: schema::<OldAndNew>,
        ignored: &[],
        results: &["scaled", "old"],
    },
    Function {
        system: KUBERNETES,
        name: "cleanup_unhealthy_replicas",
        original: "cleanupUnhealthyReplicas",
        compute: |node| {
            fallible(
                node,
                |old: &Unhealthy| kubernetes::cleanup_unhealthy_replicas(&old.cleanup()),
                |cleaned| json!({ "cleaned": cleaned }),
            )
        },
        arguments: schema::<Unhealthy>,
        ignored: &["max_surge", "max_unavailable"],
        results: &["cleaned"],
    },
    Function {
        system: KUBERNETES,
        name: "scale_down_old_for_rolling_update",
        original: "scaleDownOldReplicaSetsForRollingUpdate",
        compute: |node| {
            total(
                node,
                |old: &Old| kubernetes::scale_down_old_for_rolling_update(&old.sets()),
                |left| json!({ "old": only(left.as_deref()) }),
            )
        },
        arguments: schema::<Old>,
        ignored: &[],
        results: &["old"],
    },
    Function {
        system: KUBERNETES,
        name: "proportional_scale",
        original: "sync.scale",
        compute: |node| {
            let sizes = kubernetes::proportional_scale(&read::<Resize>(node)?.scale()?);
            Ok(json!({ "new_rs": sizes.new, "old_rs_newest_first": sizes.old_newest_first }))
        },
        arguments: schema::<Resize>,
        ignored: &[],
        results: &["new_rs", "old_rs_newest_first"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "basic_canary",
        original: "CalculateReplicaCountsForBasicCanary",
        compute: |node| fallible(node, argo_rollouts::basic_canary, counts),
        arguments: schema::<argo_rollouts::BasicCanary>,
        ignored: &["set_canary_scale", "abort_scale_down_delay_seconds", "min_pods_per_replica_set"],
        results: &["canary", "stable"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "traffic_routed",
        original: "CalculateReplicaCountsForTrafficRoutedCanary",
        compute: |node| fallible(node, argo_rollouts::traffic_routed, counts),
        arguments: schema::<argo_rollouts::TrafficRouted>,
        ignored: &["max_surge", "max_unavailable"],
        results: &["canary", "stable"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "approximate_weighted",
        original: "approximateWeightedCanaryStableReplicaCounts",
        compute: |node| fallible(node, argo_rollouts::approximate_weighted, counts),
        arguments: schema::<argo_rollouts::Approximation>,
        ignored: &[],
        results: &["canary", "stable"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "dynamic_stable_scale",
        original: "CalculateReplicaCountsForTrafficRoutedCanary",
        compute: |node| fallible(node, argo_rollouts::dynamic_stable_scale, counts),
        arguments: schema::<argo_rollouts::DynamicStableScale>,
        ignored: &[],
        results: &["canary", "stable"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "traffic_weight_to_replicas",
        original: "trafficWeightToReplicas",
        compute: |node| fallible(node, argo_rollouts::traffic_weight_to_replicas, |pods| json!({ "replicas": pods })),
        arguments: schema::<argo_rollouts::Share>,
        ignored: &[],
        results: &["replicas"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "resolve_fenceposts",
        original: "resolveFenceposts",
        compute: |node| fallible(node, argo_rollouts::resolve_fenceposts, bounds),
        arguments: schema::<argo_rollouts::Fenceposts>,
        ignored: &[],
        results: &["surge", "unavailable", "error"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "max_surge",
        original: "MaxSurge",
        compute: |node| total(node, argo_rollouts::max_surge, |pods| json!({ "surge": pods })),
        arguments: schema::<argo_rollouts::Limits>,
        ignored: &[],
        results: &["surge"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "max_unavailable",
        original: "MaxUnavailable",
        compute: |node| total(node, argo_rollouts::max_unavailable, |pods| json!({ "unavailable": pods })),
        arguments: schema::<argo_rollouts::Limits>,
        ignored: &[],
        results: &["unavailable"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "progress_threshold",
        original: "ReplicaProgressThresholdMet",
        compute: |node| total(node, argo_rollouts::progress_threshold, |met| json!({ "met": met })),
        arguments: schema::<argo_rollouts::Progress>,
        ignored: &[],
        results: &["met"],
    },
    Function {
        system: ARGO_ROLLOUTS,
        name: "enough_replicas_for_weight",
        original: "checkReplicasAvailable",
        compute: |node| fallible(node, argo_rollouts::enough_replicas_for_weight, |enough| json!({ "enough": enough })),
        arguments: schema::<argo_rollouts::Demand>,
        ignored: &[],
        results: &["enough"],
    },
    Function {
        system: FLAGGER,
        name: "strategy_choice",
        original: "DeploymentStrategy",
        compute: |node| {
            total(
                node,
                |analysis: &Option<Analysis>| flagger::strategy_choice(&Analysis::counted(analysis.as_ref())),
                |strategy| json!({ "strategy": strategy }),
            )
        },
        arguments: schema::<Analysis>,
        ignored: &["max_weight", "step_weight", "step_weights"],
        results: &["strategy"],
    },
    Function {
        system: FLAGGER,
        name: "next_step_weight",
        original: "nextStepWeight",
        compute: |node| total(node, flagger::next_step_weight, |weight| json!({ "next_step": weight })),
        arguments: schema::<flagger::Step>,
        ignored: &[],
        results: &["next_step"],
    },
    Function {
        system: FLAGGER,
        name: "max_weight",
        original: "maxWeight",
        compute: |node| total(node, flagger::max_weight, |weight| json!({ "max_weight": weight })),
        arguments: schema::<flagger::Limit>,
        ignored: &[],
        results: &["max_weight"],
    },
];

/// Computes what always has a result.
fn total<A: DeserializeOwned, R>(
    node: Node,
    compute: impl FnOnce(&A) -> R,
    show: impl FnOnce(R) -> Value,
) -> Result<Value, Complaint> {
    Ok(show(compute(&read(node)?)))
}

/// Computes what the original may refuse.
fn fallible<A: DeserializeOwned, R>(
    node: Node,
    compute: impl FnOnce(&A) -> Result<R, ArithmeticError>,
    show: impl FnOnce(R) -> Value,
) -> Result<Value, Complaint> {
    compute(&read(node)?).map(show).map_err(|error| {
        let at = format!("$.in.{}", error.field());
        Complaint::new("invalid", at, format_args!("expected {}, found {}", error.expected(), error.found()))
    })
}

fn read<A: DeserializeOwned>(node: Node) -> Result<A, Complaint> {
    /// Only there for the place: what is wrong is wrong below `$.in`.
    #[derive(Deserialize)]
    struct Within<A> {
        r#in: A,
    }
    let Within { r#in } = document::typed(Node::Map(BTreeMap::from([("in".to_owned(), node)])))?;
    Ok(r#in)
}

/// The arguments' own schema, in place: two systems have arguments of one name.
fn schema<A: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    A::json_schema(generator)
}

fn bounds(bounds: Bounds) -> Value {
    json!({ "surge": bounds.surge, "unavailable": bounds.unavailable, "error": false })
}

fn counts(counts: argo_rollouts::Counts) -> Value {
    json!({ "canary": counts.canary, "stable": counts.stable })
}

fn only(left: Option<&[i32]>) -> Option<i32> {
    left?.first().copied()
}
