use alloc::vec::Vec;

use bellwether_core::{Duration, Finding, Value};
use bellwether_stats::{GaugeHarm, NoHarm};

use super::{about, arms, exponent, exponential};
use crate::MetricKind;
use crate::monitor::Reading;

/// Above this evidence of harm nothing passes, although it is not enough to fail: ten to one.
const DOUBT: f64 = 10.0;
/// The evidence that the share of the traffic is wrong, at which nothing passes: alpha 0.1 %.
const SHARE_LIMIT: f64 = 1_000.0;

/// What keeps the stage from passing; nothing if it passes.
pub(crate) fn lacking(log_e: f64, readings: &[Reading<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = doubt(log_e).into_iter().collect();
    for reading in readings.iter().filter(|reading| !reading.spec.advisory) {
        let of_any = [both_bad(reading), share(reading)];
        let of_kind = match reading.spec.kind {
            MetricKind::Rate | MetricKind::Distribution => [minimum(reading), no_evidence(reading)],
            MetricKind::Samples => [few_intervals(reading), None],
            MetricKind::Gauge => [few_intervals(reading), few_instances(reading)],
        };
        findings.extend(of_any.into_iter().chain(of_kind).flatten());
    }
    findings.extend(nothing_can_pass(readings));
    findings
}

/// What keeps a stage from passing where there is nothing to compare with; nothing if it passes.
pub(crate) fn guard_lacking(log_e: f64, readings: &[Reading<'_>]) -> Vec<Finding> {
    let needed = || readings.iter().filter(|reading| !reading.spec.advisory);
    let few = needed().filter_map(few_intervals);
    doubt(log_e).into_iter().chain(needed().filter_map(both_bad)).chain(few).collect()
}

/// Too much evidence of harm for a pass, too little for a fail.
fn doubt(log_e: f64) -> Option<Finding> {
    let text = "no pass while the evidence of harm, {evidence}, is above {limit}";
    let finding = || Finding::warning("judge.doubt", text).figure("evidence", exponential(log_e));
    (log_e >= libm::log(DOUBT)).then(|| finding().figure("limit", Value::Ratio(DOUBT)))
}

/// Stable itself is far worse than it used to be: comparing says nothing then.
fn both_bad(reading: &Reading<'_>) -> Option<Finding> {
    let outage = &reading.state.outage;
    let text = match reading.spec.kind {
        MetricKind::Gauge => "most instances of stable are saturated by {metric} themselves; nothing passes meanwhile",
        MetricKind::Rate | MetricKind::Distribution | MetricKind::Samples => {
            "stable is in an outage itself: {stable_errors} of {stable_requests} requests of {metric} failed \
             ({stable_rate}); nothing passes meanwhile"
        }
    };
    let finding = || about(Finding::warning("judge.both_bad", text), reading);
    outage.stable_is_broken.then(|| arms(finding(), "", outage.arms.stable, outage.arms.candidate))
}

/// The candidate does not get the share of the requests that it should: then the arms are not comparable.
fn share(reading: &Reading<'_>) -> Option<Finding> {
    let log_e = reading.state.stage.share.log_e();
    let last = reading.state.stage.last?;
    if log_e < libm::log(SHARE_LIMIT) {
        return None;
    }
    let requests = last.arms.map(|counts| counts.exposure as f64);
    let realised = requests.candidate / (requests.candidate + requests.stable);
    let text = "the candidate's share of the requests of {metric} was {realised} in the last interval and not {intended}: \
                evidence {evidence} that it is off by more than a fifth reached {needed}";
    let finding = about(Finding::warning("judge.share", text), reading)
        .figure("realised", Value::Share(realised))
        .figure("intended", last.intended)
        .figure("evidence", exponential(log_e))
        .figure("needed", Value::Ratio(SHARE_LIMIT));
    Some(finding.flips_when("the realised share stays within a fifth of the intended one"))
}

fn few_intervals(reading: &Reading<'_>) -> Option<Finding> {
    let (intervals, needed) = (reading.state.stage.intervals, reading.minimum().intervals);
    let text = "minimum evidence of {metric}: {intervals} of {intervals_needed} intervals";
    let finding = || about(Finding::info("judge.minimum_evidence", text), reading);
    (intervals < needed).then(|| finding().figure("intervals", intervals).figure("intervals_needed", needed))
}

/// With a few instances a host cannot be told from the version, at any alpha.
fn few_instances(reading: &Reading<'_>) -> Option<Finding> {
    let last = reading.state.stage.last?;
    let count = |instances: u64| usize::try_from(instances).unwrap_or(usize::MAX);
    let (stable, candidate) = (last.arms.stable.exposure, last.arms.candidate.exposure);
    let p = GaugeHarm::smallest_p_value(count(stable.min(1_000)), count(candidate.min(1_000)));
    let text = "{candidate} instances of the candidate and {stable} of stable are too few to be told apart by {metric}: at \
                best with a p value of {p}";
    let finding = || {
        about(Finding::warning("judge.few_instances", text), reading)
            .figure("candidate", candidate)
            .figure("stable", stable)
            .figure("p", Value::Ratio(p))
            .figure("fewest", GaugeHarm::FEWEST as u64)
            .flips_when("there were at least {fewest} instances of the candidate and enough of stable")
    };
    (candidate < GaugeHarm::FEWEST as u64 || p > reading.judge.alpha()).then(finding)
}

/// Too little was seen for a pass to mean something.
fn minimum(reading: &Reading<'_>) -> Option<Finding> {
    let (stage, minimum) = (&reading.state.stage, reading.minimum());
    if stage.has_minimum(minimum) {
        return None;
    }
    let text = "minimum evidence of {metric}: {intervals} of {intervals_needed} intervals, and {events} of \
                {events_needed} errors in both arms or {requests} of {requests_needed} candidate requests";
    let finding = about(Finding::info("judge.minimum_evidence", text), reading)
        .figure("intervals", stage.intervals)
        .figure("intervals_needed", minimum.intervals)
        .figure("events", stage.events())
        .figure("events_needed", minimum.events)
        .figure("requests", stage.totals.candidate.exposure)
        .figure("requests_needed", minimum.requests);
    Some(finding)
}

/// There is not enough evidence of no harm yet.
fn no_evidence(reading: &Reading<'_>) -> Option<Finding> {
    if reading.passes() {
        return None;
    }
    let text = "evidence that the rate of {metric} is not harmful: {evidence} of {needed}";
    let finding = about(Finding::info("judge.inconclusive", text), reading)
        .figure("evidence", exponential(reading.state.stage.pass.log_e()))
        .figure("needed", exponential(reading.log_needed_to_pass()))
        .figure("beta", Value::Ratio(reading.beta()))
        .figure("expired", reading.state.stage.expired);
    let Some(no_harm) = reading.state.stage.pass.decisive() else { return Some(finding) };
    Some(outlook(finding, reading, no_harm))
}

/// Says what is missing: how much more at equal rates, without any error, and at least.
fn outlook(finding: Finding, reading: &Reading<'_>, no_harm: &NoHarm) -> Finding {
    let beta = reading.beta();
    let without = no_harm.needed_exposure(beta);
    let finding = match without {
        Some(requests) => finding.figure("requests", requests),
        None => finding,
    };
    let least = intervals_missing(reading, no_harm);
    let finding = match least {
        Some(intervals) => finding.figure("more_intervals", intervals),
        None => finding,
    };
    let Some(ahead) = ahead(reading, no_harm) else {
        return match (without, least) {
            (Some(_), _) => finding.flips_when("about {requests} more candidate requests came without an error"),
            (None, Some(_)) => finding.flips_when("at least {more_intervals} more intervals"),
            (None, None) => finding,
        };
    };
    let finding = finding.figure("more_requests", ahead.requests).figure("more_time", ahead.time);
    finding.flips_when(match (without, least) {
        (Some(_), _) => {
            "about {more_requests} more candidate requests at equal rates, about {more_time} at this rate, or \
             {requests} without an error"
        }
        (None, Some(_)) => {
            "about {more_requests} more candidate requests at equal rates, about {more_time} at this rate; at least \
             {more_intervals} more intervals"
        }
        (None, None) => "about {more_requests} more candidate requests at equal rates, about {more_time} at this rate",
    })
}

/// What it takes if both rates are equal from now on.
struct Ahead {
    requests: u64,
    time: Duration,
}

fn ahead(reading: &Reading<'_>, no_harm: &NoHarm) -> Option<Ahead> {
    let (stage, last) = (&reading.state.stage, reading.state.stage.last?);
    let realised = stage.totals.map(|counts| counts.exposure as f64);
    let share = realised.candidate / (realised.candidate + realised.stable);
    let intervals = no_harm.intervals_at_equal_rates(share, reading.beta())?;
    let requests = stage.totals.candidate.exposure.checked_div(stage.intervals)?.saturating_mul(intervals);
    let length = last.end.since(last.start);
    Some(Ahead { requests: rounded_up(requests), time: length.saturating_mul(intervals) })
}

/// To two digits: an outlook is no more exact than that.
fn rounded_up(count: u64) -> u64 {
    let mut unit = 1_u64;
    while count / unit >= 100 {
        unit = unit.saturating_mul(10);
    }
    count.div_ceil(unit).saturating_mul(unit)
}

/// The fewest intervals that may still bring the evidence of no harm: by the ratio, if all evidence grows as fast as
/// that for equal rates, or by the candidate's own rate, if it has no error from now on.
fn intervals_missing(reading: &Reading<'_>, no_harm: &NoHarm) -> Option<u64> {
    let beta = reading.beta();
    let share = reading.state.stage.last.map(|last| last.intended.fraction())?;
    let by_ratio = no_harm.minimum_intervals(share, beta * exponent(no_harm.log_e()));
    let by_ratio = (by_ratio < u32::MAX).then_some(u64::from(by_ratio));
    by_ratio.into_iter().chain(no_harm.needed_intervals(beta)).min()
}

/// Metrics that can only fail do not show that there is no harm.
fn nothing_can_pass(readings: &[Reading<'_>]) -> Option<Finding> {
    let can_pass = readings.iter().any(|reading| reading.spec.kind.can_pass() && !reading.spec.advisory);
    let text =
        "no metric can show that there is no harm: samples, gauges and what is only reported may fail a candidate";
    let finding = || Finding::warning("judge.cannot_pass", text);
    (!can_pass).then(|| finding().flips_when("a rate or a distribution were judged that is not only reported"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlook_has_two_digits() {
        assert_eq!([0, 7, 99, 100, 101, 8_401, u64::MAX - 1].map(rounded_up)[..6], [0, 7, 99, 100, 110, 8_500]);
    }
}
