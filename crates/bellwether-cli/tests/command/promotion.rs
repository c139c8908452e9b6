//! `promotion`: which environment a release may enter next, and why not.

use serde_json::{Value, json};

use crate::call::{assert_answer, call, call_with, fixture};

const GRAPH: &str = "promotion/graph.yaml";
const RELEASE: &str = "promotion/release.json";

/// The release's document with something changed.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut document: Value = serde_json::from_str(&fixture(RELEASE)).unwrap();
    change(&mut document);
    document.to_string()
}

fn event(document: &mut Value, at: &str, kind: &Value) {
    document["events"].as_array_mut().unwrap().push(json!({"at": at, "kind": kind}));
}

/// Everything that production waits for has come.
fn ready() -> String {
    changed(|document| {
        let image = document["events"][9]["kind"]["made"]["version"]["digests"].clone();
        let approved = json!({"environment": "eu", "release": "checkout-42", "digests": image, "by": "cem"});
        event(document, "2026-03-04T09:00:00Z", &json!({"approved": approved}));
        document["answers"][0]["decision"]["outcome"] = json!("pass");
        document["now"] = json!("2026-03-04T12:00:00Z");
    })
}

#[test]
fn a_release_that_waits_is_told_for_what_and_until_when() {
    assert_answer(&call(&["promotion", GRAPH, RELEASE, "--output", "text"]).answered(3), "promotion.txt");
}

#[test]
fn explain_tells_every_reason_with_its_figures() {
    let answer = call(&["promotion", GRAPH, RELEASE, "--output", "text", "--explain"]).answered(3);
    assert_answer(&answer, "promotion-explain.txt");
}

/// Exposed from 23:10 to 00:30 and from 01:00 to 08:40: 80 and 460 minutes.
#[test]
fn the_same_as_json_has_the_standing_the_wake_and_each_reason_as_a_line() {
    let answer: Value = serde_json::from_str(&call(&["promotion", GRAPH, RELEASE]).answered(3)).unwrap();
    assert_eq!((&answer["outcome"], &answer["enter"]), (&json!("wait"), &json!([])));
    assert_eq!(answer["wake"], "2026-03-04T10:00:00.000Z", "the window opens before the soak ends");
    let eu = answer["stops"].as_array().unwrap().iter().find(|stop| stop["environment"] == "eu").unwrap();
    let rules: Vec<&Value> = eu["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert!(
        rules.contains(&&json!("promotion.soak")) && rules.contains(&&json!("promotion.approval_void")),
        "{rules:?}"
    );
    assert!(eu["findings"][0]["line"].as_str().unwrap().contains("has soaked 9h of 12h"), "{eu}");
}

#[test]
fn a_release_that_may_enter_gives_status_0_and_the_environments() {
    let answer: Value = serde_json::from_str(&call_with(&["promotion", GRAPH], ready()).answered(0)).unwrap();
    assert_eq!((&answer["outcome"], &answer["enter"]), (&json!("enter"), &json!(["eu"])));
}

#[test]
fn a_release_that_failed_upstream_gives_status_1() {
    let failed = changed(|document| {
        let verified = json!({"environment": "staging", "release": "checkout-42", "verdict": "fail"});
        event(document, "2026-03-04T08:30:00Z", &json!({"verified": verified}));
    });
    let answer = call_with(&["promotion", GRAPH, "--environment", "eu", "--output", "text"], &failed).answered(1);
    assert!(answer.starts_with("checkout-42: is refused at 2026-03-04T08:40:00.000Z\neu  is refused"), "{answer}");
    assert!(answer.contains("critical promotion.failed_upstream: checkout-42 failed its last verification in staging"));
    let goal: Value = serde_json::from_str(&call_with(&["promotion", GRAPH, "--goal"], failed).answered(1)).unwrap();
    assert_eq!(goal["outcome"]["back"], json!({"staging": "checkout-41"}), "and staging returns");
}

