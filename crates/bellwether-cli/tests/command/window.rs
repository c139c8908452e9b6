use serde_json::{Value, json};

use crate::{
    call::{assert_answer, call, call_with, fixture},
    schema::assert_valid,
};

/// Asks the calendar of the fixtures about a time, with more words.
fn ask(at: &str, words: &[&str]) -> crate::call::Called {
    call(&[&["window", "calendar.yaml", "--at", at], words].concat())
}

#[test]
fn a_person_sees_the_reasons_the_next_opening_and_a_week() {
    // A Friday on which the clocks go back in the week that follows.
    assert_answer(&ask("2026-10-23T12:15:00+02:00", &["--output", "text"]).answered(1), "window.txt");
}

#[test]
fn the_status_says_open_closed_or_that_nobody_can_tell() {
    for (at, status, outcome, verdict) in [
        ("2026-03-03T11:00:00+01:00", 0, "open", "pass"),
        ("2026-03-03T12:30:00+01:00", 1, "closed", "fail"),
        ("2026-03-03T17:00:00+01:00", 3, "discouraged", "inconclusive"),
        ("2027-03-03T11:00:00+01:00", 3, "unknown", "no_data"),
    ] {
        let answer: Value = serde_json::from_str(&ask(at, &[]).answered(status)).unwrap();
        assert_eq!((&answer["outcome"], &answer["verdict"]), (&json!(outcome), &json!(verdict)), "{at}");
        assert_eq!(answer["at"].as_str().unwrap()[..10], at[..10]);
        assert_valid("window-answer", &answer);
    }
}

#[test]
fn the_answer_says_when_it_changes_and_when_it_opens() {
    let answer: Value = serde_json::from_str(&ask("2026-12-18T13:00:00+01:00", &[]).answered(1)).unwrap();
    // The freeze ends at midnight, while the nightly backups hold until six.
    assert_eq!(answer["next_transition"], json!({ "at": "2027-01-04T05:00:00.000Z", "to": "unknown" }));
    assert_eq!(answer["next_open"], Value::Null, "nobody knows the holidays of 2027");
    assert_eq!(answer["findings"].as_array().unwrap().last().unwrap()["rule"], "window.no_opening");
    let answer: Value = serde_json::from_str(&ask("2026-04-03T11:00:00+02:00", &[]).answered(1)).unwrap();
    assert_eq!(answer["next_open"], "2026-04-07T08:00:00.000Z");
    let line =
        "critical holidays: closed: nobody is there (Easter Monday) (would change: to discouraged without this rule)";
    assert_eq!(answer["findings"][0]["line"], line);
}

#[test]
fn going_back_is_never_held_and_an_override_must_fit() {
    let lunch = "2026-03-03T12:30:00+01:00";
    ask(lunch, &["--back"]).answered(0);
    let granted =
        ["--override-by", "ada", "--override-reason", "a leak", "--override-until", "2026-03-03T14:00:00+01:00"];
    let ask_with = |words: &[&str]| ask(lunch, &[words, &granted].concat());
    ask_with(&["--class", "security_fix"]).answered(0);
    ask_with(&["--class", "feature"]).answered(1);
    ask_with(&["--class", "security_fix", "--author", "ada"]).answered(1);
    ask("2026-03-03T12:30:00+01:00", &["--class", "security_fix"]).answered(1);
    let called = ask(lunch, &["--override-by", "ada"]);
    assert_eq!(called.status, 2, "{}", called.err);
}

