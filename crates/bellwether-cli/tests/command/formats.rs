//! What is refused in every format before anybody asks what the document is for.

use crate::call::{call, call_with};

#[track_caller]
fn refused_as(name: &str, text: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let line = call(&["plan", path]).refused();
    line.strip_prefix(&format!("{path}: ")).expect("the line begins with the file").to_owned()
}

#[test]
fn a_key_that_is_there_twice_is_refused_at_every_depth() {
    let twice = "expected each key once, found `rto` twice";
    let json = r#"{"target": {"rto": "1s", "rto": "1s"}}"#;
    assert_eq!(refused_as("a.json", json), format!("$.target.rto: {twice}"));
    assert_eq!(refused_as("a.yaml", "target:\n  rto: 1s\n  rto: 1s\n"), format!("$.target.rto: {twice}"));
    let list = r#"{"unknown": [[], [{"rto": 1, "\u0072to": 2}]]}"#;
    assert_eq!(refused_as("a.json", list), format!("$.unknown[1][0].rto: {twice}"), "an escaped key is the same key");
    let toml = refused_as("a.toml", "[target]\nrto = \"1s\"\nrto = \"1s\"\n");
    assert_eq!(toml, "$: expected TOML, found broken syntax at line 3 column 1: duplicate key");
}

#[test]
fn two_hundred_thousand_brackets_are_refused() {
    for (name, opening) in
        [("a.json", "["), ("a.json", "{\"a\":"), ("a.yaml", "["), ("a.yaml", "{a: "), ("a.toml", "a=[")]
    {
        let text = if name == "a.toml" {
            format!("a={}", "[".repeat(200_000))
        } else {
            opening.repeat(200_000 / opening.len())
        };
        let line = refused_as(name, text);
        assert!(line.contains("expected at most 64 lists and maps") || line.contains("recurs"), "{line}");
    }
    let blocks: String = (0..500).map(|depth| format!("{}-\n", " ".repeat(depth))).collect();
    assert!(refused_as("a.yaml", blocks).contains("expected at most 64 lists and maps around a value, found more"));
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_not() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for name in ["a.json", "a.yaml"] {
        assert_eq!(
            refused_as(name, nested(64)),
            "$: expected a map, found a list",
            "64 levels are only the wrong document"
        );
        let line = refused_as(name, nested(65));
        assert!(line.ends_with("...: expected at most 64 lists and maps around a value, found more"), "{line}");
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    // Nine aliases of nine aliases ...: 9^12 values from 600 bytes.
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    assert!(refused_as("a.yaml", bomb).contains("alias replay limit exceeded"));
    assert!(refused_as("a.yaml", "a: &a [*a]").starts_with("$: expected YAML, found broken syntax"));
}

#[test]
fn broken_syntax_is_refused_with_line_and_column() {
    for (name, text, expected) in [
        ("a.json", "{\n  \"release\": 1,,\n}", "$: expected JSON, found broken syntax at line 2 column 16: "),
        ("a.json", "{} {}", "$: expected JSON, found broken syntax at line 1 column 4: trailing characters"),
        ("a.json", "", "$: expected JSON, found nothing"),
        ("a.json", "\u{feff} \n", "$: expected JSON, found nothing"),
        ("a.yaml", "a: [1, 2\nb: }", "$: expected YAML, found broken syntax at line 2 column 2: "),
        ("a.yaml", "a: 1\n---\na: 2", "$: expected one document, found a second one at line 2"),
        ("a.yaml", "# why\n---\na: |\n  ---\n--- # empty", "$: expected one document, found a second one at line 5"),
        ("a.yaml", "a: !include b", "$: expected YAML, found broken syntax at line 1 column 13: unsupported tag"),
        ("a.yaml", "", "$: expected YAML, found nothing"),
        ("a.yaml", "# nothing\n", "$: expected a map, found nothing (null)"),
        ("a.toml", "", "$: expected TOML, found nothing"),
        ("a.toml", "\u{feff}", "$: expected TOML, found nothing"),
        ("a.toml", "a = 1\nb = \n", "$: expected TOML, found broken syntax at line 2 column 5: "),
    ] {
        let line = refused_as(name, text);
        assert!(line.starts_with(expected), "{text:?}: {line}");
    }
    let line = refused_as("a.json", b"{\"a\": \"\xff\"}");
    assert_eq!(line, "$: expected text in UTF-8, found other bytes after byte 7");
}

#[test]
fn standard_input_is_json_when_it_begins_like_json_and_yaml_otherwise() {
    assert!(call_with(&["risk"], " {\"files\": []}").answered(0).contains("change.empty"));
    assert!(call_with(&["risk"], "files: []\n").answered(0).contains("change.empty"));
    assert!(call_with(&["risk", "-"], "\u{feff}{\"files\": []}").answered(0).contains("change.empty"));
    assert!(
        call_with(&["risk"], "{files: []}").refused().starts_with("<stdin>: $: expected JSON, found broken syntax")
    );
}

#[test]
fn what_was_told_outranks_the_extension_and_the_first_sign() {
    let toml = "files = []\n";
    assert!(call_with(&["risk", "--input", "toml"], toml).answered(0).contains("change.empty"));
    assert!(call_with(&["risk", "--input", "yaml", "-"], "{files: []}").answered(0).contains("change.empty"));
    assert!(
        call_with(&["risk", "--input", "json"], "files: []").refused().contains("expected JSON, found broken syntax")
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("change.json");
    std::fs::write(&path, toml).unwrap();
    assert!(call(&["risk", path.to_str().unwrap(), "--input", "toml"]).answered(0).contains("change.empty"));
    assert_eq!(
        call_with(&["risk", "--lines", "--input", "yaml"], "").refused(),
        "expected JSON beside --lines, found another --input"
    );
    assert!(
        call(&["schema", "plan", "--input", "json"]).refused().starts_with("expected --input beside a verb that reads")
    );
}

/// Each format has a way to write a number that no plan can hold; none of them may become another number.
#[test]
fn a_number_that_is_too_big_is_refused_at_its_place() {
    let digits = "99999999999999999999999";
    for (name, text, expected) in [
        ("a.json", format!("{{\"target\": {{\"replicas\": {digits}}}}}"), "1e23"),
        ("a.yaml", format!("target:\n  replicas: {digits}\n"), "1e23"),
        ("a.toml", format!("[target]\nreplicas = {digits}\n"), digits),
    ] {
        let whole = "release: r\nservice: s\nstable: a\ncandidate: b\nlevel: low\n".to_owned();
        let text = match name {
            "a.json" => {
                text.replacen('{', r#"{"release":"r","service":"s","stable":"a","candidate":"b","level":"low","#, 1)
            }
            "a.yaml" => whole + &text,
            _ => whole.replace(": ", " = \"").replace('\n', "\"\n") + &text,
        };
        let line = refused_as(name, text);
        assert!(
            line.starts_with("$.target.replicas: expected a ") && line.ends_with(&format!("found {expected}")),
            "{line}"
        );
    }
    for (name, text) in
        [("a.json", "{\"a\": 1e999}"), ("a.yaml", "a: 1e999"), ("a.toml", "a = 1e999"), ("a.toml", "a = inf")]
    {
        let line = refused_as(name, text);
        assert!(line.contains("number"), "{line}");
    }
    for (name, text) in [("a.yaml", "a: .nan"), ("a.toml", "a = nan")] {
        assert_eq!(refused_as(name, text), "$.a: expected a finite number, found NaN");
    }
}

#[test]
fn yaml_off_is_a_word_and_yaml_aliases_are_followed() {
    let flag = "files: [{path: src/a.rs, status: modified}]\nflags: [{name: a, state: off, guards: [src/]}]";
    assert!(call_with(&["risk"], flag).answered(0).contains("\"outcome\": \"zero\""), "off is the state and not false");
    let alias = "files: [&file {path: docs/a.md, status: modified}, *file]";
    assert!(call_with(&["risk"], alias).answered(0).contains("\"outcome\": \"zero\""));
    let merged = "files: [&file {path: docs/a.md, status: modified}, {<<: *file, path: docs/b.md}]";
    assert!(call_with(&["risk"], merged).answered(0).contains("\"outcome\": \"zero\""));
}

/// The name under which TOML's reader hands over a time is a field like any other in what somebody wrote.
#[test]
fn a_field_that_toml_uses_within_is_unknown_in_every_format() {
    let json = r#"{"files": [], "$__toml_private_datetime": {"files": []}}"#;
    assert!(call_with(&["risk"], json).refused().contains("found the unknown field `$__toml_private_datetime`"));
    let wrapped = r#"{"files": [], "release": {"$__toml_private_datetime": "checkout-42"}}"#;
    assert!(call_with(&["risk"], wrapped).refused().contains("$.release"));
    let yaml = "files: []\n$__toml_private_datetime: a\n";
    assert!(call_with(&["risk"], yaml).refused().contains("found the unknown field"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("change.toml");
    for toml in [
        "files = []\n\"$__toml_private_datetime\" = \"a\"\n",
        "\"$__toml_private_datetime\" = { files = [] }\n",
        "files = []\n[\"$__toml_private_datetime\"]\nfiles = []\n",
    ] {
        std::fs::write(&path, toml).unwrap();
        let line = call(&["risk", path.to_str().unwrap()]).refused();
        assert!(line.contains(": $"), "{toml}: {line}");
    }
    let arithmetic = r#"{"system": "flagger", "function": "max_weight",
        "in": {"$serde_json::private::RawValue": "{\"step_weights\": [10, 130]}"}}"#;
    assert!(call_with(&["plan", "arithmetic"], arithmetic).refused().contains("found the unknown field"));
}

#[test]
fn a_change_tells_its_files() {
    for document in ["{}", r#"{"release": "r"}"#] {
        assert_eq!(call_with(&["risk"], document).refused(), "<stdin>: $: expected a field `files`, found none");
    }
    let schema: serde_json::Value = serde_json::from_str(&call(&["schema", "change"]).answered(0)).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["files"]));
}
