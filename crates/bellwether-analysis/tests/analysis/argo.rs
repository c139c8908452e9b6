//! Argo Rollouts' rules, each as its documentation and source state them.

use std::collections::BTreeMap;

use bellwether_analysis::argo::{AnalysisRun, AnalysisSpec, Condition, Measured, Run};
use bellwether_analysis::threshold::Phase;
use bellwether_core::Verdict;
use proptest::prelude::*;
use serde_json::{Value, json};

fn run(metrics: &Value, measured: &Value, terminated: bool) -> Run {
    let spec: AnalysisSpec = serde_json::from_value(json!({ "metrics": metrics })).unwrap();
    let measured: BTreeMap<String, Vec<Measured>> = serde_json::from_value(measured.clone()).unwrap();
    AnalysisRun::new(spec).unwrap().run(&measured, terminated).unwrap()
}

/// The phase of one metric under some fields, after some results.
#[expect(clippy::needless_pass_by_value, reason = "both are written where it is called")]
fn phase(fields: Value, results: Value) -> Phase {
    let mut metric =
        json!({ "name": "m", "interval": "1m", "successCondition": "result < 10", "failureCondition": "result >= 20" });
    metric.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    run(&json!([metric]), &json!({ "m": results }), false).phase
}

const GOOD: i32 = 1;
const UNCLEAR: i32 = 15;
const BAD: i32 = 30;

#[test]
fn a_metric_fails_when_more_fail_than_may() {
    assert_eq!(phase(json!({}), json!([GOOD, BAD])), Phase::Failed);
    assert_eq!(phase(json!({ "failureLimit": 1 }), json!([BAD, GOOD])), Phase::Running);
    assert_eq!(phase(json!({ "failureLimit": 1 }), json!([BAD, GOOD, BAD])), Phase::Failed);
    assert_eq!(phase(json!({ "failureLimit": "1" }), json!([BAD, BAD])), Phase::Failed);
    assert_eq!(phase(json!({ "failureLimit": -1, "count": 3 }), json!([BAD, BAD, BAD])), Phase::Successful);
}

#[test]
fn inconclusive_ones_add_up_and_errors_must_follow_each_other() {
    assert_eq!(phase(json!({}), json!([GOOD, UNCLEAR])), Phase::Inconclusive);
    assert_eq!(phase(json!({ "inconclusiveLimit": 1 }), json!([UNCLEAR, GOOD, UNCLEAR])), Phase::Inconclusive);
    let error = json!({ "error": "time-out" });
    let errors = |count: usize| vec![error.clone(); count];
    assert_eq!(phase(json!({}), json!(errors(4))), Phase::Running);
    assert_eq!(phase(json!({}), json!(errors(5))), Phase::Error);
    let interrupted = [errors(4), vec![json!(GOOD)], errors(4)].concat();
    assert_eq!(phase(json!({}), json!(interrupted)), Phase::Running);
    assert_eq!(phase(json!({ "consecutiveErrorLimit": 0 }), json!(errors(1))), Phase::Error);
}

#[test]
fn errors_do_not_count_towards_the_count() {
    let error = json!({ "error": "time-out" });
    assert_eq!(phase(json!({ "count": 2 }), json!([GOOD, error, GOOD])), Phase::Successful);
    assert_eq!(phase(json!({ "count": 2 }), json!([GOOD, error])), Phase::Running);
}

#[test]
fn neither_count_nor_interval_is_one_measurement_and_an_interval_alone_never_ends() {
    let once = json!([{ "name": "m", "successCondition": "result < 10" }]);
    assert_eq!(run(&once, &json!({ "m": [GOOD, BAD] }), false).phase, Phase::Successful);
    assert_eq!(run(&once, &json!({ "m": [BAD] }), false).phase, Phase::Failed);
    assert_eq!(phase(json!({}), json!(vec![GOOD; 100])), Phase::Running);
    assert_eq!(phase(json!({ "count": 0 }), json!(vec![GOOD; 100])), Phase::Running, "a count of 0 is none");
}

#[test]
fn successes_in_a_row_are_enough_where_they_are_asked_for() {
    let row = |fields: Value, results: Value| phase(fields, results);
    assert_eq!(row(json!({ "consecutiveSuccessLimit": 3 }), json!([GOOD, GOOD, GOOD])), Phase::Successful);
    let fields = json!({ "consecutiveSuccessLimit": 2, "failureLimit": 2, "count": 3 });
    assert_eq!(row(fields, json!([GOOD, BAD, GOOD])), Phase::Inconclusive);
    let alone = json!({ "consecutiveSuccessLimit": 2, "failureLimit": -1, "count": 3 });
    assert_eq!(row(alone, json!([GOOD, BAD, GOOD])), Phase::Failed);
}

