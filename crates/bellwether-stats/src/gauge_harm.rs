use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::direction::Direction;
use crate::gauge_spec::GaugeSpec;
use crate::mixture::Mixture;
use crate::rank::Rank;
use crate::spec_error::SpecError;

/// The stakes, on each of which an equal part is bet.
const STAKES: [f64; 4] = [0.1, 0.25, 0.5, 0.95];
/// How many times the spread between the control's instances is tolerated at least.
const SPREADS: f64 = 2.5;

/// Gathers evidence that the treatment's instances are worse than tolerated by a gauge: memory, load, queue depth.
///
/// The same instances come back in every interval, so a difference between two of them comes back too. A tolerance of
/// at least 2.5 times what the control's own instances differ by, measured in the interval before, covers that; where
/// instances differ a lot, little can be found. An interval counts as one observation: the part of all pairs of
/// instances in which the treatment's is worse.
///
/// # Example: instances that need twice the memory
/// ```
/// use bellwether_stats::{GaugeHarm, GaugeSpec};
///
/// let mut harm = GaugeHarm::new(&GaugeSpec::default())?;
/// harm.restart(1.0);
/// for _minute in 0..12 {
///     harm.update(&[410.0, 395.0, 402.0, 420.0], &[811.0, 790.0, 805.0]);
/// }
/// assert!(harm.log_e() >= 100_f64.ln());
/// # Ok::<(), bellwether_stats::SpecError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct GaugeHarm {
    spec: GaugeSpec,
    bets: Mixture,
    /// How much the control's instances differed in the last interval: the standard deviation of logarithms.
    spread: Option<f64>,
}

impl GaugeHarm {
    /// With fewer instances of the treatment a host cannot be told from the version.
    pub const FEWEST: usize = 3;

    /// Creates the process with all of its mass in reserve.
    ///
    /// # Errors
    ///
    /// Returns the field of the specification that no test can be built from.
    pub fn new(spec: &GaugeSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self { spec: *spec, bets: Mixture::reserved(STAKES.len()), spread: None })
    }

    /// Starts betting `mass` of the reserve from the next interval on, as [`Harm::restart`](crate::Harm::restart) does.
    pub fn restart(&mut self, mass: f64) {
        self.bets.restart(mass);
    }

    /// Takes one value of each instance into account.
    ///
    /// Nothing is concluded from fewer than three instances of the treatment or two of the control, before the spread
    /// of the control is known, or where a value is not finite.
    pub fn update(&mut self, control: &[f64], treatment: &[f64]) {
        if control.iter().chain(treatment).any(|value| !value.is_finite()) {
            return;
        }
        let tolerance = self.tolerance();
        self.spread = spread(control);
        let Some(tolerance) = tolerance.filter(|_| treatment.len() >= Self::FEWEST && control.len() >= 2) else {
            return;
        };
        let Some(rank) = Rank::of(control, treatment, (self.spec.direction, tolerance)) else { return };
        let surprise = 2.0 * rank.worse / rank.pairs() - 1.0;
        for (bet, stake) in self.bets.bets_mut().iter_mut().zip(STAKES) {
            *bet += libm::log1p(stake * surprise);
        }
    }

    /// Returns the logarithm of the evidence.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        self.bets.log_e()
    }

    /// Returns the part of the mass that was bet so far: of alpha it is what can have been spent.
    #[must_use]
    pub fn spent(&self) -> f64 {
        self.bets.spent()
    }

    /// Returns the part of itself by which a value may be worse in the next interval, if the control's spread is known.
    #[must_use]
    pub fn tolerance(&self) -> Option<f64> {
        self.spread.map(|spread| libm::expm1(SPREADS * spread).max(self.spec.value_tolerance))
    }

    /// Returns which values are the worse ones.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.spec.direction
    }

    /// Returns the smallest p value that any comparison of so many instances could give: `1 / C(k + n, k)`.
    ///
    /// # Example: three instances against four
    /// ```
    /// assert!((bellwether_stats::GaugeHarm::smallest_p_value(4, 3) - 1.0 / 35.0).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn smallest_p_value(control: usize, treatment: usize) -> f64 {
        (1..=treatment).fold(1.0, |p, at| p * at as f64 / (control as f64 + at as f64))
    }
}

/// The standard deviation of the logarithms of a log-normal distribution with these moments: defined for zeros too.
fn spread(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    // Of relative values, so that no unit is too large for a square.
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let mean = values.iter().map(|value| value / largest).sum::<f64>() / count;
    let squares = values.iter().map(|value| (value / largest - mean) * (value / largest - mean)).sum::<f64>();
    let relative = squares / (count - 1.0) / (mean * mean);
    (count >= 2.0 && relative.is_finite()).then(|| libm::sqrt(libm::log1p(relative)))
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    direction: Direction,
    value_tolerance: Bits,
    bets: Mixture,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spread: Option<Bits>,
}

impl From<GaugeHarm> for Stored {
    fn from(harm: GaugeHarm) -> Self {
        let GaugeSpec { direction, value_tolerance } = harm.spec;
        Self { direction, value_tolerance: Bits(value_tolerance), bets: harm.bets, spread: harm.spread.map(Bits) }
    }
}

impl TryFrom<Stored> for GaugeHarm {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let fresh = Self::new(&GaugeSpec { direction: stored.direction, value_tolerance: stored.value_tolerance.0 })?;
        stored.bets.check("bets", STAKES.len())?;
        let spread = stored.spread.map(|Bits(spread)| spread);
        match spread.filter(|spread| !(*spread >= 0.0 && spread.is_finite())) {
            Some(found) => Err(SpecError { field: "spread", expected: "a standard deviation", found }),
            None => Ok(Self { bets: stored.bets, spread, ..fresh }),
        }
    }
}
