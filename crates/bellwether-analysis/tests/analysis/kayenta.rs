//! Kayenta's rules, one by one, and its intervals against the function of R that they were translated from.

use bellwether_analysis::kayenta::{
    CanaryConfig, Classification, Judgement, Kayenta, MetricResult, MetricSetPair, ScoreClassification, Thresholds,
};
use serde_json::{Value, json};

const THRESHOLDS: Thresholds = Thresholds { pass: 95.0, marginal: 75.0 };

/// What all values of a clear difference look like; far more than five of each arm, so that no direction is lost.
const LOW: [f64; 12] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0];
const HIGH: [f64; 12] = [51.0, 52.0, 53.0, 54.0, 55.0, 56.0, 57.0, 58.0, 59.0, 60.0, 61.0, 62.0];

fn judge(config: &Value, pairs: &Value) -> Judgement {
    let config: CanaryConfig = serde_json::from_value(config.clone()).unwrap();
    let pairs: Vec<MetricSetPair> = serde_json::from_value(pairs.clone()).unwrap();
    Kayenta::new(config, THRESHOLDS).unwrap().judge(&pairs).unwrap()
}

fn pair(name: &str, control: &Value, experiment: &Value) -> Value {
    json!({ "name": name, "id": name, "tags": {}, "values": { "control": control, "experiment": experiment } })
}

fn one_metric(canary: &Value) -> Value {
    json!({
        "name": "one", "judge": { "name": "NetflixACAJudge-v1.0", "judgeConfigurations": {} },
        "metrics": [{ "name": "m", "groups": ["g"], "analysisConfigurations": { "canary": canary } }],
        "classifier": { "groupWeights": { "g": 100 } },
    })
}

/// One metric under one configuration.
fn result(canary: &Value, control: &Value, experiment: &Value) -> MetricResult {
    judge(&one_metric(canary), &json!([pair("m", control, experiment)])).results.remove(0)
}

#[track_caller]
fn assert_class(canary: &Value, [control, experiment]: [&Value; 2], expected: (Classification, bool)) {
    let found = result(canary, control, experiment);
    assert_eq!((found.classification, found.critical), expected, "{canary}: {found:?}");
}

/// R's limits by `wilcox.test` with Kayenta's tolerance, and the root that R has for Kayenta's estimate.
#[test]
fn an_interval_is_that_of_r_with_kayentas_tolerance() {
    let rows = include_str!("../../reference/kayenta.jsonl").lines().skip(1);
    let rows: Vec<Value> = rows.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 176);
    for row in rows {
        let mut config = one_metric(&json!({}));
        config["judge"]["judgeConfigurations"] = json!({ "confLevel": row["confidence"] });
        let found = judge(&config, &json!([pair("m", &row["control"], &row["experiment"])])).results.remove(0);
        let found = found.interval.unwrap();
        let numbers = |field: &str| serde_json::from_value::<Vec<f64>>(row[field].clone()).unwrap();
        // A limit is a difference of values, and has no more digits than they.
        let largest = numbers("experiment").into_iter().chain(numbers("control")).fold(0.0_f64, |a, b| a.max(b.abs()));
        for (found, expected) in [found.low, found.high, found.estimate].into_iter().zip(numbers("interval")) {
            assert!((found - expected).abs() <= 1e-9 * largest, "{found}, not {expected}: {row}");
        }
    }
}

#[test]
fn a_direction_says_which_difference_counts() {
    let (low, high) = (json!(LOW), json!(HIGH));
    for (direction, up, down) in [
        ("increase", Classification::High, Classification::Pass),
        ("decrease", Classification::Pass, Classification::Low),
        ("either", Classification::High, Classification::Low),
        ("sideways", Classification::High, Classification::Low),
    ] {
        assert_class(&json!({ "direction": direction }), [&low, &high], (up, false));
        assert_class(&json!({ "direction": direction }), [&high, &low], (down, false));
    }
}