#[test]
fn a_failure_outranks_a_success_and_none_of_both_is_inconclusive() {
    let outcome = |fields: Value, result: Value| {
        let mut metric = json!({ "name": "m" });
        metric.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        run(&json!([metric]), &json!({ "m": [result] }), false).phase
    };
    let success = json!({ "successCondition": "result > 0" });
    let failure = json!({ "failureCondition": "result > 5" });
    let both = json!({ "successCondition": "result > 0", "failureCondition": "result > 5" });
    for (fields, results) in [
        (&success, [(json!(1), Phase::Successful), (json!(-1), Phase::Failed), (json!("NaN"), Phase::Failed)]),
        (&failure, [(json!(1), Phase::Successful), (json!(9), Phase::Failed), (json!("NaN"), Phase::Successful)]),
        (&both, [(json!(9), Phase::Failed), (json!(-1), Phase::Inconclusive), (json!("NaN"), Phase::Inconclusive)]),
    ] {
        for (result, expected) in results {
            assert_eq!(outcome(fields.clone(), result.clone()), expected, "{fields} {result}");
        }
    }
    assert_eq!(outcome(json!({}), json!("anything")), Phase::Successful, "no condition at all");
}

#[test]
fn an_empty_vector_has_no_first_value_which_is_an_error_and_no_failure() {
    let metric = json!([{ "name": "m", "successCondition": "result[0] < 1", "consecutiveErrorLimit": 0 }]);
    let run = run(&metric, &json!({ "m": [[]] }), false);
    assert_eq!((run.phase, run.verdict().outcome), (Phase::Error, Verdict::NoData));
    assert!(run.message.unwrap().contains("index out of range: 0 of 0 values"));
}

#[test]
fn a_metric_that_ends_badly_ends_the_run_and_the_others_well() {
    let metrics = json!([
        { "name": "a", "interval": "1m", "successCondition": "result < 10" },
        { "name": "b", "interval": "5m", "successCondition": "result < 10" },
    ]);
    let run = run(&metrics, &json!({ "a": [GOOD, BAD, GOOD], "b": [GOOD, BAD] }), false);
    assert_eq!(run.phase, Phase::Failed);
    assert_eq!(run.message.as_deref(), Some("Metric \"a\" assessed Failed due to failed (1) > failureLimit (0)"));
    let [a, b] = run.metrics.as_slice() else { panic!("two metrics") };
    assert_eq!((a.measurements.len(), b.measurements.len()), (2, 1), "b was due again after five minutes");
    assert_eq!((a.phase, b.phase), (Phase::Failed, Phase::Successful));
    assert!(run.findings.iter().any(|finding| finding.rule == "argo.not_asked"));
}

#[test]
fn a_delay_and_the_ten_seconds_after_an_error_say_who_is_first() {
    let error = json!({ "error": "time-out" });
    let metrics = json!([
        { "name": "late", "initialDelay": "15s", "successCondition": "result < 10" },
        { "name": "soon", "interval": "1m", "successCondition": "result < 10" },
    ]);
    let run = run(&metrics, &json!({ "late": [BAD], "soon": [error, GOOD, BAD] }), false);
    let measured = |name: &str| run.metrics.iter().find(|metric| metric.name == name).unwrap().measurements.len();
    assert_eq!((measured("late"), measured("soon")), (1, 2), "0 s and 10 s before 15 s, 70 s after");
}

#[test]
fn a_dry_run_decides_nothing() {
    let spec = json!({
        "metrics": [
            { "name": "canary-errors", "successCondition": "result < 10" },
            { "name": "latency", "interval": "1m", "count": 2, "successCondition": "result < 10" },
        ],
        "dryRun": [{ "metricName": "canary-.*" }],
    });
    let measured: BTreeMap<String, Vec<Measured>> =
        serde_json::from_value(json!({ "canary-errors": [BAD], "latency": [GOOD, GOOD] })).unwrap();
    let run = AnalysisRun::new(serde_json::from_value(spec).unwrap()).unwrap().run(&measured, false).unwrap();
    assert_eq!((run.phase, run.metrics[0].phase, run.metrics[0].dry_run), (Phase::Successful, Phase::Failed, true));
}

