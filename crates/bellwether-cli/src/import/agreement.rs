//! Imported plans have the units and the shares that the other systems would have, by their own arithmetic.

use bellwether_core::{Arms, Basis, Level, Release, Target, Version};
use bellwether_strategy::{
    Amount, Exchange, Plan, Recreate, Rolling, Strategy,
    arithmetic::{
        argo_rollouts::{Approximation, TrafficRouted, approximate_weighted, traffic_routed},
        flagger, kubernetes,
    },
};
use serde_json::{Value, json};

use super::{Settings, import};
use crate::document::{Document, json_line};

fn plan(document: &Value) -> Plan {
    let node = json_line(document.to_string().as_bytes()).unwrap();
    let import = import(&[Document { within: None, node }], &Settings::default()).unwrap();
    let one = import.imported.into_iter().next().unwrap();
    one.plan.unwrap_or_else(|| panic!("{:?}", one.findings))
}

fn rollout(replicas: i32, canary: &Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "a"},
        "spec": {"replicas": replicas, "strategy": {"canary": canary}},
    })
}

/// Every whole percent below all traffic.
fn weights() -> Vec<Value> {
    (1..100).map(|weight| json!({"setWeight": weight})).collect()
}

#[test]
fn a_share_has_the_pods_that_argo_rollouts_gives_it_behind_a_router() {
    for (replicas, least) in [(1, 0), (2, 2), (3, 0), (7, 3), (10, 0), (33, 5), (100, 0), (250, 40)] {
        let canary = json!({"trafficRouting": {"smi": {}}, "minPodsPerReplicaSet": least, "steps": weights()});
        let plan = plan(&rollout(replicas, &canary));
        assert_eq!(plan.steps().len(), 100);
        for (step, weight) in plan.steps().iter().zip(1..=100) {
            let asked = TrafficRouted {
                spec_replicas: Some(replicas),
                set_weight: Some(weight),
                min_pods_per_replica_set: Some(least),
                ..TrafficRouted::default()
            };
            let counts = traffic_routed(&asked).unwrap();
            assert_eq!(plan.candidate_units(step), u32::try_from(counts.canary).ok(), "{weight} % of {replicas}");
        }
    }
}

/// Argo Rollouts may run one pod more; the candidate's are the same, but that one of all replicas stays with stable. Where its
/// function finds no count (its branch "should not get here": 95 % of 10 without a surge), it takes all of them away.
#[test]
fn a_share_is_the_pods_that_argo_rollouts_gives_it_without_a_router() {
    for replicas in [2, 3, 4, 5, 7, 10, 19, 20, 64] {
        for surge in [0, 1, 2] {
            let canary = json!({"maxSurge": surge, "maxUnavailable": 1, "steps": weights()});
            let plan = plan(&rollout(replicas, &canary));
            let mut wanted: Vec<u32> = (1..100)
                .map(|weight| Approximation { replicas, weight, max_weight: None, max_surge: surge })
                .map(|asked| match approximate_weighted(&asked).unwrap().canary {
                    0 => replicas - 1,
                    canary => canary.min(replicas - 1),
                })
                .map(|canary| u32::try_from(canary).unwrap())
                .collect();
            wanted.push(u32::try_from(replicas).unwrap());
            wanted.dedup();
            let units: Vec<u32> = plan.steps().iter().map(|step| plan.candidate_units(step).unwrap()).collect();
            assert_eq!(units, wanted, "{replicas} pods, {surge} more");
        }
    }
}

