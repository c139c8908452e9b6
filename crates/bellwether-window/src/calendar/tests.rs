use bellwether_core::{Duration, Finding};
use bellwether_gate::{Evidence, Gate};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{DateRange, HolidayRule, Lead, Override, Rule, TimeOfDay, Weekday, WeeklyRange, When};

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn document(rules: &Value) -> Value {
    json!({
        "schema": 1, "name": "ours", "zone": "Europe/Berlin", "otherwise": "open",
        "rules": rules,
        "holidays": [{ "name": "days", "from": "2026-01-01", "until": "2027-01-01",
                       "days": [{ "date": "2026-12-25", "name": "Christmas" }] }]
    })
}

fn calendar(rules: &Value) -> Calendar {
    serde_json::from_value(document(rules)).unwrap()
}

fn closed(id: &str, when: &Value) -> Value {
    json!({ "id": id, "effect": "closed", "reason": "a reason", "when": when })
}

/// A range of dates that closes.
fn freeze(from: &str, until: &str) -> Value {
    closed("freeze", &json!({ "dates": [{ "from": from, "until": until }] }))
}

fn check_refusals(cases: &[(Value, &str)]) {
    for (document, expected) in cases {
        let error = serde_json::from_value::<Calendar>(document.clone()).unwrap_err();
        assert_eq!(error.to_string(), *expected);
    }
}

/// The document with another value at a place.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = document(&json!([]));
    document["exemptions"] = json!([{ "class": "fix", "reason": "it hurts", "rules": [] }]);
    *document.pointer_mut(pointer).unwrap() = value;
    document
}

#[test]
fn a_wrong_head_list_or_exemption_is_named_with_what_was_expected_and_found() {
    let list = json!({ "name": "days", "from": "2026-01-01", "until": "2027-01-01", "days": [] });
    check_refusals(&[
        (
            with("/zone", json!("Europe/Atlantis")),
            "$.zone: expected the name of a time zone, such as Europe/Berlin or UTC, found \"Europe/Atlantis\"",
        ),
        (with("/schema", json!(2)), "$.schema: expected schema 1, found 2"),
        (with("/name", json!("")), "$.name: expected a name of 1 to 200 bytes without control characters, found \"\""),
        (
            with("/holidays/0/days/0/date", json!("2027-01-01")),
            "$.holidays[0].days[0].date: expected a day of the list's time, from 2026-01-01 until 2027-01-01, found 2027-01-01",
        ),
        (
            with("/holidays/0/until", json!("2026-01-01")),
            "$.holidays[0].until: expected a day after 2026-01-01, found 2026-01-01",
        ),
        (
            with("/holidays", json!([list, list])),
            "$.holidays[1].name: expected a name that no other has, found \"days\"",
        ),
        (
            with("/exemptions/0/rules", json!(["night"])),
            "$.exemptions[0].rules[0]: expected the id of a rule, found \"night\"",
        ),
    ]);
}

#[test]
fn a_wrong_rule_is_named_with_what_was_expected_and_found() {
    let rules = |rules: Value| document(&rules);
    let holidays = |id: &str, list: &str| rules(json!([closed(id, &json!({ "holidays": { "list": list } }))]));
    let mut zone = closed("a", &json!({ "cron": { "start": "0 22 * * *", "duration": "1h" } }));
    zone["zone"] = json!("");
    check_refusals(&[
        (
            rules(json!([zone])),
            "$.rules[0].zone: expected the name of a time zone, such as Europe/Berlin or UTC, found \"\"",
        ),
        (
            rules(json!([freeze("2026-12-20", "2026-12-21"), freeze("2026-12-24", "2026-12-27")])),
            "$.rules[1].id: expected a name that no other has, found \"freeze\"",
        ),
        (
            holidays("calendar.mine", "days"),
            "$.rules[0].id: expected a name that does not begin with `calendar.`, found \"calendar.mine\"",
        ),
        (
            holidays("", "days"),
            "$.rules[0].id: expected a name of 1 to 200 bytes without control characters, found \"\"",
        ),
        (
            holidays("a", "other"),
            "$.rules[0].when.holidays.list: expected the name of a list in $.holidays, found \"other\"",
        ),
    ]);
}

