//! How long a step must bake, from a shell.

use bellwether_analysis::BakeQuestion;
use serde_json::{Value, json};

use crate::{
    call::{call, call_with},
    schema::assert_valid,
};

const TRAFFIC: [&str; 7] = ["bake", "--traffic", "6000", "--rate", "0.001", "--share", "0.05"];

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_answer_is_the_librarys_plan_and_what_was_asked() {
    let answer = json_of(&call(&[&TRAFFIC[..], &["--ratio", "5", "--longest", "4h"]].concat()).answered(0));
    assert_valid("bake-answer", &answer);
    assert_valid("bake", &answer["question"]);
    let question = BakeQuestion {
        traffic_per_minute: 6_000.0,
        longest: "4h".parse().unwrap(),
        ratios: vec![5.0],
        ..BakeQuestion::default()
    };
    assert_eq!(answer["question"], serde_json::to_value(&question).unwrap());
    assert_eq!(answer["plan"], serde_json::to_value(question.plan().unwrap()).unwrap());
    // what was answered can be asked again, and the call counts more than the document
    let again = call_with(&["bake", "-"], answer["question"].to_string()).answered(0);
    assert_eq!(json_of(&again), answer);
    let longer = json_of(&call_with(&["bake", "-", "--longest", "5h"], answer["question"].to_string()).answered(0));
    assert_eq!((&longer["question"]["longest"], &longer["question"]["ratios"]), (&json!("5h"), &json!([5.0])));
}

#[test]
fn a_table_has_a_row_a_ratio_and_one_for_a_good_candidate() {
    let text = call(&[&TRAFFIC[..], &["--output", "text"]].concat()).answered(0);
    let rows: Vec<Vec<&str>> =
        text.lines().map(|line| line.split("  ").filter(|it| !it.is_empty()).collect()).collect();
    let names: Vec<&str> = rows.iter().map(|row| row[0].trim()).collect();
    let expected = ["x1.5 fails", "x2 fails", "x3 fails", "x5 fails", "x10 fails", "equal passes"];
    assert_eq!(names[2..8], expected, "{text}");
    // The tolerance is 1.5: what is no worse than that is not found, however long one looks.
    assert_eq!(rows[2][1..3], ["-", "-"], "{text}");
    assert!(text.ends_with("A fail takes at least 2 intervals at this share, a pass by the ratio 62.\n"), "{text}");
}

#[test]
fn a_picture_is_as_long_as_the_time() {
    let text = call(&[&TRAFFIC[..], &["--ratio", "3", "--ratio", "10", "--picture"]].concat()).answered(0);
    let bar = |name: &str, sign: char| {
        let line = text.lines().find(|line| line.contains(&format!("{name} │"))).unwrap();
        line.chars().filter(|it| *it == sign).count()
    };
    assert!(bar("x3 fails", '█') > bar("x10 fails", '█'), "{text}");
    assert!(bar("x10 fails", '─') > 0, "nine of ten take longer than half: {text}");
    let error = call(&[&TRAFFIC[..], &["--picture", "--output", "json"]].concat()).refused();
    assert!(error.contains("expected --picture with --output text"), "{error}");
}

#[test]
fn a_drawing_has_a_bar_for_each_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bake.svg");
    let words = [&TRAFFIC[..], &["--ratio", "5", "--ratio", "10", "--svg", path.to_str().unwrap()]].concat();
    call(&words).answered(0);
    let svg = std::fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{svg}");
    let count = |what: &str| svg.matches(what).count();
    assert_eq!((count("class=\"fails\""), count("class=\"passes\"")), (2, 1), "{svg}");
    for name in ["title", "style", "text"] {
        assert_eq!(count(&format!("<{name}")), count(&format!("</{name}>")), "{name}: {svg}");
    }
    let error = call(&[&TRAFFIC[..], &["--svg", "/nowhere/bake.svg"]].concat()).refused();
    assert!(error.starts_with("/nowhere/bake.svg: expected to write it, found:"), "{error}");
}

/// At 5 % the ratio takes at least ln 20 / ln(0.95 / 0.905) = 62 intervals, whatever the traffic; 2 % is no acceptable rate.
#[test]
fn a_bake_that_is_too_short_for_a_pass_is_inconclusive() {
    let answer = json_of(
        &call(&["bake", "--traffic", "600000", "--rate", "0.02", "--share", "0.05", "--longest", "61m"]).answered(3),
    );
    assert_eq!(answer["plan"]["least_intervals_to_pass"], 62);
    assert_eq!((&answer["plan"]["pass"]["p90"], &answer["plan"]["pass"]["power"]), (&Value::Null, &json!(0.0)));
}

#[test]
fn a_question_that_cannot_be_planned_is_refused_with_its_place() {
    let line = call(&["bake", "--share", "2"]).refused();
    assert_eq!(line, "bake: $.share: expected a share of 0.0001 to 0.9999, found 2");
    for (document, expected) in [
        (json!({ "rate": 2 }), "<stdin>: $.rate: expected a rate of 0 to 1, found 2"),
        (json!({ "runs": 0 }), "<stdin>: $.runs: expected 1 to 100,000 runs, found 0"),
        (json!({ "metric": { "kind": "gauge" } }), "<stdin>: $.metric.kind: expected a rate, found 0"),
        (json!({ "trafic": 1 }), "<stdin>: $.trafic: expected"),
    ] {
        let line = call_with(&["bake", "-"], document.to_string()).refused();
        assert!(line.starts_with(expected), "{line}");
    }
    let line = call(&["bake", "--lines"]).refused();
    assert!(line.starts_with("expected --lines beside a verb that reads one document"), "{line}");
}
