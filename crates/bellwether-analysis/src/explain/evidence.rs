use bellwether_core::{Finding, Value};
use bellwether_stats::Dependence;

use super::{about, arms, number};
use crate::MetricKind;
use crate::monitor::Reading;

macro_rules! evidence_text {
    ($more:literal) => {
        concat!(
            "{metric} at this stage: {candidate_errors} of {candidate_requests} candidate requests failed ",
            "({candidate_rate}), {stable_errors} of {stable_requests} of stable ({stable_rate}), in {intervals} ",
            "intervals; ln evidence of harm {log_harm} of {log_harm_needed}, of no harm {log_no_harm} of ",
            "{log_no_harm_needed}",
            $more
        )
    };
}

const EVIDENCE: &str = evidence_text!("");
const EVIDENCE_AND_LEAST: &str = evidence_text!("; a fail takes at least {least_intervals} intervals at this share");
const VALUES: &str = "{metric} at this stage: {candidate_errors} of {candidate_requests} values of the candidate were beyond \
                      {edge} ({candidate_rate}), {stable_errors} of {stable_requests} of stable ({stable_rate}), in \
                      {intervals} intervals; ln evidence of harm {log_harm} of {log_harm_needed}, of no harm \
                      {log_no_harm} of {log_no_harm_needed}";
const LEARNING: &str = "{metric} at this stage: {candidate_requests} values of the candidate, {stable_requests} of stable; \
                        where to compare them is not known before stable had a hundred";
const RANKS: &str = "{metric} at this stage: {candidate_requests} values of the candidate, {stable_requests} of stable, in \
                     {intervals} intervals; ln evidence of harm {log_harm} of {log_harm_needed}";

/// The error probability of the limits that people are told.
const LIMITS_ALPHA: f64 = 0.05;

/// What is known of every metric.
pub(super) fn all(readings: &[Reading<'_>]) -> impl Iterator<Item = Finding> {
    let of_all = readings.iter().flat_map(|reading| [Some(of(reading)), ratio(reading)]).flatten();
    readings.iter().filter_map(short_interval).chain(of_all)
}

fn of(reading: &Reading<'_>) -> Finding {
    let least = least_intervals(reading);
    let betting = reading.state.harm.as_values().map(|harm| harm.betting());
    let text = match (reading.spec.kind, betting) {
        (MetricKind::Rate, _) if least.is_some() => EVIDENCE_AND_LEAST,
        (MetricKind::Rate, _) => EVIDENCE,
        (MetricKind::Distribution, Some(Some(_))) => VALUES,
        (MetricKind::Distribution, Some(None) | None) => LEARNING,
        (MetricKind::Samples | MetricKind::Gauge, _) => RANKS,
    };
    let finding = Finding::info("judge.evidence", text);
    let finding = match least {
        Some(least) => finding.figure("least_intervals", least),
        None => finding,
    };
    let finding = match betting.flatten() {
        Some(betting) => finding.figure("edge", number(betting.primary)),
        None => finding,
    };
    let (stage, overall) = (&reading.state.stage, reading.state.overall);
    let finding = about(finding, reading).figure("intervals", stage.intervals);
    let finding = arms(finding, "", stage.totals.stable, stage.totals.candidate);
    arms(finding, "overall_", overall.stable, overall.candidate)
        .figure("log_harm", number(reading.log_e))
        .figure("log_harm_needed", number(reading.judge.log_needed_to_fail()))
        .figure("log_no_harm", number(stage.pass.log_e()))
        .figure("log_no_harm_needed", number(reading.log_needed_to_pass()))
        .figure("weight", Value::Ratio(reading.weight))
        .figure("alpha_spent", Value::Ratio(reading.judge.alpha() * reading.state.harm.spent()))
}

/// How many times the candidate's rate is stable's, over the whole rollout and if that does not change.
fn ratio(reading: &Reading<'_>) -> Option<Finding> {
    let ratio = reading.state.ratio.as_ref()?;
    let estimate = ratio.estimate()?;
    let (lower, upper) = ratio.limits(LIMITS_ALPHA);
    let text = match (estimate.is_finite(), lower, upper) {
        (true, Some(_), Some(_)) => {
            "the rate of {metric} is {ratio} times that of stable so far, at every look between {lower} and {upper} \
             times ({level})"
        }
        (true, Some(_), None) => {
            "the rate of {metric} is {ratio} times that of stable so far, at every look above {lower} times ({level})"
        }
        (true, None, Some(_)) => {
            "the rate of {metric} is {ratio} times that of stable so far, at every look below {upper} times ({level})"
        }
        (true, None, None) => {
            "the rate of {metric} is {ratio} times that of stable so far; no limit of it is known yet"
        }
        (false, Some(_), _) => {
            "stable had no error of {metric} yet; at every look the candidate's rate is above {lower} times its ({level})"
        }
        (false, None, _) => return None,
    };
    let finding = about(Finding::info("judge.ratio", text), reading)
        .figure("ratio", number(estimate))
        .figure("level", Value::Share(1.0 - LIMITS_ALPHA));
    let limits = [("lower", lower), ("upper", upper)].into_iter().filter_map(|(name, limit)| Some((name, limit?)));
    Some(limits.fold(finding, |finding, (name, limit)| finding.figure(name, Value::Ratio(limit))))
}

/// The number of intervals below which nothing could fail at this share, where there is one.
fn least_intervals(reading: &Reading<'_>) -> Option<u32> {
    let share = reading.state.stage.last?.intended.fraction();
    reading.state.harm.minimum_intervals(share, reading.judge.alpha())
}

/// Bursts that do not end within an interval are outside of what the tests allow for.
fn short_interval(reading: &Reading<'_>) -> Option<Finding> {
    let last = reading.state.stage.last?;
    let (length, spec) = (last.end.since(last.start), reading.spec);
    if length >= spec.interval || spec.dependence == Dependence::Independent {
        return None;
    }
    let text = "the last interval of {metric} was {length} long, shorter than the {interval} that bursts end within: it \
                may fail good candidates more often than alpha says";
    let finding = about(Finding::warning("judge.short_interval", text), reading);
    Some(finding.figure("length", length).figure("interval", spec.interval))
}
