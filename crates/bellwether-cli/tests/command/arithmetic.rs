use serde_json::{Value, json};

use crate::call::{call, call_with};

/// The answers to calls, one a line.
fn answers(calls: &[Value]) -> Vec<Value> {
    let lines: String = calls.iter().map(|call| format!("{call}\n")).collect();
    let text = call_with(&["plan", "arithmetic", "--lines"], &lines).answered(0);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every function's result is worked out by hand from the originals' rules.
#[test]
fn every_function_of_the_schema_computes() {
    let quarter = json!({ "max_surge": "25%", "max_unavailable": "25%" });
    let with_quarter = |mut arguments: Value| {
        arguments.as_object_mut().unwrap().extend(quarter.as_object().unwrap().clone());
        arguments
    };
    let set = |spec: i32, available: i32| json!({ "spec": spec, "available": available });
    let status = |updated: i32| json!({ "replicas": 8, "updated": updated, "ready": 8, "available": 8 });
    let limits = with_quarter(json!({ "strategy": "RollingUpdate", "replicas": 10 }));
    let rollout = with_quarter(json!({ "strategy": "canary", "replicas": 10 }));
    let calls = [
        (
            "kubernetes",
            "resolve_fenceposts",
            with_quarter(json!({ "desired": 10 })),
            json!({ "surge": 3, "unavailable": 2, "error": false }),
        ),
        (
            "kubernetes",
            "new_rs_new_replicas",
            with_quarter(json!({ "strategy": "RollingUpdate", "replicas": 8, "new_spec": 1, "all_rs_spec": [1, 8] })),
            json!({ "replicas": 2 }),
        ),
        (
            "kubernetes",
            "deployment_complete",
            json!({ "desired": 8, "current": 8, "updated": 8, "available": 8, "generation": 2, "observed_generation": 1 }),
            json!({ "complete": false }),
        ),
        (
            "kubernetes",
            "deployment_progressing",
            json!({ "old": status(3), "new": status(4) }),
            json!({ "progressing": true }),
        ),
        (
            "kubernetes",
            "deployment_timed_out",
            json!({ "progress_deadline_seconds": 600, "elapsed_seconds": 601, "reason": "ReplicaSetUpdated" }),
            json!({ "timed_out": true }),
        ),
        ("kubernetes", "max_unavailable", limits.clone(), json!({ "unavailable": 2 })),
        ("kubernetes", "min_available", limits, json!({ "available": 8 })),
        (
            "kubernetes",
            "reconcile_new_replica_set",
            with_quarter(json!({ "replicas": 8, "old": 0, "new": 9 })),
            json!({ "new": 8 }),
        ),
        (
            "kubernetes",
            "reconcile_old_replica_sets",
            with_quarter(json!({ "replicas": 8, "old": 8, "ready_old": 7, "new": 2, "ready_new": 2 })),
            json!({ "scaled": true, "old": 4 }),
        ),
        (
            "kubernetes",
            "cleanup_unhealthy_replicas",
            json!({ "old": 8, "ready": 5, "max_cleanup": 9 }),
            json!({ "cleaned": 3 }),
        ),
        (
            "kubernetes",
            "scale_down_old_for_rolling_update",
            with_quarter(json!({ "replicas": 8, "old": 8, "ready": 6 })),
            json!({ "old": null }),
        ),
        (
            "kubernetes",
            "proportional_scale",
            json!({ "replicas": 20, "previous_replicas": 10, "new_rs": 4, "old_rs_newest_first": [6] }),
            json!({ "new_rs": 8, "old_rs_newest_first": [12] }),
        ),
        (
            "argo-rollouts",
            "basic_canary",
            json!({ "spec_replicas": 4, "set_weight": 50, "max_surge": 1, "max_unavailable": 0, "stable_spec": 4, "stable_available": 4, "canary_spec": 0 }),
            json!({ "canary": 1, "stable": 4 }),
        ),
        (
            "argo-rollouts",
            "traffic_routed",
            json!({ "spec_replicas": 10, "set_weight": 33 }),
            json!({ "canary": 4, "stable": 10 }),
        ),
        (
            "argo-rollouts",
            "approximate_weighted",
            json!({ "replicas": 5, "weight": 50, "max_surge": 0 }),
            json!({ "canary": 3, "stable": 2 }),
        ),
        (
            "argo-rollouts",
            "dynamic_stable_scale",
            json!({ "spec_replicas": 10, "set_weight_steps": [20, null], "current_step": 1, "observed_weights": { "canary": 0, "stable": 100 } }),
            json!({ "canary": 2, "stable": 10 }),
        ),
        (
            "argo-rollouts",
            "traffic_weight_to_replicas",
            json!({ "replicas": 3, "weight": 34 }),
            json!({ "replicas": 2 }),
        ),
        (
            "argo-rollouts",
            "resolve_fenceposts",
            json!({ "desired": 10, "max_surge": "25" }),
            json!({ "surge": 3, "unavailable": 0, "error": false }),
        ),
        ("argo-rollouts", "max_surge", rollout.clone(), json!({ "surge": 3 })),
        ("argo-rollouts", "max_unavailable", rollout, json!({ "unavailable": 2 })),
        (
            "argo-rollouts",
            "progress_threshold",
            json!({ "threshold": { "type": "Percent", "value": 75 }, "rs": set(4, 3), "desired": 4 }),
            json!({ "met": true }),
        ),
        (
            "argo-rollouts",
            "enough_replicas_for_weight",
            json!({ "total_replicas": 3, "rs": set(2, 1), "desired_weight": 50 }),
            json!({ "enough": true }),
        ),
        (
            "flagger",
            "strategy_choice",
            json!({ "iterations": 3, "match": [{ "headers": {} }] }),
            json!({ "strategy": "ab-testing" }),
        ),
        (
            "flagger",
            "next_step_weight",
            json!({ "step_weights": [10, 30], "canary_weight": 10 }),
            json!({ "next_step": 20 }),
        ),
        ("flagger", "max_weight", json!({ "step_weights": [10, 130] }), json!({ "max_weight": 100 })),
    ];
    let asked: Vec<Value> = calls
        .iter()
        .map(|(system, function, arguments, _)| json!({ "id": function, "system": system, "function": function, "in": arguments }))
        .collect();
    for (answer, (system, function, _, out)) in answers(&asked).iter().zip(&calls) {
        assert_eq!(answer, &json!({ "id": function, "out": out }), "{system} {function}");
    }
    let schema: Value = serde_json::from_str(&call(&["schema", "arithmetic"]).answered(0)).unwrap();
    let listed = schema["oneOf"].as_array().unwrap().iter().map(|call| call["title"].as_str().unwrap().to_owned());
    let called = calls.iter().map(|(system, function, ..)| format!("{system} {function}"));
    assert_eq!(listed.collect::<Vec<_>>(), called.collect::<Vec<_>>());
}

#[test]
fn a_call_that_cannot_be_computed_is_answered_with_its_place() {
    let argo =
        |function: &str, arguments: Value| json!({ "system": "argo-rollouts", "function": function, "in": arguments });
    let fenceposts =
        |arguments: Value| json!({ "system": "kubernetes", "function": "resolve_fenceposts", "in": arguments });
    for (call, at, words) in [
        (
            json!({ "system": "nomad", "function": "x", "in": {} }),
            "$.system",
            "`kubernetes`, `argo-rollouts`, `flagger`",
        ),
        (json!({ "system": "flagger", "function": "x", "in": {} }), "$.function", "`next_step_weight`"),
        (json!({ "system": "flagger", "function": "max_weight" }), "$", "a field `in`"),
        (fenceposts(json!({ "desired": 10, "max_surge": "oops" })), "$.in.max_surge", "found \"oops\""),
        (fenceposts(json!({ "desired": 10, "max_surge": "3" })), "$.in.max_surge", "such as \"25%\""),
        (fenceposts(json!({ "desired": 10, "surge": 1 })), "$.in.surge", "the unknown field `surge`"),
        (fenceposts(json!({ "max_surge": 1 })), "$.in", "a field `desired`"),
        (fenceposts(json!({ "desired": 2_147_483_648_i64 })), "$.in.desired", "2147483648"),
        (fenceposts(json!([])), "$.in", "a map"),
        (
            argo("traffic_weight_to_replicas", json!({ "replicas": 1, "weight": 1, "max_weight": 0 })),
            "$.in.max_weight",
            "other than zero",
        ),
        (argo("max_surge", json!({ "strategy": "rolling" })), "$.in.strategy", "`blue_green`"),
        (argo("progress_threshold", json!({ "desired": 1, "rs": { "spec": 1.5 } })), "$.in.rs.spec", "1.5"),
    ] {
        let answer = &answers(std::slice::from_ref(&call))[0];
        assert_eq!(answer["error"]["at"], at, "{call} {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{call} {answer}");
    }
}

#[test]
fn one_call_is_answered_for_a_person_too() {
    let call = r#"{"system": "flagger", "function": "strategy_choice", "in": null}"#;
    let text = call_with(&["plan", "arithmetic", "--output", "text"], call).answered(0);
    assert_eq!(text, "strategy: \"canary\"\n");
}
