use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::dependence::Dependence;
use crate::log_space::{log_mean_exp, log_sum_exp};
use crate::rate_grid::Split;
use crate::rate_interval::RateInterval;
use crate::share::expected_share;
use crate::spec_error::SpecError;

/// The ratios that limits are rounded outwards to.
const RATIOS: [f64; POINTS] =
    [0.25, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0];
const POINTS: usize = 20;
/// Stakes on the ratio being larger, and on its being smaller.
const LARGER: [f64; 3] = [0.04, 0.15, 0.6];
const SMALLER: [f64; 2] = [0.4, 0.95];
const BETS: usize = LARGER.len() + SMALLER.len();
/// Products of so many factors stay within the range of numbers: none is below 0.05 or above a million.
const PENDING_MOST: u32 = 16;
/// What is more surprising counts as this.
const SURPRISE_MOST: f64 = 1e6;

/// Estimates the ratio of the treatment's rate to the control's, with limits that hold at every look.
///
/// If the ratio is the same in all intervals, the probability that it ever lies outside of the [`limits`](Self::limits)
/// is at most `alpha`: they are the ratios that the tests of [`Harm`](crate::Harm) and [`NoHarm`](crate::NoHarm) do not
/// exclude, with stakes that are fixed so that many ratios cost little. They are for people; a verdict is made of the
/// tests. Where events cluster and rates are large, limits that exclude equal rates are of odds, the others of rates, as
/// the tests are.
///
/// # Example: an hour at twice the rate
/// ```
/// use bellwether_stats::{Counts, Dependence, RateInterval, RateRatio};
///
/// let mut ratio = RateRatio::new(Dependence::Clustered)?;
/// for _minute in 0..60 {
///     let control = Counts { exposure: 5_700, events: 57 };
///     let treatment = Counts { exposure: 300, events: 6 };
///     ratio.update(&RateInterval { control, treatment, intended_share: Some(0.05) });
/// }
/// assert!(ratio.estimate().is_some_and(|estimate| (estimate - 2.0).abs() < 1e-9));
/// assert_eq!(ratio.limits(0.05), (Some(1.5), Some(4.0)));
/// # Ok::<(), bellwether_stats::SpecError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct RateRatio {
    dependence: Dependence,
    /// Of bets: logarithms of wealth, for each ratio those on a larger one and on a smaller one. Of likelihoods: for
    /// each ratio the logarithm at the larger and at the smaller of intended and realised share.
    logs: Vec<f64>,
    /// Factors that are not in the logarithms yet, and of how many intervals.
    pending: Vec<f64>,
    pending_count: u32,
    /// The sums of Mantel and Haenszel (1959): events weighted by the other arm's part of the exposure.
    treatment: f64,
    control: f64,
}

impl RateRatio {
    /// Creates an estimate of nothing.
    ///
    /// # Errors
    ///
    /// Returns the field of the dependence that no test can be built from.
    pub fn new(dependence: Dependence) -> Result<Self, SpecError> {
        dependence.check()?;
        let (logs, pending) = match dependence.burst() {
            None => (POINTS * BETS, POINTS * BETS),
            Some(_) => (POINTS * 2, 0),
        };
        let (logs, pending) = (vec![0.0; logs], vec![1.0; pending]);
        Ok(Self { dependence, logs, pending, pending_count: 0, treatment: 0.0, control: 0.0 })
    }

    /// Takes one interval into account; nothing is concluded from an arm without exposure or from an impossible intended
    /// share. Events beyond the exposure are ignored.
    pub fn update(&mut self, interval: &RateInterval) {
        let (treatment, control) = (interval.treatment.capped(), interval.control.capped());
        let events = Split::new(treatment.events, control.events);
        let shares = interval.larger_share().zip(interval.smaller_share());
        let Some((larger, smaller)) = shares.filter(|_| events.total > 0.0) else { return };
        let exposures = (treatment.exposure as f64, control.exposure as f64);
        let total = exposures.0 + exposures.1;
        self.treatment += treatment.events as f64 * (exposures.1 / total);
        self.control += control.events as f64 * (exposures.0 / total);
        match self.dependence.burst() {
            None => self.bet([larger, smaller], events.treatment / events.total),
            Some(burst) => self.weigh([larger, smaller], events.in_bursts(burst)),
        }
    }

    /// Returns the ratio that fits all intervals best, by the estimator of Mantel and Haenszel, which a share that
    /// changes does not mislead; nothing before the first event, infinity where the control had none.
    #[must_use]
    pub fn estimate(&self) -> Option<f64> {
        let is_known = self.treatment > 0.0 || self.control > 0.0;
        is_known.then(|| self.treatment / self.control)
    }

    /// Returns the limits of the ratio at this error probability: nothing where no limit is known yet.
    ///
    /// They are rounded outwards to one of twenty ratios from a quarter to a hundred.
    #[must_use]
    pub fn limits(&self, alpha: f64) -> (Option<f64>, Option<f64>) {
        if !(alpha > 0.0 && alpha < 1.0) {
            return (None, None);
        }
        let needed = -libm::log(alpha / 2.0);
        let is_above = |at: &usize| self.evidence(*at).is_some_and(|[above, _]| above >= needed);
        let is_below = |at: &usize| self.evidence(*at).is_some_and(|[_, below]| below >= needed);
        let ratio = |at: usize| RATIOS.get(at).copied();
        ((0..POINTS).rev().find(is_above).and_then(ratio), (0..POINTS).find(is_below).and_then(ratio))
    }