#[test]
fn missing_values_are_removed_from_each_arm_by_itself_or_replaced_by_zero() {
    let gaps = json!([1.0, "NaN", null, 4.0, "NaN", 6.0, 7.0, 8.0, "NaN", 10.0, 11.0, 12.0]);
    let kept = json!([1.0, 4.0, 6.0, 7.0, 8.0, 10.0, 11.0, 12.0]);
    let zeroed = json!([1.0, 0.0, 0.0, 4.0, 0.0, 6.0, 7.0, 8.0, 0.0, 10.0, 11.0, 12.0]);
    let other = json!(HIGH);
    let remove = result(&json!({ "nanStrategy": "remove" }), &other, &gaps);
    assert_eq!(remove.interval, result(&json!({}), &other, &kept).interval);
    let replace = result(&json!({ "nanStrategy": "replace" }), &other, &gaps);
    assert_eq!(replace.interval, result(&json!({}), &other, &zeroed).interval);
    assert_ne!(remove.interval, replace.interval);
}

#[test]
fn an_arm_without_values_is_what_the_strategy_and_two_flags_make_of_it() {
    let (some, none, gaps) = (json!(LOW), json!([]), json!(["NaN", null]));
    let canary = |strategy: &str, must: bool, critical: bool| json!({ "nanStrategy": strategy, "mustHaveData": must, "critical": critical });
    for empty in [&none, &gaps] {
        for arms in [[&some, empty], [empty, &some], [empty, empty]] {
            assert_class(&canary("remove", false, false), arms, (Classification::Nodata, false));
            assert_class(&canary("remove", false, true), arms, (Classification::Nodata, true));
            assert_class(&canary("remove", true, false), arms, (Classification::NodataFailMetric, false));
            assert_class(&canary("remove", true, true), arms, (Classification::Nodata, true));
        }
    }
    for (must, critical) in [(false, false), (true, false), (false, true), (true, true)] {
        assert_class(&canary("replace", must, critical), [&some, &none], (Classification::Pass, false));
    }
    assert_eq!(result(&canary("remove", false, false), &some, &none).deviation, Some(1.0));
    let replaced = judge(&one_metric(&canary("replace", true, false)), &json!([pair("m", &some, &none)]));
    assert_eq!(replaced.findings[0].rule, "kayenta.pass_without_data");
}

#[test]
fn equal_values_in_any_order_and_one_value_everywhere_pass() {
    let (rising, falling) = (json!([1.0, 2.0, 3.0]), json!([3.0, 2.0, 1.0]));
    let equal = result(&json!({ "critical": true }), &rising, &falling);
    assert_eq!((equal.classification, equal.deviation, equal.interval), (Classification::Pass, Some(1.0), None));
    assert_eq!(equal.reason.as_deref(), Some("The Canary and Baseline data are identical"));
    let constant = result(&json!({}), &json!([0.0, 0.0]), &json!([0.0, 0.0, 0.0]));
    assert_eq!((constant.classification, constant.deviation, constant.reason), (Classification::Pass, Some(1.0), None));
}

/// Kayenta adds noise of 1e-5 of the value there, whatever its draw; single values are compared by how their difference
/// is rounded, which for values within a factor of two is not at all, and all ranks are tied.
#[test]
fn two_constant_arms_are_told_apart_if_they_differ_by_more_than_noise() {
    let arm = |value: f64, count: usize| json!(vec![value; count]);
    for (control, experiment, expected) in [
        (arm(1.0, 5), arm(10.0, 5), Classification::High),
        (arm(100.0, 5), arm(10.0, 9), Classification::Low),
        (arm(0.0, 5), arm(10.0, 5), Classification::High),
        (arm(100.0, 60), arm(100.1, 60), Classification::High),
        (arm(100.0, 60), arm(100.0 + 1e-6, 60), Classification::Pass),
        (arm(-10.0, 4), arm(-1.0, 4), Classification::High),
        (arm(1.0, 1), arm(1000.0, 1), Classification::High),
        (arm(3.0, 1), arm(4.0, 1), Classification::Error),
        (arm(0.0, 1), arm(4.0, 1), Classification::Error),
        (arm(4.0, 1), arm(0.0, 3), Classification::Error),
    ] {
        let judgement = judge(
            &one_metric(&json!({ "effectSize": { "measure": "cles" } })),
            &json!([pair("m", &control, &experiment)]),
        );
        assert_eq!(judgement.results[0].classification, expected, "{control} {experiment}");
        assert!(judgement.findings.iter().any(|finding| finding.rule == "kayenta.noise"), "it says so");
        let again = judge(
            &one_metric(&json!({ "effectSize": { "measure": "cles" } })),
            &json!([pair("m", &control, &experiment)]),
        );
        let text = |judgement: &Judgement| serde_json::to_string(judgement).unwrap();
        assert_eq!(text(&judgement), text(&again), "and it is the same noise each time");
    }
}

