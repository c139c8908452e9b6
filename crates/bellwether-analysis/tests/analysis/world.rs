//! Builds judges and intervals for the other tests.

use bellwether_analysis::{Interval, MetricSpec, Monitor, Sample, Sequential, SequentialSpec, Series};
use bellwether_core::{Arms, Basis, Decision, Duration, MetricName, StageId, Time, Verdict, Weight};

pub(crate) fn name(text: &str) -> MetricName {
    MetricName::new(text).unwrap()
}

pub(crate) fn stage(step: u32) -> StageId {
    StageId { rollout: "checkout-41".parse().unwrap(), step, entry: 0 }
}

/// 2026-03-02T10:00:00Z and so many minutes.
pub(crate) fn minute(minutes: u64) -> Time {
    Time::from_unix_millis(1_772_445_600_000).after(Duration::from_minutes(minutes))
}

/// Requests and errors of stable and candidate in the minute that begins at `at`.
pub(crate) fn interval(at: u64, stage: StageId, share: u16, arms: Arms<(u64, u64)>) -> Interval {
    Interval {
        start: minute(at),
        end: minute(at + 1),
        stage,
        intended: Weight::new(share).unwrap(),
        observed: Weight::new(share).unwrap(),
        settled: true,
        arms: arms.map(|(requests, errors)| Sample::Counts { requests, errors }),
    }
}

/// One minute at 5 % of 6,000 requests in the first step.
pub(crate) fn at_five_percent(at: u64, stable_errors: u64, candidate_errors: u64) -> Interval {
    let arms = Arms { stable: (5_700, stable_errors), candidate: (300, candidate_errors) };
    interval(at, stage(0), 500, arms)
}

/// Judges `errors` only.
pub(crate) fn judge(metric: MetricSpec) -> Sequential {
    let spec = SequentialSpec { metrics: [(name("errors"), metric)].into(), ..SequentialSpec::default() };
    Sequential::new(spec).unwrap()
}

pub(crate) fn series(stage: StageId, intervals: Vec<Interval>) -> Series {
    Series { stage, basis: Basis::Compare, metrics: [(name("errors"), intervals)].into() }
}

/// A monitor of `errors` in the first step.
pub(crate) fn monitor(judge: &Sequential) -> Monitor {
    let mut monitor = Monitor::new(judge);
    monitor.enter(&stage(0), Basis::Compare);
    monitor
}

/// The rules of a decision's findings, those apart that only show what is known.
pub(crate) fn rules(decision: &Decision<Verdict>) -> Vec<&str> {
    let is_reason = |rule: &&str| !["judge.evidence", "judge.ratio"].contains(rule);
    decision.findings.iter().map(|finding| &*finding.rule).filter(is_reason).collect()
}

pub(crate) fn ratio(finding: &bellwether_core::Finding, figure: &str) -> f64 {
    let Some(bellwether_core::Value::Ratio(value)) = finding.value(figure) else {
        panic!("{figure} is no ratio of {finding:?}");
    };
    *value
}

pub(crate) fn count(finding: &bellwether_core::Finding, figure: &str) -> u64 {
    let Some(bellwether_core::Value::Count(value)) = finding.value(figure) else {
        panic!("{figure} is no count of {finding:?}");
    };
    *value
}

/// When a judge first says pass or fail.
pub(crate) fn first_decision(
    judge: &Sequential,
    intervals: impl Iterator<Item = Interval>,
) -> Option<(u64, Decision<Verdict>)> {
    let mut monitor = monitor(judge);
    let mut minutes = 0;
    for interval in intervals {
        monitor.push(&name("errors"), &interval);
        minutes += 1;
        let decision = monitor.verdict(interval.end);
        if matches!(decision.outcome, Verdict::Pass | Verdict::Fail) {
            return Some((minutes, decision));
        }
    }
    None
}
