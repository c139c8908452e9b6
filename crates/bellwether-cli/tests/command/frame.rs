use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use serde_json::Value;

use crate::call::{call, called, command};

#[test]
fn help_has_an_example_for_every_verb_and_succeeds() {
    let help = call(&["--help"]).answered(0);
    let verbs = ["risk", "plan", "simulate", "bake", "window", "replay", "explain", "journal", "schema", "completions"];
    for verb in verbs {
        assert!(help.contains(&format!("\n  {verb}")), "{verb} is in the list");
        let own = call(&[verb, "--help"]).answered(0);
        assert!(own.contains("\nExample") && own.contains(&format!("\n  bellwether {verb}")), "{own}");
    }
    assert!(help.contains("2  the input or the call is wrong"), "{help}");
    assert!(help.contains("3  inconclusive"), "{help}");
}

#[test]
fn a_wrong_call_is_status_2_and_says_what_was_expected() {
    for (words, said) in [
        (&[][..], "Usage: bellwether"),
        (&["risc"], "'risc'"),
        (&["risk", "--colour"], "'--colour'"),
        (&["risk", "a", "b"], "'b'"),
        (&["risk", "--output", "xml"], "[possible values: text, json]"),
        (&["plan", "--rto", "20s"], "--check"),
        (&["plan", "--rto", "20s", "--compare"], "--compare"),
        (&["plan", "--rto", "20s", "--preset", "seed-001-canary"], "--preset"),
        (&["plan", "--check", "--rto", "20"], "expected a duration such as 250ms"),
        (&["schema", "nothing"], "[possible values: change, "),
    ] {
        let called = call(words);
        assert_eq!((called.status, called.out.as_str()), (2, ""), "{words:?}");
        assert!(called.err.contains(said), "{words:?}: {}", called.err);
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(call(&["--version"]).answered(0), format!("bellwether {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn piped_text_has_no_colour_unless_it_is_asked_for() {
    let text = |color: &str| call(&["risk", "change.json", "--output", "text", "--color", color]).answered(0);
    assert!(!text("auto").contains('\u{1b}'));
    assert!(!text("never").contains('\u{1b}'));
    assert!(text("always").contains("\u{1b}[1mhigh risk\u{1b}[0m"));
}

#[test]
fn an_explicit_colour_outranks_no_color() {
    let mut command = command(&["risk", "change.json", "--output", "text", "--color", "always"]);
    assert!(called(command.env("NO_COLOR", "1").output().unwrap()).answered(0).contains('\u{1b}'));
}

#[test]
fn a_reader_that_closed_the_pipe_is_no_error() {
    for words in [&["risk"][..], &["plan", "--help"], &["schema", "plan"], &["completions", "bash"]] {
        let mut child =
            command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let _ = child.stdin.take().unwrap().write_all(b"{\"files\": []}");
        called(child.wait_with_output().unwrap()).answered(0);
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_lines() {
    let mut child = command(&["risk", "--lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut answer = String::new();
    stdin.write_all(b"{\"id\": 1, \"files\": []}\n").unwrap();
    stdout.read_line(&mut answer).unwrap();
    assert!(answer.starts_with("{\"id\":1,"), "the answer came before the next line: {answer}");
    drop(stdout);
    while stdin.write_all(b"{\"id\": 2, \"files\": []}\n").is_ok() {}
    drop(stdin);
    called(child.wait_with_output().unwrap()).answered(0);
}

#[test]
fn every_name_has_a_schema_and_every_schema_refuses_what_the_reader_refuses() {
    let list = call(&["schema"]).answered(0);
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.starts_with(&["change", "rules"]), "{list}");
    for name in names {
        let schema: Value = serde_json::from_str(&call(&["schema", name]).answered(0)).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(schema["properties"].is_object(), "{name}");
    }
    for name in ["change", "rules", "release", "plan"] {
        let schema: Value = serde_json::from_str(&call(&["schema", name]).answered(0)).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
}

#[test]
fn every_shell_has_completions_with_every_verb() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = call(&["completions", shell]).answered(0);
        assert!(script.contains("risk") && script.contains("completions"), "{shell}");
    }
}
