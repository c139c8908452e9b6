//! Plans carried out in scripted worlds.

use serde_json::{Value, json};

use crate::{
    call::{assert_answer, call, call_with, fixture},
    schema::assert_valid,
};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A scenario in a file of its own, and what is answered about the fixture's plan in it.
fn simulated(scenario: &str, status: i32) -> Value {
    let plan = fixtures("plan.yaml");
    json_of(&call_with(&["simulate", &plan, "-"], scenario).answered(status))
}

fn fixtures(name: &str) -> String {
    crate::call::fixtures().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_timeline_is_a_table_for_people() {
    let call = call(&["simulate", "plan.yaml", "scenario.yaml", "--output", "text"]);
    assert_answer(&call.answered(1), "simulate.txt");
}

#[test]
fn a_picture_shows_the_share_and_marks_what_was_decided() {
    let drawn = call(&["simulate", "plan.yaml", "scenario.yaml", "--picture"]).answered(1);
    assert_answer(&drawn, "simulate-picture.txt");
    // 25 % of ten lines are two and a half.
    let column = |at: usize| {
        drawn.lines().filter(|line| line.contains('│')).map(move |line| line.chars().nth(at).unwrap_or(' '))
    };
    let lines: Vec<char> = column(8 + 40).filter(|sign| *sign != ' ').collect();
    assert_eq!(lines, ['▄', '█', '█'], "{drawn}");
}

/// 10 minutes at 5 % and 30 at 25 % are the plan's, and the drain of half a minute; a look a second after the switch.
#[test]
fn without_a_scenario_the_world_obeys_and_the_plan_takes_as_long_as_it_says() {
    let answer = json_of(&call(&["simulate", "plan.yaml"]).answered(0));
    assert_eq!((&answer["place"], &answer["end"]), (&json!("completed"), &json!("ended")));
    assert_eq!(answer["took"].as_str().unwrap().split_once('s').unwrap().0, "40m31");
    assert_eq!(answer["waiting"], json!([]));
    let shown: Vec<&Value> = answer["curve"].as_array().unwrap().iter().map(|point| &point["shown"]).collect();
    assert_eq!(shown, [0, 0, 500, 500, 2_500, 2_500, 10_000], "and where another share is wanted than is shown");
}

#[test]
fn an_answer_is_as_its_schema_says() {
    for scenario in
        [fixture("scenario.yaml"), "until: 5m".to_owned(), "faults: [{after: 1m, what: router_fails}]".to_owned()]
    {
        let called = call_with(&["simulate", "plan.yaml", "-"], &scenario);
        assert_valid("simulate-answer", &json_of(&called.out));
    }
    let answer = simulated(&fixture("scenario.yaml"), 1);
    let moments = answer["moments"].as_array().unwrap();
    let fail = moments.iter().find(|moment| moment["decided"]["decision"]["outcome"]["enter"] == "shift_back").unwrap();
    assert_eq!(fail["after"], "51m24s", "40 minutes after the exposure was seen");
    let findings = fail["decided"]["decision"]["findings"].as_array().unwrap();
    let lines: Vec<&str> = findings.iter().map(|finding| finding["line"].as_str().unwrap()).collect();
    assert!(lines.contains(&"critical rollout.harm: the judge found harm at stage checkout-42/1.0"), "{lines:?}");
    assert!(moments.iter().any(|moment| moment["fault"] == "router_forgets"));
    let said = moments.iter().filter(|moment| moment["decided"]["event"]["by"]["person"] == "ada").count();
    assert_eq!(said, 2);
}

#[test]
fn the_exit_status_tells_how_it_ended() {
    let end = |answer: &Value| format!("{} {}", answer["place"], answer["end"]);
    let fail = "verdicts: {canary-5: [{after: 1m, what: fail}]}";
    assert_eq!(end(&simulated(fail, 1)), r#""rolled_back" "ended""#);
    let short = simulated("until: 5m", 3);
    assert_eq!(end(&short), r#"{"bake":0} "time_up""#);
    let line = short["waiting"][0]["line"].as_str().unwrap();
    let baked = "info rollout.waiting: 4m59s998ms of 10m baked; no more evidence is waited for";
    assert_eq!(line, format!("{baked} (would change: it had baked 5m2ms longer)"));
    let router = simulated("faults: [{after: 0s, what: router_fails}]", 3);
    assert_eq!(end(&router), r#""shift_back" "time_up""#, "going back is never given up");
    // Past the point of no return nothing can be done without a person.
    let floor = "floor: {step: canary-25, why: a column is gone, alternatives: [repair]}\n";
    let plan = fixture("plan.yaml") + floor;
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("s.yaml");
    std::fs::write(&scenario, "verdicts: {canary-25: [{after: 1m, what: fail}]}").unwrap();
    let called = call_with(&["simulate", "-", scenario.to_str().unwrap(), "--output", "text"], plan);
    assert_eq!(called.status, 3, "{}", called.err);
    assert!(called.out.contains("stuck after 11m, and nothing more will happen"), "{}", called.out);
    assert!(called.out.contains("\nwaiting: a person: going back is impossible, instead: repair"), "{}", called.out);
}

#[test]
fn what_repeats_itself_is_said_once() {
    let answer = simulated("faults: [{after: 0s, what: router_fails}]\nuntil: 2d", 3);
    let moments = answer["moments"].as_array().unwrap();
    assert!(moments.len() < 20, "{} moments", moments.len());
    let overdue = moments.iter().find(|moment| moment.to_string().contains("rollout.back_overdue")).unwrap();
    assert!(overdue["decided"]["repeated"]["times"].as_u64().unwrap() > 100, "{overdue}");
}

#[test]
fn times_are_counted_from_the_beginning_unless_it_has_a_date() {
    let text = |more: &[&str]| {
        let words = [&["simulate", "plan.yaml", "scenario.yaml", "--output", "text"], more].concat();
        call(&words).answered(1)
    };
    assert!(text(&[]).contains("requests in flight have until +51m56s"));
    assert!(text(&["--at", "2026-03-03T10:00:00Z"]).contains("requests in flight have until 2026-03-03T10:51:56"));
    assert!(text(&["--explain"]).contains("\n    critical rollout.harm: the judge found harm"));
}

/// The parts of XML that a drawing needs: every element that begins ends, in order, and no text holds a sign of its own.
fn assert_well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(!text.contains('>'), "{text:?}");
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)), "{entity:?}");
        }
        let (tag, after) = after.split_once('>').expect("every tag ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        rest = after;
    }
    assert_eq!((open.as_slice(), rest), (&[][..], "\n"));
}

