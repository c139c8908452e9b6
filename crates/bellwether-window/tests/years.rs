//! Calendars against `reference/years.json`: what Python's zones and croniter say of every minute of a year, in ten zones
//! with what clocks do: half-hour and two-hour changes, changes at midnight, a change by a quarter, a skipped day.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what a helper cannot read fails the test")]

use bellwether_core::{Duration, Time};
use bellwether_window::{Calendar, State};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    calendar: Calendar,
    from: Time,
    runs: String,
}

/// A time in which the state stays as it is.
#[derive(Clone, Copy, Debug)]
struct Run {
    state: State,
    from: Time,
    until: Time,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("reference/years.json")).unwrap()
}

fn runs(case: &Case) -> Vec<Run> {
    let mut from = case.from;
    let mut rest = case.runs.as_str();
    let mut runs = Vec::new();
    while let Some(name) = rest.chars().next() {
        let end = rest[1..].find(|sign: char| !sign.is_ascii_digit()).map_or(rest.len(), |end| end + 1);
        let until = from.after(Duration::from_minutes(rest[1..end].parse().unwrap()));
        let state = match name {
            'o' => State::Open,
            'd' => State::Discouraged,
            'c' => State::Closed,
            other => panic!("{other}"),
        };
        runs.push(Run { state, from, until });
        (from, rest) = (until, &rest[end..]);
    }
    runs
}

/// Every minute, and the last millisecond before a change.
fn check_minutes(case: &Case) {
    let check = |at: Time, expected: State| {
        let decision = case.calendar.state(at);
        assert_eq!(decision.outcome, expected, "{} {at}: {decision}", case.calendar.draft().zone);
    };
    for run in runs(case) {
        let mut now = run.from;
        while now < run.until {
            check(now, run.state);
            now = now.after(Duration::from_minutes(1));
        }
        check(run.until.before(Duration::from_millis(1)), run.state);
    }
}

#[test]
fn the_state_is_that_of_the_reference_in_every_minute_of_a_year_in_five_zones() {
    cases().iter().take(5).for_each(check_minutes);
}

#[test]
fn the_state_is_that_of_the_reference_in_every_minute_of_a_year_in_five_more() {
    assert_eq!(cases().len(), 10);
    cases().iter().skip(5).for_each(check_minutes);
}

#[test]
fn the_transitions_are_those_of_the_reference_and_no_others() {
    for case in cases() {
        let runs = runs(&case);
        let end = runs.last().unwrap().until;
        let until = end.before(Duration::from_millis(1));
        let expected: Vec<(Time, State)> = runs.iter().skip(1).map(|run| (run.from, run.state)).collect();
        let found: Vec<_> = case.calendar.transitions(case.from, until).map(|it| (it.at, it.to)).collect();
        assert_eq!(found, expected, "{}", case.calendar.draft().zone);
    }
}

#[test]
fn the_next_open_instant_is_the_first_one_of_the_reference() {
    for case in cases() {
        let runs = runs(&case);
        for (index, run) in runs.iter().enumerate() {
            let middle = Time::from_unix_millis((run.from.unix_millis() + run.until.unix_millis()) / 2);
            for from in [run.from, middle, run.until.before(Duration::from_millis(1))] {
                let later = runs[index + 1..].iter().find(|later| later.state == State::Open).map(|later| later.from);
                let expected = if run.state == State::Open { Some(from) } else { later };
                let Some(expected) = expected else { continue };
                let found = case.calendar.next_open(from, Duration::from_hours(400 * 24));
                assert_eq!(found, Some(expected), "{} from {from}", case.calendar.draft().zone);
                let short = expected.since(from).saturating_sub(Duration::from_millis(1));
                if expected > from {
                    assert_eq!(case.calendar.next_open(from, short), None, "nothing opens before");
                }
            }
        }
    }
}