/// `regexp.MatchString` looks for the pattern anywhere in the name, so that a plain name means every longer one too.
#[test]
fn a_dry_run_names_a_metric_by_any_part_of_its_name() {
    let is_dry = |pattern: &str| {
        let spec = json!({ "metrics": [{ "name": "checkout-p99-latency" }], "dryRun": [{ "metricName": pattern }] });
        AnalysisRun::new(serde_json::from_value(spec).unwrap())
            .map(|run| run.run(&BTreeMap::new(), true).unwrap().metrics[0].dry_run)
    };
    for pattern in
        [".*", "latency", "p99", "^checkout", "latency$", "c.*p99.*y", "^checkout-p99-latency$", "^c.*y$", "$"]
    {
        assert_eq!(is_dry(pattern), Ok(true), "{pattern}");
    }
    for pattern in ["latency-p99", "^p99", "p99$", "latency.*p99", "^checkout$", "^checkout-p99-latency.*-latency$"] {
        let error = is_dry(pattern).unwrap_err().to_string();
        assert!(error.contains("`dryRun.metricName`: expected a part of the name of a metric"), "{pattern}: {error}");
    }
    for pattern in ["p[0-9]+", "a|b", "p9."] {
        let error = is_dry(pattern).unwrap_err().to_string();
        assert!(error.contains("as the only patterns"), "{pattern}: {error}");
    }
}

#[test]
fn a_run_that_is_ended_before_it_measured_is_a_success_and_says_so() {
    let metrics = json!([{ "name": "m", "interval": "1m", "successCondition": "result < 10" }]);
    let ended = run(&metrics, &json!({}), true);
    assert_eq!((ended.phase, ended.verdict().outcome), (Phase::Successful, Verdict::Pass));
    assert_eq!(ended.findings[0].rule, "argo.never_measured");
    let waiting = run(&metrics, &json!({}), false);
    assert_eq!((waiting.phase, waiting.metrics[0].phase), (Phase::Running, Phase::Pending));
}

#[test]
fn what_an_analysis_cannot_mean_is_refused_with_its_place() {
    let refused = |spec: Value, measured: Value| {
        let spec: AnalysisSpec = serde_json::from_value(spec).unwrap();
        let measured: BTreeMap<String, Vec<Measured>> = serde_json::from_value(measured).unwrap();
        AnalysisRun::new(spec).and_then(|run| run.run(&measured, false)).unwrap_err().to_string()
    };
    let metric = |fields: Value| {
        let mut metric = json!({ "name": "m" });
        metric.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "metrics": [metric] })
    };
    for (spec, expected) in [
        (json!({ "metrics": [] }), "`metrics`: expected at least one metric, found none"),
        (
            json!({ "metrics": [{ "name": "m" }, { "name": "m" }] }),
            "`metrics`: expected each name once, found \"m\" twice",
        ),
        (metric(json!({ "count": -1 })), "`m.count`: expected a whole number of at least 1, found -1"),
        (metric(json!({ "count": 3 })), "`m.interval`: expected an interval beside a count above 1, found none"),
        (metric(json!({ "failureLimit": -2 })), "`m.failureLimit`: expected a whole number of at least 0, found -2"),
        (metric(json!({ "count": 1, "failureLimit": 2 })), "`m.failureLimit`: expected at most the count, found 2"),
        (
            metric(json!({ "count": 1, "inconclusiveLimit": 2 })),
            "`m.inconclusiveLimit`: expected at most the count, found 2",
        ),
    ] {
        let error = refused(spec.clone(), json!({}));
        assert!(error.ends_with(expected), "{spec}: {error}");
    }
    let unknown = refused(metric(json!({})), json!({ "other": [1] }));
    assert!(unknown.ends_with("expected the name of a metric of the analysis, found \"other\""), "{unknown}");
    for broken in [
        metric(json!({ "successCondition": "result <" })),
        metric(json!({ "successCondition": "map(result, # + 1)" })),
        metric(json!({ "interval": "soon" })),
        metric(json!({ "count": "many" })),
    ] {
        assert!(serde_json::from_value::<AnalysisSpec>(broken.clone()).is_err(), "{broken}");
    }
}

