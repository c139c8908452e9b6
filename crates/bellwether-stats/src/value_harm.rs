use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::counts::Counts;
use crate::dependence::Dependence;
use crate::direction::Direction;
use crate::edges::Edges;
use crate::log_space::log_sum_exp;
use crate::mixture::Mixture;
use crate::rate_grid::{POINTS, RateGrid, Split};
use crate::rate_interval::RateInterval;
use crate::share::{expected_share, intervals};
use crate::share_bets::{HARM_BETS, HarmBets};
use crate::spec_error::SpecError;
use crate::value_interval::ValueInterval;
use crate::value_spec::ValueSpec;

/// Gathers evidence that the treatment's values are worse than tolerated, from histograms: the test for latencies.
///
/// At each edge it bets on the treatment's share of the values beyond it, as [`Harm`](crate::Harm) does on events, with
/// the control counted at an edge that is better by the tolerance on values; the whole is the mean over the edges. If at
/// every edge the treatment is not worse in any interval given those before, the probability that
/// [`log_e`](Self::log_e) ever reaches `ln(1 / alpha)` is at most `alpha`, over all looks.
///
/// Counts at an edge that is no boundary of an arm's histogram are rounded to the side that weakens the evidence. So a
/// layout may change at any time, even because of the data.
///
/// # Example: a tenth of the requests got slow
/// ```
/// use bellwether_stats::{Edges, Histogram, ValueHarm, ValueInterval, ValueSpec};
///
/// let bounds = vec![0.1, 0.2, 0.5, 1.0];
/// let usual = Histogram::new(bounds.clone(), vec![5_000, 500, 180, 20, 0])?;
/// let slow = Histogram::new(bounds, vec![240, 25, 30, 5, 0])?;
/// // buckets as wide as these cannot tell a tenth of a value apart, so the odds get more tolerance instead
/// let spec = ValueSpec { tolerance: 1.5, value_tolerance: 0.0, ..ValueSpec::default() };
/// let mut harm = ValueHarm::new(&spec, Edges::of(&usual).expect("there are values"))?;
/// harm.restart(1.0);
/// for _minute in 0..10 {
///     harm.update(&ValueInterval::new(&usual, &slow, Some(0.05)));
/// }
/// assert!(harm.log_e() >= 100_f64.ln());
/// assert_eq!(harm.strongest().edge, 0.5, "5 of 300 and 20 of 5,700 are beyond");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct ValueHarm {
    spec: ValueSpec,
    edges: Edges,
    grid: RateGrid,
    ratio: Mixture,
    /// What both arms had beyond each edge so far, and at all.
    seen: Vec<Seen>,
    exposure: Seen,
}

/// Counts of both arms. They are shown, not tested, so they may stop at the largest number.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    control: u64,
    treatment: u64,
}

/// Compares the arms at one edge.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EdgeEvidence {
    /// The edge of the treatment.
    pub edge: f64,
    /// All values of the control, and those beyond the edge that it is compared at.
    pub control: Counts,
    /// All values of the treatment, and those beyond the edge.
    pub treatment: Counts,
    /// The logarithm of the evidence at this edge alone, of the mass that was bet there.
    pub log_e: f64,
}

impl ValueHarm {
    /// Creates the process with all of its mass in reserve.
    ///
    /// # Errors
    ///
    /// Returns the field of the specification that no test can be built from.
    pub fn new(spec: &ValueSpec, edges: Edges) -> Result<Self, SpecError> {
        spec.check()?;
        let count = edges.values().len();
        let (ratio, seen) = (Mixture::reserved(count * bets(spec.dependence)), vec![Seen::default(); count]);
        let grid = grid(spec.dependence);
        Ok(Self { spec: *spec, edges, grid, ratio, seen, exposure: Seen::default() })
    }

    /// Starts betting `mass` of the reserve from the next interval on, as [`Harm::restart`](crate::Harm::restart) does.
    pub fn restart(&mut self, mass: f64) {
        self.ratio.restart(mass);
    }

    /// Takes one interval into account; nothing is concluded from an arm without values or from an impossible intended
    /// share.
    pub fn update(&mut self, interval: &ValueInterval) {
        let (spec, bets) = (self.spec, bets(self.spec.dependence));
        let mut stakes = None;
        let chunks = self.ratio.bets_mut().chunks_exact_mut(bets);
        for ((edge, seen), chunk) in self.edges.values().iter().zip(&mut self.seen).zip(chunks) {
            let rates = interval.for_harm(*edge, spec.direction, spec.value_tolerance);
            self.exposure =
                if stakes.is_none() { self.exposure.plus(rates, |arm| arm.exposure) } else { self.exposure };
            let stakes = stakes.get_or_insert_with(|| Stakes::of(&rates, &spec));
            stakes.add(chunk, &self.grid, Split::new(rates.treatment.events, rates.control.events));
            *seen = seen.plus(rates, |arm| arm.events);
        }
    }

