//! What is wrong with a series is named with its place; a judge that gets it all the same takes it for no evidence.

use bellwether_analysis::{Interval, Judge, MetricSpec, Sample, Sequential, Series};
use bellwether_core::{StageId, Verdict};

use crate::world::{at_five_percent, judge, minute, name, series, stage};

#[test]
fn a_series_that_is_no_evidence_is_refused_with_its_place() {
    let judge = judge(MetricSpec::default());
    let refused = |series: &Series| series.check(&judge).unwrap_err().to_string();
    let with = |change: fn(&mut Interval)| {
        let mut intervals: Vec<_> = (0..4).map(|at| at_five_percent(at, 6, 0)).collect();
        change(&mut intervals[2]);
        series(stage(0), intervals)
    };
    assert_eq!(with(|_| {}).check(&judge), Ok(()));
    let other = |interval: &mut Interval| {
        interval.stage = StageId { rollout: "checkout-40".parse().unwrap(), step: 0, entry: 0 };
    };
    for (series, message) in [
        (series(stage(0), vec![]), "metrics: expected at least one interval, found none"),
        (
            with(|interval| interval.start = minute(1)),
            "metrics.errors[2].start: expected 2026-03-02T10:02:00.000Z or later, found 2026-03-02T10:01:00.000Z",
        ),
        (
            with(|interval| *interval = at_five_percent(1, 6, 0)),
            "metrics.errors[2]: expected each interval once, found the one that starts at 2026-03-02T10:01:00.000Z again",
        ),
        (with(other), "metrics.errors[2].stage.rollout: expected checkout-41, found checkout-40"),
        (with(|interval| interval.stage.step = 3), "metrics.errors[2].stage: expected step 0 or one before, found 3"),
        (
            with(|interval| interval.arms.stable = Sample::Values(vec![1.0])),
            "metrics.errors[2]: expected what a metric of its kind is judged by, found a sample of another kind, or \
             histograms that do not merge",
        ),
        (
            with(|interval| interval.arms.stable = Sample::Counts { requests: 1, errors: 2 }),
            "metrics.errors[2]: expected what a metric of its kind is judged by, found more errors than requests",
        ),
    ] {
        assert_eq!(refused(&series), message);
    }
    let mut unknown = with(|_| {});
    unknown.metrics.insert(name("latency"), vec![]);
    assert_eq!(refused(&unknown), "metrics.latency: expected a metric that is judged, found another one");
}

#[test]
fn a_metric_that_was_not_measured_is_named() {
    let spec = serde_json::json!({"schema": 1, "metrics": {"errors": {}, "timeouts": {}}});
    let judge: Sequential = serde_json::from_value(spec).unwrap();
    let found = series(stage(0), vec![at_five_percent(0, 6, 0)]).check(&judge).unwrap_err();
    assert_eq!(found.to_string(), "metrics: expected intervals of timeouts, found none");
}

/// A judge is total: whatever is in a series, what is wrong neither passes nor fails.
#[test]
fn what_is_wrong_is_no_evidence() {
    let judge = judge(MetricSpec::default());
    let quiet: Vec<_> = (0..100).map(|at| at_five_percent(at, 57, 3)).collect();
    let passing = judge.judge(&series(stage(0), quiet.clone()), minute(100));
    assert_eq!(passing.outcome, Verdict::Pass);
    let mut doubled = quiet.clone();
    doubled.extend(quiet.iter().map(|interval| Interval { arms: at_five_percent(0, 0, 300).arms, ..interval.clone() }));
    assert_eq!(judge.judge(&series(stage(0), doubled), minute(100)), passing, "an interval is never revised");
    let mut unsorted = quiet.clone();
    unsorted.reverse();
    assert_eq!(judge.judge(&series(stage(0), unsorted), minute(100)), passing);
    let mut unknown = series(stage(0), quiet);
    unknown.metrics.insert(name("latency"), vec![at_five_percent(0, 0, 300)]);
    assert_eq!(judge.judge(&unknown, minute(100)), passing);
}
