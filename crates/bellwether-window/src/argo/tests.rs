use proptest::prelude::*;

use super::*;

fn window(kind: Kind, schedule: &str, duration: &str) -> Window {
    let text = format!(r#"{{ "kind": "allow", "schedule": "{schedule}", "duration": "{duration}" }}"#);
    Window { kind, ..serde_json::from_str(&text).unwrap() }
}

fn question(windows: Vec<Window>, now: &str) -> Question {
    Question { windows, now: now.parse().unwrap(), manual: false, op_start: None }
}

fn is_active(window: Window, zone: &str, now: &str) -> Known {
    question(vec![Window { time_zone: zone.to_owned(), ..window }], now).answer().active[0]
}

/// The instants of the changes are those of tzdata: 2026-03-29 and 2026-10-25 in Berlin, by an hour; 2026-04-04T15:00Z and
/// 2026-10-03T15:30Z in Lord Howe, by half an hour.
#[test]
fn a_window_is_active_from_its_start_for_its_duration_whatever_the_clocks_do() {
    let night = || window(Kind::Deny, "0 22 * * *", "8h");
    for (zone, now, expected) in [
        ("Europe/Berlin", "2026-03-28T20:59:59Z", false),
        ("Europe/Berlin", "2026-03-28T21:00:00Z", true),
        ("Europe/Berlin", "2026-03-29T04:59:59Z", true),
        ("Europe/Berlin", "2026-03-29T05:00:00Z", false),
        ("Europe/Berlin", "2026-10-25T03:59:59Z", true),
        ("Europe/Berlin", "2026-10-25T04:00:00Z", false),
        ("Australia/Lord_Howe", "2026-04-04T18:59:59Z", true),
        ("Australia/Lord_Howe", "2026-04-04T19:00:00Z", false),
        ("", "2026-04-04T22:00:00Z", true),
        ("", "2026-04-05T06:00:00Z", false),
    ] {
        assert_eq!(is_active(night(), zone, now), Known::Is(expected), "{zone} {now}");
    }
}

#[test]
fn a_start_in_a_skipped_hour_is_left_out_and_one_in_a_repeated_hour_counts_once() {
    let half_past_two = || window(Kind::Deny, "30 2 * * *", "30m");
    for (now, expected) in [
        ("2026-03-29T01:00:00Z", false),
        ("2026-03-29T01:30:00Z", false),
        ("2026-10-25T00:30:00Z", true),
        ("2026-10-25T00:59:00Z", true),
        ("2026-10-25T01:30:00Z", false),
    ] {
        assert_eq!(is_active(half_past_two(), "Europe/Berlin", now), Known::Is(expected), "{now}");
    }
}

#[test]
fn a_broken_window_is_an_error_and_so_is_the_whole() {
    let good = || window(Kind::Allow, "* * * * *", "1h");
    for (broken, zone, rule) in [
        (window(Kind::Deny, "0 10 * * 7", "1h"), "", "argo.bad_schedule"),
        (window(Kind::Deny, "@daily", "1h"), "", "argo.bad_schedule"),
        (window(Kind::Deny, "0 0 10 * * *", "1h"), "", "argo.bad_schedule"),
        (window(Kind::Deny, "0 10 * * *", "1d"), "", "argo.bad_duration"),
        (window(Kind::Deny, "0 10 * * *", ""), "", "argo.bad_duration"),
        (window(Kind::Deny, "0 10 * * *", "1h"), "Mars/Base", "argo.bad_zone"),
        (window(Kind::Deny, "0 10 * * *", "1h"), "europe/berlin", "argo.bad_zone"),
    ] {
        let answer =
            question(vec![good(), Window { time_zone: zone.to_owned(), ..broken }], "2026-06-10T12:00:00Z").answer();
        assert_eq!(answer.active, [Known::Is(true), Known::Error], "{rule}");
        assert_eq!(answer.can_sync, Known::Error, "{rule}");
        assert_eq!(answer.findings[0].rule, rule);
        assert_eq!(serde_json::to_value(&answer.active).unwrap(), serde_json::json!([true, "error"]));
    }
}

#[test]
fn says_where_argo_itself_differs() {
    for (schedule, now, differs) in [
        ("0 10 * * *", "2026-06-10T10:00:00Z", true),
        ("0 10 * * *", "2026-06-10T10:00:01Z", false),
        ("0 0 30 2 *", "2026-06-10T10:00:01Z", true),
    ] {
        let answer = question(vec![window(Kind::Allow, schedule, "1h")], now).answer();
        assert_eq!(!answer.findings.is_empty(), differs, "{schedule} {now}: {:?}", answer.findings);
    }
}

#[test]
fn windows_that_never_start_or_last_are_not_active() {
    for (schedule, duration) in [("0 0 30 2 *", "24h"), ("* * * * *", "0s"), ("* * * * *", "-1h"), (", * * * *", "1h")]
    {
        assert_eq!(is_active(window(Kind::Allow, schedule, duration), "", "2026-06-10T10:00:00Z"), Known::Is(false));
    }
}

/// The rule as Argo CD's documents tell it, written once more: by counting instead of by filtering.
fn can_sync(rows: &[(Kind, bool, bool)], manual: bool) -> bool {
    let count = |kind: Kind, active: bool| rows.iter().filter(|row| row.0 == kind && row.1 == active).count();
    let manual_count = |kind: Kind, active: bool| rows.iter().filter(|row| **row == (kind, active, true)).count();
    if count(Kind::Deny, true) > 0 {
        return manual && count(Kind::Deny, true) == manual_count(Kind::Deny, true);
    }
    if count(Kind::Allow, true) > 0 || count(Kind::Allow, false) == 0 {
        return true;
    }
    manual && count(Kind::Allow, false) == manual_count(Kind::Allow, false)
}

#[test]
fn every_mixture_of_up_to_three_windows_combines_as_the_documents_say() {
    let kinds: Vec<(Kind, bool, bool)> = [Kind::Allow, Kind::Deny]
        .into_iter()
        .flat_map(|kind| [(kind, false, false), (kind, false, true), (kind, true, false), (kind, true, true)])
        .collect();
    let mut mixtures: Vec<Vec<(Kind, bool, bool)>> = vec![Vec::new()];
    for _ in 0..3 {
        let longer: Vec<_> = mixtures
            .iter()
            .flat_map(|mixture| kinds.iter().map(move |kind| [mixture.as_slice(), &[*kind]].concat()))
            .collect();
        mixtures.extend(longer);
    }
    for mixture in mixtures {
        let windows = mixture.iter().map(|(kind, active, manual_sync)| {
            let schedule = if *active { "0 10 * * *" } else { "0 20 * * *" };
            Window { manual_sync: *manual_sync, ..window(*kind, schedule, "1h") }
        });
        let windows: Vec<Window> = windows.collect();
        for manual in [false, true] {
            let asked = Question { manual, ..question(windows.clone(), "2026-06-10T10:30:00Z") };
            assert_eq!(asked.answer().can_sync, Known::Is(can_sync(&mixture, manual)), "{mixture:?} manual {manual}");
        }
    }
}

/// The nine transitions of Argo CD's documentation, in its order; the sync began at 10:30, the question is asked at 11:20.
#[test]
fn a_running_sync_goes_on_as_the_nine_transitions_of_the_documents_say() {
    let allowing = |overrun| Window { sync_overrun: overrun, ..window(Kind::Allow, "0 10 * * *", "1h") };
    let denying = |overrun| Window { sync_overrun: overrun, ..window(Kind::Deny, "0 11 * * *", "1h") };
    for (number, (windows, expected)) in [
        (vec![denying(true)], true),
        (vec![denying(false)], false),
        (vec![allowing(true), denying(true)], true),
        (vec![allowing(true), denying(false)], false),
        (vec![allowing(false), denying(true)], true),
        (vec![allowing(false), denying(false)], false),
        (vec![allowing(true)], true),
        (vec![allowing(true), allowing(true)], true),
        (vec![allowing(true), allowing(false)], false),
    ]
    .into_iter()
    .enumerate()
    {
        let at_start = Some("2026-06-10T10:30:00Z".parse().unwrap());
        let asked = Question { op_start: at_start, ..question(windows.clone(), "2026-06-10T11:20:00Z") };
        assert_eq!(asked.answer().can_sync, Known::Is(expected), "transition {}", number + 1);
        let late = Some("2026-06-10T11:10:00Z".parse().unwrap());
        let asked = Question { op_start: late, ..question(windows, "2026-06-10T11:20:00Z") };
        assert_eq!(asked.answer().can_sync, Known::Is(false), "it was not allowed when it began: {}", number + 1);
    }
}

#[test]
fn what_go_leaves_empty_is_nothing() {
    let text = r#"{ "windows": null, "now": "2026-06-10T10:00:00Z", "manual": null, "op_start": "" }"#;
    let asked: Question = serde_json::from_str(text).unwrap();
    assert_eq!(asked.answer().can_sync, Known::Is(true));
    let text = r#"{ "windows": [], "now": "2026-06-10T10:00:00Z", "op_start": "yesterday" }"#;
    assert!(serde_json::from_str::<Question>(text).is_err());
}

proptest! {
    #[test]
    fn any_window_is_answered(
        schedule in "[0-9*,/?+-]{1,5}( [0-9a-z*,/?-]{1,5}){4}",
        duration in "[-+]?[0-9]{0,12}(\\.[0-9]{0,3})?(h|m|s|ms|us|ns|d)?",
        zone in prop::sample::select(vec!["", "UTC", "Pacific/Apia", "Asia/Kathmandu", "Nowhere"]),
        now in Time::MIN.unix_millis()..=Time::MAX.unix_millis(),
    ) {
        let window = Window { time_zone: zone.to_owned(), ..window(Kind::Deny, &schedule, &duration) };
        let asked = Question { windows: vec![window], now: Time::from_unix_millis(now), manual: false, op_start: Some(Time::MAX) };
        let answer = asked.answer();
        prop_assert_eq!(answer.can_sync == Known::Error, answer.active == [Known::Error]);
    }
}
