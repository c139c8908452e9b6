//! The words and figures of a verdict: what was seen, how much of the evidence there is, what would have changed it.

mod evidence;
mod failure;
mod lacking;
mod passing;

use alloc::{string::String, vec::Vec};

use bellwether_core::{Decision, Finding, Time, Value, Verdict};
use bellwether_stats::Counts;

use crate::Missing;
use crate::monitor::Reading;
use crate::taken::rate;

pub(crate) use self::failure::{harm, outage};
pub(crate) use self::lacking::{guard_lacking, lacking};
pub(crate) use self::passing::{guard_is_quiet, no_harm};

/// A verdict with its reasons, followed by what is known of every metric.
pub(crate) fn verdict(outcome: Verdict, reasons: Vec<Finding>, readings: &[Reading<'_>]) -> Decision<Verdict> {
    let findings = reasons.into_iter().chain(evidence::all(readings)).collect();
    Decision { outcome, findings }
}

/// What is missing for a metric to be judged at all.
pub(crate) fn missing(reading: &Reading<'_>, now: Time) -> Option<Finding> {
    let limit = reading.spec.freshness();
    let missing = reading.state.stage.missing(limit, now)?;
    let finding = missing.finding(reading.metric);
    let Some(end) = reading.state.stage.arrived else { return Some(finding) };
    let finding = finding.figure("last_end", end);
    Some(match missing {
        Missing::Stale | Missing::Unsettled => finding
            .figure("fresh_for", limit)
            .flips_when("an interval had ended within {fresh_for} of now; the last one ended at {last_end}"),
        Missing::WarmingUp => finding
            .figure("warm_up", reading.spec.warm_up)
            .flips_when("an instance of each arm had run for {warm_up} when the interval began"),
        Missing::NoSeries
        | Missing::NoTraffic
        | Missing::WrongKind
        | Missing::Impossible
        | Missing::NonFinite
        | Missing::ProviderError => finding,
    })
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
