use core::iter;

use serde::{Deserialize, Serialize};

use crate::absolute::Absolute;
use crate::bits::Bits;
use crate::counts::Counts;
use crate::dependence::Dependence;
use crate::log_space::{log_sum_exp, log_weighted_mean};
use crate::mixture::Mixture;
use crate::pass_spec::PassSpec;
use crate::rate_grid::{POINTS, RateGrid, Split};
use crate::rate_interval::RateInterval;
use crate::share::{expected_share, intervals};
use crate::share_bets::{NO_HARM_BETS, Shares, bet_on_no_harm, expect_no_harm};
use crate::spec_error::SpecError;

/// Gathers evidence that the treatment is not harmful: its rate is below `harm` times the control's, or acceptable in
/// itself.
///
/// If the treatment is harmful in every interval given those before, the probability that [`log_e`](Self::log_e) ever
/// reaches `ln(1 / beta)` is at most `beta`. Start a new process at each exposure: what held at a smaller one says
/// nothing about this one.
///
/// A stored process goes on with exactly the same bits.
///
/// # Example: no events are evidence too
///
/// ```
/// use bellwether_stats::{Counts, Dependence, NoHarm, PassSpec, RateInterval};
///
/// let spec = PassSpec { dependence: Dependence::Independent, ..PassSpec::default() };
/// let mut no_harm = NoHarm::new(&spec)?;
/// assert_eq!(no_harm.needed_exposure(0.05), Some(819), "about 4.1 / 0.5 %");
/// let quiet = Counts { exposure: 900, events: 0 };
/// no_harm.update(&RateInterval { control: quiet, treatment: quiet, intended_share: None });
/// assert!(no_harm.log_e() >= 20_f64.ln());
/// assert_eq!(no_harm.needed_exposure(0.05), Some(0));
/// # Ok::<(), bellwether_stats::SpecError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct NoHarm {
    spec: PassSpec,
    grid: RateGrid,
    ratio: Mixture,
    absolute: Absolute,
    past: Past,
}

impl NoHarm {
    /// Creates the process with the evidence of no data: 1.
    ///
    /// # Errors
    ///
    /// Returns the field of the specification that no test can be built from.
    pub fn new(spec: &PassSpec) -> Result<Self, SpecError> {
        spec.check()?;
        let ratio = Mixture::started(iter::repeat_n(1.0 / bets(spec.dependence) as f64, bets(spec.dependence)));
        let (absolute, past) = (Absolute::new(spec), Past { intervals: 0, events: 0.0 });
        Ok(Self { spec: *spec, grid: grid(spec.dependence), ratio, absolute, past })
    }

    /// Takes one interval into account.
    ///
    /// Nothing is concluded from an arm without exposure or from an impossible intended share. Control events beyond
    /// the exposure are ignored, treatment events are not: that way impossible counts never add evidence of no harm.
    pub fn update(&mut self, interval: &RateInterval) {
        let control = interval.control.capped();
        if let Some(share) = interval.smaller_share() {
            self.update_ratio(share, Split::new(interval.treatment.events, control.events));
        }
        if interval.treatment.exposure > 0 {
            self.update_absolute(interval.treatment);
        }
    }

