//! What is odd about a calendar although it is one.

use bellwether_core::Finding;

use crate::{
    Calendar, Effect, State,
    calendar::CompiledRule,
    schedule::{Schedule, Spans},
    zone::{FIRST, time},
};

/// Two years, the first of them with a leap day: what repeats by weeks and months has happened by then.
const YEARS: i64 = 731 * crate::zone::DAY;
/// 28 years: after them the days of the week fall on the same dates again.
const CYCLE: i64 = 10_227 * crate::zone::DAY;
/// 2000-01-01T00:00:00Z.
const CYCLE_START: i64 = 946_684_800_000;
/// As many starts of a rare pattern are looked at.
const STARTS: usize = 500;

/// Whatever is odd about a calendar as a whole.
pub(super) fn of(calendar: &Calendar) -> Vec<Finding> {
    let mut findings = overlaps(calendar.rules());
    findings.extend(never_opens(calendar));
    findings
}

fn never_opens(calendar: &Calendar) -> Option<Finding> {
    let text = "the calendar is never open: {why}";
    let finding = Finding::critical("calendar.never_opens", text);
    let may_open =
        calendar.draft().otherwise == Effect::Open || calendar.rules().iter().any(|rule| rule.effect == Effect::Open);
    if !may_open {
        return Some(finding.figure("why", "no rule opens it"));
    }
    let always_closed = "its other rules close or discourage every time that is open";
    (!opens(calendar)).then(|| finding.figure("why", always_closed))
}

/// Whether the calendar is open at any time: by the rules that repeat, in a span that opens it, or when a window that
/// opens it begins, which may happen once in 28 years.
fn opens(calendar: &Calendar) -> bool {
    let mut repeating = calendar.clone();
    repeating.rules.retain(|rule| !matches!(rule.schedule, Schedule::Spans(_)));
    let opens_within = |calendar: &Calendar, from: i64, until: i64| {
        let mut transitions = calendar.transitions(time(from), time(until - 1));
        transitions.state() == State::Open || transitions.any(|transition| transition.to == State::Open)
    };
    let mut opening = spans(calendar.rules(), Effect::Open).flat_map(|(_, spans)| spans.all());
    opens_within(&repeating, CYCLE_START, CYCLE_START + YEARS)
        || opening.any(|(from, until)| opens_within(calendar, (*from).max(FIRST), *until))
        || rare_starts(&repeating).any(|start| repeating.state(time(start)).outcome == State::Open)
}

/// The starts of windows that open a calendar, within a cycle.
fn rare_starts(calendar: &Calendar) -> impl Iterator<Item = i64> {
    let windows =
        calendar.rules().iter().filter(|rule| rule.effect == Effect::Open).filter_map(|rule| match &rule.schedule {
            Schedule::Cron(window) => Some(window),
            Schedule::Week(_) | Schedule::Spans(_) => None,
        });
    let end = CYCLE_START + CYCLE;
    windows.flat_map(move |window| {
        std::iter::successors(window.next_start(CYCLE_START, end), move |start| window.next_start(*start, end))
            .take(STARTS)
    })
}

/// Freezes that two rules declare for the same time: when one of them is lifted the other still holds.
fn overlaps(rules: &[CompiledRule]) -> Vec<Finding> {
    let freezes: Vec<_> = spans(rules, Effect::Closed).filter(|(rule, _)| rule.list.is_none()).collect();
    let pairs = freezes
        .iter()
        .enumerate()
        .flat_map(|(index, first)| freezes.iter().skip(index + 1).map(move |second| (first, second)));
    pairs
        .filter_map(|((first, some), (second, others))| {
            let at = first_common(some, others)?;
            let text = "the freezes {first} and {second} overlap from {from} on";
            let finding = Finding::info("calendar.freezes_overlap", text)
                .figure("first", first.id.clone())
                .figure("second", second.id.clone())
                .figure("from", time(at));
            Some(finding)
        })
        .collect()
}

fn first_common(some: &Spans, others: &Spans) -> Option<i64> {
    let begins = |spans: &Spans, other: &Spans| {
        let is_within = |at: &i64| other.all().iter().any(|(from, until)| from <= at && at < until);
        spans.all().iter().map(|(from, _)| *from).find(is_within)
    };
    begins(some, others).into_iter().chain(begins(others, some)).min()
}

fn spans(rules: &[CompiledRule], effect: Effect) -> impl Iterator<Item = (&CompiledRule, &Spans)> {
    rules.iter().filter(move |rule| rule.effect == effect).filter_map(|rule| match &rule.schedule {
        Schedule::Spans(spans) => Some((rule, spans)),
        Schedule::Cron(_) | Schedule::Week(_) => None,
    })
}
