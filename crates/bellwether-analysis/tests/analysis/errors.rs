//! A configuration that no judge can be built from names its field.

use bellwether_analysis::{MetricKind, MetricSpec, Sequential, SequentialSpec};
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
        (metric(json!({"sort": "rate"})), "unknown field `sort`"),
        (metric(json!({"kind": "speed"})), "unknown variant `speed`"),
        (metric(json!({"tolerance": null})), "invalid type: null"),
        (
            metric(json!({"value_tolerance": -0.1})),
            "use `metrics.errors.value_tolerance`: expected a part of at least 0",
        ),
        (
            metric(json!({"objective": 0.5})),
            "use `metrics.errors.objective`: expected a metric of the kind that has it",
        ),
        (metric(json!({"limit": 0.9})), "use `metrics.errors.limit`: expected a metric of the kind that has it"),
        (
            metric(json!({"kind": "distribution", "usual": {"p5": 1, "p90": 3, "p99": 2, "p999": 9}})),
            "use `metrics.errors.usual.p99`: expected a finite number, not below the one before, found 2",
        ),
        (
            metric(json!({"critical": true, "advisory": true})),
            "use `metrics.errors.advisory`: expected a critical metric that is more than reported",
        ),
        (top("certificate_ttl", json!("0s")), "use `certificate_ttl`: expected a length above zero"),
    ] {
        let error = serde_json::from_value::<Sequential>(spec.clone()).unwrap_err().to_string();
        assert!(error.contains(message), "{spec}\n{error}");
    }
}

/// statistics.md, section 11; what is not written has the default of its kind, and is written again as it was.
#[test]
fn every_kind_has_defaults_of_its_own() {
    let spec = |text: &str| serde_json::from_str::<MetricSpec>(text).unwrap();
    let latency = spec(r#"{"kind":"distribution"}"#);
    assert_eq!((latency.tolerance, latency.value_tolerance, latency.harm), (1.1, 0.1, 1.5));
    assert_eq!(latency.warm_up.to_string(), "2m");
    let memory = spec(r#"{"kind":"gauge","limit":0.9,"direction":"lower_is_worse"}"#);
    assert!(memory.advisory && memory.value_tolerance == 0.25 && memory.limit == Some(0.9));
    assert!(!spec(r#"{"kind":"samples"}"#).advisory);
    for kind in [MetricKind::Rate, MetricKind::Distribution, MetricKind::Samples, MetricKind::Gauge] {
        let changed = MetricSpec { warm_up: "5s".parse().unwrap(), advisory: true, ..MetricSpec::of(kind) };
        for spec in [MetricSpec::of(kind), changed] {
            let text = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<MetricSpec>(&text).unwrap(), spec, "{text}");
        }
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
    let reported = judge(json!({"a": {"critical": true}, "b": {}, "c": {"advisory": true}}));
    assert_eq!(of(&reported), [0.5, 0.5, 0.0]);
}

/// statistics.md, section 2.3: attempt j uses alpha 2^(1-j) and beta 2^(1-j).
#[test]
fn another_attempt_has_half_of_each_error() {
    let third = Sequential::new(SequentialSpec { attempt: 3, ..SequentialSpec::default() }).unwrap();
    assert_eq!((third.alpha(), third.beta()), (0.0025, 0.0125));
}