#[test]
fn the_bounds_of_a_deployment_are_those_of_kubernetes() {
    let amounts = [json!(0), json!(1), json!(3), json!("0%"), json!("25%"), json!("33%"), json!("100%")];
    let is_nothing = |amount: &Value| *amount == json!(0) || *amount == json!("0%");
    for replicas in [1, 2, 3, 5, 8, 10, 25] {
        for (surge, unavailable) in amounts.iter().flat_map(|surge| amounts.iter().map(move |less| (surge, less))) {
            if is_nothing(surge) && is_nothing(unavailable) {
                // Its validation refuses both: "may not be 0 when `maxSurge` is 0".
                continue;
            }
            let plan = plan(&json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
                "spec": {"replicas": replicas, "strategy": {
                    "type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable},
                }},
            }));
            let amount = |amount: &Value| serde_json::from_value(amount.clone()).unwrap();
            let fenceposts = kubernetes::Fenceposts {
                max_surge: Some(amount(surge)),
                max_unavailable: Some(amount(unavailable)),
                desired: replicas,
            };
            let theirs = kubernetes::resolve_fenceposts(&fenceposts).unwrap();
            let ours = plan.exchange().unwrap().bounds(u32::try_from(replicas).unwrap());
            let number = |count: i32| u32::try_from(count).unwrap();
            let least = number((replicas - theirs.unavailable).max(0));
            assert_eq!(
                (ours.least, ours.most),
                (least, number(replicas + theirs.surge)),
                "{surge} more and {unavailable} less than {replicas}"
            );
        }
    }
}

/// What a Deployment does is what the strategies of that name do, whose counts are compared with its controller's elsewhere.
#[test]
fn a_deployment_is_a_rolling_update_or_recreates() {
    let arms = Arms { stable: Version::named("1"), candidate: Version::named("2") };
    let release = Release::new("a".parse().unwrap(), "a".parse().unwrap(), arms, Level::Low);
    let target = Target::default().with_replicas(8);
    let surge = Exchange::new(Amount::Units(2), Amount::Units(0));
    let rolling = Rolling::new().with_evidence(Basis::Time);
    for (written, strategy) in [
        (json!({}), &rolling as &dyn Strategy),
        (json!({"type": "RollingUpdate"}), &rolling),
        (json!({"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}), &rolling.clone().with_exchange(surge)),
        (json!({"type": "Recreate"}), &Recreate::new()),
    ] {
        let imported = plan(&json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"replicas": 8, "strategy": written},
        }));
        let made = strategy.plan(&release, &target).unwrap().outcome;
        assert_eq!((imported.steps(), imported.exchange()), (made.steps(), made.exchange()), "{written}");
    }
}

fn canary(analysis: &Value) -> Value {
    json!({
        "apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "a"},
        "spec": {"targetRef": {"kind": "Deployment", "name": "a"}, "analysis": analysis},
    })
}

fn shares(analysis: &Value) -> Vec<u16> {
    plan(&canary(analysis)).steps().iter().map(|step| step.route.share.basis_points() / 100).collect()
}

/// The first from `TestScheduler` of Flagger, which reaches 60 from 20 and 50; the rest counted by hand.
#[test]
fn the_weights_are_those_of_flagger() {
    assert_eq!(shares(&json!({"stepWeight": 20, "maxWeight": 50})), [20, 40, 60, 100]);
    assert_eq!(shares(&json!({"stepWeight": 30})), [30, 60, 90, 100]);
    assert_eq!(shares(&json!({"stepWeight": 50, "maxWeight": 50})), [50, 100]);
    assert_eq!(shares(&json!({"stepWeights": [1, 2, 10, 80]})), [1, 2, 10, 80, 100]);
    assert_eq!(shares(&json!({"stepWeights": [10, 20], "maxWeight": 90})), [10, 20, 100]);
    assert_eq!(shares(&json!({"stepWeights": [10, 20], "stepWeight": 15})), [15, 30, 100]);
    assert_eq!(shares(&json!({"stepWeight": 1, "maxWeight": 99})).len(), 100);
    for step_weight in 1..=100 {
        let all = shares(&json!({"stepWeight": step_weight}));
        let next = |weight| flagger::Step { step_weight, step_weights: Vec::new(), canary_weight: weight };
        let mut weight = 0;
        for share in &all {
            weight = (weight + flagger::next_step_weight(&next(weight))).min(100);
            assert_eq!(i64::from(*share), weight, "by {step_weight}");
        }
    }
}
