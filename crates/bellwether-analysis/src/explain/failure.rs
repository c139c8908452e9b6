use alloc::{string::String, vec::Vec};

use bellwether_core::{Decision, Finding, Value, Verdict};
use bellwether_stats::{EdgeEvidence, e_discoveries, log_weighted_mean};

use super::{about, arms, exponential, first_that_changes, number, verdict};
use crate::monitor::Reading;
use crate::monitor_state::Tripped;
use crate::taken::{Taken, rate};
use crate::{Guard, MetricKind};

/// The candidate is in an outage.
pub(crate) fn outage(tripped: &Tripped, guard: Guard, readings: &[Reading<'_>]) -> Decision<Verdict> {
    let of = readings.iter().find(|reading| *reading.metric == tripped.metric);
    let limit = of.and_then(|reading| reading.spec.limit).filter(|limit| limit.is_finite());
    let finding = match limit {
        Some(limit) => saturation(tripped, limit),
        None => errors(tripped, guard),
    };
    verdict(Verdict::Fail, [finding].into(), readings)
}

fn errors(tripped: &Tripped, guard: Guard) -> Finding {
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
    finding
        .figure("flip_errors", allowed)
        .flips_when("at most {flip_errors} of these {candidate_requests} requests had failed")
}

fn saturation(tripped: &Tripped, limit: f64) -> Finding {
    let text = "saturated: {candidate_instances} of {candidate_all} candidate instances were beyond {limit} of {metric} \
                and {stable_instances} of {stable_all} of stable, until {at}; a rule of its own, outside of alpha";
    Finding::critical("judge.saturated", text)
        .figure("metric", String::from(tripped.metric.as_str()))
        .figure("at", tripped.at)
        .figure("limit", Value::Ratio(limit))
        .figure("candidate_instances", tripped.arms.candidate.events)
        .figure("candidate_all", tripped.arms.candidate.exposure)
        .figure("stable_instances", tripped.arms.stable.events)
        .figure("stable_all", tripped.arms.stable.exposure)
        .flips_when("at most half of the candidate's instances had been beyond it in one of the last two intervals")
}

/// The largest count whose rate is not above a limit.
fn largest_count_at(limit: f64, total: u64) -> u64 {
    first_that_changes(total, |count| count as f64 <= limit * total as f64).map_or(total, |count| count - 1)
}

/// The candidate is worse than tolerated.
pub(crate) fn harm(log_e: f64, readings: &[Reading<'_>]) -> Decision<Verdict> {
    let Some(worst) = readings.first() else { return Decision::new(Verdict::Fail) };
    let finding = match worst.spec.kind {
        MetricKind::Rate => flips_fail(rate_is_worse(worst), readings),
        MetricKind::Distribution => values_are_worse(worst),
        MetricKind::Samples | MetricKind::Gauge => ranks_are_worse(worst),
    };
    let finding = about(finding, worst)
        .figure("tolerance", Value::Ratio(worst.spec.tolerance))
        .figure("evidence", exponential(log_e))
        .figure("needed", exponential(worst.judge.log_needed_to_fail()))
        .figure("log_evidence", number(log_e))
        .figure("log_needed", number(worst.judge.log_needed_to_fail()))
        .figure("alpha", Value::Ratio(worst.judge.alpha()))
        .figure("attempt", worst.judge.spec().attempt);
    let mut reasons = Vec::from([finding]);
    if worst.passes() {
        let text = "the rate of {metric} is between {tolerance} and {harm} times that of stable: worse than tolerated, not harmful";
        let between = about(Finding::info("judge.between", text), worst)
            .figure("tolerance", Value::Ratio(worst.spec.tolerance))
            .figure("harm", Value::Ratio(worst.spec.harm));
        reasons.push(between);
    }
    reasons.extend(others(readings));
    verdict(Verdict::Fail, reasons, readings)
}

fn rate_is_worse(reading: &Reading<'_>) -> Finding {
    let text = "the rate of {metric} is above {tolerance} times that of stable: {candidate_errors} of {candidate_requests} \
                candidate requests failed ({candidate_rate}), {stable_errors} of {stable_requests} of stable \
                ({stable_rate}); evidence {evidence} reached {needed}";
    let overall = reading.state.overall;
    let finding = arms(Finding::critical("judge.harm", text), "", overall.stable, overall.candidate);
    let tolerated = (reading.spec.tolerance * rate(overall.stable)).max(reading.spec.floor).min(1.0);
    finding.figure("tolerated_rate", Value::Share(tolerated)).flips_when("its rate had stayed below {tolerated_rate}")
}

fn values_are_worse(reading: &Reading<'_>) -> Finding {
    let text = "values of {metric} are worse than tolerated: {candidate_beyond} of {candidate_values} of the candidate were \
                beyond {edge} ({candidate_rate}), and of stable {stable_beyond} of {stable_values} were beyond what is \
                {value_tolerance} better ({stable_rate}); evidence {evidence} reached {needed}";
    let finding =
        Finding::critical("judge.harm", text).figure("value_tolerance", Value::Share(reading.spec.value_tolerance));
    let betting = reading.state.harm.as_values().and_then(|harm| harm.betting());
    let Some(EdgeEvidence { edge, control, treatment, .. }) = betting.map(|betting| betting.harm.strongest()) else {
        return finding;
    };
    let odds = reading.spec.tolerance * rate(control) / (1.0 - rate(control));
    let tolerated = if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
    finding
        .figure("edge", number(edge))
        .figure("candidate_beyond", treatment.events)
        .figure("candidate_values", treatment.exposure)
        .figure("candidate_rate", Value::Share(rate(treatment)))
        .figure("stable_beyond", control.events)
        .figure("stable_values", control.exposure)
        .figure("stable_rate", Value::Share(rate(control)))
        .figure("tolerated_rate", Value::Share(tolerated))
        .flips_when("at most {tolerated_rate} of the candidate's values had been beyond {edge}")
}

fn ranks_are_worse(reading: &Reading<'_>) -> Finding {
    let text = "values of {metric} are more than {value_tolerance} worse than those of stable, by ranks: {candidate_values} \
                of the candidate and {stable_values} of stable; evidence {evidence} reached {needed}";
    let overall = reading.state.overall;
    Finding::critical("judge.harm", text)
        .figure("value_tolerance", Value::Share(reading.value_tolerance()))
        .figure("candidate_values", overall.candidate.exposure)
        .figure("stable_values", overall.stable.exposure)
        .flips_when("its values had been within {value_tolerance} of stable's")
}

/// The other metrics that are worse, for people: among all that are named, at most alpha are expected to be wrong.
fn others(readings: &[Reading<'_>]) -> Option<Finding> {
    let first = readings.first()?;
    let log_es: Vec<f64> = readings.iter().map(|reading| reading.log_e).collect();
    let named = e_discoveries(&log_es, first.judge.alpha());
    let named = readings.iter().zip(named).skip(1).filter(|(_, is_named)| *is_named);
    let names: Vec<&str> = named.map(|(reading, _)| reading.metric.as_str()).collect();
    let text = "also worse than tolerated: {metrics}; of all metrics so named at most {alpha} are expected to be fine";
    let finding = || Finding::info("judge.also_worse", text).figure("metrics", names.join(", "));
    (!names.is_empty()).then(|| finding().figure("alpha", Value::Share(first.judge.alpha())))
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
             {last_end}; {last_errors} did. A rate that stays below {tolerated_rate} does not fail",
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
