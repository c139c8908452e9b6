use bellwether_core::Time;
use serde_json::{Value, json};

use crate::{
    call::{assert_answer, call, call_with, fixture},
    schema::assert_valid,
};

const KAYENTA: [&str; 3] = ["judge", "--format", "kayenta"];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn canary() -> Value {
    serde_json::from_str(&fixture("canary.json")).unwrap()
}

/// R's `wilcox.test` gives the same shift and interval, 50 and 46 to 54, and `mean(x) / mean(y)` is 1.4975.
#[test]
fn kayentas_judgement_is_a_table_for_people() {
    let answer = call(&[&KAYENTA[..], &["canary.json", "--output", "text"]].concat());
    assert_answer(&answer.answered(3), "judge-kayenta.txt");
}

#[test]
fn each_judge_says_for_people_what_it_went_by() {
    for (words, status, name) in [
        (&["series.json"][..], 3, "judge-series.txt"),
        (&["series.json", "--judge", "threshold", "--spec", "thresholds.yaml"], 0, "judge-threshold.txt"),
        (&["--format", "argo", "analysis.yaml"], 1, "judge-argo.txt"),
    ] {
        let answer = call(&[&["judge"], words, &["--output", "text"]].concat());
        assert_answer(&answer.answered(status), name);
    }
}

/// The score says the exit status: at least the first threshold, at least the second, less.
#[test]
fn a_score_is_the_exit_status() {
    for (pass, marginal, status) in [(60, 50, 0), (61, 60, 3), (95, 61, 1)] {
        let mut document = canary();
        document["thresholds"] = json!({ "pass": pass, "marginal": marginal });
        let answer: Value = serde_json::from_str(&call_with(&KAYENTA, document.to_string()).answered(status)).unwrap();
        assert_eq!(answer["score"], 60.0);
    }
}

/// The shape that other systems' cases are compared in.
#[test]
fn a_line_is_answered_in_kayentas_words() {
    let mut document = canary();
    document["id"] = json!("a");
    let answer = lines(&call_with(&[&KAYENTA[..], &["--lines"]].concat(), document.to_string()).answered(0)).remove(0);
    assert_eq!(answer["id"], "a");
    let results = answer["results"].as_array().unwrap();
    let latency = results[0].as_object().unwrap();
    let fields: Vec<&str> = latency.keys().map(String::as_str).collect();
    assert_eq!(fields, ["classification", "critical", "deviation", "interval", "name", "reason"]);
    assert_eq!(latency["classification"], "High");
    assert!((latency["interval"]["estimate"].as_f64().unwrap() - 50.0).abs() < 1e-4);
    assert_eq!(results[1]["classification"], "Pass");
    assert_eq!(answer["groups"], json!([{ "name": "system", "score": 0.0 }, { "name": "quality", "score": 100.0 }]));
    assert_eq!((&answer["score"], &answer["classification"]), (&json!(60.0), &json!("Marginal")));
}

/// More values than any plan may have, and fewer bytes than a canary may: a long history of one metric.
#[test]
fn a_long_history_is_judged() {
    let mut document = canary();
    let values = |shift: usize| (0..150_000).map(|index| index % 97 + shift).collect::<Vec<_>>();
    document["metrics"][0]["values"] = json!({ "control": values(0), "experiment": values(50) });
    let answer: Value = serde_json::from_str(&call_with(&KAYENTA, document.to_string()).answered(3)).unwrap();
    assert_eq!(answer["results"][0]["classification"], "High");
}

#[test]
fn a_canary_that_cannot_be_judged_is_refused_with_its_place() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut document = canary();
        change(&mut document);
        call_with(&KAYENTA, document.to_string()).refused()
    };
    for (line, expected) in [
        (
            refused(&|document| document["metrics"][1]["name"] = json!("orders")),
            "<stdin>: $.metrics[1].name: expected the name of a metric of the configuration, found \"orders\"",
        ),
        (
            refused(&|document| document["metrics"][0]["values"]["control"][2] = json!("many")),
            "<stdin>: $.metrics[0].values.control[2]: expected a number, \"NaN\" or null, found \"many\"",
        ),
        (
            refused(&|document| drop(document["metrics"][0]["values"].as_object_mut().unwrap().remove("experiment"))),
            "<stdin>: $.metrics[0].values: expected a field `experiment`, found none",
        ),
        (
            refused(&|document| document["config"]["judge"]["judgeConfigurations"]["confLevel"] = json!(98)),
            "<stdin>: $.config.judge.judgeConfigurations.confLevel: expected above 0 and below 1, found 98",
        ),
        (
            refused(&|document| drop(document.as_object_mut().unwrap().remove("thresholds"))),
            "<stdin>: $: expected a field `thresholds`, or `config.classifier.scoreThresholds`, found none",
        ),
        (
            refused(&|document| drop(document["config"].as_object_mut().unwrap().remove("classifier"))),
            "<stdin>: $.config: expected a field `classifier`, found none",
        ),
    ] {
        assert_eq!(line, expected);
    }
}