#[test]
fn an_effect_must_reach_its_limit_and_the_limit_itself_is_reached() {
    let (control, experiment) =
        (json!([9.0, 9.5, 10.0, 10.5, 11.0, 9.2, 10.8]), json!([18.0, 19.0, 20.0, 21.0, 22.0, 18.4, 21.6]));
    let effect = |limits: Value| json!({ "effectSize": limits });
    for (limit, expected) in [(1.5, Classification::High), (2.0, Classification::High), (2.0001, Classification::Pass)]
    {
        assert_class(&effect(json!({ "allowedIncrease": limit })), [&control, &experiment], (expected, false));
    }
    for (limit, expected) in [(0.6, Classification::Low), (0.5, Classification::Low), (0.4999, Classification::Pass)] {
        assert_class(&effect(json!({ "allowedDecrease": limit })), [&experiment, &control], (expected, false));
    }
    for (limit, expected) in [(1.0, Classification::High), (1.1, Classification::Pass)] {
        let cles = effect(json!({ "measure": "cles", "allowedIncrease": limit }));
        assert_class(&cles, [&control, &experiment], (expected, false));
    }
    assert_eq!(
        result(&effect(json!({ "measure": "cles" })), &control, &experiment).deviation,
        Some(2.0),
        "the mean ratio"
    );
}

#[test]
fn a_critical_metric_fails_only_beyond_its_own_limit() {
    let (control, experiment) =
        (json!([9.0, 9.5, 10.0, 10.5, 11.0, 9.2, 10.8]), json!([18.0, 19.0, 20.0, 21.0, 22.0, 18.4, 21.6]));
    for (limit, critical) in [(2.0, true), (2.5, false)] {
        let canary = json!({ "critical": true, "effectSize": { "criticalIncrease": limit } });
        assert_class(&canary, [&control, &experiment], (Classification::High, critical));
    }
    let canary = json!({ "critical": true, "effectSize": { "allowedIncrease": 3.0 } });
    assert_class(&canary, [&control, &experiment], (Classification::Pass, false));
    let reason = result(&json!({ "critical": true }), &control, &experiment).reason;
    assert_eq!(reason.as_deref(), Some("The metric m was classified as High (Critical)"));
}

#[test]
fn a_mean_of_zero_leaves_no_effect_and_no_limit_for_it() {
    let (zero, some) = (json!([0.0, 0.0, 0.0, 0.0, 0.0]), json!([54.9, 54.5, 55.1, 55.6, 57.4]));
    let canary = json!({ "critical": true, "effectSize": { "allowedIncrease": 1000, "criticalIncrease": 1000 } });
    let found = result(&canary, &zero, &some);
    assert_eq!((found.classification, found.critical), (Classification::High, true));
    assert!(found.deviation.unwrap().is_nan());
    assert_eq!(serde_json::to_value(&found).unwrap()["deviation"], "NaN");
}

#[test]
fn outliers_are_kept_unless_they_are_to_be_removed() {
    let mut far: Vec<f64> = (0..40).map(|index| f64::from(index % 7)).collect();
    far[11] = 1e6;
    let without: Vec<f64> = far.iter().copied().filter(|value| *value < 1e6).collect();
    let control = json!((0..40).map(|index| f64::from(index % 5)).collect::<Vec<_>>());
    let of = |canary: Value, values: &[f64]| result(&canary, &control, &json!(values)).deviation;
    let removed = of(json!({ "outliers": { "strategy": "remove" } }), &far);
    assert_eq!(removed, of(json!({}), &without));
    for canary in
        [json!({}), json!({ "outliers": { "strategy": "keep" } }), json!({ "outliers": { "strategy": "drop" } })]
    {
        assert_ne!(of(canary, &far), removed);
    }
    let wide = of(json!({ "outliers": { "strategy": "remove", "outlierFactor": 1e9 } }), &far);
    assert_ne!(wide, removed, "within a billion ranges");
}