/// It came at 23:10 and has a day to settle and the twelve hours that `eu` asks for.
#[test]
fn one_environment_is_asked_about_alone_by_a_person_or_by_nobody() {
    let ask = |by: &str, status| {
        let words = ["promotion", GRAPH, "--environment", "staging", "--by", by, "--output", "text"];
        let document = changed(|document| document["release"] = json!("checkout-43"));
        call_with(&words, document).answered(status)
    };
    assert_eq!(
        ask("automatic", 3),
        "checkout-43: waits at 2026-03-04T08:40:00.000Z\n\
         staging  waits, ask again at 2026-03-04T11:40:00.000Z\n  \
         info promotion.upstream: checkout-43 was fully exposed and verified in development\n  \
         info promotion.occupied: staging is taken by checkout-42, which is being verified or soaks, until \
         2026-03-05T11:10:00.000Z at the latest (would change: checkout-42 passed or failed, or it were \
         2026-03-04T11:40:00.000Z)\n"
    );
    assert!(ask("person", 0).contains("warning promotion.interrupts: this ends the stay of checkout-42"));
}

#[test]
fn the_digests_that_are_about_to_be_deployed_are_compared() {
    let with = |image: &str| {
        let mut document: Value = serde_json::from_str(&ready()).unwrap();
        document["digests"] = json!({"image": image});
        document.to_string()
    };
    let words = ["promotion", GRAPH, "--environment", "eu"];
    let right = format!("sha256:{:0>64}", 42);
    call_with(&words, with(&right)).answered(0);
    let answer = call_with(&words, with(&format!("sha256:{:0>64}", 43))).answered(1);
    assert!(answer.contains("promotion.other_artefact"), "{answer}");
    assert_eq!(
        call_with(&words[..2], with(&right)).refused(),
        "<stdin>: $.digests: expected --environment beside it, found none"
    );
}

#[test]
fn the_goal_says_what_should_happen_everywhere() {
    assert_answer(
        &call(&["promotion", GRAPH, RELEASE, "--goal", "--output", "text"]).answered(3),
        "promotion-goal.txt",
    );
    let later = call(&["promotion", GRAPH, RELEASE, "--goal", "--at", "2026-03-04T11:40:00Z"]).answered(0);
    let answer: Value = serde_json::from_str(&later).unwrap();
    assert_eq!(answer["outcome"]["enter"], json!({"staging": "checkout-43"}), "what was there has soaked");
}

#[test]
fn a_graph_is_checked_and_shown_alone() {
    assert_answer(&call(&["promotion", "--check", GRAPH, "--output", "text"]).answered(0), "promotion-graph.txt");
}

#[test]
fn a_preset_is_a_graph_to_start_from() {
    let checked = call(&["promotion", "--check", "--preset", "seed-004", "--output", "json"]).answered(0);
    let answer: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!(answer["graph"]["environments"].as_array().map(Vec::len), Some(8));
    let again = call_with(&["promotion", "--check"], answer["graph"].to_string()).answered(0);
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), answer, "what is written is read");
    let document = r#"{"release": "r", "now": "2026-03-04T00:00:00Z", "events": [{"at": "2026-03-03T00:00:00Z", "kind":
        {"made": {"release": "r", "version": {"name": "1", "digests": {"git": "8f3a1c0de1b2a3948576675849302a1b2c3d4e5f"}}}}}]}"#;
    let asked = call_with(&["promotion", "--preset", "seed-004"], document).answered(0);
    assert_eq!(serde_json::from_str::<Value>(&asked).unwrap()["enter"], json!(["development", "performance-testing"]));
}

#[test]
fn lines_are_answered_one_by_one_and_a_bad_one_stops_nothing() {
    let line = |id: u32, release: &str| {
        let document = changed(|document| {
            document["id"] = json!(id);
            document["release"] = json!(release);
        });
        document + "\n"
    };
    let input = line(1, "checkout-42") + "{\"id\": 2, \"events\": 3}\n" + &line(3, "checkout-43");
    let out = call_with(&["promotion", GRAPH, "--lines"], input).answered(0);
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.iter().map(|answer| &answer["id"]).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(answers[0]["release"], "checkout-42");
    assert_eq!(answers[1]["error"]["at"], "$.events");
    assert_eq!(answers[2]["release"], "checkout-43");
}

#[test]
fn odd_events_are_told_and_stop_nothing() {
    let odd = changed(|document| {
        event(
            document,
            "2026-03-04T08:30:00Z",
            &json!({"held": {"environment": "stagin", "by": "bob", "why": "test"}}),
        );
    });
    let answer = call_with(&["promotion", GRAPH, "--output", "text"], odd).answered(3);
    assert!(answer.contains("\n  warning promotion.unknown_environment: event 27 is about stagin, which"), "{answer}");
}