#[test]
fn a_broken_line_does_not_keep_the_next_one_from_its_answer() {
    let mut unknown = canary();
    unknown["metrics"][1]["name"] = json!("orders");
    let text = format!("{unknown}\n{}\n", canary());
    let answers = lines(&call_with(&[&KAYENTA[..], &["--lines"]].concat(), text).answered(0));
    assert_eq!(answers[0]["error"]["at"], "$.metrics[1].name");
    assert_eq!(answers[1]["classification"], "Marginal");
}

/// Ten minutes at 5 %, the candidate with some errors a minute.
fn series(errors: u64) -> Value {
    let interval = |minute: u64| {
        json!({
            "start": format!("2026-03-02T10:{minute:02}:00Z"), "end": format!("2026-03-02T10:{:02}:00Z", minute + 1),
            "intended": 500, "observed": 500, "settled": true,
            "stable": { "requests": 5_700, "errors": 6 }, "candidate": { "requests": 300, "errors": errors },
        })
    };
    let intervals: Vec<Value> = (0..10).map(interval).collect();
    json!({
        "stage": { "rollout": "checkout-41", "step": 1, "entry": 0 },
        "metrics": [{ "name": "errors", "kind": "rate", "intervals": intervals }],
    })
}

fn with_spec(errors: u64, spec: Value) -> String {
    let mut document = series(errors);
    document["metrics"][0]["spec"] = spec;
    document.to_string()
}

#[test]
fn each_judge_answers_about_the_same_series() {
    let threshold = json!({ "success": [{ "at_most": 0.01 }], "limits": { "count": 10, "failure_limit": 2 } });
    let burn_rate = json!({ "objective": 0.999, "alerts": [{ "long": "10m", "short": "2m", "burn": 10 }] });
    for (errors, judge, spec, status, outcome) in [
        (30, "sequential", json!({}), 1, "fail"),
        (0, "sequential", json!({}), 3, "inconclusive"),
        (30, "threshold", threshold.clone(), 1, "fail"),
        (0, "threshold", threshold, 0, "pass"),
        (30, "burn-rate", burn_rate.clone(), 1, "fail"),
        (0, "burn-rate", burn_rate, 0, "pass"),
    ] {
        let answer = call_with(&["judge", "--judge", judge], with_spec(errors, spec)).answered(status);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((&answer["outcome"], &answer["judge"]), (&json!(outcome), &json!(judge)));
        assert_eq!(answer["at"], "2026-03-02T10:10:00.000Z", "the end of the last interval");
        assert!(answer["findings"][0]["line"].is_string(), "{answer}");
    }
}

#[test]
fn the_sequential_judge_is_asked_unless_another_one_is() {
    let named = call_with(&["judge", "--judge", "sequential"], series(30).to_string()).answered(1);
    assert_eq!(call_with(&["judge"], series(30).to_string()).answered(1), named);
}

#[test]
fn a_judge_can_be_configured_by_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.json");
    let spec =
        json!({ "schema": 1, "metrics": { "errors": { "success": [{ "at_most": 0.5 }], "limits": { "count": 1 } } } });
    std::fs::write(&path, spec.to_string()).unwrap();
    let words = ["judge", "--judge", "threshold", "--spec", path.to_str().unwrap()];
    call_with(&words, series(30).to_string()).answered(0);
    let refused = call_with(&words, with_spec(30, json!({}))).refused();
    assert_eq!(refused, "<stdin>: $.metrics[0].spec: expected none beside --spec, found one");
    let mut unknown = series(30);
    unknown["metrics"][0]["name"] = json!("timeouts");
    let refused = call_with(&words, unknown.to_string()).refused();
    assert_eq!(
        refused,
        "<stdin>: $.metrics[0].spec: expected how timeouts is judged, in the file of --spec, found nothing"
    );
    std::fs::write(&path, json!({ "schema": 2, "metrics": {} }).to_string()).unwrap();
    let refused = call_with(&words, series(30).to_string()).refused();
    assert!(refused.ends_with("spec.json: $.schema: expected 1, found 2"), "{refused}");
}

