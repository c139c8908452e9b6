use bellwether_analysis::{Interval, Judge, Monitor, MonitorState, Sequential, Series};
use bellwether_core::{MetricName, Time, Verdict};
use serde::Deserialize;

use crate::decision::{check_decision, check_stored};

/// What the target reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    judge: Sequential,
    series: Series,
    now: Time,
}

/// Reads a judge and a series as JSON and judges: always an answer with finite figures, the same as a monitor's that took
/// the intervals one by one and was stored in between.
pub fn series(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return false };
    let Document { judge, series, now } = &document;
    check_stored(judge);
    check_stored(series);
    let decision = judge.judge(series, *now);
    check_decision(&decision);
    assert_eq!(fold(&document).verdict(*now), decision, "judging a series is pushing its intervals");
    if decision.outcome == Verdict::Pass {
        check_measured(judge, series);
    }
    check_any_order(&document);
    true
}

/// Pushes the intervals in the order of their ends, and stores the monitor after each.
fn fold(document: &Document) -> Monitor {
    let Document { judge, series, now } = document;
    let mut intervals: Vec<(&MetricName, &Interval)> = pairs(series).collect();
    intervals.sort_by_key(|(metric, interval)| (interval.end, *metric, interval.start));
    let mut monitor = Monitor::new(judge);
    monitor.enter(&series.stage, series.basis);
    for (metric, interval) in intervals {
        monitor.push(metric, interval);
        monitor = restored(judge, &monitor);
        check_decision(&monitor.verdict(*now));
    }
    monitor
}

fn restored(judge: &Sequential, monitor: &Monitor) -> Monitor {
    check_stored(monitor.state());
    let text = serde_json::to_vec(monitor.state()).unwrap_or_else(|error| panic!("{error}"));
    let state: MonitorState = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}"));
    Monitor::restore(judge, state).unwrap_or_else(|error| panic!("{error}"))
}

/// A pass rests on an interval of its own stage, of every metric that is judged.
fn check_measured(judge: &Sequential, series: &Series) {
    for metric in judge.metrics().keys() {
        let intervals = series.metrics.get(metric).map(Vec::as_slice).unwrap_or_default();
        let counts = |interval: &&Interval| interval.settled && interval.stage == series.stage;
        assert!(intervals.iter().any(|interval| counts(&interval)), "{metric} passed without an interval");
    }
}

/// A source that delivers in another order, doubled and without a stage still gets an answer.
fn check_any_order(document: &Document) {
    let mut monitor = Monitor::new(&document.judge);
    for (metric, interval) in pairs(&document.series) {
        monitor.push(metric, interval);
        monitor.push(metric, interval);
    }
    check_decision(&monitor.verdict(document.now));
    check_decision(&monitor.verdict(Time::MIN));
    check_decision(&monitor.verdict(Time::MAX));
}

fn pairs(series: &Series) -> impl Iterator<Item = (&MetricName, &Interval)> {
    series.metrics.iter().flat_map(|(metric, intervals)| intervals.iter().map(move |interval| (metric, interval)))
}
