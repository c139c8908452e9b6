use serde_json::{Value, json};

use crate::{
    call::{assert_answer, call, call_with, fixture},
    schema::assert_valid,
};

const AT: [&str; 2] = ["--at", "2026-03-03T10:01:00Z"];

#[test]
fn a_person_sees_the_checklist_and_the_status_says_what_it_comes_to() {
    let words = [&["gate", "conditions.yaml", "evidence.json"], &AT[..]].concat();
    assert_answer(&call(&[&words[..], &["--output", "text"]].concat()).answered(0), "gate.txt");
    let answer: Value = serde_json::from_str(&call(&words).answered(0)).unwrap();
    assert_eq!((&answer["gate"], &answer["outcome"]), (&json!("before-production"), &json!("pass")));
    assert_valid("gate-answer", &answer);
    assert_valid("evidence", &serde_json::from_str(&fixture("evidence.json")).unwrap());
    // Eleven minutes later the error rate is too old to say anything.
    let late = ["gate", "conditions.yaml", "evidence.json", "--at", "2026-03-03T10:11:00Z"];
    let answer: Value = serde_json::from_str(&call(&late).answered(3)).unwrap();
    assert_eq!(answer["outcome"], "no_data");
    let bad = fixture("evidence.json").replace("0.004", "0.04");
    call_with(&["gate", "conditions.yaml", "-", "--at", "2026-03-03T10:01:00Z"], bad).answered(1);
}

#[test]
fn the_preset_needs_the_evidence_alone() {
    let words = ["gate", "evidence.json", "--preset", "seed-000-metrics"];
    let answer: Value = serde_json::from_str(&call(&[&words[..], &AT].concat()).answered(3)).unwrap();
    assert_eq!((&answer["gate"], &answer["outcome"]), (&json!("seed-000-metrics"), &json!("no_data")));
    let line = call(&["gate", "conditions.yaml", "evidence.json", "--preset", "seed-000-metrics"]).refused();
    assert_eq!(line, "expected the evidence alone beside --preset, found evidence.json too");
    let line = call(&["gate", "evidence.json"]).refused();
    assert_eq!(line, "expected conditions and evidence, or --preset and evidence, found one document");
}

#[test]
fn evidence_that_is_about_something_else_is_not_evidence_of_nothing() {
    let words = ["gate", "conditions.yaml", "-"];
    let line = call_with(&words, "{}").refused();
    assert_eq!(line, "<stdin>: $: expected a field `measurements`, found none");
    let line = call_with(&words, fixture("evidence.json").replace("0.004", "\"low\"")).refused();
    assert!(line.starts_with("<stdin>: $.measurements.error_rate.value: expected "), "{line}");
}

#[test]
fn keptn_is_asked_with_an_slo_file_and_with_everything_in_one_document() {
    let words = ["gate", "--format", "keptn", "slo.yaml", "values.json"];
    assert_answer(&call(&[&words[..], &["--output", "text"]].concat()).answered(1), "gate-keptn.txt");
    let answer: Value = serde_json::from_str(&call(&words).answered(1)).unwrap();
    assert_valid("keptn-answer", &answer);
    // Two thirds: the response time counts two, and only half of that.
    assert_eq!((&answer["result"], &answer["key_sli_failed"]), (&json!("fail"), &json!(false)));
    assert!((answer["score"].as_f64().unwrap() - 200.0 / 3.0).abs() < 1e-9);
    let mut question: Value = serde_json::from_str(&fixture("values.json")).unwrap();
    question["slo"] = json!({
        "objectives": [{ "sli": "response_time_p95", "pass": [{ "criteria": ["<=+15%"] }] }],
        "total_score": { "pass": "90%" }
    });
    assert_valid("keptn-question", &question);
    let answer = call_with(&["gate", "--format", "keptn"], question.to_string()).answered(0);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["indicators"][0]["pass_targets"][0]["target_value"].as_f64().unwrap(), 490.0 * 115.0 / 100.0);
}

#[test]
fn what_keptn_refuses_is_named_by_its_place_and_in_keptns_words() {
    let slo = fixture("slo.yaml").replace("<600", "<600ms");
    let line = call_with(&["gate", "--format", "keptn", "-", "values.json", "--input", "yaml"], slo).refused();
    let expected = "<stdin>: $.objectives[0].pass[0].criteria[1]: expected one of < <= = >= >, a sign where it is relative, \
                    a number, and % where it is one of percent, found \"<600ms\" (Keptn says: error with Response time P95: \
                    could not parse criteria target value)";
    assert_eq!(line, expected);
    let line = call_with(&["gate", "--format", "keptn"], r#"{ "values": [] }"#).refused();
    assert_eq!(line, "<stdin>: $: expected a field `slo`, found none");
    let line = call(&["gate", "--format", "keptn", "--lines", "slo.yaml", "values.json"]).refused();
    assert_eq!(line, "expected everything in one document a line beside --lines, found an SLO file beside it");
}

#[test]
fn a_line_that_keptn_refuses_is_answered_with_the_reason_and_the_others_go_on() {
    let line = |id: u32, criterion: &str| {
        json!({
            "id": id,
            "slo": {
                "objectives": [{ "sli": "rt", "pass": [{ "criteria": [criterion] }] }],
                "total_score": { "pass": "90%", "warning": "75%" }
            },
            "values": [{ "metric": "rt", "success": true, "value": 9 }],
            "previous": []
        })
        .to_string()
    };
    let lines = [line(1, "<10"), line(2, "==9"), line(3, "<=+1%")].join("\n");
    let answers = call_with(&["gate", "--format", "keptn", "--lines"], lines).answered(0);
    let answers: Vec<Value> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["id"], &answers[0]["result"]), (&json!(1), &json!("pass")));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["kind"]), (&json!(2), &json!("refused")));
    assert_eq!(answers[1]["error"]["at"], "$.slo.objectives[0].pass[0].criteria[0]");
    assert_eq!(
        (&answers[2]["result"], &answers[2]["findings"][0]["rule"]),
        (&json!("pass"), &json!("keptn.no_history"))
    );
}