#[test]
fn a_series_that_is_old_is_no_data() {
    let answer = call_with(&["judge", "--at", "2026-03-02T11:00:00Z"], series(0).to_string()).answered(3);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["outcome"], "no_data");
}

#[test]
fn a_broken_series_is_refused_with_its_place_and_never_judged() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut document = series(0);
        change(&mut document);
        call_with(&["judge"], document.to_string()).refused()
    };
    let interval = "$.metrics[0].intervals[3]";
    for (line, expected) in [
        (refused(&|it| it["metrics"] = json!([])), "$.metrics: expected at least one interval, found none".to_owned()),
        (
            refused(&|it| it["metrics"][0]["intervals"] = json!([])),
            "$.metrics: expected at least one interval, found none".to_owned(),
        ),
        (
            refused(&|it| {
                let metric = it["metrics"][0].clone();
                it["metrics"].as_array_mut().unwrap().push(metric);
            }),
            "$.metrics[1].name: expected each metric once, found \"errors\" twice".to_owned(),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"][3]["end"] = json!("2026-03-02T10:03:00Z")),
            format!("{interval}.end: expected a time after the start (2026-03-02T10:03:00.000Z), found 2026-03-02T10:03:00.000Z"),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"].as_array_mut().unwrap().swap(3, 4)),
            "$.metrics[0].intervals[4].start: expected the end of the interval before (2026-03-02T10:05:00.000Z) or later, \
             found 2026-03-02T10:03:00.000Z"
                .to_owned(),
        ),
        (
            refused(&|it| {
                let twice = it["metrics"][0]["intervals"][2].clone();
                it["metrics"][0]["intervals"][3] = twice;
            }),
            format!(
                "{interval}: expected each interval once, found the one from 2026-03-02T10:02:00.000Z to \
                 2026-03-02T10:03:00.000Z again"
            ),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"][3]["stage"] = json!({ "rollout": "other", "step": 1, "entry": 0 })),
            format!("{interval}.stage.rollout: expected the rollout that is judged (checkout-41), found other"),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"][3]["stage"] = json!({ "rollout": "checkout-41", "step": 2, "entry": 0 })),
            format!("{interval}.stage: expected the stage that is judged (checkout-41/1.0) or one before, found checkout-41/2.0"),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"][3]["candidate"]["errors"] = json!(-1)),
            format!("{interval}.candidate.errors: expected a whole number from 0 to 18446744073709551615, found -1"),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"][3]["candidate"]["errors"] = json!("NaN")),
            format!("{interval}.candidate.errors: expected a whole number from 0 to 18446744073709551615, found \"NaN\""),
        ),
        (
            refused(&|it| it["metrics"][0]["intervals"][3]["candidate"]["errors"] = json!(301)),
            format!("{interval}.candidate: expected at most as many `errors` as `requests` (300), found 301"),
        ),
        (
            refused(&|it| it["metrics"][0]["spec"] = json!({ "tolerance": 0.5 })),
            "$.metrics[0].spec.tolerance: expected a ratio of at least 1 and at most 1000, found 0.5".to_owned(),
        ),
    ] {
        assert_eq!(line, format!("<stdin>: {expected}"));
    }
    let mut values = series(0);
    values["metrics"][0]["spec"] = json!({ "success": [{ "below": 1 }] });
    values["metrics"][0]["intervals"][3]["candidate"] = json!({ "values": [0.1, 0.2] });
    assert_eq!(
        call_with(&["judge", "--judge", "threshold"], values.to_string()).refused(),
        format!(
            "<stdin>: {interval}.candidate: expected `requests` and `errors`, which this judge compares, found other values"
        )
    );
    let undefined = call_with(&["judge", "--judge", "threshold"], series(0).to_string()).refused();
    assert_eq!(
        undefined,
        "<stdin>: $.metrics[0].spec: expected how the metric is judged, here or by --spec, found nothing"
    );
}

