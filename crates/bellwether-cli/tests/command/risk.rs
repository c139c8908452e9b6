use serde_json::Value;

use crate::call::{assert_answer, call};

#[test]
fn a_change_to_the_login_is_high_and_every_reason_is_a_line() {
    assert_answer(&call(&["risk", "change.json", "--output", "text"]).answered(0), "risk.txt");
}

#[test]
fn explain_adds_every_figure() {
    assert_answer(&call(&["risk", "change.json", "--output", "text", "--explain"]).answered(0), "risk-explain.txt");
}

#[test]
fn piped_output_is_the_decision_as_json_with_its_approach() {
    let answer: Value = serde_json::from_str(&call(&["risk", "change.json"]).answered(0)).unwrap();
    assert_eq!(answer["outcome"], "high");
    assert_eq!(answer["rules"], "seed-003-patterns-reference");
    let rules: Vec<&Value> = answer["findings"].as_array().unwrap().iter().map(|it| &it["rule"]).collect();
    assert_eq!(rules, ["path.authentication", "path.document"]);
    // The matrix: "1-5% (8-24 hrs) → 10% → 25% → 50% → 75% → 100%".
    let shares: Vec<&Value> =
        answer["approach"]["stages"].as_array().unwrap().iter().map(|it| &it["share"]["max"]).collect();
    assert_eq!(shares, [500, 1_000, 2_500, 5_000, 7_500, 10_000]);
}

#[test]
fn rules_of_ones_own_decide_instead_of_the_preset() {
    let answer = call(&["risk", "--rules", "rules.yaml", "change.json", "--output", "text"]).answered(0);
    assert!(answer.starts_with("high risk by the rules ours\n  warning path.unmatched: "), "{answer}");
}

#[test]
fn rules_that_cannot_be_are_refused_with_the_place_in_their_file() {
    let folder = tempfile::tempdir().unwrap();
    for (rules, place) in [
        ("schema: 2\nname: a\nrules: []", ": $.schema: expected 1, found 2"),
        (
            "schema: 1\nname: a\nrules: [{id: a, level: high, risk: data, reason: b, paths: ['[']}]",
            ": $.rules[0].paths[0]: expected ",
        ),
        (
            "schema: 1\nname: a\nrules: [{id: a, level: top, risk: data, reason: b}]",
            ": $.rules[0].level: expected one of `zero`, ",
        ),
        ("schema: 1\nname: a\nrules: {}", ": $.rules: expected a list, found a map"),
    ] {
        let path = folder.path().join("rules.yaml");
        std::fs::write(&path, rules).unwrap();
        let name = path.to_str().unwrap();
        let line = call(&["risk", "--rules", name, "change.json"]).refused();
        assert!(line.starts_with(name) && line.contains(place), "{line}");
    }
}
