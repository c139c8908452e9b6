use alloc::vec::Vec;
use core::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::direction::Direction;
use crate::log_space::log_sum_exp;
use crate::normal_tail::log_scaled_tail;
use crate::rank::Rank;
use crate::rank_spec::RankSpec;
use crate::spec_error::SpecError;

/// Gathers evidence that the treatment's values are worse than tolerated, from samples of single values: a Mann-Whitney
/// test that may be read at any time.
///
/// The treatment is ranked against the control of the *same* interval, so whatever happens to both at once cancels. The
/// statistic's moment generating function is at most that of a normal distribution with its own variance, so the mixture
/// of both over a half-normal prior is an e-process: if in every interval the treatment's improved values are at most
/// exchangeable with the control's given the past, the probability that [`log_e`](Self::log_e) ever reaches
/// `ln(1 / alpha)` is at most `alpha`. The numbers of values may be random.
///
/// It can fail a treatment and never pass one: a few very slow requests move no rank.
///
/// # Example: all requests got a quarter slower
/// ```
/// use bellwether_stats::{RankHarm, RankSpec};
///
/// let mut harm = RankHarm::new(&RankSpec::default())?;
/// harm.restart(1.0);
/// let usual: Vec<f64> = (0..54).map(|at| 80.0 + f64::from(at)).collect();
/// let slow: Vec<f64> = (0..6).map(|at| 1.25 * (84.0 + 9.0 * f64::from(at))).collect();
/// for _minute in 0..20 {
///     harm.update(&usual, &slow);
/// }
/// assert!(harm.log_e() >= 100_f64.ln());
/// # Ok::<(), bellwether_stats::SpecError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct RankHarm {
    spec: RankSpec,
    /// The variance of the prior, planned from the first interval; absent before it.
    prior: Option<f64>,
    reserve: f64,
    now: Walk,
    starts: Vec<Start>,
}

/// The weighted sum of the statistics, each without its mean, and the variance of that sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Walk {
    sum: f64,
    variance: f64,
}

/// Mass that was bet from some moment on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Start {
    mass: f64,
    from: Walk,
}

impl RankHarm {
    /// Creates the process with all of its mass in reserve.
    ///
    /// # Errors
    ///
    /// Returns the field of the specification that no test can be built from.
    pub fn new(spec: &RankSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self { spec: *spec, prior: None, reserve: 1.0, now: Walk::default(), starts: Vec::new() })
    }

    /// Starts betting `mass` of the reserve from the next interval on, as [`Harm::restart`](crate::Harm::restart) does.
    pub fn restart(&mut self, mass: f64) {
        if mass.is_nan() || mass <= 0.0 || self.reserve <= 0.0 {
            return;
        }
        let mass = mass.min(self.reserve);
        self.reserve -= mass;
        match self.starts.last_mut().filter(|last| last.from == self.now) {
            Some(last) => last.mass += mass,
            None => self.starts.push(Start { mass, from: self.now }),
        }
    }

    /// Takes the samples of one interval into account; nothing is concluded where an arm has none, or where one is not a
    /// number. A request that timed out is a sample at the time-out.
    ///
    /// The statistics are weighted by `1 / (m + n + 1)` (van Elteren 1960).
    pub fn update(&mut self, control: &[f64], treatment: &[f64]) {
        let by = (self.spec.direction, self.spec.value_tolerance);
        let Some(rank) = Rank::of(control, treatment, by) else { return };
        let values = rank.control + rank.treatment + 1.0;
        let variance = rank.pairs() / values / 12.0;
        self.prior.get_or_insert_with(|| self.spec.prior(variance));
        self.now.sum += (rank.worse - rank.pairs() / 2.0) / values;
        self.now.variance += variance;
    }

    /// Returns the logarithm of the evidence.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        let Some(prior) = self.prior else { return 0.0 };
        let of = |start: &Start| libm::log(start.mass) + self.now.since(start.from).log_e(prior);
        log_sum_exp(self.starts.iter().map(of).chain([libm::log(self.reserve)]))
    }

    /// Returns the part of the mass that was bet so far: of alpha it is what can have been spent.
    #[must_use]
    pub fn spent(&self) -> f64 {
        1.0 - self.reserve
    }

    /// Returns which values are the worse ones.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.spec.direction
    }
}

impl Walk {
    fn since(self, from: Self) -> Self {
        Self { sum: self.sum - from.sum, variance: (self.variance - from.variance).max(0.0) }
    }

    /// `ln 2 + S^2 / (2 (V + r)) + ln(r / (V + r)) / 2 + ln Phi(S / sqrt(V + r))`.
    fn log_e(self, prior: f64) -> f64 {
        let variance = self.variance + prior;
        LN_2 + libm::log(prior / variance) / 2.0 + log_scaled_tail(self.sum / libm::sqrt(variance))
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    direction: Direction,
    value_tolerance: Bits,
    planned_intervals: u32,
    alpha: Bits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prior: Option<Bits>,
    reserve: Bits,
    sum: Bits,
    variance: Bits,
    starts: Vec<StoredStart>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredStart {
    mass: Bits,
    sum: Bits,
    variance: Bits,
}

impl From<RankHarm> for Stored {
    fn from(harm: RankHarm) -> Self {
        let RankSpec { direction, value_tolerance, planned_intervals, alpha } = harm.spec;
        let start =
            |Start { mass, from }| StoredStart { mass: Bits(mass), sum: Bits(from.sum), variance: Bits(from.variance) };
        Self {
            direction,
            value_tolerance: Bits(value_tolerance),
            planned_intervals,
            alpha: Bits(alpha),
            prior: harm.prior.map(Bits),
            reserve: Bits(harm.reserve),
            sum: Bits(harm.now.sum),
            variance: Bits(harm.now.variance),
            starts: harm.starts.into_iter().map(start).collect(),
        }
    }
}

impl TryFrom<Stored> for RankHarm {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let (direction, planned_intervals) = (stored.direction, stored.planned_intervals);
        let (value_tolerance, alpha) = (stored.value_tolerance.0, stored.alpha.0);
        let fresh = Self::new(&RankSpec { direction, value_tolerance, planned_intervals, alpha })?;
        let start = |start: StoredStart| {
            let from = walk(start.sum, start.variance)?;
            Ok(Start { mass: check("starts", start.mass.0, start.mass.0 > 0.0 && start.mass.0 <= 1.0)?, from })
        };
        let prior =
            stored.prior.map(|Bits(prior)| check("prior", prior, prior > 0.0 && prior.is_finite())).transpose()?;
        let reserve = check("reserve", stored.reserve.0, (0.0..=1.0).contains(&stored.reserve.0))?;
        let starts = stored.starts.into_iter().map(start).collect::<Result<_, _>>()?;
        Ok(Self { prior, reserve, now: walk(stored.sum, stored.variance)?, starts, ..fresh })
    }
}

fn walk(sum: Bits, variance: Bits) -> Result<Walk, SpecError> {
    let variance = check("variance", variance.0, variance.0 >= 0.0 && variance.0.is_finite())?;
    Ok(Walk { sum: check("sum", sum.0, sum.0.is_finite())?, variance })
}

/// What is stored might have been changed.
fn check(field: &'static str, found: f64, is_possible: bool) -> Result<f64, SpecError> {
    if is_possible { Ok(found) } else { Err(SpecError { field, expected: "what a test can have come to", found }) }
}