#[test]
fn an_analysis_is_judged_as_argo_rollouts_would() {
    let analysis = |results: Value| {
        let metric =
            json!({ "name": "success-rate", "interval": "1m", "count": 3, "successCondition": "result[0] >= 0.95" });
        let manifest = json!({ "apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisTemplate", "spec": { "metrics": [metric] } });
        json!({ "template": manifest, "measurements": { "success-rate": results } }).to_string()
    };
    for (results, status, phase) in [
        (json!([[0.99], [0.98], [0.97]]), 0, "Successful"),
        (json!([[0.99], [0.90]]), 1, "Failed"),
        (json!([[0.99]]), 3, "Running"),
        (json!([[], [], [], [], []]), 3, "Error"),
    ] {
        let answer = call_with(&["judge", "--format", "argo"], analysis(results)).answered(status);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((&answer["phase"], &answer["metrics"][0]["phase"]), (&json!(phase), &json!(phase)));
    }
    let text = call_with(&["judge", "--format", "argo", "--output", "text"], analysis(json!([[0.90]]))).answered(1);
    assert_eq!(
        text.lines().next(),
        Some("Failed: Metric \"success-rate\" assessed Failed due to failed (1) > failureLimit (0)")
    );
    let broken = analysis(json!([[0.9]])).replace(">= 0.95", ">=");
    let line = call_with(&["judge", "--format", "argo"], broken).refused();
    assert!(line.contains("$.template.spec.metrics[0].successCondition: expected a value at character 13"), "{line}");
}

#[test]
fn a_format_has_its_own_judge() {
    let called = crate::call::call(&["judge", "--format", "argo", "--judge", "threshold", "x.json"]);
    assert_eq!((called.status, called.out.as_str()), (2, ""));
}

/// Eight hours of four instances that answer 300 requests a minute.
fn history(errors: impl Fn(usize) -> u64) -> Value {
    let minutes = (0..480).map(|at| {
        let time = |at: i64| Time::from_unix_millis(at * 60_000).to_string();
        let instance = |host| (format!("pod-{host}"), json!({ "requests": 300, "errors": errors(host) }));
        let instances: serde_json::Map<String, Value> = (0..4).map(instance).collect();
        json!({ "start": time(at), "end": time(at + 1), "instances": instances })
    });
    json!({ "intervals": minutes.collect::<Vec<_>>() })
}

#[test]
fn a_past_without_noise_keeps_alpha_at_the_smallest_tolerance() {
    let ask = ["judge", "--calibrate", "-"];
    let quiet = history(|_| 3);
    let answer: Value = serde_json::from_str(&call_with(&ask, quiet.to_string()).answered(0)).unwrap();
    assert_valid("calibrate-answer", &answer);
    assert_valid("history", &quiet);
    assert_eq!(answer["metric"]["tolerance"], 1.05);
    // Four instances, each the candidate once on two pieces of four hours.
    assert_eq!(answer["calibration"]["false_alarms"][0]["runs"], 8);
    let text = call_with(&["judge", "--calibrate", "-", "--output", "text"], quiet.to_string()).answered(0);
    assert!(text.starts_with("tolerate 1.05 times the rate\ntolerance  false alarms\n1.05       0 of 8\n"), "{text}");
}

#[test]
fn a_past_in_which_one_instance_is_always_far_worse_keeps_alpha_at_no_tolerance() {
    let past = history(|host| if host == 2 { 30 } else { 3 });
    let answer = call_with(&["judge", "--calibrate", "-", "--output", "text"], past.to_string()).answered(3);
    assert!(answer.starts_with("no tolerance that was tried keeps alpha on this past\n"), "{answer}");
    assert!(answer.contains("\n2          2 of 8\n"), "that instance on both pieces: {answer}");
}

#[test]
fn a_past_that_cannot_be_replayed_is_refused_with_its_place() {
    let with = |field: &str, value: Value| {
        let mut past = history(|_| 3);
        past[field] = value;
        call_with(&["judge", "--calibrate", "-"], past.to_string()).refused()
    };
    for (field, value, expected) in [
        ("alpha", json!(0), "<stdin>: $.alpha: expected a probability of 1e-12 to 0.5, found 0"),
        (
            "candidates",
            json!(4),
            "<stdin>: $.intervals.instances: expected more instances than a candidate has, found 4",
        ),
        ("rollout", json!("9h"), "<stdin>: $.rollout: expected at most as long as the past"),
        ("metric", json!({ "kind": "gauge" }), "<stdin>: $.metric.kind: expected a rate or a distribution"),
        (
            "intervals",
            json!([]),
            "<stdin>: $.intervals.instances: expected more instances than a candidate has, found 0",
        ),
        ("past", json!(1), "<stdin>: $.past: expected"),
    ] {
        let line = with(field, value);
        assert!(line.starts_with(expected), "{line}");
    }
    let called = call(&["judge", "--calibrate", "--judge", "threshold"]);
    assert_eq!(called.status, 2, "{}", called.err);
}