#[test]
fn a_drawing_is_one_file_that_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollout.svg");
    let name = path.to_str().unwrap();
    call(&["simulate", "plan.yaml", "scenario.yaml", "--svg", name]).answered(1);
    let svg = std::fs::read_to_string(&path).unwrap();
    assert_well_formed(&svg);
    assert_answer(&svg, "simulate.svg");
    assert!(!svg.contains("href") && !svg.contains("url("), "{svg}");
    let hostile = fixture("plan.yaml").replace("id: checkout-42", "id: \"<b>&\\\"x\\e\"");
    let refused = call_with(&["simulate", "-", "--svg", name], &hostile).refused();
    assert!(refused.contains("$.id: expected an identifier"), "{refused}");
    call_with(&["simulate", "-", "--svg", name], hostile.replace("\\e", "")).answered(0);
    assert_well_formed(&std::fs::read_to_string(&path).unwrap());
    let nowhere = call(&["simulate", "plan.yaml", "--svg", "/nowhere/at/all.svg"]).refused();
    assert!(nowhere.starts_with("/nowhere/at/all.svg: expected to write it, found: "), "{nowhere}");
}

#[test]
fn a_scenario_may_be_json_yaml_or_toml() {
    let toml = "until = \"5m\"\nfaults = [{ after = \"1m\", what = { candidate_crashes = 1 } }]";
    let json = r#"{"until": "5m", "faults": [{"after": "1m", "what": {"candidate_crashes": 1}}]}"#;
    let yaml = "until: 5m\nfaults: [{after: 1m, what: {candidate_crashes: 1}}]";
    let plan = fixtures("plan.yaml");
    let answers = [("toml", toml), ("json", json), ("yaml", yaml)]
        .map(|(format, text)| call_with(&["simulate", &plan, "-", "--input", format], text).answered(3));
    assert!(answers[0] == answers[1] && answers[1] == answers[2]);
}