    /// Returns the logarithm of the evidence: a weighted mean of both sides.
    ///
    /// A mean and not the larger one, because either may reach a bound by chance. Both count half, but where events
    /// cluster the ratio counts nine tenths: the absolute side needs half a day there whatever its weight is, and the
    /// ratio would pay for it with a fifth more time.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        let weight = ratio_weight(self.spec.dependence);
        log_weighted_mean(&[(weight, self.log_e_ratio()), (1.0 - weight, self.log_e_absolute())])
    }

    /// Returns the logarithm of the evidence that the ratio of the rates is below the harmful one.
    #[must_use]
    pub fn log_e_ratio(&self) -> f64 {
        self.ratio.log_e()
    }

    /// Returns the logarithm of the evidence that the treatment's own rate is below the acceptable one.
    #[must_use]
    pub fn log_e_absolute(&self) -> f64 {
        self.absolute.log_e()
    }

    /// Returns the number of intervals that the ratio needs at this share if both rates are equal.
    ///
    /// Where events cluster, no traffic makes it fewer on average: an interval multiplies the evidence by at most
    /// `(1 - s_1) / (1 - s_h)`, with `s_1` and `s_h` the treatment's share of the events at equal and at harmful
    /// rates. No number of intervals is enough for a share or beta outside 0..1: `u32::MAX`.
    ///
    /// # Example: a small share needs hours
    ///
    /// ```
    /// use bellwether_stats::{NoHarm, PassSpec};
    ///
    /// let no_harm = NoHarm::new(&PassSpec::default())?;
    /// assert_eq!(no_harm.minimum_intervals(0.01, 0.05), 302);
    /// assert_eq!(no_harm.minimum_intervals(0.5, 0.05), 8);
    /// # Ok::<(), bellwether_stats::SpecError>(())
    /// ```
    #[must_use]
    pub fn minimum_intervals(&self, share: f64, beta: f64) -> u32 {
        let Some(harmful) = expected_share(share, self.spec.harm) else { return u32::MAX };
        if self.spec.dependence.burst().is_some() {
            return intervals(beta, f64::INFINITY);
        }
        intervals(beta, libm::log((1.0 - share) / (1.0 - harmful)))
    }

    /// Returns how much more exposure of the treatment without any event would make the evidence reach `1 / beta`
    /// with what the ratio says now.
    ///
    /// `None` where events cluster, because no number of requests is enough there but only a number of
    /// [intervals](Self::needed_intervals), and for a beta outside 0..1.
    #[must_use]
    pub fn needed_exposure(&self, beta: f64) -> Option<u64> {
        self.spec.dependence.burst()?;
        self.absolute.missing(self.wanted(beta)?)
    }

    /// Returns how many more intervals without any event of the treatment would make the evidence reach `1 / beta`
    /// with what the ratio says now.
    ///
    /// `None` where events do not cluster in intervals, because [exposure](Self::needed_exposure) counts there, and for
    /// a beta outside 0..1.
    #[must_use]
    pub fn needed_intervals(&self, beta: f64) -> Option<u64> {
        if self.spec.dependence.burst().is_some() {
            return None;
        }
        self.absolute.missing(self.wanted(beta)?)
    }

    /// Returns in about how many more intervals the evidence reaches `1 / beta` if both rates are equal from now on, with
    /// `share` the treatment's part of the exposure and as many events as in the mean interval so far.
    ///
    /// For people who wait: half of the time it takes longer. `None` before the first event, where it would take more
    /// than a million intervals, and for a share or beta outside 0..1.
    ///
    /// # Example: twice as many are harm
    ///
    /// ```
    /// use bellwether_stats::{Counts, NoHarm, PassSpec, RateInterval};
    ///
    /// let mut no_harm = NoHarm::new(&PassSpec::default())?;
    /// let control = Counts { exposure: 5_700, events: 57 };
    /// no_harm.update(&RateInterval { control, treatment: Counts { exposure: 300, events: 3 }, intended_share: None });
    /// // a median of 64 intervals in simulations
    /// assert_eq!(no_harm.intervals_at_equal_rates(0.05, 0.05), Some(66));
    /// # Ok::<(), bellwether_stats::SpecError>(())
    /// ```
    #[must_use]
    pub fn intervals_at_equal_rates(&self, share: f64, beta: f64) -> Option<u64> {
        let (events, harmful) = (self.past.mean(), expected_share(share, self.spec.harm)?);
        let is_possible = beta > 0.0 && beta < 1.0 && events > 0.0;
        if !is_possible {
            return None;
        }
        let wanted = self.wanted_of_ratio(beta);
        let mut gains = alloc::vec![0.0; self.ratio.bets().len()];
        match self.spec.dependence.burst() {
            None => expect_no_harm(&mut gains, Shares { actual: share, harmful }, events),
            Some(burst) => {
                let expected = Split { treatment: share * events, total: events }.in_bursts(burst);
                self.grid.add_share(&mut gains, harmful, expected);
            }
        }
        first_number(|intervals| {
            let bets = self.ratio.bets().iter().zip(&gains).map(|(bet, gain)| bet + intervals as f64 * gain);
            log_sum_exp(bets) >= wanted
        })
    }

    /// The logarithm of the evidence of the ratio that lifts the whole to `1 / beta` with what the absolute side says now.
    fn wanted_of_ratio(&self, beta: f64) -> f64 {
        let weight = ratio_weight(self.spec.dependence);
        let missing = (1.0 / beta - (1.0 - weight) * libm::exp(self.log_e_absolute())) / weight;
        if missing > 0.0 { libm::log(missing) } else { f64::NEG_INFINITY }
    }

    fn update_ratio(&mut self, share: f64, events: Split) {
        let usual = self.past.mean();
        self.past.push(events.total);
        if events.total == 0.0 {
            return;
        }
        let Some(share) = expected_share(share, self.spec.harm) else { return };
        match self.spec.dependence.burst() {
            None => bet_on_no_harm(self.ratio.bets_mut(), share, events, usual),
            Some(burst) => self.grid.add_share(self.ratio.bets_mut(), share, events.in_bursts(burst)),
        }
    }

    fn update_absolute(&mut self, treatment: Counts) {
        match self.spec.dependence.burst() {
            None => self.absolute.add_interval(treatment),
            Some(burst) => self.absolute.add_bursts(burst, treatment),
        }
    }

    /// The logarithm of the absolute evidence that lifts the whole to `1 / beta`.
    fn wanted(&self, beta: f64) -> Option<f64> {
        if !(beta > 0.0 && beta < 1.0) {
            return None;
        }
        let weight = ratio_weight(self.spec.dependence);
        let missing = (1.0 / beta - weight * libm::exp(self.log_e_ratio())) / (1.0 - weight);
        Some(if missing > 0.0 { libm::log(missing) } else { f64::NEG_INFINITY })
    }
}

