//! Plans and releases that cannot be: each is one line that names the place, and status 2.

use crate::call::{call, call_with, fixture};

/// A plan with one line changed, and what is said about it.
#[track_caller]
fn assert_refused(verb: &[&str], text: &str, (from, to): (&str, &str), expected: &str) {
    assert!(text.contains(from), "{from:?} is not in the fixture");
    let line = call_with(verb, text.replacen(from, to, 1)).refused();
    assert_eq!(line, format!("<stdin>: {expected}"), "{from:?} became {to:?}");
}

#[test]
fn a_plan_that_cannot_be_is_refused_at_its_place() {
    let plan = fixture("plan.yaml");
    for (from, to, expected) in [
        (
            "share: 2500",
            "share: 400",
            "$.steps[1].route.share: expected more than the 5 % of the step before, found 4 %",
        ),
        (
            "share: 2500",
            "share: 500",
            "$.steps[1].route.share: expected more than the 5 % of the step before, found 5 %",
        ),
        (
            "share: 2500",
            "share: 10001",
            "$.steps[1].route.share: expected a share of 0 to 10000 basis points, found 10001",
        ),
        ("share: 2500", "share: -1", "$.steps[1].route.share: expected a share of 0 to 10000 basis points, found -1"),
        ("share: 2500", "share: 25 %", "$.steps[1].route.share: expected a whole number, found \"25 %\""),
        ("share: 2500", "share: 25.5", "$.steps[1].route.share: expected a whole number, found 25.5"),
        (
            "share: 2500",
            "share: 2500, shares: 1",
            "$.steps[1].route.shares: expected one of `share`, `mirror`, `cohort`, found the unknown field `shares`",
        ),
        (
            "share: 2500",
            "share: 2500, share: 2500",
            "$.steps[1].route.share: expected each key once, found `share` twice",
        ),
        (
            "evidence: guard",
            "evidence: compare",
            "$.steps[2].evidence: expected guard or time, because there is no control arm at this exposure, found compare",
        ),
        (
            "evidence: guard",
            "evidence: hope",
            "$.steps[2].evidence: expected one of `compare`, `guard`, `time`, found \"hope\"",
        ),
        ("max: 2h", "max: 20m", "$.steps[1].bake.max: expected at least bake.min (30m), found 20m"),
        (
            "max: 2h",
            "max: 2 hours",
            "$.steps[1].bake.max: expected a duration such as 250ms, 30s, 1h30m or 2d, found \"2 hours\"",
        ),
        ("id: canary-25", "id: canary-5", "$.steps[1].id: expected a name that no step before has, found canary-5"),
        ("schema: 1", "schema: 2", "$.schema: expected 1, found 2"),
        ("schema: 1", "schema: one", "$.schema: expected a whole number from 0 to 4294967295, found \"one\""),
        ("schema: 1\n", "", "$: expected a field `schema`, found none"),
        ("replicas: 10", "replicas: 0", "$.capacity.replicas: expected at least 1, found 0"),
        ("name: \"41\"", "name: 41", "$.arms.stable.name: expected a string, found 41"),
    ] {
        assert_refused(&["plan", "--check"], &plan, (from, to), expected);
    }
}

#[test]
fn a_number_is_told_its_limits_and_shown_with_its_point() {
    let plan = fixture("plan.yaml");
    for (to, found) in [("4294967296", "4294967296"), ("500.0", "500.0"), ("-1", "-1")] {
        let expected = format!("$.capacity.replicas: expected a whole number from 0 to 4294967295, found {found}");
        assert_refused(&["plan", "--check"], &plan, ("replicas: 10", &format!("replicas: {to}")), &expected);
    }
}

/// A router that only knows whole percents.
#[test]
fn what_a_routers_precision_forbids_is_told_at_the_release() {
    let release = fixture("release.yaml");
    let with = |precision: u32| {
        let known = "mirror: false, cohort: none, staleness: 30s, fencing: none";
        release.replacen("  rto: 2m", &format!("  router: {{precision: {precision}, {known}}}\n  rto: 2m"), 1)
    };
    let line = call_with(&["plan"], with(0)).refused();
    assert_eq!(line, "<stdin>: $.target.router.precision: expected at least 1 basis point, found 0");
    let close = with(100).replace("share: 2500", "share: 549");
    assert_eq!(
        call_with(&["plan"], close).refused(),
        "<stdin>: $.strategy.canary.steps[1].share: expected a share that the router's precision of 1 % tells from the \
         step before, found 5 % and 5.49 %, which both round to 5 %"
    );
}