/// By the language's own table of operators (`parser/operator/operator.go`, Expr 1.17).
#[test]
fn a_condition_means_what_the_expression_language_says() {
    let holds = |text: &str, result: &Value| {
        let condition: Condition = text.parse().unwrap();
        condition.holds(&serde_json::from_value(result.clone()).unwrap())
    };
    for (text, result, expected) in [
        ("result == 1", json!(1), true),
        ("result != 1", json!("NaN"), true),
        ("result[0] >= 0.95 && result[1] < 5", json!([0.95, 4.9]), true),
        ("result[0] >= 0.95 and not (result[1] < 5)", json!([0.95, 4.9]), false),
        ("1 < 2 || result[9] > 1", json!([]), true),
        ("len(result) == 0 or isNaN(result[0])", json!(["NaN"]), true),
        ("isInf(result)", json!("+Inf"), true),
        ("all(result, # < 500)", json!([1, 499]), true),
        ("all(result, { # < 500 })", json!([]), true),
        ("any(result, # > 500)", json!([1, 499]), false),
        ("none(result, # > 500) && one(result, # == 1) && count(result, # > 0) == 2", json!([1, 499]), true),
        ("result.error_rate <= 1e-2", json!({ "error_rate": 0.01, "n": 3 }), true),
        ("result['error_rate'] * 100 <= 1", json!({ "error_rate": 0.01, "n": 3 }), true),
        ("default(result, 0) < 0.05", json!(null), true),
        ("(result ?? 7) == 7", json!(null), true),
        ("isNil(result)", json!(null), true),
        ("result > 1 ? result < 3 : true", json!(2), true),
        ("-result + 2 ** 3 * 2 == 14", json!(2), true),
        ("2 ** 3 ** 2 == 512 && -2 ** 2 == -4 && 2 ** -1 == 0.5", json!(0), true),
        ("10 - 2 - 3 == 5 && 1 / 4 == 0.25", json!(0), true),
        ("0.9 < result[0] <= 1", json!([0.95]), true),
        ("0.9 < result[0] <= 1", json!([1.5]), false),
        ("result == 1 == true", json!(1), false),
        ("0.05 > result ?? 0", json!(null), true),
        ("(result.rate ?? 1) < 0.05", json!({}), false),
        ("asFloat(result) > 1 && asFloat(result) < 2", json!("1.5"), true),
        ("asInt(result) == 2", json!("2"), true),
        ("asInt(result) == 1", json!(1.9), true),
        ("default(result[0], 0) == result", json!([1]), true),
        ("isNil(result.nothing)", json!({}), false),
        ("any(result, # > 0)", json!([1, "text"]), true),
        ("all(result, # > 1)", json!([1, "text"]), false),
        ("none(result, # > 0)", json!([1, "text"]), false),
        ("result + '-b' == 'a-b'", json!("a"), true),
        ("max(result) - min(result) <= 2 && abs(result[-1]) == 3", json!([1, 2, -1, 0, 1, 3]), false),
    ] {
        assert_eq!(holds(text, &result), Ok(expected), "{text} {result}");
    }
    for (text, result) in [
        ("result", json!(1)),
        ("result[0] > 1", json!([])),
        ("result[0] > 1", json!(1)),
        ("result > 1", json!("text")),
        ("result.a.b > 1", json!({})),
        ("!result", json!(0)),
        ("all(result, # < 1)", json!(1)),
        ("one(result, # > 1)", json!([1, "text"])),
        ("asInt(result) == 1", json!("1.5")),
        ("default(result[0], 0) < 1", json!([0.5])),
    ] {
        assert!(holds(text, &result).is_err(), "{text} {result}");
    }
}

/// What the language can say and this part of it cannot, and what the language refuses too: `??` beside another sign.
#[test]
fn a_condition_beyond_what_is_understood_is_refused_with_its_place() {
    for (text, at) in [
        ("result in [1]", 11),
        ("result % 2 == 0", 8),
        ("filter(result, # > 1)", 1),
        ("result | len()", 8),
        ("result ?? 0 < 0.05", 13),
        ("let a = 1; a", 7),
        ("result[1:]", 9),
        ("1..3", 1),
        ("result?.a", 8),
        ("result not in x", 8),
    ] {
        let refused = text.parse::<Condition>().unwrap_err();
        assert_eq!(refused.at, at, "{text}: {refused}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_condition_or_is_refused_with_its_place(text in "[result\\[\\]0-9.<>=!&|()+*/%#, {}'\"?:a-z-]{0,60}") {
        match text.parse::<Condition>() {
            Ok(condition) => drop(condition.holds(&Measured::List(vec![Measured::Number(1.0)]))),
            Err(error) => prop_assert!(error.at <= text.chars().count() + 1, "{error}"),
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_never_overflows(depth in 0_usize..100_000, sign in prop::sample::select(vec!["(", "!", "-", "[", "result["])) {
        let _ = sign.repeat(depth).parse::<Condition>();
        let nested = format!("{}result > 1{}", "(".repeat(depth), ")".repeat(depth));
        prop_assert_eq!(nested.parse::<Condition>().is_ok(), depth < 64);
    }
}