#[test]
fn a_graph_that_cannot_be_is_refused_in_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let graph = fixture(GRAPH);
    for (from, to, expected) in [
        (
            "from: [staging]",
            "from: [stage]",
            "$.environments[2].from[0]: expected the name of an environment, found stage",
        ),
        (
            "from: [development]",
            "from: [us]",
            "$.environments[1].from: expected environments that do not come after this one, found \
             eu → regions → us → staging → eu",
        ),
        ("name: us", "name: eu", "$.environments[4].name: expected a name that no environment before has, found eu"),
        ("count: 2", "count: 4", "$.environments[2].approvals.count: expected at most the 3 that are named, found 4"),
        (
            "soak: 12h",
            "soak: half a day",
            "$.environments[2].soak: expected a duration such as 250ms, 30s, 1h30m or 2d, found \"half a day\"",
        ),
        (
            "site: junction",
            "site: crossing",
            "$.environments[3].site: expected one of `deployed`, `junction`, found \"crossing\"",
        ),
        (
            "tls: \"on\"}\n    same",
            "tls: \"on\", tls: \"off\"}\n    same",
            "$.environments[2].settings.tls: expected each key once, found `tls` twice",
        ),
        ("order: oldest", "orders: oldest", "$.environments[4].orders: expected one of "),
        ("schema: 1", "schema: 2", "$.schema: expected 1, found 2"),
        (
            "trigger: automatic",
            "trigger: {automatic: 1}",
            "$.environments[0].trigger.automatic: expected nothing, found 1",
        ),
        (
            "soak: 12h",
            "soak: -1h",
            "$.environments[2].soak: expected a duration such as 250ms, 30s, 1h30m or 2d, found ",
        ),
        (
            "count: 2",
            "count: 0",
            "$.environments[2].approvals.count: expected at least 1, or no approvals at all, found 0",
        ),
        ("[ann, bob, cem]", "[ann, Ann]", "$.environments[2].approvals.of[1]: expected each person once, found Ann"),
        ("from: [staging]", "from: [eu]", "$.environments[2].from[0]: expected another environment, found eu itself"),
        (
            "gates: [window]",
            "gates: [window, window]",
            "$.environments[2].gates[1]: expected each gate once, found window",
        ),
        (
            "trigger: automatic",
            "trigger: auto",
            "$.environments[0].trigger: expected one of `person`, `automatic`, found \"auto\"",
        ),
        ("name: development", "name: \"\\e[31m\"", "$.environments[0].name: expected an identifier of 1 to 200 bytes"),
        ("schema: 1", "schema: 1\nschema: 1", "$.schema: expected each key once, found `schema` twice"),
        ("environments:", "environments: [", "$: expected YAML, found broken syntax at line "),
    ] {
        assert!(graph.contains(from), "{from:?}");
        let path = folder.path().join("graph.yaml");
        std::fs::write(&path, graph.replacen(from, to, 1)).unwrap();
        let name = path.to_str().unwrap();
        for words in [vec!["promotion", name, RELEASE], vec!["promotion", "--check", name]] {
            let line = call(&words).refused();
            assert!(line.starts_with(&format!("{name}: {expected}")), "{line}");
        }
    }
}