#[test]
fn a_scenario_that_is_none_is_refused_at_its_place() {
    for (scenario, expected) in [
        ("", "$: expected YAML, found nothing"),
        ("[]", "$: expected a map, found a list"),
        ("null", "$: expected a map, found nothing (null)"),
        ("{\"until\"", "$: expected JSON, found broken syntax at line 1 column 8: EOF while parsing an object"),
        ("until: 0s", "$.until: expected more than no time at all, found 0s"),
        ("until: 5", "$.until: expected a string, found 5"),
        ("until: -5m", "$.until: expected a duration such as 250ms, 30s, 1h30m or 2d, found \"-5m\""),
        (
            "faults: [{after: 2m, what: router_fails}, {after: 1m, what: router_recovers}]",
            "$.faults[1].after: expected 2m or later, because the entry before it is then, found 1m",
        ),
        (
            "commands: [{after: 2m, what: unpaused}, {after: 119s, what: unpaused}]",
            "$.commands[1].after: expected 2m or later, because the entry before it is then, found 1m59s",
        ),
        (
            "verdicts: {canary-5: [{after: 2m, what: pass}, {after: 1m, what: fail}]}",
            "$.verdicts.canary-5[1].after: expected 2m or later, because the entry before it is then, found 1m",
        ),
        (
            "verdicts: {canary-6: [{after: 2m, what: pass}]}",
            "$.verdicts.canary-6: expected a step of the plan (canary-5, canary-25, full), found another",
        ),
        ("gates: {window: []}", "$.gates.window: expected a gate of the plan (it has none), found another"),
        (
            "verdicts: {canary-5: [{after: 2m, what: good}]}",
            "$.verdicts.canary-5[0].what: expected one of `pass`, `fail`, `inconclusive`, `no_data`, found \"good\"",
        ),
        (
            "faults: [{after: 1m, what: {router_is_changed: 10001}}]",
            "$.faults[0].what.router_is_changed: expected a share of 0 to 10000 basis points, found 10001",
        ),
        (
            "faults: [{after: 1m, at: 2m, what: router_fails}]",
            "$.faults[0].at: expected one of `after`, `what`, found the unknown field `at`",
        ),
        ("until: 5m\nuntil: 6m", "$.until: expected each key once, found `until` twice"),
        (
            "commands: [{after: 1m, by: {person: \"\"}, what: unpaused}]",
            "$.commands[0].by.person: expected an identifier",
        ),
    ] {
        let line = call_with(&["simulate", "plan.yaml", "-"], scenario).refused();
        assert!(line.starts_with(&format!("<stdin>: {expected}")), "{scenario}: {line}");
    }
}

#[test]
fn a_call_that_cannot_be_is_refused() {
    for (words, expected) in [
        (&["simulate", "-", "-"][..], "expected the plan or the scenario from standard input, found both"),
        (&["simulate", "plan.yaml", "--lines"], "expected --lines beside a verb that reads one document"),
        (
            &["simulate", "plan.yaml", "--picture", "--output", "json"],
            "expected --picture with --output text, found json",
        ),
        (&["simulate", "nowhere.json"], "nowhere.json: expected a readable file, found: "),
        (&["simulate", "plan.yaml", "nowhere.json"], "nowhere.json: expected a readable file, found: "),
        (&["simulate", "release.json"], "release.json: $.candidate: expected one of `schema`, `id`"),
        (&["simulate", "scenario.yaml"], "scenario.yaml: $.commands: expected one of `schema`, `id`"),
    ] {
        let line = call(words).refused();
        assert!(line.starts_with(expected), "{words:?}: {line}");
    }
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.yaml");
    std::fs::write(&large, "#".repeat(10_000_000)).unwrap();
    let line = call(&["simulate", "plan.yaml", large.to_str().unwrap()]).refused();
    assert!(line.ends_with("$: expected at most 262144 bytes, found more"), "{line}");
}
