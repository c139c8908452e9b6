//! A configuration that no judge can be built from names its field.

use bellwether_analysis::{MetricSpec, Sequential, SequentialSpec};
use serde_json::{Value, json};

#[test]
fn the_default_judge_is_the_checked_default_configuration() {
    assert_eq!(Sequential::new(SequentialSpec::default()), Ok(Sequential::default()));
    let text = serde_json::to_string(&Sequential::default()).unwrap();
    assert_eq!(serde_json::from_str::<Sequential>(&text).unwrap(), Sequential::default());
}

/// statistics.md, section 11, and section 3.7 for the guard.
#[test]
fn the_defaults_are_those_of_the_design() {
    let judge: Sequential = serde_json::from_value(json!({"schema": 1, "metrics": {"errors": {}}})).unwrap();
    assert_eq!(judge, Sequential::default());
    let expected = json!({
        "schema": 1, "alpha": 0.01, "beta": 0.05, "attempt": 1,
        "metrics": {"errors": {
            "tolerance": 1.5, "harm": 2.0, "acceptable": 0.005, "floor": 1e-4, "critical": false, "weight": 1.0,
            "dependence": "clustered", "interval": "1m"
        }},
        "schedule": {"steps": 4, "hours": 24},
        "minimum": {"events": 5, "requests": 1000, "intervals": 5},
        "guard": {"rate": 0.2, "ratio": 10.0, "errors": 20, "window": "30s"}
    });
    assert_eq!(serde_json::to_value(&judge).unwrap(), expected);
    assert_eq!(judge.metrics()["errors"].freshness().to_string(), "3m");
    let quick = MetricSpec { interval: "2s".parse().unwrap(), ..MetricSpec::default() };
    assert_eq!(quick.freshness().to_string(), "15s");
}

#[test]
fn a_field_that_no_judge_can_be_built_from_is_named_with_what_was_expected() {
    let metric = |change: Value| json!({"schema": 1, "metrics": {"errors": change}});
    let top = |name: &str, value: Value| {
        let mut spec = metric(json!({}));
        spec[name] = value;
        spec
    };
    for (spec, message) in [
        (json!({"metrics": {"errors": {}}}), "missing field `schema`"),
        (top("schema", json!(2)), "use `schema`: expected 1, found 2"),
        (json!({"schema": 1, "metrics": {}}), "use `metrics`: expected at least one metric, found 0"),
        (top("alpha", json!(0.0)), "use `alpha`: expected a probability of 1e-12 to 0.5, found 0"),
        (top("beta", json!(0.6)), "use `beta`: expected a probability of 1e-12 to 0.5, found 0.6"),
        (top("attempt", json!(0)), "use `attempt`: expected 1 to 100, found 0"),
        (top("gamma", json!(1)), "unknown field `gamma`"),
        (top("schedule", json!({"steps": 0})), "use `schedule.steps`: expected at least 1, found 0"),
        (top("schedule", json!({"hours": 0})), "use `schedule.hours`: expected at least 1, found 0"),
        (top("guard", json!({"rate": 1.5})), "use `guard.rate`: expected a rate above 0 and at most 1, found 1.5"),
        (top("guard", json!({"ratio": 0.5})), "use `guard.ratio`: expected a ratio of 1 to 1e6, found 0.5"),
        (top("guard", json!({"errors": 0})), "use `guard.errors`: expected at least 1, found 0"),
        (metric(json!({"tolerance": 0})), "use `metrics.errors.tolerance`: expected a ratio"),
        (metric(json!({"harm": 1.2})), "use `metrics.errors.harm`: expected at least the tolerance, found 1.2"),
        (metric(json!({"acceptable": 1})), "use `metrics.errors.acceptable`: expected a rate"),
        (metric(json!({"floor": 0})), "use `metrics.errors.floor`: expected a rate"),
        (metric(json!({"weight": 0})), "use `metrics.errors.weight`: expected a weight above 0"),
        (metric(json!({"interval": "0s"})), "use `metrics.errors.interval`: expected a length above zero"),
        (metric(json!({"fresh_for": "5s"})), "use `metrics.errors.fresh_for`: expected at least the interval"),
        (metric(json!({"dependence": {"bursts_up_to": 0}})), "use `metrics.errors.dependence.bursts_up_to`"),
        (metric(json!({"kind": "rate"})), "unknown field `kind`"),
    ] {
        let error = serde_json::from_value::<Sequential>(spec.clone()).unwrap_err().to_string();
        assert!(error.contains(message), "{spec}\n{error}");
    }
}

/// statistics.md, section 3.8: critical metrics share half, the others half; all to the class that exists.
#[test]
fn the_weights_of_the_metrics_sum_to_one_and_half_belongs_to_the_critical_ones() {
    let judge =
        |metrics: Value| -> Sequential { serde_json::from_value(json!({"schema": 1, "metrics": metrics})).unwrap() };
    let of = |judge: &Sequential| judge.metrics().keys().map(|name| judge.weight(name)).collect::<Vec<_>>();
    let mixed = judge(json!({"a": {"critical": true}, "b": {}, "c": {"weight": 3}}));
    assert_eq!(of(&mixed), [0.5, 0.125, 0.375]);
    assert_eq!(of(&judge(json!({"a": {"critical": true}, "b": {"critical": true}}))), [0.5, 0.5]);
    assert_eq!(of(&judge(json!({"a": {}}))), [1.0]);
    assert_eq!(mixed.weight(&crate::world::name("d")), 0.0);
}

/// statistics.md, section 2.3: attempt j uses alpha 2^(1-j) and beta 2^(1-j).
#[test]
fn another_attempt_has_half_of_each_error() {
    let third = Sequential::new(SequentialSpec { attempt: 3, ..SequentialSpec::default() }).unwrap();
    assert_eq!((third.alpha(), third.beta()), (0.0025, 0.0125));
}