#[test]
fn a_wrong_cron_window_is_named_with_what_was_expected_and_found() {
    let cron = |start: &str, duration: &str| {
        document(&json!([closed("a", &json!({ "cron": { "start": start, "duration": duration } }))]))
    };
    check_refusals(&[
        (
            cron("0 0 22 * * *", "1h"),
            "$.rules[0].when.cron.start: expected a cron pattern of five fields (minute, hour, day of month, month, day of \
             week), such as 0 22 * * 1-5, found \"0 0 22 * * *\"",
        ),
        (
            cron("0 0 30 2 *", "1h"),
            "$.rules[0].when.cron.start: expected a day of the month that exists, such as 28 2 for 28 February, found \"0 0 \
             30 2 *\"",
        ),
        (
            cron("0 22 * * *", "0s"),
            "$.rules[0].when.cron.duration: expected a duration above zero and at most 366d, found 0s",
        ),
        (
            cron("0 22 * * *", "367d"),
            "$.rules[0].when.cron.duration: expected a duration above zero and at most 366d, found 367d",
        ),
    ]);
}

#[test]
fn a_wrong_range_is_named_with_what_was_expected_and_found() {
    let weekly = |days: Value, from: &str, until: &str| {
        let range = json!({ "days": days, "from": from, "until": until });
        document(&json!([closed("a", &json!({ "weekly": [range] }))]))
    };
    let dates = |from: &str, until: &str| document(&json!([freeze(from, until)]));
    check_refusals(&[
        (weekly(json!([]), "10:00", "11:00"), "$.rules[0].when.weekly[0].days: expected 1 to 7 of them, found 0"),
        (
            weekly(json!(["mon", "tue", "mon"]), "10:00", "11:00"),
            "$.rules[0].when.weekly[0].days[2]: expected each day once, found it twice",
        ),
        (
            weekly(json!(["mon"]), "10:00", "10:00"),
            "$.rules[0].when.weekly[0].until: expected another time than the beginning (a whole day is 00:00 to 24:00), \
             found 10:00",
        ),
        (
            weekly(json!(["mon"]), "24:00", "10:00"),
            "$.rules[0].when.weekly[0].from: expected a time before 24:00, found 24:00",
        ),
        (
            document(&json!([closed("a", &json!({ "weekly": [] }))])),
            "$.rules[0].when.weekly: expected 1 to 1000 of them, found 0",
        ),
        (
            document(&json!([closed("a", &json!({ "dates": [] }))])),
            "$.rules[0].when.dates: expected 1 to 1000 of them, found 0",
        ),
        (
            dates("2026-12-20", "2026-12-10"),
            "$.rules[0].when.dates[0].until: expected a moment after 2026-12-20, found 2026-12-10",
        ),
        (
            dates("2026-12-20", "2026-12-20"),
            "$.rules[0].when.dates[0].until: expected a moment after 2026-12-20, found 2026-12-20",
        ),
        (
            dates("1969-12-20", "2026-12-20"),
            "$.rules[0].when.dates[0].from: expected a moment from 1970 to 2099, found 1969-12-20",
        ),
        (
            dates("2026-12-20", "2100-01-02T00:00:00Z"),
            "$.rules[0].when.dates[0].until: expected a moment from 1970 to 2099, found 2100-01-02T00:00:00.000Z",
        ),
    ]);
}

