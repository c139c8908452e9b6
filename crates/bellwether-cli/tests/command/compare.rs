//! Strategies compared and chosen, and presets.

use serde_json::Value;

use crate::{
    call::{assert_answer, call, call_with, fixture},
    schema::assert_valid,
};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The fixture with one line changed.
fn changed(from: &str, to: &str) -> String {
    let text = fixture("targeted.yaml");
    assert!(text.contains(from), "{from:?} is not in the fixture");
    text.replacen(from, to, 1)
}

const ROUTER: &str = "router: { precision: 100, mirror: true, cohort: unmatched, fencing: token, staleness: 1s }";

/// The unit-hours are counted by hand. Canary: 1 unit for 2 h, 5 for 4 h and the 10 old ones for 30 s are 22.083, shown
/// rounded up; mirror: an hour and the canary's six with 10 units, and the 30 s; blue-green: 35 minutes with 10, and the
/// 30 s; phased: a day with 1 unit before the canary.
#[test]
fn strategies_are_compared_in_a_table_for_people() {
    assert_answer(&call(&["plan", "targeted.yaml", "--compare", "--output", "text"]).answered(0), "compare.txt");
    let all = call(&["plan", "targeted.yaml", "--compare", "--output", "text", "--explain"]).answered(0);
    assert!(all.contains("\n  blue-green: the whole environment is tested before the switch"), "{all}");
}

#[test]
fn a_comparison_is_data_with_every_plan_in_it() {
    let answer = json(&call(&["plan", "targeted.yaml", "--compare"]).answered(0));
    assert_valid("compare-answer", &answer);
    assert_eq!(answer["recommended"], "canary");
    let alternatives = answer["alternatives"].as_array().unwrap();
    let canary = alternatives.iter().find(|one| one["strategy"] == "canary").unwrap();
    let figures = &canary["feasibility"]["possible"];
    // 1 x 2 h + 5 x 4 h + 10 x 30 s
    assert!((figures["extra_unit_hours"].as_f64().unwrap() - (22.0 + 10.0 / 120.0)).abs() < 1e-9, "{figures}");
    assert_eq!(figures["way_back"], serde_json::json!({"method": "traffic", "time": "30s"}));
    let plan = json(&call(&["plan", "targeted.yaml"]).out);
    assert_eq!(figures["plan"], plan, "the recommended plan is the one that is made");
    let flag = alternatives.iter().find(|one| one["strategy"] == "feature-flag").unwrap();
    let line = flag["feasibility"]["refused"][0]["line"].as_str().unwrap();
    assert!(line.contains("the target does not offer a flag that the change is behind"), "{line}");
}

#[test]
fn what_a_release_needs_decides_which_strategy_is_recommended() {
    let flag = "{ precision: 1, mirror: false, cohort: unmatched, fencing: none, staleness: 5s }";
    let floor = "{ from: 1, why: the old column is dropped, alternatives: [repair and go on] }";
    for (from, to, recommended) in [
        ("kind: application", "kind: experience", "phased"),
        ("kind: application", "kind: infrastructure", "blue-green"),
        ("kind: application", "full_cutover: true", "blue-green"),
        ("kind: application", "emergency: true", "big-bang"),
        ("kind: application", &format!("flag: {flag}"), "feature-flag"),
        ("level: medium", "level: zero", "big-bang"),
        ("level: medium", "level: low", "hidden"),
    ] {
        let answer = json(&call_with(&["plan", "--compare"], changed(from, to)).answered(0));
        assert_eq!(answer["recommended"], recommended, "{to}");
    }
    let past = call_with(&["plan", "--compare"], changed("kind: application", &format!("irreversible: {floor}")));
    let answer = json(&past.answered(1));
    assert_eq!(answer["recommended"], Value::Null);
    assert!(answer.to_string().contains("its first users meet it past the point of no return"), "{answer}");
}

#[test]
fn where_no_strategy_is_possible_the_answer_is_no_and_every_reason() {
    let bare = changed(ROUTER, "router: null").replace("rto: 2m", "rto: 1m");
    let called = call_with(&["plan"], &bare);
    assert_eq!((called.status, called.out.as_str()), (1, "null\n"));
    assert!(called.err.starts_with("critical choice.none: "), "{}", called.err);
    assert_answer(&call_with(&["plan", "--output", "text"], &bare).answered(1), "plan-none.txt");
    let text = call_with(&["plan", "--compare", "--output", "text"], &bare).answered(1);
    assert!(text.contains("\n  big-bang: going back takes about 5m, the service allows 1m (would change: "), "{text}");
    assert!(text.contains("\nrecommended: no strategy\n"), "{text}");
}

#[test]
fn a_strategy_that_is_named_is_made_or_refused_with_its_reason() {
    let named = |name: &str| fixture("targeted.yaml") + "strategy: " + name + "\n";
    for (name, steps) in [("blue-green", 2), ("mirror", 4), ("phased", 4), ("hidden", 2), ("big-bang", 1)] {
        let plan = json(&call_with(&["plan"], named(name)).out);
        assert_eq!(plan["steps"].as_array().unwrap().len(), steps, "{name}");
    }
    let called = call_with(&["plan"], named("feature-flag"));
    assert_eq!((called.status, called.out.as_str()), (1, "null\n"));
    assert!(called.err.starts_with("critical plan.missing_capability: "), "{}", called.err);
    let line = call_with(&["plan"], named("red-black")).refused();
    assert!(line.starts_with("<stdin>: $.strategy: expected one of `big-bang`, `recreate`, `hidden`, "), "{line}");
    assert!(line.ends_with("found \"red-black\""), "{line}");
}

