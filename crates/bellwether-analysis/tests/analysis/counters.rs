//! The judges by thresholds and by burn rates.

use bellwether_analysis::burn_rate::{BurnRate, BurnRateSpec};
use bellwether_analysis::threshold::{Threshold, ThresholdSpec};
use bellwether_analysis::{Judge, Series};
use bellwether_core::{Decision, Duration, Time, Verdict};
use serde_json::{Value, json};

/// Minutes with requests and errors of stable and of the candidate.
fn series(minutes: &[[u64; 4]]) -> Series {
    let start: Time = "2026-03-02T10:00:00Z".parse().unwrap();
    let stage = json!({ "rollout": "r", "step": 0, "entry": 0 });
    let at = |minute: usize| start.after(Duration::from_minutes(minute as u64));
    let interval = |(minute, [all, bad, new, new_bad]): (usize, &[u64; 4])| {
        json!({
            "start": at(minute), "end": at(minute + 1), "stage": stage, "intended": 500, "observed": 500, "settled": true,
            "stable": { "requests": all, "errors": bad }, "candidate": { "requests": new, "errors": new_bad },
        })
    };
    let intervals: Vec<Value> = minutes.iter().enumerate().map(interval).collect();
    serde_json::from_value(json!({ "stage": stage, "metrics": { "errors": intervals } })).unwrap()
}

fn last(series: &Series) -> Time {
    series.metrics.values().flatten().map(|interval| interval.end).max().unwrap_or(Time::MIN)
}

fn threshold(metric: &Value, minutes: &[[u64; 4]]) -> Decision<Verdict> {
    let spec: ThresholdSpec = serde_json::from_value(json!({ "schema": 1, "metrics": { "errors": metric } })).unwrap();
    let series = series(minutes);
    Threshold::new(spec).unwrap().judge(&series, last(&series))
}

fn burn_rate(metric: &Value, minutes: &[[u64; 4]]) -> Decision<Verdict> {
    let spec: BurnRateSpec = serde_json::from_value(json!({ "schema": 1, "metrics": { "errors": metric } })).unwrap();
    let series = series(minutes);
    BurnRate::new(spec).unwrap().judge(&series, last(&series))
}

const GOOD: [u64; 4] = [1_900, 2, 100, 0];
const BAD: [u64; 4] = [1_900, 2, 100, 5];
const SILENT: [u64; 4] = [1_900, 2, 0, 0];

#[test]
fn a_threshold_fails_after_more_failures_than_may_be_and_passes_after_its_count() {
    let metric = |limits: Value| json!({ "success": [{ "at_most": 0.01 }], "limits": limits });
    assert_eq!(threshold(&metric(json!({ "failure_limit": 1 })), &[BAD, GOOD]).outcome, Verdict::Inconclusive);
    let failed = threshold(&metric(json!({ "failure_limit": 1 })), &[BAD, GOOD, BAD]);
    assert_eq!(failed.outcome, Verdict::Fail);
    assert_eq!(
        failed.findings[0].rendered(),
        "2 intervals of errors failed, more than 1: the rate is to be at most 0.01, and was 0.050 at last"
    );
    assert_eq!(threshold(&metric(json!({ "count": 2 })), &[GOOD, GOOD]).outcome, Verdict::Pass);
    let waits = threshold(&metric(json!({ "count": 5 })), &[GOOD, GOOD]);
    assert_eq!(waits.outcome, Verdict::Inconclusive);
    assert_eq!(waits.findings[0].rendered(), "errors has 2 of its measurements, 3 are missing");
}

/// Argo Rollouts and Flagger would go back here.
#[test]
fn what_could_not_be_measured_is_never_a_failure() {
    let metric = json!({ "success": [{ "at_most": 0.01 }], "limits": { "count": 3, "consecutive_error_limit": 2 } });
    assert_eq!(threshold(&metric, &[GOOD, SILENT, SILENT]).outcome, Verdict::Inconclusive);
    let silent = threshold(&metric, &[GOOD, SILENT, SILENT, SILENT]);
    assert_eq!((silent.outcome, silent.findings[0].rule.as_ref()), (Verdict::NoData, "judge.no_data.no_traffic"));
    assert_eq!(threshold(&metric, &[]).outcome, Verdict::NoData);
}

