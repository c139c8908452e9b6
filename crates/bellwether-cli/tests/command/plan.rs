use serde_json::Value;

use crate::call::{assert_answer, call, call_with, fixture};

/// SHA-256 of the plan's canonical JSON: `bellwether plan release.json | jq -c . | tr -d '\n' | sha256sum`.
const DIGEST: &str = "a8f6b2806128700d4acf672bed6f90baaf1a6116ef4478c04558aef75d5d8f2a";

#[test]
fn a_plan_is_a_table_for_people() {
    assert_answer(&call(&["plan", "release.yaml", "--output", "text"]).answered(0), "plan.txt");
}

#[test]
fn explain_adds_how_every_wait_ends() {
    assert_answer(&call(&["plan", "release.yaml", "--output", "text", "--explain"]).answered(0), "plan-explain.txt");
}

#[test]
fn the_plan_that_is_written_is_the_plan_that_is_read() {
    let plan = call(&["plan", "release.json"]).answered(0);
    assert_answer(&plan, "plan.json");
    let check: Value = serde_json::from_str(&call_with(&["plan", "--check", "-"], &plan).answered(0)).unwrap();
    assert_eq!(check["digest"], DIGEST);
    assert_eq!(check["findings"], Value::Array(vec![]));
    let again = call_with(&["plan", "--check", "--rto", "2m", "--output", "text"], &plan).answered(0);
    assert_eq!(again, fixture("answers/plan.txt"), "the same table as when it was made");
}

#[test]
fn json_yaml_and_toml_of_one_release_make_one_plan() {
    let plans = ["release.json", "release.yaml", "release.toml"].map(|file| call(&["plan", file]).answered(0));
    assert_eq!(plans[0], plans[1]);
    assert_eq!(plans[0], plans[2]);
}

#[test]
fn json_yaml_and_toml_of_one_plan_have_one_digest() {
    for file in ["plan.json", "plan.yaml", "plan.toml"] {
        let check: Value = serde_json::from_str(&call(&["plan", "--check", file]).answered(0)).unwrap();
        assert_eq!(check["digest"], DIGEST, "{file}");
    }
}

#[test]
fn a_strategy_whose_way_back_is_too_slow_makes_no_plan_and_says_why() {
    let slow = fixture("release.yaml").replace("rto: 2m", "rto: 20s");
    let called = call_with(&["plan"], slow);
    assert_eq!((called.status, called.out.as_str()), (1, "null\n"));
    assert!(called.err.starts_with("critical plan.slow_rollback: going back takes about 30s"), "{}", called.err);

    let checked = call(&["plan", "--check", "plan.yaml", "--rto", "20s", "--output", "text"]);
    assert_eq!((checked.status, checked.err.as_str()), (1, ""), "in text the findings are part of the answer");
    assert!(checked.out.contains("  rollback (RTO 20s)\n"), "{}", checked.out);
    assert!(checked.out.contains("  < 30s, too slow\n"), "{}", checked.out);
    assert!(checked.out.contains("\n  critical plan.slow_rollback: "), "{}", checked.out);
}

/// The shares of the deployment decision matrix, as `for_level` documents them.
#[test]
fn the_strategy_is_the_levels_unless_one_is_named() {
    let release = |level: &str, strategy: &str| {
        format!("release: r\nservice: s\nstable: a\ncandidate: b\nlevel: {level}\n{strategy}")
    };
    for (level, strategy, shares) in [
        ("zero", "", &[10_000][..]),
        ("low", "", &[0, 10_000]),
        ("medium", "", &[1_000, 5_000, 10_000]),
        ("high", "", &[100, 1_000, 2_500, 5_000, 7_500, 10_000]),
        ("medium", "strategy: canary", &[1_000, 5_000, 10_000]),
        ("zero", "strategy: canary", &[1_000, 5_000, 10_000]),
        ("zero", "strategy: hidden", &[0, 10_000]),
        ("low", "strategy: big-bang", &[10_000]),
        ("low", "strategy: {canary: {steps: [{share: 1, bake: {min: 1m}}]}}", &[1, 10_000]),
    ] {
        let plan: Value = serde_json::from_str(&call_with(&["plan"], release(level, strategy)).out).unwrap();
        let planned: Vec<&Value> =
            plan["steps"].as_array().unwrap().iter().map(|step| &step["route"]["share"]).collect();
        assert_eq!(planned, shares, "{level} {strategy}");
    }
}

#[test]
fn a_warning_stands_beside_the_plan_and_does_not_deny_it() {
    let big_bang = "release: r\nservice: s\nstable: a\ncandidate: b\nlevel: high\nstrategy: big-bang";
    let called = call_with(&["plan"], big_bang);
    assert_eq!(called.status, 0);
    assert!(called.err.starts_with("warning plan.big_bang: "), "{}", called.err);
}

/// An escape is six bytes for one, so a release that is small enough could make a plan that is too large to be read.
#[test]
fn a_plan_that_could_not_be_checked_is_not_made() {
    let release = format!(
        "release: r\nservice: s\nstable: a\nlevel: low\ncandidate: {{name: b, digests: {{image: \"{}\"}}}}",
        "\\e".repeat(100_000)
    );
    let line = call_with(&["plan"], release).refused();
    assert!(line.starts_with("<stdin>: $: expected a release whose plan has at most 262144 bytes, found 60"), "{line}");
}
