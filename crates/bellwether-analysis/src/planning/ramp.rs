use alloc::vec::Vec;

use bellwether_core::{Duration, Weight};
use bellwether_stats::Harm;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::simulated::Traffic;
use crate::{BakeQuestion, SpecError};

/// Asks for the shortest ramp that finds a bad release before it has harmed too many users.
///
/// # Example: at most 500 failed requests more than usual
/// ```
/// use bellwether_analysis::{BakeQuestion, RampGoal};
///
/// let bake = BakeQuestion { traffic_per_minute: 6_000.0, rate: 0.001, runs: 40, ..BakeQuestion::default() };
/// let ramp = RampGoal { bake, ratio: 5.0, budget: 500.0 }.plan()?.expect("such a ramp exists");
/// assert!(ramp.harmed <= 500.0 && ramp.power >= 0.9);
/// # Ok::<(), bellwether_analysis::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct RampGoal {
    /// The traffic and how it is judged; its share, ratios and beta are not used.
    pub bake: BakeQuestion,
    /// How many times stable's rate a bad release's is, from the start.
    pub ratio: f64,
    /// How many requests more than usual may fail on average.
    pub budget: f64,
}

/// A ramp of growing shares, and what a bad release does on it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Ramp {
    /// The steps before everybody gets the release.
    pub steps: Vec<RampStep>,
    /// How many requests more than usual fail on average before it is found, or the ramp is over.
    pub harmed: f64,
    /// How often it is found before the ramp is over.
    pub power: f64,
}

/// A step of a ramp.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RampStep {
    /// The candidate's share.
    pub share: Weight,
    /// How long it bakes.
    pub bake: Duration,
}

/// The first shares, in basis points, by how much a share grows, and the intervals that a step bakes.
const FIRST: [u16; 6] = [10, 50, 100, 200, 500, 1_000];
const GROWTH: [u16; 3] = [2, 3, 5];
const INTERVALS: [u32; 8] = [5, 10, 15, 30, 60, 120, 240, 480];
/// A ramp ends before this share: above it stable is the smaller arm.
const LAST: u16 = 5_000;
/// How often a ramp must find the release.
const POWER: f64 = 0.9;

impl RampGoal {
    /// Simulates ramps, the shortest first; nothing if none is within the budget.
    ///
    /// # Errors
    /// The field that nothing can be planned from.
    pub fn plan(&self) -> Result<Option<Ramp>, SpecError> {
        self.bake.check()?;
        if !(self.ratio >= 1.0 && self.ratio <= 1_000.0) {
            return Err(SpecError::number("ratio", "a ratio of 1 to 1000", self.ratio));
        }
        if !(self.budget >= 0.0 && self.budget.is_finite()) {
            return Err(SpecError::number("budget", "a number of requests", self.budget));
        }
        let mut shapes: Vec<Shape> = Shape::all().collect();
        shapes.sort_by_key(|shape| (shape.length(), shape.intervals));
        let ramps = shapes.into_iter().filter_map(|shape| self.simulate(shape).ok());
        Ok(ramps.into_iter().find(|ramp| ramp.harmed <= self.budget && ramp.power >= POWER))
    }

    fn simulate(&self, shape: Shape) -> Result<Ramp, SpecError> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.bake.seed);
        let (mut harmed, mut found) = (0.0, 0);
        for _ in 0..self.bake.runs {
            let (of_run, is_found) = self.run(shape, &mut random)?;
            harmed += of_run;
            found += u32::from(is_found);
        }
        let runs = f64::from(self.bake.runs);
        let bake = self.bake.metric.interval.saturating_mul(shape.intervals.into());
        let steps = shape.shares().filter_map(|share| Some(RampStep { share: Weight::new(share).ok()?, bake }));
        Ok(Ramp { steps: steps.collect(), harmed: harmed / runs, power: f64::from(found) / runs })
    }

    /// The harm of one run, and whether the release was found.
    fn run(&self, shape: Shape, random: &mut Xoshiro256PlusPlus) -> Result<(f64, bool), SpecError> {
        let mut harm = Harm::new(&self.bake.metric.harm_spec())?;
        let (needed, steps) = (-libm::log(self.bake.alpha), shape.shares().count());
        let mut harmed = 0.0;
        for (step, share) in shape.shares().enumerate() {
            harm.restart(if step == 0 { 0.5 } else { 0.25 / (steps - 1).max(1) as f64 });
            let traffic = Traffic { share: f64::from(share) / 10_000.0, ..self.bake.traffic() };
            for _ in 0..shape.intervals {
                harm.update(&traffic.interval(random, self.ratio));
                harmed += traffic.requests * traffic.share * traffic.rate * (self.ratio - 1.0);
                if harm.log_e() >= needed {
                    return Ok((harmed, true));
                }
            }
        }
        Ok((harmed, false))
    }
}

/// A ramp that grows by a factor, with steps of one length.
#[derive(Clone, Copy, Debug)]
struct Shape {
    first: u16,
    growth: u16,
    intervals: u32,
}

impl Shape {
    fn all() -> impl Iterator<Item = Self> {
        let of = |first: u16| GROWTH.into_iter().map(move |growth| (first, growth));
        let pairs = FIRST.into_iter().flat_map(of);
        pairs.flat_map(|(first, growth)| INTERVALS.into_iter().map(move |intervals| Self { first, growth, intervals }))
    }

    /// How many intervals it takes.
    fn length(self) -> u32 {
        self.shares().map(|_| self.intervals).sum()
    }

    fn shares(self) -> impl Iterator<Item = u16> {
        core::iter::successors(Some(self.first), move |share| share.checked_mul(self.growth))
            .take_while(|share| *share <= LAST)
    }
}