#[test]
fn a_document_that_says_nothing_of_what_happened_is_refused_at_its_place() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 16] = [
        (|it| drop(it.as_object_mut().unwrap().remove("events")), "$: expected a field `events`, found none"),
        (
            |it| drop(it.as_object_mut().unwrap().remove("release")),
            "$: expected a field `release`, or --goal, found neither",
        ),
        (
            |it| it["release"] = json!("checkout-9"),
            "$.release: expected a release that an event says was made, found checkout-9",
        ),
        (
            |it| it["now"] = json!("today"),
            "$.now: expected a time such as 2026-03-29T01:59:00Z (RFC 3339, years 0 to 9999), found \"today\"",
        ),
        (|it| it["events"][3]["at"] = json!(3), "$.events[3].at: expected a string, found 3"),
        (
            |it| it["events"][3]["kind"] = json!({"deployed": {}}),
            "$.events[3].kind: expected one of `made`, `withdrawn`, `begun`, ",
        ),
        (
            |it| it["events"][4]["kind"]["verified"]["verdict"] = json!("good"),
            "$.events[4].kind.verified.verdict: expected one of `pass`, `fail`, `inconclusive`, `no_data`, found \"good\"",
        ),
        (
            |it| it["answers"][0]["environment"] = json!("moon"),
            "$.answers[0].environment: expected an environment of the graph, found moon",
        ),
        (|it| it["answers"][0]["gate"] = json!("widnow"), "$.answers[0].gate: expected a gate of eu, found widnow"),
        (
            |it| it["events"][0]["kind"] = json!("made"),
            "$.events[0].kind.made: expected a map with this key and its value, found the name alone",
        ),
        (
            |it| it["events"][0]["kind"]["withdrawn"] = json!({}),
            "$.events[0].kind: expected a name or a map with one key, found a map with 2 keys",
        ),
        (
            |it| drop(it["events"][15]["kind"]["exposed"].as_object_mut().unwrap().remove("digests")),
            "$.events[15].kind.exposed: expected a field `digests`, found none",
        ),
        (
            |it| it["events"][0]["at"] = json!("2026-03-02T08:00:00"),
            "$.events[0].at: expected a time such as 2026-03-29T01:59:00Z (RFC 3339, years 0 to 9999), found ",
        ),
        (|it| it["events"] = json!({}), "$.events: expected a list, found a map"),
        (|it| it["release"] = json!("a\nb"), "$.release: expected an identifier of 1 to 200 bytes without control"),
        (|it| it["event"] = json!([]), "$.event: expected one of `release`, `digests`, `now`, `events`, `answers`"),
    ];
    for (change, expected) in cases {
        let line = call_with(&["promotion", GRAPH], changed(change)).refused();
        assert!(line.starts_with(&format!("<stdin>: {expected}")), "{line}");
    }
}

/// A log is delivered at least once.
#[test]
fn an_event_that_was_delivered_twice_changes_nothing() {
    let asked = |document: String| call_with(&["promotion", GRAPH], document).answered(3);
    let once = asked(changed(|_| ()));
    for index in 0..27 {
        for place in [index, index + 1] {
            let twice = changed(|document| {
                let events = document["events"].as_array_mut().unwrap();
                events.insert(place, events[index].clone());
            });
            assert_eq!(asked(twice), once, "event {index}");
        }
    }
}

#[test]
fn a_tag_is_no_digest_wherever_it_is_written() {
    let digest = format!("sha256:{:0>64}", 42);
    let tagged = changed(|_| ()).replace(&digest, "latest");
    let answer = call_with(&["promotion", GRAPH, "--environment", "eu", "--output", "text"], tagged).answered(1);
    let told = "critical promotion.mutable: the image of checkout-42 is latest, which can be moved to other bytes";
    assert!(answer.contains(told), "{answer}");
}

#[test]
fn nothing_that_is_written_reaches_the_terminal_as_it_is() {
    let hostile = changed(|document| {
        let withdrawn = json!({"release": "checkout-42", "by": "bob", "why": "x\u{1b}[31m\ny\u{202e}"});
        event(document, "2026-03-04T08:30:00Z", &json!({"withdrawn": withdrawn}));
    });
    let answer = call_with(&["promotion", GRAPH, "--output", "text"], hostile).answered(1);
    assert!(answer.contains("bob withdrew checkout-42: x\\u{1b}[31m\\ny\\u{202e}"), "{answer:?}");
    assert!(!answer.contains(['\u{1b}', '\u{202e}']), "{answer:?}");
}

#[test]
fn calls_that_cannot_be_meant_are_refused() {
    for (words, expected) in [
        (vec!["promotion"], "expected a graph's file or --preset, found neither"),
        (vec!["promotion", "-", "-"], "expected the graph or the release from standard input, found both"),
        (vec!["promotion", "--preset", "seed-004", RELEASE, GRAPH], "expected one file beside --preset, found "),
        (vec!["promotion", "--check", GRAPH, RELEASE], "expected a graph alone beside --check, found "),
        (vec!["promotion", "--check", "--preset", "seed-004", GRAPH], "expected --preset or a graph's file, found "),
        (
            vec!["promotion", GRAPH, RELEASE, "--environment", "moon"],
            "--environment: expected one of `development`, `staging`, `eu`, `regions`, `us`, found \"moon\"",
        ),
    ] {
        let line = call(&words).refused();
        assert!(line.starts_with(expected), "{line}");
    }
}
