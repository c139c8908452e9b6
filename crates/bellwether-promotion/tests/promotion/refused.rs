//! Graphs that cannot be: each error names the place, what was expected and what was found.

use bellwether_promotion::Graph;

#[track_caller]
fn assert_refused(environments: &str, expected: &str) {
    let text = format!(r#"{{"schema": 1, "environments": [{environments}]}}"#);
    let error = serde_json::from_str::<Graph>(&text).unwrap_err().to_string();
    assert_eq!(error, expected, "{text}");
}

#[test]
fn a_circle_is_named_from_end_to_end() {
    assert_refused(
        r#"{"name": "entrance"}, {"name": "a", "from": ["c", "entrance"]}, {"name": "b", "from": ["a"]},
           {"name": "c", "from": ["b"]}, {"name": "behind", "from": ["c"]}"#,
        "$.environments[1].from: expected environments that do not come after this one, found b → c → a → b",
    );
    assert_refused(
        r#"{"name": "a", "from": ["b"]}, {"name": "b", "from": ["a"]}"#,
        "$.environments[0].from: expected environments that do not come after this one, found b → a → b",
    );
}

#[test]
fn edges_that_lead_nowhere_are_named() {
    assert_refused(
        r#"{"name": "a", "from": ["a"]}"#,
        "$.environments[0].from[0]: expected another environment, found a itself",
    );
    assert_refused(
        r#"{"name": "a"}, {"name": "b", "from": ["a", "x"]}"#,
        "$.environments[1].from[1]: expected the name of an environment, found x",
    );
    assert_refused(
        r#"{"name": "a"}, {"name": "b", "from": ["a", "a"]}"#,
        "$.environments[1].from[1]: expected each environment once, found a twice",
    );
    assert_refused(
        r#"{"name": "a"}, {"name": "a"}"#,
        "$.environments[1].name: expected a name that no environment before has, found a",
    );
    assert_refused("", "$.environments: expected 1 to 500 environments, found 0");
    let many: Vec<String> = (0..501).map(|index| format!(r#"{{"name": "e{index}"}}"#)).collect();
    assert_refused(&many.join(","), "$.environments: expected 1 to 500 environments, found 501");
}

#[test]
fn what_could_never_be_met_is_named() {
    for (field, expected) in [
        (r#""approvals": {"count": 0}"#, ".approvals.count: expected at least 1, or no approvals at all, found 0"),
        (
            r#""approvals": {"count": 3, "of": ["ann", "bob"]}"#,
            ".approvals.count: expected at most the 2 that are named, found 3",
        ),
        (
            r#""approvals": {"count": 1, "of": ["ann", "bob", "Ann"]}"#,
            ".approvals.of[2]: expected each person once, found Ann",
        ),
        (r#""gates": ["window", "window"]"#, ".gates[1]: expected each gate once, found window"),
        (
            r#""overrides": {"by": [], "at_most": "1h"}"#,
            ".overrides.by: expected somebody who may override, found nobody",
        ),
        (
            r#""overrides": {"by": ["boss"], "at_most": "0s"}"#,
            ".overrides.at_most: expected more than none, or no override would ever count, found 0s",
        ),
        (r#""silence": "0s""#, ".silence: expected more than none, or nothing would ever soak, found 0s"),
        (
            r#""settle": "0s""#,
            ".settle: expected more than none; `on_newer: replace` says that nothing waits, found 0s",
        ),
        (
            r#""return": {"within": "0s"}"#,
            ".return.within: expected more than none, or nothing would ever return, found 0s",
        ),
        (r#""branches": [""]"#, ".branches[0]: expected a branch, or all below one as `release/*`, found \"\""),
        (r#""branches": ["a*b"]"#, ".branches[0]: expected a branch, or all below one as `release/*`, found \"a*b\""),
        (r#""branches": ["/*"]"#, ".branches[0]: expected a branch, or all below one as `release/*`, found \"/*\""),
        (r#""branches": ["main", "main"]"#, ".branches[1]: expected each branch once, found main"),
        (
            r#""same": ["tls"], "may_differ": ["tls"]"#,
            ".may_differ: expected no setting that must be the same, found tls",
        ),
    ] {
        let environments = format!(r#"{{"name": "a"}}, {{"name": "b", "from": ["a"], {field}}}"#);
        assert_refused(&environments, &format!("$.environments[1]{expected}"));
    }
}

#[test]
fn nothing_can_be_asked_before_an_entrance() {
    for (field, expected) in [
        (r#""soak": "1h""#, ".soak: expected no soak without an environment before to soak in, found 1h"),
        (
            r#""overrides": {"by": ["boss"], "at_most": "1h"}"#,
            ".overrides: expected none without an environment before to skip, found one",
        ),
        (r#""same": ["tls"]"#, ".same: expected none without an environment before to compare with, found tls"),
    ] {
        assert_refused(&format!(r#"{{"name": "a", {field}}}"#), &format!("$.environments[0]{expected}"));
    }
}

#[test]
fn nothing_can_be_asked_at_a_junction() {
    for (name, value) in [
        ("soak", r#""1h""#),
        ("silence", r#""1h""#),
        ("verification", r#""none""#),
        ("trigger", r#""automatic""#),
        ("order", r#""oldest""#),
        ("on_newer", r#""replace""#),
        ("settle", r#""1h""#),
        ("on_older", r#""continue""#),
        ("branches", r#"["main"]"#),
        ("approvals", r#"{"count": 1}"#),
        ("gates", r#"["window"]"#),
        ("overrides", r#"{"by": ["boss"], "at_most": "1h"}"#),
        ("return", "{}"),
        ("data", r#""live""#),
        ("settings", r#"{"a": "b"}"#),
        ("same", r#"["a"]"#),
        ("may_differ", r#"["a"]"#),
    ] {
        assert_refused(
            &format!(r#"{{"name": "a"}}, {{"name": "b", "site": "junction", "from": ["a"], "{name}": {value}}}"#),
            &format!("$.environments[1].{name}: expected none at a junction, where nothing runs, found one"),
        );
    }
    assert_refused(
        r#"{"name": "a", "site": "junction"}"#,
        "$.environments[0].from: expected an environment before the junction, found none",
    );
}

#[test]
fn another_format_and_unknown_fields_are_refused() {
    let error = serde_json::from_str::<Graph>(r#"{"schema": 2, "environments": [{"name": "a"}]}"#).unwrap_err();
    assert_eq!(error.to_string(), "$.schema: expected 1, found 2");
    for text in [
        r#"{"schema": 1, "environments": [{"name": "a", "soaks": "1h"}]}"#,
        r#"{"schema": 1, "environments": [{"name": "a"}], "stages": []}"#,
        r#"{"schema": 1, "environments": [{"name": "a", "approvals": {"count": 1, "off": []}}]}"#,
    ] {
        assert!(serde_json::from_str::<Graph>(text).unwrap_err().to_string().starts_with("unknown field"), "{text}");
    }
}

/// A row of five hundred junctions: as deep as a graph can be.
#[test]
fn the_deepest_graph_is_walked_without_running_out_of_stack() {
    let row: Vec<String> = (1..499)
        .map(|index| format!(r#"{{"name": "e{index}", "site": "junction", "from": ["e{}"]}}"#, index - 1))
        .collect();
    let environments =
        format!(r#"{{"name": "e0"}}, {}, {{"name": "end", "from": ["e498"], "soak": "1h"}}"#, row.join(","));
    let mut world = crate::world::World::new(&environments);
    world.makes("r1").settles("e0", "r1").at(60);
    assert_eq!(world.standing("end", "r1"), bellwether_promotion::Standing::Enter);
}