/// Counts the events of the intervals so far, which is what the next stake may depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Past {
    intervals: u64,
    events: f64,
}

impl Past {
    fn push(&mut self, events: f64) {
        self.intervals = self.intervals.saturating_add(1);
        self.events += events;
    }

    /// Zero before the first interval: nothing is staked on it.
    fn mean(self) -> f64 {
        self.events / self.intervals.max(1) as f64
    }
}

/// The smallest number from which on something holds, by doubling and halving; nothing up to a million.
fn first_number(holds: impl Fn(u64) -> bool) -> Option<u64> {
    if holds(0) {
        return Some(0);
    }
    let mut enough = (0..=20).map(|power| 1_u64 << power).find(|number| holds(*number))?;
    let mut short = enough / 2;
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if holds(middle) { enough = middle } else { short = middle }
    }
    Some(enough)
}

fn ratio_weight(dependence: Dependence) -> f64 {
    match dependence {
        Dependence::Clustered => 0.9,
        Dependence::BurstsUpTo(_) | Dependence::Independent => 0.5,
    }
}

fn bets(dependence: Dependence) -> usize {
    match dependence {
        Dependence::Clustered => NO_HARM_BETS,
        Dependence::BurstsUpTo(_) | Dependence::Independent => POINTS,
    }
}

fn grid(dependence: Dependence) -> RateGrid {
    match dependence {
        Dependence::Clustered => RateGrid::empty(),
        Dependence::BurstsUpTo(_) | Dependence::Independent => RateGrid::of_no_harm(),
    }
}

/// The numbers of the specification are stored as bits too: one unit in the last place would lead elsewhere.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    dependence: Dependence,
    harm: Bits,
    acceptable: Bits,
    ratio: Mixture,
    absolute: Mixture,
    past_intervals: u64,
    past_events: Bits,
}

impl From<NoHarm> for Stored {
    fn from(no_harm: NoHarm) -> Self {
        let PassSpec { dependence, harm, acceptable } = no_harm.spec;
        Self {
            dependence,
            harm: Bits(harm),
            acceptable: Bits(acceptable),
            ratio: no_harm.ratio,
            absolute: no_harm.absolute.into_mixture(),
            past_intervals: no_harm.past.intervals,
            past_events: Bits(no_harm.past.events),
        }
    }
}

impl TryFrom<Stored> for NoHarm {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let (harm, acceptable) = (stored.harm.0, stored.acceptable.0);
        let fresh = Self::new(&PassSpec { dependence: stored.dependence, harm, acceptable })?;
        stored.ratio.check("ratio", bets(stored.dependence))?;
        let absolute = fresh.absolute.resume(stored.absolute)?;
        let past = Past { intervals: stored.past_intervals, events: stored.past_events.0 };
        if !(past.events.is_finite() && past.events >= 0.0) {
            return Err(SpecError { field: "past_events", expected: "a sum of counts", found: past.events });
        }
        Ok(Self { ratio: stored.ratio, absolute, past, ..fresh })
    }
}
