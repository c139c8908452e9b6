//! Decisions and a stored state that must stay as they are: a change is a visible diff.
//!
//! `BELLWETHER_BLESS=1 cargo test -p bellwether-analysis` writes them anew. `state-1.json` stays as the first version wrote
//! it for as long as the schema number of states does.

use std::fs;
use std::path::PathBuf;

use bellwether_analysis::{Interval, MetricSpec, Monitor, MonitorState, Sequential, SequentialSpec};
use bellwether_core::{Arms, Basis, Decision, Finding, MetricName, Verdict};

use crate::simulation::{poisson, seeded};
use crate::world::{interval, name, stage};

#[test]
fn the_decisions_of_a_scripted_rollout_are_those_in_the_repository() {
    let judge = scripted_judge();
    let mut monitor = Monitor::new(&judge);
    let mut decisions = Vec::new();
    for (at, (metric, interval)) in scripted_rollout().iter().enumerate() {
        monitor.enter(&interval.stage, Basis::Compare);
        monitor.push(metric, interval);
        if at % 20 == 19 {
            decisions.push(monitor.verdict(interval.end));
        }
    }
    let outcomes: Vec<_> = decisions.iter().map(|decision| decision.outcome).collect();
    assert!(outcomes.contains(&Verdict::Pass) && outcomes.last() == Some(&Verdict::Fail), "{outcomes:?}");
    check("decisions.json", &serde_json::to_string_pretty(&decisions).unwrap());
}

#[test]
fn a_state_that_is_stored_is_the_one_in_the_repository_and_is_gone_on_with() {
    let (judge, intervals) = (scripted_judge(), scripted_rollout());
    let (before, after) = intervals.split_at(65);
    let mut unbroken = Monitor::new(&judge);
    push(&mut unbroken, before);
    check("state.json", &serde_json::to_string_pretty(unbroken.state()).unwrap());
    let mut restored = Monitor::restore(&judge, stored("state.json")).unwrap();
    assert_eq!(push(&mut restored, after), push(&mut unbroken, after));
}

/// It has no check of the share, no estimate and no age of its certificate; the evidence is the same.
#[test]
fn a_state_stored_by_the_first_version_is_gone_on_with() {
    let (judge, intervals) = (scripted_judge(), scripted_rollout());
    let (before, after) = intervals.split_at(65);
    let mut unbroken = Monitor::new(&judge);
    push(&mut unbroken, before);
    let mut restored = Monitor::restore(&judge, stored("state-1.json")).unwrap();
    for (restored, unbroken) in push(&mut restored, after).iter().zip(push(&mut unbroken, after)) {
        assert_eq!(restored.outcome, unbroken.outcome);
        assert_eq!(of_rule(restored, "judge.evidence"), of_rule(&unbroken, "judge.evidence"));
    }
}

fn of_rule<'a>(decision: &'a Decision<Verdict>, rule: &str) -> Vec<&'a Finding> {
    decision.findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn push(monitor: &mut Monitor, intervals: &[(MetricName, Interval)]) -> Vec<Decision<Verdict>> {
    let decide = |(metric, interval): &(MetricName, Interval)| {
        monitor.enter(&interval.stage, Basis::Compare);
        monitor.push(metric, interval);
        monitor.verdict(interval.end)
    };
    intervals.iter().map(decide).collect()
}

fn stored(file: &str) -> MonitorState {
    serde_json::from_str(&fs::read_to_string(path(file)).unwrap()).unwrap()
}

fn scripted_judge() -> Sequential {
    let bursts = MetricSpec { dependence: bellwether_analysis::Dependence::BurstsUpTo(3), ..MetricSpec::default() };
    let metrics =
        [(name("errors"), MetricSpec { critical: true, ..MetricSpec::default() }), (name("timeouts"), bursts)];
    Sequential::new(SequentialSpec { metrics: metrics.into(), ..SequentialSpec::default() }).unwrap()
}

/// 5 % for 40 minutes and 50 % for 60: good at first, six times the errors in the last half hour.
fn scripted_rollout() -> Vec<(MetricName, Interval)> {
    let mut random = seeded(2_026);
    let mut intervals = Vec::new();
    for at in 0..100 {
        let (step, share, candidate) = if at < 40 { (0, 500, 300) } else { (1, 5_000, 3_000) };
        for (metric, base) in [("errors", 0.01), ("timeouts", 0.002)] {
            let ratio = if at < 70 { 0.9 } else { 6.0 };
            let arms = Arms { stable: (6_000 - candidate, base), candidate: (candidate, base * ratio) };
            let arms = arms.map(|(requests, rate)| (requests, poisson(&mut random, requests as f64 * rate)));
            intervals.push((name(metric), interval(at, stage(step), share, arms)));
        }
    }
    intervals
}

fn check(file: &str, text: &str) {
    if std::env::var_os("BELLWETHER_BLESS").is_some() {
        fs::write(path(file), format!("{text}\n")).unwrap();
    }
    let golden = fs::read_to_string(path(file)).unwrap_or_default();
    let line = golden.lines().zip(text.lines()).position(|(golden, line)| golden != line);
    assert!(golden.trim_end() == text, "{file} differs, first in line {:?}", line.map(|line| line + 1));
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)
}