/// Metrics that pass, are high, have no data, and miss data that they must have.
fn mixed(classes: &[(&str, &[&str])], weights: &Value, canary: &Value) -> Judgement {
    let arms = |class: &str| match class {
        "pass" => (json!(LOW), json!(LOW)),
        "high" => (json!(LOW), json!(HIGH)),
        "error" => (json!([3.0]), json!([4.0])),
        _ => (json!([]), json!([])),
    };
    let metric = |(index, (class, groups)): (usize, &(&str, &[&str]))| {
        let mut canary = canary.clone();
        canary["mustHaveData"] = json!(*class == "must");
        json!({ "name": index.to_string(), "groups": groups, "analysisConfigurations": { "canary": canary } })
    };
    let pairs: Vec<Value> = classes
        .iter()
        .enumerate()
        .map(|(index, (class, _))| {
            let (control, experiment) = arms(class);
            pair(&index.to_string(), &control, &experiment)
        })
        .collect();
    let metrics: Vec<Value> = classes.iter().enumerate().map(metric).collect();
    judge(&json!({ "metrics": metrics, "classifier": { "groupWeights": weights } }), &json!(pairs))
}

#[track_caller]
fn assert_score(classes: &[(&str, &[&str])], weights: &Value, expected: (f64, &[f64])) {
    let judgement = mixed(classes, weights, &json!({}));
    let groups: Vec<f64> = judgement.groups.iter().map(|group| group.score).collect();
    assert_eq!((judgement.score, groups.as_slice()), expected, "{judgement:?}");
}

#[test]
fn a_score_is_the_weighted_sum_of_the_groups_parts_that_pass() {
    let none = json!({});
    assert_score(&[("pass", &["a"]), ("high", &["a"]), ("high", &["a"])], &none, (33.33, &[1.0 / 3.0 * 100.0]));
    assert_score(&[("pass", &["a"]), ("pass", &["a"]), ("high", &["a"])], &none, (66.67, &[2.0 / 3.0 * 100.0]));
    let weights = json!({ "a": 75, "b": "25" });
    assert_score(&[("pass", &["a"]), ("high", &["b"])], &weights, (75.0, &[100.0, 0.0]));
    assert_score(
        &[("pass", &["a"]), ("high", &["c"]), ("pass", &["d"])],
        &json!({ "a": 50 }),
        (75.0, &[100.0, 0.0, 100.0]),
    );
    assert_score(&[("pass", &["a", "b"]), ("high", &["b"])], &none, (75.0, &[100.0, 50.0]));
    assert_score(&[("pass", &["a"]), ("must", &["a"])], &none, (50.0, &[50.0]));
    assert_score(&[("pass", &["a"]), ("error", &["a"])], &none, (100.0, &[100.0]));
    assert_score(&[], &none, (0.0, &[]));
    assert_score(&[("pass", &[])], &none, (0.0, &[]));
}

/// The group without data is reported as 0 and counts as 100; a weight without a group is lost; weights beyond 100 take
/// from the groups that have none.
#[test]
fn a_score_has_the_corners_that_kayentas_has() {
    assert_score(&[("pass", &["a"]), ("pass", &["a"]), ("none", &["b"])], &json!({}), (100.0, &[100.0, 0.0]));
    assert_score(&[("pass", &["a"])], &json!({ "a": 60, "gone": 40 }), (60.0, &[100.0]));
    assert_score(&[("pass", &["a"]), ("pass", &["b"])], &json!({ "a": 150 }), (100.0, &[100.0, 100.0]));
    assert_score(&[("high", &["a"]), ("pass", &["b"])], &json!({ "a": 150 }), (-50.0, &[0.0, 100.0]));
    let lost = mixed(&[("pass", &["a"])], &json!({ "a": 60, "gone": 40 }), &json!({}));
    assert!(lost.findings.iter().any(|finding| finding.rule == "kayenta.lost_weight"), "{lost:?}");
}