#[test]
fn what_is_no_value_of_its_kind_is_refused_with_its_words() {
    let weekly = |from: &str| closed("a", &json!({ "weekly": [{ "days": ["mon"], "from": from, "until": "23:00" }] }));
    let duration = |text: &str| closed("a", &json!({ "cron": { "start": "0 22 * * *", "duration": text } }));
    for (rule, expected) in [
        (weekly("25:00"), "expected a time of day from 00:00 to 24:00, such as 09:30, found \"25:00\""),
        (duration("-1h"), "expected a duration such as 250ms, 30s, 1h30m or 2d, found \"-1h\""),
        (freeze("2026-02-30", "2026-03-02"), "expected a date or a local time that exists"),
        (freeze("2026-02-20T10:00", "2026-02-29T10:00"), "expected a date or a local time that exists"),
        (closed("a", &json!({ "yearly": [] })), "unknown variant `yearly`"),
    ] {
        let error = serde_json::from_value::<Calendar>(document(&json!([rule]))).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    for field in ["schema", "name", "zone", "otherwise"] {
        let mut document = document(&json!([]));
        document.as_object_mut().unwrap().remove(field);
        let error = serde_json::from_value::<Calendar>(document).unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{field}`")), "{error}");
    }
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_ref()).collect()
}

#[test]
fn a_local_time_that_does_not_exist_or_exists_twice_is_said_and_has_a_rule() {
    let calendar = calendar(&json!([freeze("2026-03-29T02:30", "2026-10-25T02:30")]));
    let texts: Vec<String> = calendar.findings().iter().map(Finding::rendered).collect();
    assert_eq!(
        texts,
        [
            "the clocks skip 2026-03-29T02:30, so $.rules[0].when.dates[0].from is 2026-03-29T01:00:00.000Z",
            "the clocks show 2026-10-25T02:30 twice, so $.rules[0].when.dates[0].until is the first, \
             2026-10-25T00:30:00.000Z",
        ]
    );
    assert_eq!(calendar.state(at("2026-03-29T00:59:59Z")).outcome, State::Open);
    assert_eq!(calendar.state(at("2026-03-29T01:00:00Z")).outcome, State::Closed);
    assert_eq!(calendar.state(at("2026-10-25T00:29:59Z")).outcome, State::Closed);
    assert_eq!(calendar.state(at("2026-10-25T00:30:00Z")).outcome, State::Open);
}

#[test]
fn a_freeze_within_a_skipped_hour_has_no_length_and_is_said() {
    let calendar = calendar(&json!([freeze("2026-03-29T02:15", "2026-03-29T02:45")]));
    assert_eq!(rules(calendar.findings()), ["calendar.time_skipped", "calendar.time_skipped"]);
    assert_eq!(calendar.state(at("2026-03-29T01:00:00Z")).outcome, State::Open);
}

#[test]
fn freezes_that_overlap_are_said_and_those_that_touch_are_not() {
    let named = |id: &str, from: &str, until: &str| closed(id, &json!({ "dates": [{ "from": from, "until": until }] }));
    let overlap = calendar(&json!([
        named("stocktaking", "2026-12-20", "2026-12-24"),
        named("year-end", "2026-12-23", "2027-01-04"),
        named("later", "2027-01-04", "2027-01-05")
    ]));
    let texts: Vec<String> = overlap.findings().iter().map(Finding::rendered).collect();
    assert_eq!(texts, ["the freezes stocktaking and year-end overlap from 2026-12-22T23:00:00.000Z on"]);
}

#[test]
fn a_calendar_that_never_opens_is_said() {
    let all_week =
        json!({ "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "until": "24:00" });
    let always = closed("always", &json!({ "weekly": [all_week] }));
    let open = |when: &Value| json!({ "id": "open", "effect": "open", "reason": "a reason", "when": when });
    let leap_day = open(&json!({ "cron": { "start": "0 10 29 2 *", "duration": "1h" } }));
    let past = open(&json!({ "dates": [{ "from": "2020-01-01", "until": "2020-01-02" }] }));
    let discouraged = |rules: Value| {
        let mut document = document(&rules);
        document["otherwise"] = json!("discouraged");
        serde_json::from_value::<Calendar>(document).unwrap()
    };
    for (calendar, expected) in [
        (discouraged(json!([])), Some("the calendar is never open: no rule opens it")),
        (
            calendar(&json!([always])),
            Some("the calendar is never open: its other rules close or discourage every time that is open"),
        ),
        (
            discouraged(json!([always, leap_day])),
            Some("the calendar is never open: its other rules close or discourage every time that is open"),
        ),
        (discouraged(json!([leap_day])), None),
        (discouraged(json!([past])), None),
        (calendar(&json!([])), None),
        (calendar(&json!([freeze("2026-01-01", "2027-01-01")])), None),
    ] {
        let texts: Vec<String> = calendar.findings().iter().map(Finding::rendered).collect();
        assert_eq!(texts.first().map(String::as_str), expected);
    }
}

#[test]
fn the_strongest_rule_speaks_and_the_weaker_ones_are_still_named() {
    let rule = |id: &str, effect: &str| {
        let day = json!({ "days": ["mon"], "from": "10:00", "until": "12:00" });
        json!({ "id": id, "effect": effect, "reason": id, "when": { "weekly": [day] } })
    };
    let calendar = calendar(&json!([rule("good", "open"), rule("bad", "closed"), rule("meh", "discouraged")]));
    let decision = calendar.state(at("2026-03-02T11:00:00+01:00"));
    assert_eq!(
        decision.to_string(),
        "closed\n  critical bad: closed: bad (would change: to discouraged without this rule)\n  \
         info good: open without a stronger rule: good\n  \
         info meh: discouraged without a stronger rule: meh"
    );
    let later = calendar.state(at("2026-03-02T12:00:00+01:00"));
    assert_eq!(later.to_string(), "open\n  info calendar.otherwise: no rule speaks for this time, so it is open");
}

#[test]
fn nobody_can_tell_beyond_the_list_of_holidays_unless_something_stronger_holds() {
    let near = json!({ "holidays": { "list": "days", "lead_days": 3 } });
    let calendar = calendar(&json!([closed("near", &near), freeze("2026-12-29", "2026-12-31")]));
    for (now, expected) in [
        ("2025-12-31T23:59:59+01:00", State::Unknown),
        ("2026-01-01T00:00:00+01:00", State::Open),
        ("2026-12-21T23:59:59+01:00", State::Open),
        ("2026-12-22T00:00:00+01:00", State::Closed),
        ("2026-12-26T00:00:00+01:00", State::Open),
        ("2026-12-28T23:59:59+01:00", State::Open),
        // A holiday on the first of January 2027, which the list does not reach, would begin on 29 December.
        ("2026-12-29T12:00:00+01:00", State::Closed),
        ("2026-12-31T12:00:00+01:00", State::Unknown),
        ("2027-06-01T12:00:00+02:00", State::Unknown),
    ] {
        assert_eq!(calendar.state(at(now)).outcome, expected, "{now}");
    }
    let decision = calendar.state(at("2027-06-01T12:00:00+02:00"));
    assert_eq!(
        decision.findings[0].rendered(),
        "the list of holidays days does not reach this time, so rule near cannot tell"
    );
    assert_eq!(calendar.verdict(State::Unknown), Verdict::NoData);
    let christmas = calendar.state(at("2026-12-24T12:00:00+01:00"));
    assert_eq!(christmas.findings[0].rendered(), "closed: a reason (Christmas)");
}

#[test]
fn nobody_can_tell_before_1970_and_after_2099() {
    let calendar = calendar(&json!([]));
    for (now, expected) in [
        ("1969-12-31T23:59:59.999Z", State::Unknown),
        ("1970-01-01T00:00:00Z", State::Open),
        ("2099-12-31T23:59:59.999Z", State::Open),
        ("2100-01-01T00:00:00Z", State::Unknown),
        ("9999-12-31T23:59:59.999Z", State::Unknown),
        ("0000-01-01T00:00:00Z", State::Unknown),
    ] {
        let decision = calendar.state(at(now));
        assert_eq!(decision.outcome, expected, "{now}");
        assert_eq!(decision.findings[0].rule == "calendar.out_of_reach", expected == State::Unknown, "{now}");
    }
    let changes: Vec<_> = calendar.transitions(Time::MIN, Time::MAX).map(|it| (it.at.to_string(), it.to)).collect();
    assert_eq!(
        changes,
        [("1970-01-01T00:00:00.000Z".to_owned(), State::Open), ("2100-01-01T00:00:00.000Z".to_owned(), State::Unknown)]
    );
}

#[test]
fn an_override_counts_only_for_an_exempted_class_by_somebody_else_in_its_time() {
    let mut document = document(&json!([
        freeze("2026-12-18", "2027-01-04"),
        closed("peak", &json!({ "weekly": [{ "days": ["mon"], "from": "12:00", "until": "13:00" }] }))
    ]));
    document["exemptions"] = json!([
        { "class": "security_fix", "reason": "it cannot wait" },
        { "class": "bug_fix", "reason": "it hurts", "rules": ["freeze"] }
    ]);
    let calendar: Calendar = serde_json::from_value(document).unwrap();
    let ada = || "ada".parse().unwrap();
    let (from, until) = (at("2026-12-18T00:00:00Z"), at("2026-12-21T18:00:00Z"));
    let granted = || Override::new(ada(), "CVE-2026-1234", from, until);
    let (quiet, lunch) = (at("2026-12-21T10:00:00+01:00"), at("2026-12-21T12:30:00+01:00"));
    let passes = |attempt: Attempt, now: Time| calendar.ask(&attempt, now).outcome == State::Open;
    assert!(!passes(Attempt::forward().with_class("security_fix"), quiet), "the class alone is no leave");
    assert!(passes(Attempt::forward().with_class("security_fix").with_granted(granted()), quiet));
    assert!(passes(Attempt::forward().with_class("security_fix").with_granted(granted()), lunch));
    assert!(passes(Attempt::forward().with_class("bug_fix").with_granted(granted()), quiet));
    assert!(!passes(Attempt::forward().with_class("bug_fix").with_granted(granted()), lunch), "only by the freeze");
    assert!(!passes(Attempt::forward().with_class("feature").with_granted(granted()), quiet));
    assert!(!passes(Attempt::forward().with_granted(granted()), quiet));
    assert!(!passes(Attempt::forward().with_class("security_fix").with_granted(granted()), until), "it has run out");
    let before = from.before(Duration::from_millis(1));
    assert!(!passes(Attempt::forward().with_class("security_fix").with_granted(granted()), before));
    let own = Attempt::forward().with_class("security_fix").with_author(ada()).with_granted(granted());
    assert!(!passes(own.clone(), quiet), "nobody lets their own change pass");
    assert_eq!(
        calendar.ask(&own, quiet).findings.last().unwrap().rendered(),
        "the override by ada does not count: nobody lets their own change pass"
    );
    let decision = calendar.ask(&Attempt::forward().with_class("bug_fix").with_granted(granted()), quiet);
    assert_eq!(decision.findings[0].rule, "calendar.override");
    assert_eq!(decision.findings[0].rendered(), "ada lets bug_fix pass until 2026-12-21T18:00:00.000Z: CVE-2026-1234");
    assert!(passes(Attempt::back(), lunch), "going back asks nobody");
}

#[test]
fn a_gate_says_closed_discouraged_and_unknown_apart() {
    let draft = |otherwise| CalendarDraft::new("ours", "UTC", otherwise);
    let verdict = |draft: CalendarDraft| {
        Calendar::new(draft).unwrap().check(&Evidence::default(), at("2026-03-02T11:00:00Z")).outcome
    };
    assert_eq!(verdict(draft(Effect::Open)), Verdict::Pass);
    assert_eq!(verdict(draft(Effect::Closed)), Verdict::Fail);
    assert_eq!(verdict(draft(Effect::Discouraged)), Verdict::Inconclusive);
    assert_eq!(verdict(draft(Effect::Discouraged).with_on_discouraged(OnDiscouraged::Pass)), Verdict::Pass);
}

/// Ranges, freezes and cron windows as anybody may mix them.
fn any_rule() -> impl Strategy<Value = Rule> {
    let effect = prop::sample::select(vec![Effect::Open, Effect::Discouraged, Effect::Closed]);
    let time = || {
        (0_u16..24, 0_u16..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}").parse::<TimeOfDay>().unwrap())
    };
    let days = || prop::sample::subsequence(Weekday::ALL.to_vec(), 1..=7);
    let weekly = (days(), time(), time())
        .prop_filter("an end that differs", |(_, from, until)| from != until)
        .prop_map(|(days, from, until)| When::Weekly(vec![WeeklyRange::new(days, from, until)]));
    let cron = (0_u8..60, 0_u8..24, prop::sample::select(vec!["*", "0", "1-5", "3#1", "5L"]), 1_u64..3_000).prop_map(
        |(minute, hour, weekday, minutes)| {
            let start = format!("{minute} {hour} * * {weekday}");
            When::Cron(crate::CronWindow::new(start, Duration::from_minutes(minutes)))
        },
    );
    let dates = (0_u64..400, 1_u64..100).prop_map(|(day, days)| {
        let from = at("2026-01-01T00:00:00Z").after(Duration::from_hours(24 * day));
        When::Dates(vec![DateRange::new(from.into(), from.after(Duration::from_hours(24 * days)).into())])
    });
    let holidays = (0_u8..4, any::<bool>()).prop_map(|(days, working)| {
        let lead = if working { Lead::WorkingDays } else { Lead::Days };
        When::Holidays(HolidayRule::new("days").with_lead(days, lead))
    });
    let when = prop_oneof![3 => weekly, 3 => cron, 1 => dates, 1 => holidays];
    (effect, when).prop_map(|(effect, when)| Rule::new("rule", effect, "a reason", when))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Two ways to the same: asked minute by minute, and from change to change.
    #[test]
    fn the_transitions_are_the_changes_of_the_state(
        rules in prop::collection::vec(any_rule(), 0..6),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"]),
        start in 0_u64..370,
    ) {
        let mut document = document(&json!([]));
        document["zone"] = json!(zone);
        let mut draft: CalendarDraft = serde_json::from_value(document).unwrap();
        draft.rules = rules;
        for (index, rule) in draft.rules.iter_mut().enumerate() {
            rule.id = format!("rule-{index}");
        }
        let calendar = Calendar::new(draft).unwrap();
        let from = at("2026-01-01T00:00:00Z").after(Duration::from_hours(24 * start));
        let minutes = 8 * 24 * 60;
        let mut state = calendar.state(from).outcome;
        let mut changes = Vec::new();
        for minute in 1..=minutes {
            let now = from.after(Duration::from_minutes(minute));
            let next = calendar.state(now).outcome;
            if next != state {
                changes.push(Transition { at: now, to: next });
                state = next;
            }
        }
        let found: Vec<_> = calendar.transitions(from, from.after(Duration::from_minutes(minutes))).collect();
        prop_assert_eq!(found, changes);
    }

    #[test]
    fn a_calendar_reads_back(rules in prop::collection::vec(any_rule(), 0..2)) {
        let mut draft: CalendarDraft = serde_json::from_value(document(&json!([]))).unwrap();
        draft.rules = rules.into_iter().take(1).collect();
        let calendar = Calendar::new(draft).unwrap();
        let text = serde_json::to_string(&calendar).unwrap();
        prop_assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
    }
}