#[test]
fn old_measurements_do_not_pass_and_still_fail() {
    let spec = |count| json!({ "schema": 1, "metrics": { "errors": { "success": [{ "at_most": 0.01 }], "limits": { "count": count } } } });
    for (minutes, expected) in [([GOOD, GOOD], Verdict::NoData), ([GOOD, BAD], Verdict::Fail)] {
        let judge = Threshold::new(serde_json::from_value(spec(2)).unwrap()).unwrap();
        let series = series(&minutes);
        assert_eq!(judge.judge(&series, last(&series).after(Duration::from_minutes(4))).outcome, expected);
    }
}

#[test]
fn a_threshold_can_be_relative_to_stable() {
    let twice = json!({ "of": "ratio", "failure": [{ "above": 2 }], "limits": { "count": 1 } });
    assert_eq!(threshold(&twice, &[[1_000, 20, 100, 4]]).outcome, Verdict::Pass);
    assert_eq!(threshold(&twice, &[[1_000, 20, 100, 5]]).outcome, Verdict::Fail);
    assert_eq!(threshold(&twice, &[[1_000, 0, 100, 1]]).outcome, Verdict::Fail, "more than nothing without limit");
    assert_eq!(
        threshold(&twice, &[[1_000, 0, 100, 0]]).outcome,
        Verdict::Inconclusive,
        "no error in either has no ratio"
    );
    let difference = json!({ "of": "difference", "failure": [{ "at_least": 0.03 }], "limits": { "count": 1 } });
    assert_eq!(threshold(&difference, &[[100, 1, 100, 3]]).outcome, Verdict::Pass);
    assert_eq!(threshold(&difference, &[[100, 1, 100, 5]]).outcome, Verdict::Fail);
}

#[test]
fn between_a_success_and_a_failure_nobody_can_say() {
    let metric = json!({ "success": [{ "at_most": 0.01 }], "failure": [{ "above": 0.1 }] });
    assert_eq!(threshold(&metric, &[BAD]).outcome, Verdict::Inconclusive);
}

#[test]
fn a_dry_run_of_a_threshold_decides_nothing() {
    let spec = json!({ "schema": 1, "metrics": {
        "errors": { "success": [{ "at_most": 1 }], "limits": { "count": 1 } },
        "other": { "success": [{ "at_most": 0 }], "dry_run": true },
    } });
    let mut series = series(&[BAD]);
    let intervals = series.metrics.values().next().unwrap().clone();
    series.metrics.insert("other".parse().unwrap(), intervals);
    let judge = Threshold::new(serde_json::from_value(spec).unwrap()).unwrap();
    assert_eq!(judge.judge(&series, last(&series)).outcome, Verdict::Pass);
}

/// The workbook's own case: 99.9 %, an hour of 1.44 % errors spends 2 % of thirty days' budget.
#[test]
fn a_budget_that_burns_in_both_windows_fails() {
    let hour = json!({ "objective": 0.999, "alerts": [{ "long": "1h", "short": "5m", "burn": 14.4 }] });
    let minute = |errors| [0, 0, 10_000, errors];
    assert_eq!(burn_rate(&hour, &[minute(145); 60]).outcome, Verdict::Fail);
    assert_eq!(burn_rate(&hour, &[minute(143); 60]).outcome, Verdict::Pass, "14.3 times");
    let mut over = vec![minute(300); 55];
    over.extend([minute(0); 5]);
    assert_ne!(burn_rate(&hour, &over).outcome, Verdict::Fail, "the short window is quiet: it is over");
    let both = json!({ "objective": 0.999 });
    assert_eq!(burn_rate(&both, &[minute(61); 360]).outcome, Verdict::Fail, "6.1 times for six hours");
    assert_eq!(burn_rate(&both, &[minute(59); 360]).outcome, Verdict::Pass, "5.9 times");
}