    /// Returns the logarithm of the evidence.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        self.ratio.log_e()
    }

    /// Returns the part of the mass that was bet so far: of alpha it is what can have been spent.
    #[must_use]
    pub fn spent(&self) -> f64 {
        self.ratio.spent()
    }

    /// Returns the edges.
    #[must_use]
    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// Returns which values are the worse ones.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.spec.direction
    }

    /// Returns the edge with the most evidence, with what both arms had beyond it so far.
    #[must_use]
    pub fn strongest(&self) -> EdgeEvidence {
        let chunks = self.ratio.bets().chunks_exact(bets(self.spec.dependence));
        let of = |((edge, seen), chunk): ((&f64, &Seen), &[f64])| EdgeEvidence {
            edge: *edge,
            control: Counts { exposure: self.exposure.control, events: seen.control },
            treatment: Counts { exposure: self.exposure.treatment, events: seen.treatment },
            log_e: log_sum_exp(chunk.iter().copied()) + libm::log(self.seen.len() as f64),
        };
        let all = self.edges.values().iter().zip(&self.seen).zip(chunks).map(of);
        let none = of(((&f64::NAN, &Seen::default()), &[]));
        all.fold(none, |best, edge| if edge.log_e > best.log_e || best.edge.is_nan() { edge } else { best })
    }

    /// Returns the number of intervals below which harm cannot be found at this share, as
    /// [`Harm::minimum_intervals`](crate::Harm::minimum_intervals) does.
    #[must_use]
    pub fn minimum_intervals(&self, share: f64, alpha: f64) -> u32 {
        let Some(expected) = expected_share(share, self.spec.tolerance) else { return u32::MAX };
        let gain = if self.spec.dependence.burst().is_some() { f64::INFINITY } else { -libm::log(expected) };
        intervals(alpha, gain)
    }
}

impl Seen {
    fn plus(self, rates: RateInterval, of: impl Fn(Counts) -> u64) -> Self {
        Self {
            control: self.control.saturating_add(of(rates.control)),
            treatment: self.treatment.saturating_add(of(rates.treatment)),
        }
    }
}

/// What all edges of an interval have in common.
enum Stakes {
    Nothing,
    Clustered(HarmBets),
    Grid { share: f64, burst: f64 },
}

impl Stakes {
    fn of(rates: &RateInterval, spec: &ValueSpec) -> Self {
        let share = rates.larger_share().and_then(|share| expected_share(share, spec.tolerance));
        match (share, spec.dependence.burst()) {
            (None, _) => Self::Nothing,
            (Some(share), None) => Self::Clustered(HarmBets::at(share)),
            (Some(share), Some(burst)) => Self::Grid { share, burst },
        }
    }

    fn add(&self, bets: &mut [f64], grid: &RateGrid, events: Split) {
        match self {
            _ if events.total == 0.0 => {}
            Self::Nothing => {}
            Self::Clustered(stakes) => stakes.add(bets, events),
            Self::Grid { share, burst } => grid.add_share(bets, *share, events.in_bursts(*burst)),
        }
    }
}

fn bets(dependence: Dependence) -> usize {
    match dependence {
        Dependence::Clustered => HARM_BETS,
        Dependence::BurstsUpTo(_) | Dependence::Independent => POINTS,
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
    direction: Direction,
    tolerance: Bits,
    value_tolerance: Bits,
    edges: Edges,
    ratio: Mixture,
    seen: Vec<Seen>,
    exposure: Seen,
}

impl From<ValueHarm> for Stored {
    fn from(harm: ValueHarm) -> Self {
        let ValueSpec { dependence, direction, tolerance, value_tolerance } = harm.spec;
        Self {
            dependence,
            direction,
            tolerance: Bits(tolerance),
            value_tolerance: Bits(value_tolerance),
            edges: harm.edges,
            ratio: harm.ratio,
            seen: harm.seen,
            exposure: harm.exposure,
        }
    }
}

impl TryFrom<Stored> for ValueHarm {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let Stored { dependence, direction, tolerance, value_tolerance, edges, ratio, seen, exposure } = stored;
        let spec = ValueSpec { dependence, direction, tolerance: tolerance.0, value_tolerance: value_tolerance.0 };
        let fresh = Self::new(&spec, edges)?;
        ratio.check("ratio", fresh.ratio.bets().len())?;
        if seen.len() != fresh.seen.len() {
            return Err(SpecError { field: "seen", expected: "one pair of counts an edge", found: seen.len() as f64 });
        }
        Ok(Self { ratio, seen, exposure, ..fresh })
    }
}