#[test]
fn half_of_the_metrics_without_data_are_no_score() {
    let half: [(&str, &[&str]); 4] = [("pass", &["a"]), ("pass", &["a"]), ("none", &["a"]), ("none", &["b"])];
    let judgement = mixed(&half, &json!({}), &json!({}));
    assert_eq!((judgement.score, judgement.classification), (0.0, ScoreClassification::Fail));
    assert_eq!(judgement.groups[0].score, 100.0, "the groups are still reported");
    assert_eq!(judgement.reason.as_deref(), Some("Canary Failed: 50% or more metrics returned NODATA"));
    assert_score(&half[..3], &json!({}), (100.0, &[100.0]));
    let must: [(&str, &[&str]); 2] = [("must", &["a"]), ("must", &["a"])];
    assert_score(&must, &json!({}), (0.0, &[0.0]));
    assert_eq!(mixed(&must, &json!({}), &json!({})).reason, None, "the share is of Nodata alone");
}

#[test]
fn a_critical_metric_that_does_not_pass_is_a_score_of_zero() {
    let critical = json!({ "critical": true });
    let failed = mixed(&[("pass", &["a"]), ("high", &["a"])], &json!({}), &critical);
    assert_eq!((failed.score, failed.groups[0].score), (0.0, 50.0));
    assert_eq!(failed.reason.as_deref(), Some("Canary Failed: The metric 1 was classified as High (Critical)"));
    let missing = mixed(&[("pass", &["a"]), ("pass", &["a"]), ("none", &["a"])], &json!({}), &critical);
    assert_eq!((missing.score, missing.reason.as_deref()), (0.0, Some("Canary Failed: Missing data for 2")));
    assert_eq!(mixed(&[("pass", &["a"])], &json!({}), &critical).score, 100.0);
}

#[test]
fn a_muted_metric_is_classified_and_leaves_the_score() {
    let classes: [(&str, &[&str]); 2] = [("pass", &["a"]), ("high", &["b"])];
    let mut config = json!({ "classifier": {}, "metrics": [] });
    for (index, muted) in [false, true].into_iter().enumerate() {
        let canary = json!({ "muted": muted, "critical": true });
        let metric = json!({ "name": index.to_string(), "groups": classes[index].1, "analysisConfigurations": { "canary": canary } });
        config["metrics"].as_array_mut().unwrap().push(metric);
    }
    let pairs = json!([pair("0", &json!(LOW), &json!(LOW)), pair("1", &json!(LOW), &json!(HIGH))]);
    let judgement = judge(&config, &pairs);
    assert_eq!((judgement.score, judgement.groups.len()), (100.0, 1));
    assert_eq!((judgement.results[1].classification, judgement.results[1].critical), (Classification::High, true));
}

#[test]
fn a_score_is_compared_with_both_thresholds_and_each_is_enough() {
    for (classes, expected) in [
        (vec![("pass", &["a"][..]); 20], ScoreClassification::Pass),
        ([vec![("pass", &["a"][..]); 19], vec![("high", &["a"][..])]].concat(), ScoreClassification::Pass),
        ([vec![("pass", &["a"][..]); 3], vec![("high", &["a"][..])]].concat(), ScoreClassification::Marginal),
        ([vec![("pass", &["a"][..]); 2], vec![("high", &["a"][..])]].concat(), ScoreClassification::Fail),
    ] {
        assert_eq!(mixed(&classes, &json!({}), &json!({})).classification, expected, "{classes:?}");
    }
}