    /// Bets at every ratio on the treatment's part of the events.
    fn bet(&mut self, shares: [f64; 2], part: f64) {
        for (ratio, pending) in RATIOS.iter().zip(self.pending.chunks_exact_mut(BETS)) {
            let [Some(larger), Some(smaller)] = shares.map(|share| expected_share(share, *ratio)) else { continue };
            let above = ((part - larger) / larger).min(SURPRISE_MOST);
            let below = (smaller - part) / (1.0 - smaller);
            let surprises = LARGER.map(|stake| stake * above).into_iter().chain(SMALLER.map(|stake| stake * below));
            for (factor, surprise) in pending.iter_mut().zip(surprises) {
                *factor *= 1.0 + surprise;
            }
        }
        self.pending_count += 1;
        if self.pending_count >= PENDING_MOST {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.pending_count = 0;
        for (log, factor) in self.logs.iter_mut().zip(&mut self.pending) {
            *log += libm::log(core::mem::replace(factor, 1.0));
        }
    }

    /// Adds the logarithm of the likelihood of how the events fall on the arms, at every ratio.
    fn weigh(&mut self, shares: [f64; 2], events: Split) {
        for (ratio, pair) in RATIOS.iter().zip(self.logs.chunks_exact_mut(2)) {
            for (log, share) in pair.iter_mut().zip(shares) {
                let Some(expected) = expected_share(share, *ratio) else { continue };
                let control = events.total - events.treatment;
                *log += events.treatment * libm::log(expected) + control * libm::log1p(-expected);
            }
        }
    }

    /// The evidence that the ratio is above, and that it is below one of the ratios.
    fn evidence(&self, at: usize) -> Option<[f64; 2]> {
        if self.dependence.burst().is_none() {
            let of = |range: core::ops::Range<usize>| {
                let (logs, pending) = (self.logs.get(range.clone())?, self.pending.get(range)?);
                let wealth: Vec<f64> = logs.iter().zip(pending).map(|(log, factor)| log + libm::log(*factor)).collect();
                Some(log_mean_exp(&wealth))
            };
            let first = at * BETS;
            return Some([of(first..first + LARGER.len())?, of(first + LARGER.len()..first + BETS)?]);
        }
        let at_share = |side: usize| self.logs.iter().skip(side).step_by(2).copied();
        let against = |side: usize, others: core::ops::Range<usize>| {
            let alternatives = at_share(side).skip(others.start).take(others.len());
            let mean = log_sum_exp(alternatives) - libm::log(others.len().max(1) as f64);
            Some(mean - at_share(side).nth(at)?)
        };
        Some([against(0, at + 1..POINTS)?, against(1, 0..at)?])
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    dependence: Dependence,
    logs: Vec<Bits>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pending: Vec<Bits>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pending_count: u32,
    treatment: Bits,
    control: Bits,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl From<RateRatio> for Stored {
    fn from(ratio: RateRatio) -> Self {
        let bits = |numbers: Vec<f64>| numbers.into_iter().map(Bits).collect();
        let pending = if ratio.pending_count == 0 { Vec::new() } else { ratio.pending };
        Self {
            dependence: ratio.dependence,
            logs: bits(ratio.logs),
            pending: bits(pending),
            pending_count: ratio.pending_count,
            treatment: Bits(ratio.treatment),
            control: Bits(ratio.control),
        }
    }
}

impl TryFrom<Stored> for RateRatio {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let mut ratio = Self::new(stored.dependence)?;
        fill("logs", &mut ratio.logs, stored.logs)?;
        if stored.pending_count > 0 {
            fill("pending", &mut ratio.pending, stored.pending)?;
        }
        let sums = [("treatment", stored.treatment.0), ("control", stored.control.0)];
        if let Some((field, found)) = sums.into_iter().find(|(_, sum)| !(*sum >= 0.0 && sum.is_finite())) {
            return Err(SpecError { field, expected: "a sum of counts", found });
        }
        let pending_count = stored.pending_count.min(PENDING_MOST - 1);
        Ok(Self { pending_count, treatment: stored.treatment.0, control: stored.control.0, ..ratio })
    }
}

/// What is stored might have been changed.
fn fill(field: &'static str, numbers: &mut Vec<f64>, stored: Vec<Bits>) -> Result<(), SpecError> {
    let stored: Vec<f64> = stored.into_iter().map(|Bits(number)| number).collect();
    if stored.len() != numbers.len() {
        return Err(SpecError { field, expected: "as many numbers as the dependence has", found: stored.len() as f64 });
    }
    if let Some(found) = stored.iter().find(|number| !number.is_finite()) {
        return Err(SpecError { field, expected: "finite numbers", found: *found });
    }
    *numbers = stored;
    Ok(())
}
