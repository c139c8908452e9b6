//! The words and figures of a verdict: what was seen, how much of the evidence there is, what would have changed it.

use alloc::{string::String, vec::Vec};

use bellwether_core::{Decision, Finding, Time, Value, Verdict};
use bellwether_stats::{Counts, Dependence, log_weighted_mean};

use crate::monitor::Reading;
use crate::monitor_state::Tripped;
use crate::taken::{Taken, rate};
use crate::{Guard, Missing};

/// Above this evidence of harm nothing passes, although it is not enough to fail: ten to one.
const DOUBT: f64 = 10.0;

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

/// A verdict with its reasons, followed by what is known of every metric.
pub(crate) fn verdict(outcome: Verdict, reasons: Vec<Finding>, readings: &[Reading<'_>]) -> Decision<Verdict> {
    let short = readings.iter().filter_map(short_interval);
    let findings = reasons.into_iter().chain(short).chain(readings.iter().map(evidence)).collect();
    Decision { outcome, findings }
}

/// The candidate is in an outage.
pub(crate) fn outage(tripped: &Tripped, guard: Guard, readings: &[Reading<'_>]) -> Decision<Verdict> {
    let text = "outage: {candidate_errors} of {candidate_requests} candidate requests of {metric} failed \
                ({candidate_rate}), more than {limit}, until {at}; a rule of its own, outside of alpha";
    let limit = guard.rate.max(guard.ratio * rate(tripped.arms.stable));
    let finding = Finding::critical("judge.guard", text)
        .figure("metric", String::from(tripped.metric.as_str()))
        .figure("at", tripped.at)
        .figure("limit", Value::Share(limit))
        .figure("errors_needed", guard.errors);
    let finding = arms(finding, "", tripped.arms.stable, tripped.arms.candidate);
    let allowed = largest_count_at(limit, tripped.arms.candidate.exposure).max(guard.errors.saturating_sub(1));
    let finding = finding
        .figure("flip_errors", allowed)
        .flips_when("at most {flip_errors} of these {candidate_requests} requests had failed");
    verdict(Verdict::Fail, [finding].into(), readings)
}

/// The candidate is worse than tolerated.
pub(crate) fn harm(log_e: f64, readings: &[Reading<'_>]) -> Decision<Verdict> {
    let Some(worst) = readings.first() else { return Decision::new(Verdict::Fail) };
    let text = "the rate of {metric} is above {tolerance} times that of stable: {candidate_errors} of {candidate_requests} \
                candidate requests failed ({candidate_rate}), {stable_errors} of {stable_requests} of stable \
                ({stable_rate}); evidence {evidence} reached {needed}";
    let overall = worst.state.overall;
    let finding = about(Finding::critical("judge.harm", text), worst)
        .figure("tolerance", Value::Ratio(spec(worst).tolerance))
        .figure("evidence", exponential(log_e))
        .figure("needed", exponential(worst.judge.log_needed_to_fail()))
        .figure("log_evidence", number(log_e))
        .figure("log_needed", number(worst.judge.log_needed_to_fail()))
        .figure("alpha", Value::Ratio(worst.judge.alpha()))
        .figure("attempt", worst.judge.spec().attempt);
    let finding = arms(finding, "", overall.stable, overall.candidate);
    let mut reasons = Vec::from([flips_fail(finding, readings)]);
    if passes(worst) {
        let text = "the rate of {metric} is between {tolerance} and {harm} times that of stable: worse than tolerated, not harmful";
        let between = about(Finding::info("judge.between", text), worst)
            .figure("tolerance", Value::Ratio(spec(worst).tolerance))
            .figure("harm", Value::Ratio(spec(worst).harm));
        reasons.push(between);
    }
    verdict(Verdict::Fail, reasons, readings)
}

/// What is missing for a metric to be judged at all.
pub(crate) fn missing(reading: &Reading<'_>, now: Time) -> Option<Finding> {
    let limit = spec(reading).freshness();
    let missing = reading.state.stage.missing(limit, now)?;
    let finding = missing.finding(reading.metric);
    let Some(end) = reading.state.stage.arrived else { return Some(finding) };
    let finding = finding.figure("last_end", end);
    Some(match missing {
        Missing::Stale | Missing::Unsettled => finding
            .figure("fresh_for", limit)
            .flips_when("an interval had ended within {fresh_for} of now; the last one ended at {last_end}"),
        Missing::NoSeries
        | Missing::NoTraffic
        | Missing::WrongKind
        | Missing::Impossible
        | Missing::NonFinite
        | Missing::ProviderError => finding,
    })
}

/// What keeps the stage from passing; nothing if it passes.
pub(crate) fn lacking(log_e: f64, readings: &[Reading<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = doubt(log_e).into_iter().collect();
    for reading in readings {
        findings.extend([both_bad(reading), minimum(reading), no_evidence(reading)].into_iter().flatten());
    }
    findings
}

/// What keeps a stage from passing where there is nothing to compare with; nothing if it passes.
pub(crate) fn guard_lacking(log_e: f64, readings: &[Reading<'_>]) -> Vec<Finding> {
    let few = readings.iter().filter_map(few_intervals);
    doubt(log_e).into_iter().chain(readings.iter().filter_map(both_bad)).chain(few).collect()
}

/// A metric passes where there is nothing to compare with.
pub(crate) fn guard_is_quiet(reading: &Reading<'_>) -> Finding {
    let text = "nothing speaks against {metric} at this exposure, where there is nothing to compare with: {candidate_errors} \
                of {candidate_requests} candidate requests failed ({candidate_rate})";
    let totals = reading.state.stage.totals;
    arms(about(Finding::info("judge.guard_quiet", text), reading), "", totals.stable, totals.candidate)
}

fn few_intervals(reading: &Reading<'_>) -> Option<Finding> {
    let (intervals, needed) = (reading.state.stage.intervals, reading.judge.spec().minimum.intervals);
    let text = "minimum evidence of {metric}: {intervals} of {intervals_needed} intervals";
    let finding = || about(Finding::info("judge.minimum_evidence", text), reading);
    (intervals < needed).then(|| finding().figure("intervals", intervals).figure("intervals_needed", needed))
}

/// Too much evidence of harm for a pass, too little for a fail.
fn doubt(log_e: f64) -> Option<Finding> {
    let text = "no pass while the evidence of harm, {evidence}, is above {limit}";
    let finding = || Finding::warning("judge.doubt", text).figure("evidence", exponential(log_e));
    (log_e >= libm::log(DOUBT)).then(|| finding().figure("limit", Value::Ratio(DOUBT)))
}

/// A metric passes.
pub(crate) fn no_harm(reading: &Reading<'_>) -> Finding {
    let text = "the rate of {metric} is below {harm} times that of stable at this exposure, or below {acceptable}; evidence \
                {evidence} reached {needed}";
    let log_e = reading.state.stage.no_harm.log_e();
    let finding = about(Finding::info("judge.no_harm", text), reading)
        .figure("harm", Value::Ratio(spec(reading).harm))
        .figure("acceptable", Value::Share(spec(reading).acceptable))
        .figure("evidence", exponential(log_e))
        .figure("needed", exponential(reading.judge.log_needed_to_pass()))
        .figure("beta", Value::Ratio(reading.judge.beta()));
    let Some(errors) = errors_that_end_the_pass(reading) else { return finding };
    finding
        .figure("flip_errors", errors)
        .flips_when("one more interval like the last had {flip_errors} or more candidate errors")
}

/// What is known of a metric.
fn evidence(reading: &Reading<'_>) -> Finding {
    let finding = match least_intervals(reading) {
        Some(least) => Finding::info("judge.evidence", EVIDENCE_AND_LEAST).figure("least_intervals", least),
        None => Finding::info("judge.evidence", EVIDENCE),
    };
    let (stage, overall) = (&reading.state.stage, reading.state.overall);
    let finding = about(finding, reading).figure("intervals", stage.intervals);
    let finding = arms(finding, "", stage.totals.stable, stage.totals.candidate);
    arms(finding, "overall_", overall.stable, overall.candidate)
        .figure("log_harm", number(reading.log_e))
        .figure("log_harm_needed", number(reading.judge.log_needed_to_fail()))
        .figure("log_no_harm", number(stage.no_harm.log_e()))
        .figure("log_no_harm_needed", number(reading.judge.log_needed_to_pass()))
        .figure("weight", Value::Ratio(reading.weight))
}

/// The number of intervals below which nothing could fail at this share, where there is one.
fn least_intervals(reading: &Reading<'_>) -> Option<u32> {
    let share = reading.state.stage.last?.intended.fraction();
    let least = reading.state.harm.minimum_intervals(share, reading.judge.alpha());
    (1 < least && least < u32::MAX).then_some(least)
}

/// Bursts that do not end within an interval are outside of what the tests allow for.
fn short_interval(reading: &Reading<'_>) -> Option<Finding> {
    let last = reading.state.stage.last?;
    let (length, spec) = (last.end.since(last.start), spec(reading));
    if length >= spec.interval || spec.dependence == Dependence::Independent {
        return None;
    }
    let text = "the last interval of {metric} was {length} long, shorter than the {interval} that bursts end within: it \
                may fail good candidates more often than alpha says";
    let finding = about(Finding::warning("judge.short_interval", text), reading);
    Some(finding.figure("length", length).figure("interval", spec.interval))
}

/// Stable itself is far worse than it used to be: comparing says nothing then.
fn both_bad(reading: &Reading<'_>) -> Option<Finding> {
    let outage = &reading.state.outage;
    let text = "stable is in an outage itself: {stable_errors} of {stable_requests} requests of {metric} failed \
                ({stable_rate}); nothing passes meanwhile";
    let finding = || about(Finding::warning("judge.both_bad", text), reading);
    outage.stable_is_broken.then(|| arms(finding(), "", outage.arms.stable, outage.arms.candidate))
}

/// Too little was seen for a pass to mean something.
fn minimum(reading: &Reading<'_>) -> Option<Finding> {
    let (stage, minimum) = (&reading.state.stage, reading.judge.spec().minimum);
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
    if passes(reading) {
        return None;
    }
    let needed = reading.judge.log_needed_to_pass();
    let finding = |text| {
        about(Finding::info("judge.inconclusive", text), reading)
            .figure("evidence", exponential(reading.state.stage.no_harm.log_e()))
            .figure("needed", exponential(needed))
            .figure("beta", Value::Ratio(reading.judge.beta()))
    };
    if let Some(requests) = reading.state.stage.no_harm.needed_exposure(reading.judge.beta()) {
        let text = "evidence that the rate of {metric} is not harmful: {evidence} of {needed}";
        let flip = "about {requests} more candidate requests came without an error";
        return Some(finding(text).figure("requests", requests).flips_when(flip));
    }
    let text = "evidence that the rate of {metric} is not harmful: {evidence} of {needed}";
    Some(match intervals_missing(reading) {
        Some(intervals) => {
            finding(text).figure("more_intervals", intervals).flips_when("at least {more_intervals} more intervals")
        }
        None => finding(text),
    })
}

/// The fewest intervals that may still bring the evidence of no harm: by the ratio, if all evidence grows as fast as
/// that for equal rates, or by the candidate's own rate, if it has no error from now on.
fn intervals_missing(reading: &Reading<'_>) -> Option<u64> {
    let (no_harm, beta) = (&reading.state.stage.no_harm, reading.judge.beta());
    let share = reading.state.stage.last.map(|last| last.intended.fraction())?;
    let by_ratio = no_harm.minimum_intervals(share, beta * exponent(no_harm.log_e()));
    let by_ratio = (by_ratio < u32::MAX).then_some(u64::from(by_ratio));
    by_ratio.into_iter().chain(no_harm.needed_intervals(beta)).min()
}

/// The fewest candidate errors in one more interval like the last that would take the evidence of no harm away.
fn errors_that_end_the_pass(reading: &Reading<'_>) -> Option<u64> {
    let last = reading.state.stage.last?;
    let passes = |errors| {
        let mut no_harm = reading.state.stage.no_harm.clone();
        no_harm.update(&last.with_candidate_errors(errors).rates());
        no_harm.log_e() >= reading.judge.log_needed_to_pass()
    };
    first_that_changes(last.arms.candidate.exposure, passes)
}

/// Says how few errors of the last interval would not have failed the candidate, by trying them.
fn flips_fail(finding: Finding, readings: &[Reading<'_>]) -> Finding {
    let tried = readings.iter().enumerate().find_map(|(index, reading)| {
        let before = reading.state.before.as_deref()?;
        let log_e_with = |errors| log_e_with(readings, index, &before.interval.with_candidate_errors(errors));
        let needed = reading.judge.log_needed_to_fail();
        let errors = before.interval.arms.candidate.events;
        let flip = first_that_changes(errors, |errors| log_e_with(errors) < needed)?;
        Some((reading, before.interval, flip))
    });
    let Some((reading, interval, flip)) = tried else { return finding };
    finding
        .figure("flip_metric", String::from(reading.metric.as_str()))
        .figure("flip_errors", flip)
        .figure("last_errors", interval.arms.candidate.events)
        .figure("last_end", interval.end)
        .flips_when(
            "fewer than {flip_errors} candidate requests had failed by {flip_metric} in the interval that ended at \
             {last_end}; {last_errors} did",
        )
}

/// The evidence of all metrics if the last interval of one had been another.
fn log_e_with(readings: &[Reading<'_>], index: usize, interval: &Taken) -> f64 {
    let log_e_of = |(at, reading): (usize, &Reading<'_>)| {
        let before = reading.state.before.as_deref().filter(|_| at == index);
        let log_e = before.map_or(reading.log_e, |before| {
            let mut harm = before.harm.clone();
            harm.update(&interval.rates());
            harm.log_e()
        });
        (reading.weight, log_e)
    };
    log_weighted_mean(&readings.iter().enumerate().map(log_e_of).collect::<Vec<_>>())
}

/// The smallest count up to `most` for which a statement that holds for none does not hold any more, by halving;
/// nothing if it does not hold for none or still holds for `most`.
fn first_that_changes(most: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if !holds(0) || holds(most) {
        return None;
    }
    let (mut kept, mut changed) = (0, most);
    while changed - kept > 1 {
        let middle = kept + (changed - kept) / 2;
        if holds(middle) { kept = middle } else { changed = middle }
    }
    Some(changed)
}

fn passes(reading: &Reading<'_>) -> bool {
    reading.state.stage.no_harm.log_e() >= reading.judge.log_needed_to_pass()
}

fn spec(reading: &Reading<'_>) -> crate::MetricSpec {
    reading.judge.metrics().get(reading.metric).copied().unwrap_or_default()
}

fn about(finding: Finding, reading: &Reading<'_>) -> Finding {
    finding.figure("metric", String::from(reading.metric.as_str()))
}

fn arms(finding: Finding, of: &'static str, stable: Counts, candidate: Counts) -> Finding {
    let name = |what: &str| alloc::format!("{of}{what}");
    finding
        .figure(name("candidate_errors"), candidate.events)
        .figure(name("candidate_requests"), candidate.exposure)
        .figure(name("candidate_rate"), Value::Share(rate(candidate)))
        .figure(name("stable_errors"), stable.events)
        .figure(name("stable_requests"), stable.exposure)
        .figure(name("stable_rate"), Value::Share(rate(stable)))
}

/// The largest count whose rate is not above a limit.
fn largest_count_at(limit: f64, total: u64) -> u64 {
    first_that_changes(total, |count| count as f64 <= limit * total as f64).map_or(total, |count| count - 1)
}

/// What a logarithm stands for; findings hold finite numbers only, so that they can be stored.
fn exponential(log: f64) -> Value {
    Value::Ratio(exponent(log))
}

fn exponent(log: f64) -> f64 {
    libm::exp(log.clamp(-700.0, 700.0))
}

fn number(log: f64) -> Value {
    Value::Ratio(log.clamp(f64::MIN, f64::MAX))
}
