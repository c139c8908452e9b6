use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::counts::Counts;
use crate::dependence::Dependence;
use crate::floor::{FLOOR_BETS, bet_on_rate};
use crate::harm_spec::HarmSpec;
use crate::mixture::Mixture;
use crate::rate_grid::{POINTS, RateGrid, Split};
use crate::rate_interval::RateInterval;
use crate::share::{expected_share, intervals};
use crate::share_bets::{HARM_BETS, HarmBets};
use crate::spec_error::SpecError;

/// Gathers evidence that the treatment's rate is worse than tolerated, as an e-process that may be read at any time.
///
/// If the treatment is not worse in any interval given those before, the probability that [`log_e`](Self::log_e) ever
/// reaches `ln(1 / alpha)` is at most `alpha` (Ville 1939), over all looks and whatever shares and base rates do
/// meanwhile. The process is a mixture over start times: it bets only what [`restart`](Self::restart) took out of a
/// reserve of 1, so evidence from a late fault does not have to make up for a long quiet time before.
///
/// A stored process goes on with exactly the same bits.
///
/// # Example: a mixture over two steps
///
/// ```
/// use bellwether_stats::{Counts, Harm, HarmSpec, RateInterval};
///
/// let mut harm = Harm::new(&HarmSpec::default())?;
/// let worse = RateInterval {
///     control: Counts { exposure: 5_700, events: 57 },
///     treatment: Counts { exposure: 300, events: 15 },
///     intended_share: Some(0.05),
/// };
/// harm.update(&worse);
/// assert_eq!(harm.log_e(), 0.0, "nothing was bet before the first start");
/// harm.restart(0.5);
/// harm.update(&worse);
/// harm.restart(0.25);
/// harm.update(&worse);
/// assert!(harm.log_e() > 0.0, "five times the rate is evidence of harm");
/// # Ok::<(), bellwether_stats::SpecError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Harm {
    spec: HarmSpec,
    grid: RateGrid,
    ratio: Mixture,
    floor: Mixture,
}

impl Harm {
    /// Creates the process with all of its mass in reserve.
    ///
    /// # Errors
    ///
    /// Returns the field of the specification that no test can be built from.
    pub fn new(spec: &HarmSpec) -> Result<Self, SpecError> {
        spec.check()?;
        let (ratio_bets, floor_bets) = bets(spec.dependence);
        let (ratio, floor) = (Mixture::reserved(ratio_bets), Mixture::reserved(floor_bets));
        Ok(Self { spec: *spec, grid: grid(spec.dependence), ratio, floor })
    }

    /// Starts betting `mass` of the reserve from the next interval on.
    ///
    /// The sum of all masses is at most 1: what is not left is not moved. The masses must not depend on the data; half
    /// at the start, a quarter over later steps and a quarter over the hours of the plan cost a fault that was there
    /// from the start ln 2. A mass that is not a number above 0 moves nothing.
    pub fn restart(&mut self, mass: f64) {
        self.ratio.restart(mass);
        self.floor.restart(mass);
    }

    /// Takes one interval into account.
    ///
    /// Nothing is concluded from an arm without exposure or from an impossible intended share. Treatment events beyond
    /// the exposure are ignored, control events are not: that way impossible counts never add evidence of harm.
    pub fn update(&mut self, interval: &RateInterval) {
        let treatment = interval.treatment.capped();
        self.update_ratio(interval, treatment);
        if treatment.exposure > 0 {
            self.update_floor(treatment);
        }
    }