/// As the workbook's query does, which divides the errors that a window has by the requests that it has: a service that
/// is an hour old is judged by its one hour there too.
#[test]
fn a_window_that_is_not_full_counts_with_what_is_in_it_and_never_passes() {
    let both = json!({ "objective": 0.999 });
    let minute = |errors| [0, 0, 10_000, errors];
    let failed = burn_rate(&both, &[minute(143); 60]);
    assert_eq!((failed.outcome, failed.findings[0].rule.as_ref()), (Verdict::Fail, "burn_rate.exceeded"));
    assert!(failed.findings[0].rendered().contains("14.3 times as fast as allowed over 6h"), "by the slower alert");
    let early = burn_rate(&both, &[minute(10); 90]);
    assert_eq!((early.outcome, early.findings[0].rule.as_ref()), (Verdict::Inconclusive, "burn_rate.window_not_full"));
}

/// At 90 % an hour that spends its budget 14.4 times as fast has more failures than requests.
#[test]
fn an_alert_that_can_never_fire_is_named() {
    let rules = |objective: f64| {
        let judged = burn_rate(&json!({ "objective": objective }), &[GOOD; 360]);
        judged.findings.iter().filter(|finding| finding.rule == "burn_rate.never_fires").count()
    };
    assert_eq!((rules(0.9), rules(0.95)), (1, 0));
}

#[test]
fn a_burn_rate_of_too_few_requests_says_nothing() {
    let objective = json!({ "objective": 0.999, "requests_min": 1_000 });
    assert_eq!(burn_rate(&objective, &[BAD; 9]).outcome, Verdict::NoData);
    assert_eq!(burn_rate(&objective, &[BAD; 10]).outcome, Verdict::Fail);
    assert_eq!(burn_rate(&objective, &[]).outcome, Verdict::NoData);
}

#[test]
fn configurations_that_say_nothing_are_refused_with_their_place() {
    let threshold = |metrics: Value| {
        let spec: ThresholdSpec = serde_json::from_value(json!({ "schema": 1, "metrics": metrics })).unwrap();
        Threshold::new(spec).unwrap_err().to_string()
    };
    for (metrics, expected) in [
        (json!({}), "use `metrics`: expected at least one metric that decides, found 0"),
        (json!({ "errors": {} }), "use `metrics.errors.success`: expected a comparison here or as `failure`, found 0"),
        (
            json!({ "errors": { "success": [{ "below": 1 }], "limits": { "count": 0 } } }),
            "use `metrics.errors.limits.count`: expected at least 1, found 0",
        ),
        (
            json!({ "errors": { "success": [{ "below": 1 }], "dry_run": true } }),
            "use `metrics`: expected at least one metric that decides, found 0",
        ),
    ] {
        assert_eq!(threshold(metrics), expected);
    }
    let burn_rate = |objective: Value| {
        let spec: BurnRateSpec =
            serde_json::from_value(json!({ "schema": 1, "metrics": { "errors": objective } })).unwrap();
        BurnRate::new(spec).unwrap_err().to_string()
    };
    for (objective, expected) in [
        (json!({ "objective": 1 }), "use `metrics.errors.objective`: expected above 0 and below 1, found 1"),
        (
            json!({ "objective": 0.9, "alerts": [] }),
            "use `metrics.errors.alerts`: expected at least one alert, found 0",
        ),
        (
            json!({ "objective": 0.9, "alerts": [{ "long": "1m", "short": "5m", "burn": 2 }] }),
            "use `metrics.errors.alerts[0].short`: expected above zero and at most the long window, in ms, found 300000",
        ),
        (
            json!({ "objective": 0.9, "alerts": [{ "long": "1h", "short": "5m", "burn": 0.5 }] }),
            "use `metrics.errors.alerts[0].burn`: expected at least 1, found 0.5",
        ),
    ] {
        assert_eq!(burn_rate(objective), expected);
    }
}