#[test]
fn who_does_not_say_what_the_router_can_do_is_told_what_is_assumed() {
    let release = "release: r\nservice: s\nstable: a\ncandidate: b\nlevel: medium";
    let called = call_with(&["plan"], release);
    assert_eq!(called.status, 0);
    assert!(called.err.contains("info plan.router_assumed: "), "{}", called.err);
    let none = format!("{release}\ntarget: {{router: null}}");
    let called = call_with(&["plan"], none);
    assert_eq!((called.status, called.out.as_str()), (1, "null\n"));
    assert!(!called.err.contains("assumed"), "{}", called.err);
}

#[test]
fn every_preset_that_is_listed_makes_a_plan() {
    let answer = json(&call(&["plan", "--presets"]).answered(0));
    assert_valid("presets-answer", &answer);
    let presets = answer["presets"].as_array().unwrap();
    let text = call(&["plan", "--presets", "--output", "text"]).answered(0);
    assert_eq!(text.lines().count(), presets.len());
    // A router that can do everything, as fine as anybody asks for.
    let able = ROUTER.replace("precision: 100", "precision: 1");
    let release = changed(ROUTER, &able);
    for preset in presets {
        let name = preset["name"].as_str().unwrap();
        assert!(text.contains(name));
        let called = call_with(&["plan", "--preset", name], &release);
        assert_eq!(called.status, 0, "{name}: {}", called.err);
        assert!(json(&called.out)["steps"].is_array(), "{name}");
    }
}

#[test]
fn a_preset_that_cannot_be_is_refused_with_its_reason() {
    // Seed 000's flag begins with 0.1 % of the users; this router knows whole percents.
    let coarse = call_with(&["plan", "--preset", "canary-0.1-1-5-10-25-50"], fixture("targeted.yaml"));
    assert_eq!((coarse.status, coarse.out.as_str()), (1, "null\n"));
    assert!(coarse.err.contains("at least the router's smallest share of 1 %, found 0.1 %"), "{}", coarse.err);
    let unknown = call(&["plan", "targeted.yaml", "--preset", "seed-005"]);
    assert_eq!((unknown.status, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("'seed-005'") && unknown.err.contains("seed-001-canary"), "{}", unknown.err);
    let both = call(&["plan", "release.yaml", "--preset", "seed-001-canary"]).refused();
    assert!(both.starts_with("release.yaml: $.strategy: expected none beside --preset, found one"), "{both}");
    for words in [
        &["plan", "a", "--compare", "--check"][..],
        &["plan", "a", "--compare", "--preset", "seed-001-canary"],
        &["plan", "a", "--presets"],
    ] {
        assert_eq!(call(words).status, 2, "{words:?}");
    }
    assert!(call(&["plan", "--presets", "--lines"]).refused().starts_with("expected --lines beside a verb"));
}

/// Source: a flag is off in less than 10 seconds, a router switches in less than 30.
#[test]
fn a_presets_way_back_is_its_own() {
    let quick = changed("rto: 2m", "rto: 10s").replace("precision: 100", "precision: 1");
    let flag = call_with(&["plan", "--preset", "seed-000-progressive", "--output", "text"], &quick).answered(0);
    assert!(flag.contains("rollback (RTO 10s)\n") && flag.contains(" < 10s\n"), "{flag}");
    let canary = call_with(&["plan", "--preset", "seed-001-canary"], &quick);
    assert_eq!((canary.status, canary.out.as_str()), (1, "null\n"));
}

#[test]
fn numbers_that_mean_nothing_are_refused_at_their_place() {
    for (from, to, expected) in [
        ("error_rate: 0.001", "error_rate: 1.5", "$.target.error_rate: expected a fraction from 0 to 1, found 1.5"),
        (
            "traffic_per_minute: 600.0",
            "traffic_per_minute: -1",
            "$.target.traffic_per_minute: expected 0 or more requests a minute, found -1",
        ),
        ("precision: 100", "precision: 0", "$.target.router.precision: expected at least 1 basis point, found 0"),
        ("replicas: 10", "replicas: 0", "$.target.replicas: expected at least 1, found 0"),
        ("size: 50", "size: 0", "$.needs.cohorts[0].size: expected more than the 0 % before it, found 0 %"),
        (
            "bake: { min: 1d }",
            "bake: { min: 1d, max: 2h }",
            "$.needs.cohorts[0].bake.max: expected at least bake.min (1d), found 2h",
        ),
        (
            "kind: application",
            "kind: database",
            "$.needs.kind: expected one of `application`, `infrastructure`, `experience`, found \"database\"",
        ),
        ("candidate: \"42\"", "candidate: \"41\"", "$.candidate: expected two different versions, found 41"),
    ] {
        for verb in [&["plan"][..], &["plan", "--compare"], &["plan", "--preset", "seed-001-canary"]] {
            assert_eq!(call_with(verb, changed(from, to)).refused(), format!("<stdin>: {expected}"), "{verb:?} {to}");
        }
    }
}