    /// Returns the logarithm of the evidence: the smaller of ratio and floor.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        self.log_e_ratio().min(self.log_e_floor())
    }

    /// Returns the part of the mass that was bet so far: of alpha it is what can have been spent.
    #[must_use]
    pub fn spent(&self) -> f64 {
        self.ratio.spent()
    }

    /// Returns the logarithm of the evidence that the ratio of the rates is above the tolerance.
    #[must_use]
    pub fn log_e_ratio(&self) -> f64 {
        self.ratio.log_e()
    }

    /// Returns the logarithm of the evidence that the treatment's own rate is above the floor.
    #[must_use]
    pub fn log_e_floor(&self) -> f64 {
        self.floor.log_e()
    }

    /// Returns the number of intervals below which harm cannot be found at this share, however bad it is.
    ///
    /// Where events cluster, one interval multiplies the evidence by less than `1 / s`, with `s` the share of the
    /// events that is tolerated. No number of intervals is enough for a share or alpha outside 0..1: `u32::MAX`.
    ///
    /// # Example: small shares speak louder
    ///
    /// ```
    /// use bellwether_stats::{Harm, HarmSpec};
    ///
    /// let harm = Harm::new(&HarmSpec { tolerance: 1.25, ..HarmSpec::default() })?;
    /// assert_eq!(harm.minimum_intervals(0.05, 0.01), 2);
    /// assert_eq!(harm.minimum_intervals(0.5, 0.01), 8);
    /// # Ok::<(), bellwether_stats::SpecError>(())
    /// ```
    #[must_use]
    pub fn minimum_intervals(&self, share: f64, alpha: f64) -> u32 {
        let Some(expected) = expected_share(share, self.spec.tolerance) else { return u32::MAX };
        if self.spec.dependence.burst().is_some() {
            return intervals(alpha, f64::INFINITY);
        }
        intervals(alpha, -libm::log(expected))
    }

    fn update_ratio(&mut self, interval: &RateInterval, treatment: Counts) {
        let events = Split::new(treatment.events, interval.control.events);
        if events.total == 0.0 {
            return;
        }
        let share = interval.larger_share().and_then(|share| expected_share(share, self.spec.tolerance));
        let Some(share) = share else { return };
        match self.spec.dependence.burst() {
            None => HarmBets::at(share).add(self.ratio.bets_mut(), events),
            Some(burst) => self.grid.add_share(self.ratio.bets_mut(), share, events.in_bursts(burst)),
        }
    }

    fn update_floor(&mut self, treatment: Counts) {
        let Some(burst) = self.spec.dependence.burst() else {
            return bet_on_rate(self.floor.bets_mut(), self.spec.floor, treatment);
        };
        let expected = treatment.exposure as f64 * self.spec.floor / burst;
        self.grid.add_rate(self.floor.bets_mut(), expected, treatment.events as f64 / burst);
    }
}

fn bets(dependence: Dependence) -> (usize, usize) {
    match dependence {
        Dependence::Clustered => (HARM_BETS, FLOOR_BETS),
        Dependence::BurstsUpTo(_) | Dependence::Independent => (POINTS, POINTS),
    }
}

fn grid(dependence: Dependence) -> RateGrid {
    match dependence {
        Dependence::Clustered => RateGrid::empty(),
        Dependence::BurstsUpTo(_) | Dependence::Independent => RateGrid::of_harm(),
    }
}

/// The numbers of the specification are stored as bits too: one unit in the last place would lead elsewhere.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    dependence: Dependence,
    tolerance: Bits,
    floor_rate: Bits,
    ratio: Mixture,
    floor: Mixture,
}

impl From<Harm> for Stored {
    fn from(harm: Harm) -> Self {
        let HarmSpec { dependence, tolerance, floor } = harm.spec;
        let (tolerance, floor_rate) = (Bits(tolerance), Bits(floor));
        Self { dependence, tolerance, floor_rate, ratio: harm.ratio, floor: harm.floor }
    }
}

impl TryFrom<Stored> for Harm {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let (tolerance, floor) = (stored.tolerance.0, stored.floor_rate.0);
        let fresh = Self::new(&HarmSpec { dependence: stored.dependence, tolerance, floor })?;
        let (ratio_bets, floor_bets) = bets(stored.dependence);
        stored.ratio.check("ratio", ratio_bets)?;
        stored.floor.check("floor", floor_bets)?;
        Ok(Self { ratio: stored.ratio, floor: stored.floor, ..fresh })
    }
}
