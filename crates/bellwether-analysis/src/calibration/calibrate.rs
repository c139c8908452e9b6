use alloc::{collections::BTreeMap, string::String, vec::Vec};

use bellwether_core::{Duration, Time};
use serde::{Deserialize, Serialize};

use super::aggregate::Aggregate;
use super::noise::Noise;
use super::replay::{TOLERANCES, VALUE_TOLERANCES, replay};
use super::report::{Calibration, FalseAlarms, Proposal};
use crate::{Instance, MetricKind, MetricSpec, SpecError};

/// What all instances of an unchanged service did in one interval.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Past {
    /// When it began.
    pub start: Time,
    /// When it ended.
    pub end: Time,
    /// What each instance did.
    pub instances: BTreeMap<String, Instance>,
}

/// The past of a service in which nothing was released, and how a candidate would be judged.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct History<'a> {
    /// The intervals, in the order of time.
    pub intervals: &'a [Past],
    /// How the metric is judged; its tolerances are what is asked for.
    pub spec: MetricSpec,
    /// The largest probability of failing what was not changed.
    pub alpha: f64,
    /// How many instances a candidate has.
    pub candidates: u32,
    /// How long a rollout takes: the past is cut into pieces of this length, each watched as one.
    pub rollout: Duration,
}

/// Replays a service's own past as if some of its instances were a candidate, and says which tolerance keeps alpha.
///
/// Noise of one arm that lasts over intervals is outside what any test promises; this is how large it was. Every group
/// of neighbouring instances is the candidate once, on each piece of the past.
///
/// # Errors
/// A metric that is neither a rate nor a distribution, another alpha than a probability, no instances for both arms, or a
/// rollout that is longer than the past.
pub fn calibrate(history: &History<'_>) -> Result<Calibration, SpecError> {
    check(history)?;
    let past = Aggregate::new(history)?;
    let noise = Noise::measure(&past);
    let false_alarms = match history.spec.kind {
        MetricKind::Distribution => {
            pairs(&VALUE_TOLERANCES, |tau| replay(&past, history, (history.spec.tolerance, tau)))?
        }
        MetricKind::Rate | MetricKind::Samples | MetricKind::Gauge => {
            pairs(&TOLERANCES, |tolerance| replay(&past, history, (tolerance, 0.0)))?
        }
    };
    let kept = false_alarms.iter().find(|alarms| alarms.keep(history.alpha));
    let is_rate = history.spec.kind == MetricKind::Rate;
    let covered = noise.spread.map(|spread| 2.0 * spread / libm::sqrt(f64::from(history.candidates)));
    let proposal = Proposal {
        tolerance: kept.filter(|_| is_rate).map(|alarms| alarms.tolerance),
        value_tolerance: kept.filter(|_| !is_rate).map(|alarms| alarms.value_tolerance.max(covered.unwrap_or(0.0))),
        interval: noise.interval(history.spec.interval),
        burst: u32::try_from(noise.largest_burst.max(1)).unwrap_or(u32::MAX),
    };
    Ok(Calibration {
        false_alarms,
        dispersion: noise.dispersion,
        autocorrelation: noise.autocorrelation,
        spread: noise.spread,
        largest_burst: noise.largest_burst,
        instances: past.names.len() as u64,
        intervals: past.len() as u64,
        proposal,
    })
}

fn pairs(
    tolerances: &[f64],
    alarms: impl FnMut(f64) -> Result<FalseAlarms, SpecError>,
) -> Result<Vec<FalseAlarms>, SpecError> {
    tolerances.iter().copied().map(alarms).collect()
}

fn check(history: &History<'_>) -> Result<(), SpecError> {
    history.spec.check()?;
    if !matches!(history.spec.kind, MetricKind::Rate | MetricKind::Distribution) {
        return Err(SpecError::number("kind", "a rate or a distribution", 0.0));
    }
    if !(1e-12..=0.5).contains(&history.alpha) {
        return Err(SpecError::number("alpha", "a probability of 1e-12 to 0.5", history.alpha));
    }
    if history.candidates == 0 {
        return Err(SpecError::number("candidates", "at least 1", 0.0));
    }
    if history.rollout < history.spec.interval {
        return Err(SpecError::number("rollout", "at least the interval", 0.0));
    }
    Ok(())
}

impl FalseAlarms {
    /// Whether so many alarms are compatible with a probability of at most `alpha`: the lower limit of the exact
    /// (Clopper-Pearson) one-sided 99 % interval is not above it.
    fn keep(&self, alpha: f64) -> bool {
        let odds = alpha / (1.0 - alpha);
        let (mut probability, mut below) = (libm::pow(1.0 - alpha, self.runs.into()), 0.0);
        for count in 0..self.alarms {
            below += probability;
            probability *= odds * f64::from(self.runs - count) / (f64::from(count) + 1.0);
        }
        1.0 - below >= 0.01
    }
}