#[test]
fn what_nothing_can_be_judged_by_is_refused_with_its_place() {
    let config = |text: Value| serde_json::from_value::<CanaryConfig>(text).map_err(|error| error.to_string());
    let refused = |text: Value| Kayenta::new(config(text).unwrap(), THRESHOLDS).unwrap_err().to_string();
    let judged_by = |configurations: Value| json!({ "metrics": [], "classifier": {}, "judge": { "judgeConfigurations": configurations } });
    assert_eq!(
        refused(judged_by(json!({ "confLevel": 1 }))),
        "judge the canary by `config.judge.judgeConfigurations.confLevel`: expected above 0 and below 1, found 1",
    );
    assert!(refused(judged_by(json!({ "tolerance": -0.1 }))).contains("tolerance`: expected at least 0, found -0.1"));
    let outliers = json!({ "outliers": { "strategy": "remove", "outlierFactor": 0 } });
    assert!(
        refused(one_metric(&outliers))
            .contains("config.metrics[0].analysisConfigurations.canary.outliers.outlierFactor")
    );
    for broken in [
        json!({ "metrics": [] }),
        json!({ "classifier": {} }),
        one_metric(&json!({ "critical": "perhaps" })),
        one_metric(&json!({ "effectSize": { "allowedIncrease": "NaN" } })),
        one_metric(&json!({ "direction": ["increase"] })),
    ] {
        assert!(config(broken.clone()).is_err(), "{broken}");
    }
    let unknown = serde_json::from_value::<MetricSetPair>(pair("other", &json!([1]), &json!([2]))).unwrap();
    let judge = Kayenta::new(config(one_metric(&json!({}))).unwrap(), THRESHOLDS).unwrap();
    let error = judge.judge(&[unknown]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "judge the canary by `metrics[0].name`: expected the name of a metric of the configuration, found \"other\""
    );
    for broken in [
        json!({ "name": "m" }),
        json!({ "name": "m", "values": { "control": [1] } }),
        pair("m", &json!(["1"]), &json!([1])),
    ] {
        assert!(serde_json::from_value::<MetricSetPair>(broken.clone()).is_err(), "{broken}");
    }
}

#[test]
fn a_score_of_nothing_and_a_metric_that_is_there_twice_are_named() {
    let rules = |config: &Value, pairs: &Value| {
        let judgement = judge(config, pairs);
        (judgement.score, judgement.findings.iter().map(|finding| finding.rule.to_string()).collect::<Vec<_>>())
    };
    let empty = json!({ "metrics": [], "classifier": {} });
    assert_eq!(rules(&empty, &json!([])), (0.0, vec!["kayenta.nothing_judged".to_owned()]));
    let muted = one_metric(&json!({ "muted": true }));
    let pairs = json!([pair("m", &json!(LOW), &json!(LOW))]);
    let (score, found) = rules(&muted, &pairs);
    assert_eq!((score, found), (0.0, vec!["kayenta.lost_weight".to_owned(), "kayenta.nothing_judged".to_owned()]));
    let mut twice = one_metric(&json!({ "direction": "decrease" }));
    let again = one_metric(&json!({ "direction": "increase" }))["metrics"][0].clone();
    twice["metrics"].as_array_mut().unwrap().push(again);
    let higher = json!([pair("m", &json!(LOW), &json!(HIGH))]);
    let (score, found) = rules(&twice, &higher);
    assert_eq!(score, 100.0, "by the first");
    assert!(found.contains(&"kayenta.configured_twice".to_owned()), "{found:?}");
    assert!(
        !rules(&one_metric(&json!({})), &higher)
            .1
            .iter()
            .any(|rule| rule.contains("twice") || rule.contains("nothing"))
    );
}

#[test]
fn a_negative_zero_is_tied_with_zero() {
    let experiment = json!([0.0, 0.0, 0.2, -0.1, 0.3]);
    let plain = result(&json!({}), &json!([0.0, 0.0, -0.3, -0.2, 0.0, -0.1]), &experiment);
    let signed = result(&json!({}), &json!([-0.0, 0.0, -0.3, -0.2, -0.0, -0.1]), &experiment);
    assert_eq!(plain, signed);
}

#[test]
fn infinities_are_ranked_and_never_crash() {
    let far = json!(["Infinity", "-Infinity", 1.0, 2.0, "Infinity"]);
    for other in [json!([1.0, 2.0, 3.0]), json!(["Infinity", "Infinity"]), json!(["-Infinity"]), far.clone()] {
        for measure in ["cles", "meanRatio"] {
            let found = result(&json!({ "effectSize": { "measure": measure } }), &other, &far);
            assert!(serde_json::to_string(&found).is_ok(), "{found:?}");
        }
    }
}
