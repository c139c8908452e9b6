//! Stages where there is nothing to compare with: at 100 %, and wherever a step says so.

use bellwether_analysis::{Interval, Monitor, Sequential};
use bellwether_core::{Arms, Basis, Verdict};

use crate::world::{interval, minute, name, rules, stage};

/// A minute at 100 %: stable gets nothing, the candidate 6,000 requests.
fn at_everything(at: u64, errors: u64) -> Interval {
    interval(at, stage(1), 10_000, Arms { stable: (0, 0), candidate: (6_000, errors) })
}

fn judged(basis: Basis, intervals: &[Interval]) -> (Verdict, Vec<String>) {
    let mut monitor = Monitor::new(&Sequential::default());
    monitor.enter(&stage(1), basis);
    for interval in intervals {
        monitor.push(&name("errors"), interval);
    }
    let decision = monitor.verdict(intervals.last().map_or(minute(0), |interval| interval.end));
    (decision.outcome, rules(&decision).into_iter().map(str::to_owned).collect())
}

#[test]
fn a_service_that_always_fails_a_little_passes_its_guard_and_could_never_pass_by_comparison() {
    // 2 % of errors is what this service has; 0.5 % is what `acceptable` says by default.
    let minutes: Vec<_> = (0..5).map(|at| at_everything(at, 120)).collect();
    assert_eq!(judged(Basis::Guard, &minutes), (Verdict::Pass, vec!["judge.guard_quiet".into()]));
    assert_eq!(judged(Basis::Compare, &minutes).0, Verdict::Inconclusive);
}

#[test]
fn a_guard_waits_for_its_least_number_of_intervals() {
    let minutes: Vec<_> = (0..4).map(|at| at_everything(at, 0)).collect();
    assert_eq!(judged(Basis::Guard, &minutes), (Verdict::Inconclusive, vec!["judge.minimum_evidence".into()]));
}

#[test]
fn a_guard_without_an_interval_has_no_data() {
    assert_eq!(judged(Basis::Guard, &[]).0, Verdict::NoData);
}

#[test]
fn an_outage_fails_where_there_is_nothing_to_compare_with() {
    let mut minutes: Vec<_> = (0..5).map(|at| at_everything(at, 0)).collect();
    minutes.push(at_everything(5, 1_201));
    assert_eq!(judged(Basis::Guard, &minutes), (Verdict::Fail, vec!["judge.guard".into()]));
    minutes.pop();
    // A near miss: a fifth of the requests is not more than a fifth.
    minutes.push(at_everything(5, 1_200));
    assert_eq!(judged(Basis::Guard, &minutes).0, Verdict::Pass);
}

#[test]
fn evidence_of_harm_from_an_earlier_stage_is_not_forgotten() {
    let mut monitor = Monitor::new(&Sequential::default());
    monitor.enter(&stage(0), Basis::Compare);
    let mut at = 0;
    // 2 % instead of 0.1 %, until there is doubt but no fail yet.
    while monitor.verdict(minute(at)).findings.iter().all(|finding| finding.rule != "judge.doubt") {
        monitor.push(&name("errors"), &crate::world::at_five_percent(at, 6, 3));
        at += 1;
    }
    assert_ne!(monitor.verdict(minute(at)).outcome, Verdict::Fail);
    monitor.enter(&stage(1), Basis::Guard);
    for later in at..at + 5 {
        monitor.push(&name("errors"), &at_everything(later, 6));
    }
    let decision = monitor.verdict(minute(at + 5));
    assert_eq!((decision.outcome, rules(&decision)), (Verdict::Inconclusive, vec!["judge.doubt"]));
}
