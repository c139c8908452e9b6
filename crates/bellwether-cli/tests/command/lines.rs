use serde_json::{Value, json};

use crate::call::{call, call_with, fixture};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_line_gets_one_answer_in_the_same_order() {
    let answers = lines(&call(&["risk", "--lines", "changes.jsonl"]).answered(0));
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    let none = Value::Null;
    assert_eq!(
        ids,
        [&json!(1), &json!("two"), &json!(3), &json!(4), &none, &json!({"any": "value"}), &none, &none, &none]
    );
    let outcomes: Vec<&Value> = answers.iter().map(|answer| &answer["outcome"]).collect();
    assert_eq!(
        outcomes,
        [&json!("zero"), &json!("high"), &none, &none, &none, &json!("medium"), &json!("zero"), &none, &none]
    );
    let errors: Vec<&Value> = answers.iter().map(|answer| &answer["error"]["kind"]).collect();
    let (invalid, twice, syntax) = (json!("invalid"), json!("duplicate_key"), json!("syntax"));
    assert_eq!(errors, [&none, &none, &invalid, &twice, &syntax, &none, &none, &syntax, &invalid]);
}

#[test]
fn a_bad_line_is_answered_with_kind_message_and_place() {
    let answer =
        call_with(&["risk", "--lines"], r#"{"id": 3, "files": [{"path": "a", "status": "moved"}]}"#).answered(0);
    assert_eq!(
        answer,
        "{\"id\":3,\"error\":{\"kind\":\"invalid\",\"message\":\"expected one of `added`, `modified`, `deleted`, \
         `renamed`, found \\\"moved\\\"\",\"at\":\"$.files[0].status\"}}\n"
    );
}

#[test]
fn an_answer_to_a_line_is_the_answer_to_its_document() {
    let alone: Value = serde_json::from_str(&call(&["risk", "change.json"]).answered(0)).unwrap();
    let mut document: Value = serde_json::from_str(&fixture("change.json")).unwrap();
    document["id"] = json!(7);
    let mut answer = lines(&call_with(&["risk", "--lines"], document.to_string()).answered(0)).remove(0);
    assert_eq!(answer.as_object_mut().unwrap().remove("id"), Some(json!(7)));
    assert_eq!(answer, alone);
}

#[test]
fn plans_are_made_line_by_line_and_checked_line_by_line() {
    let release: Value = serde_json::from_str(&fixture("release.json")).unwrap();
    let made = lines(&call_with(&["plan", "--lines"], format!("{release}\n{{}}\n{release}")).answered(0));
    assert_eq!(made.len(), 3);
    assert_eq!(made[0], made[2]);
    assert_eq!(made[1]["error"]["message"], "expected a field `release`, found none");
    let plan = &made[0]["plan"];
    let checked = lines(&call_with(&["plan", "--check", "--lines"], plan.to_string()).answered(0)).remove(0);
    assert_eq!(checked["digest"], made[0]["digest"]);
    assert_eq!(checked["id"], "checkout-42", "a plan has an id of its own");
}

#[test]
fn a_line_that_is_too_long_is_answered_and_the_next_one_is_read() {
    let long = format!("{{\"id\": 1, \"release\": \"{}\"}}\n{{\"id\": 2}}\n", "x".repeat(300_000));
    let answers = lines(&call_with(&["plan", "--lines"], long).answered(0));
    assert_eq!(answers[0]["error"]["kind"], "too_large");
    assert_eq!(answers[1]["id"], 2);
}

#[test]
fn nothing_in_is_nothing_out() {
    assert_eq!(call_with(&["risk", "--lines"], "").answered(0), "");
}

#[test]
fn a_verb_without_documents_refuses_lines() {
    let line = call(&["schema", "--lines"]).refused();
    assert_eq!(
        line,
        "expected --lines beside a verb that reads one document (risk, plan, window, promotion, judge, gate), found another verb"
    );
}

#[test]
fn a_list_has_no_id() {
    for line in ["[1]", "1", "\"id\"", "[{\"id\": 1}]", "{\"id\": 1, \"id\": 2, \"files\": []}"] {
        let answer = lines(&call_with(&["risk", "--lines"], line).answered(0)).remove(0);
        assert_eq!(answer["id"], Value::Null, "{line}");
        assert!(answer["error"].is_object(), "{line}");
    }
}

#[test]
fn an_id_comes_back_as_it_was_written() {
    for id in ["123456789012345678901234567890", "1.10", "1e400", "-0", "0.1000000000000000055", "\"\\u0061\"", "null"]
    {
        for rest in ["\"files\": []", "\"files\": 1", "\"files\": [], \"files\": []"] {
            let text = call_with(&["risk", "--lines"], format!("{{\"id\": {id}, {rest}}}")).answered(0);
            assert!(text.starts_with(&format!("{{\"id\":{id},")), "{text}");
        }
    }
    let long = format!("{{\"id\": \"{}\", \"files\": []}}", "x".repeat(1_024));
    let answer = lines(&call_with(&["risk", "--lines"], long).answered(0)).remove(0);
    assert_eq!((&answer["id"], &answer["error"]["at"]), (&Value::Null, &json!("$.id")));
}