#[test]
fn the_preset_cannot_tell_without_holidays_and_can_with_them() {
    let tuesday = ["window", "--preset", "seed-003", "--zone", "Europe/Berlin", "--at", "2026-03-03T11:00:00+01:00"];
    let answer: Value = serde_json::from_str(&call(&tuesday).answered(3)).unwrap();
    assert_eq!(answer["findings"][0]["rule"], "calendar.holidays_unknown");
    let list = call(&[
        "window",
        "import",
        "holidays.ics",
        "--zone",
        "Europe/Berlin",
        "--holidays",
        "--from",
        "2026-01-01",
        "--until",
        "2027-01-01",
    ]);
    let list = list.answered(0);
    assert_valid("holidays", &serde_json::from_str(&list).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holidays.json");
    std::fs::write(&path, &list).unwrap();
    let words = [&tuesday[..], &["--holidays", path.to_str().unwrap()]].concat();
    call(&words).answered(0);
    std::fs::write(&path, list.replace("2026-04-06", "2028-04-06")).unwrap();
    let line = call(&words).refused();
    assert!(
        line.starts_with(path.to_str().unwrap())
            && line.contains(": $.days[1].date: expected a day of the list's time"),
        "{line}"
    );
    let line = call(&["window", "--preset", "seed-003", "--zone", "Europe/Berli"]).refused();
    assert_eq!(line, "--zone: expected the name of a time zone, such as Europe/Berlin or UTC, found \"Europe/Berli\"");
}

#[test]
fn holidays_of_a_file_are_listed_by_day() {
    let words = [
        "window",
        "import",
        "holidays.ics",
        "--zone",
        "UTC",
        "--holidays",
        "--from",
        "2026-01-01",
        "--until",
        "2027-01-01",
    ];
    let list: Value = serde_json::from_str(&call(&words).answered(0)).unwrap();
    let days: Vec<_> =
        list["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap().to_owned()).collect();
    assert_eq!(days, ["2026-01-01", "2026-04-06", "2026-12-25", "2026-12-26"]);
    assert_eq!(list["name"], "ours");
}

#[test]
fn each_event_of_a_file_becomes_a_rule_that_window_reads() {
    let called = call(&["window", "import", "team.ics", "--zone", "Europe/Berlin"]);
    assert_eq!(called.status, 0, "{}", called.err);
    assert!(called.err.contains("VEVENT[4] is left out: it is cancelled"), "{}", called.err);
    let calendar: Value = serde_json::from_str(&called.out).unwrap();
    assert_valid("calendar", &calendar);
    assert_eq!((&calendar["name"], &calendar["otherwise"]), (&json!("Team freezes"), &json!("open")));
    let rule = |index: usize| &calendar["rules"][index];
    assert_eq!(rule(0)["reason"], "Year end, nobody is there");
    assert_eq!(rule(0)["when"]["dates"], json!([{ "from": "2026-12-21", "until": "2027-01-04" }]));
    let range = |from: &str, until: &str| json!({ "from": from, "until": until });
    // Fridays until 3 April, but the 20th; the 27th was moved, and the clocks went forward on the 29th.
    assert_eq!(
        rule(1)["when"]["dates"],
        json!([
            range("2026-03-06T15:00", "2026-03-06T16:30"),
            range("2026-03-13T15:00", "2026-03-13T16:30"),
            range("2026-04-03T15:00", "2026-04-03T16:30")
        ])
    );
    assert_eq!((&rule(2)["id"], &rule(2)["reason"]), (&json!("review@example.com#2"), &json!("Review, moved")));
    assert_eq!(rule(3)["when"]["dates"], json!([range("2026-06-01T08:00:00.000Z", "2026-06-01T10:00:00.000Z")]));
    for (at, status) in
        [("2026-04-03T15:30:00+02:00", 1), ("2026-03-27T15:30:00+01:00", 0), ("2026-06-01T10:00:00+02:00", 1)]
    {
        call_with(&["window", "-", "--at", at], &called.out).answered(status);
    }
    let opened = call(&["window", "import", "team.ics", "--zone", "UTC", "--effect", "open", "--otherwise", "closed"]);
    let opened: Value = serde_json::from_str(&opened.out).unwrap();
    assert_eq!((&opened["rules"][0]["effect"], &opened["otherwise"]), (&json!("open"), &json!("closed")));
}

#[test]
fn a_file_that_cannot_be_read_whole_is_refused_with_its_place() {
    let import = |text: &str| call_with(&["window", "import", "-", "--zone", "UTC"], text).refused();
    let event = |lines: &str| {
        format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
    };
    for (text, expected) in [
        (String::new(), "expected one calendar, found none or several"),
        ("<html>".to_owned(), "expected an iCalendar file (RFC 5545), found \"<html>\" at line 1"),
        (fixture("team.ics").split("END:VEVENT").next().unwrap().to_owned(), "found one that ends before END:VEVENT"),
        (fixture("team.ics").replace("END:VCALENDAR\n", ""), "found one that ends before END:VCALENDAR"),
        (fixture("team.ics") + "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "expected one calendar, found none or several"),
        (event("END:VALARM"), "found \"END:VALARM\" at line 5"),
        (event("SUMMARY:x"), "VEVENT[0]: expected a property DTSTART, found none"),
        (
            event("DTSTART:20260230"),
            "VEVENT[0].DTSTART: expected a date or a time such as 20261224 or 20261224T180000Z, found \"20260230\"",
        ),
        (
            event("DTSTART;TZID=W. Europe Standard Time:20260301T100000\nDURATION:PT1H"),
            "VEVENT[0].DTSTART;TZID: expected the name of a time zone",
        ),
        (
            event("DTSTART:20260301T100000Z\nDTEND;VALUE=DATE:20260302"),
            "VEVENT[0].DTEND: expected an end in the zone of its beginning",
        ),
        (
            event("DTSTART;VALUE=DATE:20260301\nDURATION:1D"),
            "VEVENT[0].DURATION: expected a duration such as PT1H30M or P2D, found \"1D\"",
        ),
        (
            event("DTSTART;VALUE=DATE:20260301\nRRULE:FREQ=DAILY"),
            "VEVENT[0].RRULE: expected --until beside an event that repeats without an end, found",
        ),
        (
            event("DTSTART;VALUE=DATE:20260301\nRRULE:FREQ=HOURLY;COUNT=2"),
            "VEVENT[0].RRULE: expected FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, found",
        ),
        (event("DTSTART;VALUE=DATE:20260301\nRRULE:FREQ=DAILY;COUNT=5000"), "at most 1000 times"),
    ] {
        let line = import(&text);
        assert!(line.starts_with("<stdin>: ") && line.contains(expected), "{line}");
    }
    let line = call(&["window", "import", "team.ics", "--zone", "Europe"]).refused();
    assert!(line.contains("--zone: expected the name of a time zone"), "{line}");
}

#[test]
fn a_wrong_calendar_is_refused_with_the_place_in_it() {
    let calendar = fixture("calendar.yaml");
    for (old, new, place) in [
        ("Europe/Berlin", "Berlin", "$.zone: expected the name of a time zone"),
        ("0 22 * * *", "0 0 22 * * *", "$.rules[2].when.cron.start: expected a cron pattern of five fields"),
        ("8h", "-8h", "$.rules[2].when.cron.duration: expected a duration such as"),
        ("\"10:00\"", "\"25:00\"", "$.rules[0].when.weekly[0].from: expected a time of day"),
        (
            "2026-12-18T12:00",
            "2026-02-30T12:00",
            "$.rules[3].when.dates[0].from: expected a date or a local time that exists",
        ),
        (
            "2027-01-04",
            "2026-12-18",
            "$.rules[3].when.dates[0].until: expected a moment after 2026-12-18T12:00, found 2026-12-18",
        ),
        ("id: lunch", "id: days", "$.rules[1].id: expected a name that no other has, found \"days\""),
        ("list: ours", "list: theirs", "$.rules[4].when.holidays.list: expected the name of a list in $.holidays"),
        ("otherwise: discouraged", "otherwise: maybe", "$.otherwise: expected one of `open`, `discouraged`, `closed`"),
        ("effect: open", "effect: ajar", "$.rules[0].effect: expected one of `open`"),
        ("zone: Europe/Berlin\n", "", "$: expected a field `zone`, found none"),
    ] {
        let line = call_with(&["window", "-", "--input", "yaml"], calendar.replace(old, new)).refused();
        assert!(line.starts_with(&format!("<stdin>: {place}")), "{line}");
    }
    let called = ask("tomorrow", &[]);
    assert!(called.status == 2 && called.err.contains("expected a time such as"), "{}", called.err);
}

#[test]
fn a_calendar_that_never_opens_is_said_with_every_answer() {
    let closed = r#"{ "schema": 1, "name": "shut", "zone": "UTC", "otherwise": "closed" }"#;
    let answer: Value =
        serde_json::from_str(&call_with(&["window", "--at", "2026-03-03T11:00:00Z"], closed).answered(1)).unwrap();
    assert_eq!(
        answer["notices"][0]["line"],
        "critical calendar.never_opens: the calendar is never open: no rule opens it"
    );
    assert_eq!(answer["next_open"], Value::Null);
}

#[test]
fn argo_cd_windows_are_answered_line_by_line() {
    let window = |kind: &str, schedule: &str| json!({ "kind": kind, "schedule": schedule, "duration": "1h", "timeZone": "Europe/Berlin", "manualSync": true });
    let question = |id: &str, windows: Value, manual: bool| json!({ "id": id, "windows": windows, "now": "2026-03-29T01:30:00Z", "manual": manual, "op_start": "" });
    // At 03:30 in Berlin: the clocks have just skipped the hour from two to three.
    let lines = [
        question("skipped", json!([window("deny", "30 2 * * *")]), false),
        question("after", json!([window("deny", "0 3 * * *")]), false),
        question("manual", json!([window("deny", "0 3 * * *")]), true),
        question("broken", json!([window("allow", "0 3 * * *"), window("allow", "@daily")]), false),
        question("none", json!([]), false),
        json!({ "id": "wrong", "windows": [{ "kind": "maybe", "schedule": "0 3 * * *", "duration": "1h" }], "now": "2026-03-29T01:30:00Z" }),
    ];
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let out = call_with(&["window", "--format", "argocd", "--lines"], input).answered(0);
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let short: Vec<_> = answers.iter().map(|it| (&it["id"], &it["active"], &it["can_sync"])).collect();
    assert_eq!(
        short,
        [
            (&json!("skipped"), &json!([false]), &json!(true)),
            (&json!("after"), &json!([true]), &json!(false)),
            (&json!("manual"), &json!([true]), &json!(true)),
            (&json!("broken"), &json!([true, "error"]), &json!("error")),
            (&json!("none"), &json!([]), &json!(true)),
            (&json!("wrong"), &Value::Null, &Value::Null),
        ]
    );
    assert_eq!(answers[5]["error"]["at"], "$.windows[0].kind");
    for answer in &answers[..5] {
        let mut answer = answer.clone();
        answer.as_object_mut().unwrap().remove("id");
        assert_valid("argocd-answer", &answer);
    }
    let mut question = lines[1].clone();
    question.as_object_mut().unwrap().remove("id");
    let text = call_with(&["window", "--format", "argocd", "--output", "text"], question.to_string()).answered(1);
    assert!(text.starts_with("can sync: no\nwindows[0] active: yes"), "{text}");
}

#[test]
fn calendars_are_answered_line_by_line_too() {
    let calendar =
        |id: u8, otherwise: &str| json!({ "id": id, "schema": 1, "name": "a", "zone": "UTC", "otherwise": otherwise });
    let input = format!("{}\n{}\n", calendar(1, "open"), calendar(2, "ajar"));
    let out = call_with(&["window", "--lines", "--at", "2026-03-03T11:00:00Z"], input).answered(0);
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["id"], &answers[0]["outcome"]), (&json!(1), &json!("open")));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["at"]), (&json!(2), &json!("$.otherwise")));
}