/// Controls, line ends and signs that turn the direction of writing, wherever the input may put them.
#[test]
fn nothing_of_the_input_is_obeyed_by_a_terminal() {
    let hidden = "\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{2028}\u{85}\r";
    let json = serde_json::Value::from(hidden).to_string();
    let name = json.trim_matches('"');
    let shown = |text: &str| {
        let hides = |sign: char| {
            sign != '\n' && sign.is_control()
                || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}')
        };
        assert!(!text.chars().any(hides), "{text:?}");
    };
    let change = format!(r#"{{"files": [{{"path": "src/auth/{name}", "status": "modified"}}]}}"#);
    let release =
        format!(r#"{{"release": "r", "service": "s", "stable": "{name}", "candidate": "b", "level": "high"}}"#);
    for (verb, document) in [("risk", change), ("plan", release)] {
        for form in ["text", "json"] {
            let called = call_with(&[verb, "--output", form, "--explain"], &document);
            assert_eq!(called.status, 0, "{}", called.err);
            shown(&called.out);
            shown(&called.err);
            assert!(called.out.contains("202e"), "it is written out: {}", called.out);
        }
    }
    for wrong in [format!(r#"{{"{name}": 1, "files": []}}"#), format!(r#"{{"files": "{name}"}}"#)] {
        shown(&call_with(&["risk"], wrong).refused());
    }
}

#[test]
fn a_plan_without_steps_is_refused() {
    let plan = fixture("plan.yaml");
    let (head, rest) = plan.split_once("steps:").unwrap();
    let (_, tail) = rest.split_once("\ncapacity:").unwrap();
    let line = call_with(&["plan", "--check"], format!("{head}steps: []\ncapacity:{tail}")).refused();
    assert_eq!(line, "<stdin>: $.steps: expected 1 to 100 steps, found 0");
}

#[test]
fn a_release_that_makes_no_plan_is_refused_at_its_own_place_and_not_the_plans() {
    let release = fixture("release.yaml");
    for (from, to, expected) in [
        (
            "share: 2500",
            "share: 500",
            "$.strategy.canary.steps[1].share: expected more than the 5 % of the step before, found 5 %",
        ),
        (
            "share: 2500",
            "share: 10001",
            "$.strategy.canary.steps[1].share: expected a share of 0 to 10000 basis points, found 10001",
        ),
        ("max: 2h", "max: 20m", "$.strategy.canary.steps[1].bake.max: expected at least bake.min (30m), found 20m"),
        (
            "stable: \"41\"",
            "stable: {name: \"42\", digests: {image: \"sha256:0f3a\"}}",
            "$.candidate: expected two different versions, found 42",
        ),
        ("replicas: 10", "replicas: 0", "$.target.replicas: expected at least 1, found 0"),
        (
            "replicas: 10",
            "replica: 10",
            "$.target.replica: expected one of `replicas`, `router`, `traffic_per_minute`, `error_rate`, `rto`, found the unknown field `replica`",
        ),
        ("level: medium", "level: mid", "$.level: expected one of `zero`, `low`, `medium`, `high`, found \"mid\""),
        (
            "stable: \"41\"",
            "stable: 41",
            "$.stable: expected a version: its name, or a map with `name` and `digests`, found 41",
        ),
        ("canary:", "blue-green:", "$.strategy.blue-green: expected `canary`, found the unknown field `blue-green`"),
        ("rto: 2m", "error_rate: .nan", "$.target.error_rate: expected a finite number, found NaN"),
    ] {
        assert_refused(&["plan"], &release, (from, to), expected);
    }
}

#[test]
fn a_canary_without_steps_is_refused() {
    let release = "{\"release\":\"r\",\"service\":\"s\",\"stable\":\"a\",\"candidate\":\"b\",\"level\":\"low\",\"strategy\":{\"canary\":{\"steps\":[]}}}";
    assert_eq!(
        call_with(&["plan"], release).refused(),
        "<stdin>: $.strategy.canary.steps: expected 1 to 100 steps, found 0"
    );
}

#[test]
fn a_file_of_ten_megabytes_is_refused_before_it_is_parsed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plan.json", "plan.yaml", "plan.toml"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "[".repeat(10_000_000)).unwrap();
        let name = path.to_str().unwrap();
        assert_eq!(
            call(&["plan", "--check", name]).refused(),
            format!("{name}: $: expected at most 262144 bytes, found more")
        );
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let line = call(&["plan", "--check", "nowhere.json"]).refused();
    assert!(line.starts_with("nowhere.json: expected a readable file, found: "), "{line}");
}
