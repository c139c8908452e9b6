//! Journals: replayed, explained, exported, verified, and refused when they cannot be read.

use std::path::PathBuf;

use bellwether_core::Decision;
use bellwether_port::{Body, Opened, testing::example_plan};
use bellwether_redb::RedbJournal;
use bellwether_rollout::{Actor, Event, Kind, Move, Place};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    call::{assert_answer, call, call_with},
    rollout::Rollout,
    schema::assert_valid,
};

/// A rollout whose candidate is found to be harmful.
fn harmful() -> Rollout {
    let mut rollout = Rollout::open("checkout-42");
    for _ in 0..3 {
        rollout.minute(0);
    }
    rollout.snapshot();
    for _ in 0..8 {
        rollout.minute(12);
    }
    rollout
}

/// A rollout that has been five percent for a few minutes.
fn under_way(name: &str) -> Rollout {
    let mut rollout = Rollout::open(name);
    for _ in 0..4 {
        rollout.minute(0);
    }
    rollout
}

fn stored(rollouts: &[&Rollout]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollouts.redb");
    rollouts.iter().for_each(|rollout| rollout.store(&path));
    (folder, path)
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

/// An export with one text replaced by another.
fn changed(export: &str, from: &str, to: &str) -> String {
    assert!(export.contains(from), "{from:?} is not in the export");
    export.replacen(from, to, 1)
}

#[test]
fn a_journal_is_decided_again_and_everything_is_equal() {
    let rollout = harmful();
    let (_folder, path) = stored(&[&rollout]);
    let events = rollout.records.iter().filter(|record| record.json().starts_with(b"{\"event\"")).count();
    let intervals = rollout.records.iter().filter(|record| record.json().starts_with(b"{\"interval\"")).count();

    let answer: Value = serde_json::from_str(&call(&["replay", text(&path)]).answered(0)).unwrap();
    assert_eq!(answer["equal"], true);
    let replayed = &answer["rollouts"][0];
    assert_eq!(replayed["records"], rollout.records.len());
    assert_eq!(replayed["equal"]["decisions"], events);
    assert_eq!(replayed["equal"]["verdicts"], intervals, "one verdict follows each interval");
    assert_eq!(replayed["equal"]["not_derived"], Value::Array(vec![]));

    let line = call(&["replay", text(&path), "--output", "text"]).answered(0);
    let expected = format!("checkout-42: replayed {events} decisions and {intervals} verdicts, all equal (");
    assert!(line.starts_with(&expected), "{line}");
}

#[test]
fn the_first_decision_that_would_not_be_made_is_named() {
    let mut rollout = under_way("checkout-42");
    let seq = rollout.records.len();
    let at = "2026-03-03T11:00:00Z".parse().unwrap();
    let event = Event { id: "forged".parse().unwrap(), at, by: Actor::Driver, kind: Kind::Ticked };
    rollout.append(&Body::event(event, Decision::new(Move::Enter(Place::Completed))));
    let (_folder, path) = stored(&[&rollout]);

    let answer: Value = serde_json::from_str(&call(&["replay", text(&path)]).answered(1)).unwrap();
    assert_eq!(answer["equal"], false);
    let diverged = &answer["rollouts"][0]["diverged"];
    assert_eq!((&diverged["seq"], &diverged["what"]), (&seq.into(), &"the decision".into()));
    assert!(diverged["journal"].as_str().unwrap().contains(r#""outcome":{"enter":"completed"}"#), "{diverged}");

    let line = call(&["replay", text(&path), "--output", "text"]).answered(1);
    assert!(line.starts_with(&format!("checkout-42: record {seq}: the decision differs\n  journal: ...")), "{line}");
    assert!(line.contains("\n  derived: ..."), "{line}");
}

#[test]
fn answers_about_journals_are_as_their_schemas_say() {
    let (_folder, path) = stored(&[&harmful()]);
    let answer = |verb: &[&str]| serde_json::from_str(&call(&[verb, &[text(&path)]].concat()).answered(0)).unwrap();
    let explained: Value = answer(&["explain"]);
    assert_valid("explain-answer", &explained);
    let judged =
        explained["causes"].as_array().unwrap().iter().find(|cause| cause["event"]["kind"]["judged"].is_object());
    let evidence = judged.unwrap()["evidence"][0].as_str().unwrap();
    assert!(evidence.starts_with("critical judge."), "{evidence}");
    assert_valid("explain-answer", &answer(&["explain", "--at", "12"]));
    assert_valid("replay-answer", &answer(&["replay"]));
    assert_valid("verify-answer", &answer(&["journal", "verify"]));
    let export = call(&["journal", "export", text(&path)]).answered(0);
    let lines: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (end, records) = lines.split_last().unwrap();
    records.iter().for_each(|record| assert_valid("journal-record", record));
    assert_valid("journal-end", end);
}

#[test]
fn an_export_is_read_like_its_journal() {
    let (_folder, path) = stored(&[&harmful()]);
    let export = call(&["journal", "export", text(&path)]).answered(0);
    for verb in [
        &["replay"][..],
        &["explain"],
        &["explain", "--at", "9", "--explain", "--output", "text"],
        &["journal", "verify"],
    ] {
        let of_file = call(&[verb, &[text(&path)][..]].concat()).answered(0);
        assert_eq!(call_with(verb, &export).answered(0), of_file, "{verb:?}");
    }
    assert_eq!(call_with(&["journal", "export"], &export).answered(0), export, "an export of an export is the same");
}

/// The text of a judge's finding may change with the judge; that it is there may not.
fn without_judgement(text: &str) -> String {
    text.lines().filter(|line| !line.contains(" judge.")).map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn explain_says_what_led_here_and_what_is_waited_for() {
    let (_folder, path) = stored(&[&under_way("checkout-42")]);
    let text = call(&["explain", text(&path), "--output", "text"]).answered(0);
    assert_answer(&without_judgement(&text), "explain-under-way.txt");
}

#[test]
fn explain_names_the_harm_that_sent_a_rollout_back() {
    let (_folder, path) = stored(&[&harmful()]);
    let text = call(&["explain", text(&path), "--output", "text"]).answered(0);
    assert_answer(&without_judgement(&text), "explain-harmful.txt");
    let (_, after) = text.split_once("judged fail: enter shift back\n").unwrap();
    assert!(after.starts_with("    critical judge."), "the reason stands below the decision: {after}");
}

#[test]
fn explain_says_what_an_event_would_do_and_does_nothing() {
    let (_folder, path) = stored(&[&under_way("checkout-42")]);
    let before = std::fs::read(&path).unwrap();
    let ask = |event: &str, more: &[&str]| {
        let words = [&["explain", text(&path), "--what-if", event], more].concat();
        call(&words).answered(0)
    };
    assert_answer(&after_what_if(&ask("aborted", &["--output", "text"])), "what-if-aborted.txt");
    assert_answer(&after_what_if(&ask("pass", &["--output", "text"])), "what-if-pass.txt");
    assert_answer(&after_what_if(&ask("ticked", &["--output", "text"])), "what-if-ticked.txt");

    let json: Value = serde_json::from_str(&ask("aborted", &[])).unwrap();
    assert_valid("explain-answer", &json);
    let asked = &json["what_if"];
    assert_eq!(asked["place"], serde_json::json!({"before": {"bake": 0}, "after": "shift_back"}));
    assert_eq!(asked["goal"]["route"]["after"]["share"], 0);
    assert_eq!(asked["event"]["by"]["person"], "somebody");

    // The same event as a document, from the command line, a file and a pipe.
    let event = r#"{"kind": {"aborted": {"why": "what if"}}}"#;
    let file = path.with_extension("json");
    std::fs::write(&file, event).unwrap();
    let same = |answer: &str| serde_json::from_str::<Value>(answer).unwrap()["what_if"] == *asked;
    assert!(same(&ask(event, &[])) && same(&ask(text(&file), &[])));
    assert!(same(&call_with(&["explain", text(&path), "--what-if", "-"], event).answered(0)));
    assert_eq!(std::fs::read(&path).unwrap(), before, "nothing is recorded");
    let without: Value = serde_json::from_str(&call(&["explain", text(&path)]).answered(0)).unwrap();
    assert!(without.get("what_if").is_none());
}

/// What stands below the question.
fn after_what_if(text: &str) -> String {
    text.lines().skip_while(|line| !line.starts_with("what if ")).map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn an_event_that_is_none_is_refused_at_its_place() {
    let (_folder, path) = stored(&[&under_way("checkout-42")]);
    let journal = text(&path);
    let refused =
        |event: &str, more: &[&str]| call(&[&["explain", journal, "--what-if", event], more].concat()).refused();
    let line = refused("abort", &[]);
    assert!(line.contains("expected --what-if with pass, fail, ") && line.ends_with(r#"found "abort""#), "{line}");
    assert_eq!(refused("{}", &[]), "--what-if: $: expected a field `kind`, found none");
    let line = refused(r#"{"kind": "exploded"}"#, &[]);
    assert!(
        line.starts_with("--what-if: $.kind: expected one of `resumed`, ") && line.ends_with("\"exploded\""),
        "{line}"
    );
    assert!(refused("{", &[]).starts_with("--what-if: $: expected JSON, found broken syntax"));
    let line = refused(r#"{"kind": "ticked", "at": "noon"}"#, &[]);
    assert!(line.starts_with("--what-if: $.at: expected a time such as "), "{line}");
    // Before the first exposure there is nothing to judge.
    let line = refused("fail", &["--at", "0"]);
    assert_eq!(line, "--what-if: expected a rollout with an exposure to judge, found one at gate of step 0");
    let line = call_with(&["explain", "--what-if", "-"], "").refused();
    assert_eq!(line, "expected the journal or the event from standard input, found both");
    let export = call(&["journal", "export", journal]).answered(0);
    let answer = call_with(&["explain", "--what-if", "paused"], export).answered(0);
    assert!(answer.contains("rollout.paused"), "{answer}");
}

#[test]
fn explain_looks_at_the_record_that_is_asked_for() {
    let (_folder, path) = stored(&[&harmful()]);
    let answer: Value = serde_json::from_str(&call(&["explain", text(&path), "--at", "0"]).answered(0)).unwrap();
    assert_eq!((&answer["record"], &answer["causes"]), (&0.into(), &Value::Array(vec![])));
    assert_eq!(answer["goal"]["route"]["share"], 0, "nothing was exposed yet");
    let line = call(&["explain", text(&path), "--at", "9999"]).refused();
    assert!(line.contains("expected --at a record from 0 to ") && line.ends_with(", found 9999"), "{line}");
}

#[test]
fn a_journal_of_many_rollouts_answers_for_each_or_for_one() {
    let (_folder, path) = stored(&[&under_way("checkout-42"), &under_way("search-7")]);
    let all: Value = serde_json::from_str(&call(&["replay", text(&path)]).answered(0)).unwrap();
    assert_eq!(all["rollouts"].as_array().unwrap().len(), 2);
    let one: Value =
        serde_json::from_str(&call(&["replay", text(&path), "--rollout", "search-7"]).answered(0)).unwrap();
    assert_eq!(one["rollouts"], Value::Array(vec![all["rollouts"][1].clone()]));
    let line = call(&["explain", text(&path)]).refused();
    assert!(line.ends_with(": expected --rollout with one of checkout-42, search-7, found none"), "{line}");
    let line = call(&["replay", text(&path), "--rollout", "other"]).refused();
    assert!(line.ends_with(": expected the rollout other, found no record of it"), "{line}");
    let export = call(&["journal", "export", text(&path)]).answered(0);
    let line = call_with(&["replay", "--rollout", "other"], export).refused();
    assert_eq!(line, "<stdin>: expected the rollout other, found checkout-42, search-7");
}

/// A driver closes every rollout that has ended.
#[test]
fn a_journal_whose_rollouts_have_all_ended_is_answered_for() {
    let (first, second) = (harmful(), under_way("search-7"));
    let (_folder, path) = stored(&[&first]);
    first.close(&path);
    for verb in [&["replay"][..], &["explain"], &["journal", "export"], &["journal", "verify"]] {
        let answer = call(&[verb, &[text(&path)][..]].concat()).answered(0);
        assert!(answer.contains("checkout-42"), "{verb:?}: the only one is meant");
    }
    second.store(&path);
    second.close(&path);
    for verb in [&["replay"][..], &["journal", "verify"]] {
        let answer: Value = serde_json::from_str(&call(&[verb, &[text(&path)][..]].concat()).answered(0)).unwrap();
        let rollouts = answer["rollouts"].as_array().unwrap().iter().map(|it| it["rollout"].as_str().unwrap());
        assert_eq!(rollouts.collect::<Vec<_>>(), ["checkout-42", "search-7"]);
    }
    for verb in [&["explain"][..], &["journal", "export"]] {
        let line = call(&[verb, &[text(&path)][..]].concat()).refused();
        assert!(line.ends_with(": expected --rollout with one of checkout-42, search-7, found none"), "{line}");
    }
    call(&["explain", text(&path), "--rollout", "search-7"]).answered(0);
}

#[test]
fn a_journal_without_any_rollout_is_refused() {
    let (_folder, path) = stored(&[]);
    drop(RedbJournal::open(&path).unwrap());
    let line = call(&["replay", text(&path)]).refused();
    assert!(line.ends_with(": expected a journal with a rollout in it, found an empty one"), "{line}");
}

/// A pipe gives each byte once, so its beginning must not be lost when it is looked at.
#[cfg(target_os = "linux")]
#[test]
fn a_pipe_with_a_name_is_read_whole() {
    let (_folder, path) = stored(&[&harmful()]);
    let export = call(&["journal", "export", text(&path)]).answered(0);
    let of_file = call(&["journal", "verify", text(&path)]).answered(0);
    assert_eq!(call_with(&["journal", "verify", "/dev/stdin"], &export).answered(0), of_file);
    let bytes = std::fs::read(&path).unwrap();
    for name in ["-", "/dev/stdin"] {
        let line = call_with(&["journal", "verify", name], &bytes).refused();
        assert!(line.ends_with(", or an export of it, found a journal's file on a pipe"), "{line}");
    }
}

#[test]
fn asking_changes_nothing_and_needs_no_permission_to_write() {
    let (folder, path) = stored(&[&harmful()]);
    let readonly = |is_readonly: bool| {
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(is_readonly);
        std::fs::set_permissions(&path, permissions).unwrap();
    };
    let (before, written) = (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    readonly(true);
    for verb in [&["replay"][..], &["explain"], &["journal", "export"], &["journal", "verify"]] {
        call(&[verb, &[text(&path)][..]].concat()).answered(0);
        assert!(std::fs::read(&path).unwrap() == before, "{verb:?} changed the file");
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written, "{verb:?} wrote to the file");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    readonly(false);
}

/// A driver that was killed leaves a file that has to be repaired: the copy is, the file is not.
#[test]
fn a_journal_that_was_not_closed_is_answered_for_and_left_as_it_is() {
    let rollout = harmful();
    let (folder, path) = stored(&[&rollout]);
    let journal = RedbJournal::open(&path).unwrap();
    let killed = folder.path().join("killed.redb");
    std::fs::copy(&path, &killed).unwrap();
    drop(journal);
    let before = std::fs::read(&killed).unwrap();
    assert_eq!(call(&["replay", text(&killed)]).answered(0), call(&["replay", text(&path)]).answered(0),);
    assert!(std::fs::read(&killed).unwrap() == before, "the file was repaired");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_never_ends_is_refused() {
    let line = call(&["journal", "verify", "/dev/zero"]).refused();
    assert!(line.ends_with("line 1: $: expected at most 16777216 bytes, found more"), "{line}");
    assert!(call(&["risk", "/dev/zero"]).refused().ends_with("$: expected at most 8388608 bytes, found more"));
    let called = call(&["risk", "/dev/zero", "--lines"]);
    assert_eq!(called.status, 2);
    assert!(called.out.starts_with("{\"id\":null,\"error\":{\"kind\":\"too_large\""), "{}", called.out);
    assert_eq!(called.err, "/dev/zero: $: expected a line end within 67108864 bytes more, found none\n");
}

#[test]
fn a_journal_that_a_driver_has_open_is_refused() {
    let (_folder, path) = stored(&[&under_way("checkout-42")]);
    let _driver = RedbJournal::open(&path).unwrap();
    let line = call(&["replay", text(&path)]).refused();
    assert!(line.starts_with(text(&path)) && line.contains("somebody else has the journal open"), "{line}");
    assert!(line.contains(": expected a journal that nobody has open, found "), "{line}");
    assert_eq!(line.matches(text(&path)).count(), 1, "the file is named once: {line}");
}

#[test]
fn a_journal_of_a_newer_build_is_refused() {
    for (schema, rules, expected) in [(99, 1, "expected journal schema "), (1, 99, "expected machine rules ")] {
        let mut opened = Opened::new(example_plan("checkout-42"));
        (opened.schema, opened.rules) = (schema, rules);
        let (_folder, path) = stored(&[&Rollout::begin(opened)]);
        let of_file = call(&["replay", text(&path)]).refused();
        assert!(
            of_file.contains(expected) && of_file.contains("found 99") && of_file.contains("a newer build"),
            "{of_file}"
        );
        let export = call(&["journal", "export", text(&path)]).answered(0);
        let of_export = call_with(&["replay"], export).refused();
        assert!(of_export.contains(expected) && of_export.contains("found 99: a newer build"), "{of_export}");
    }
}

#[test]
fn a_damaged_journal_is_refused_and_left_as_it_is() {
    let (_folder, path) = stored(&[&harmful()]);
    let whole = std::fs::read(&path).unwrap();
    for kept in [9, 100, 4_096, whole.len() / 2] {
        std::fs::write(&path, &whole[..kept]).unwrap();
        let line = call(&["replay", text(&path)]).refused();
        assert!(line.contains(": expected a ") && line.contains(", found "), "{kept} bytes: {line}");
        assert_eq!(std::fs::read(&path).unwrap(), whole[..kept], "{kept} bytes");
    }
}

#[test]
fn what_is_no_journal_is_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollouts.redb");
    let line = call(&["replay", text(&path)]).refused();
    assert!(line.contains(": expected a readable file, found: "), "{line}");
    assert!(!path.exists(), "no journal was made");

    std::fs::write(&path, "").unwrap();
    let line = call(&["replay", text(&path)]).refused();
    assert!(line.ends_with(": expected a journal or an export of one, found nothing"), "{line}");
    std::fs::write(&path, "something else").unwrap();
    let line = call(&["replay", text(&path)]).refused();
    assert!(line.contains(": line 1: $: expected JSON, found broken syntax at column 1: "), "{line}");
    std::fs::write(&path, "{\"rollout\": \"a\"}").unwrap();
    let line = call(&["replay", text(&path)]).refused();
    assert!(line.ends_with(": line 1: $: expected a field `seq`, found none"), "{line}");
}

#[test]
fn a_changed_export_is_refused_at_its_line() {
    let (_folder, path) = stored(&[&under_way("checkout-42")]);
    let export = call(&["journal", "export", text(&path)]).answered(0);
    let lines: Vec<&str> = export.lines().collect();
    let without_second = [&lines[..1], &lines[2..]].concat().join("\n");
    let first_twice = [&lines[..1], &lines[..1]].concat().join("\n");
    let torn = &export[..export.len() - 20];
    for (text, expected) in [
        (
            changed(&export, r#""candidate":{"name":"42"}"#, r#""candidate":{"name":"43"}"#),
            "line 1: journal checkout-42, record 0: expected digest ",
        ),
        (
            changed(&export, "\"seq\":1,", "\"seq\":2,"),
            "line 2: journal checkout-42, record 2: expected record 1, found record 2",
        ),
        (without_second, "line 2: journal checkout-42, record 2: expected record 1, found record 2"),
        (first_twice, "line 2: journal checkout-42, record 0: expected record 1, found record 0"),
        (
            changed(&export, "\"token\":0,", "\"token\":0,\"token\":0,"),
            "line 1: $.fence.token: expected each key once, found `token` twice",
        ),
        (
            changed(&export, "\"share\":500", "\"share\":10001"),
            "line 1: $.body.opened.plan.steps[0].route.share: expected a share of 0 to 10000 basis points, found 10001",
        ),
        (torn.to_owned(), &format!("line {}: $: expected JSON, found broken syntax ", lines.len())),
    ] {
        let line = call_with(&["journal", "verify"], text).refused();
        assert!(line.starts_with(&format!("<stdin>: {expected}")), "{line}");
    }
}

#[test]
fn a_head_that_was_kept_shows_that_the_end_is_missing() {
    let rollout = under_way("checkout-42");
    let (_folder, path) = stored(&[&rollout]);
    let last = rollout.records.last().unwrap();
    let head = format!("{}:{}", last.seq(), last.digest());
    let line = call(&["journal", "verify", text(&path), "--output", "text"]).answered(0);
    assert_eq!(line, format!("checkout-42: verified, head {head}\n"));
    call(&["journal", "verify", text(&path), "--head", &head]).answered(0);

    let export = call(&["journal", "export", text(&path)]).answered(0);
    let shorter: Vec<&str> = export.lines().take(rollout.records.len() - 1).collect();
    let shorter = shorter.join("\n");
    for verb in [&["journal", "verify"][..], &["replay"]] {
        let line = call_with(verb, &shorter).refused();
        let expected =
            "<stdin>: expected an end line after the last record of checkout-42, found none: the end is missing";
        assert_eq!(line, expected);
    }
    let whole = export.lines().last().unwrap();
    let line = call_with(&["journal", "verify"], format!("{shorter}\n{whole}")).refused();
    assert!(line.contains(&format!("expected this to be followed up to record {}", last.seq())), "{line}");
    // Whoever cuts the end off may write another end line; a head that is kept elsewhere shows that too.
    let before = &rollout.records[rollout.records.len() - 2];
    let end = serde_json::json!({ "rollout": "checkout-42", "records": last.seq(), "digest": before.digest() });
    let shorter = format!("{shorter}\n{}\n", serde_json::json!({ "end": [end] }));
    call_with(&["journal", "verify"], &shorter).answered(0);
    let line = call_with(&["journal", "verify", "--head", &head], &shorter).refused();
    assert!(
        line.ends_with(&format!(
            "expected this to be followed up to record {}, found nothing more: the end is missing",
            last.seq()
        )),
        "{line}"
    );
}
