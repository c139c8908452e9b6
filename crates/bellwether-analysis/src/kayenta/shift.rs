use alloc::vec::Vec;

use bellwether_stats::fixed::normal_quantile;
use serde::Serialize;

use super::brent::{Point, root};

/// Holds the shift of the candidate's values against the baseline's, as Kayenta estimates it.
///
/// Its limits are found with a tolerance of 1e-4 in the unit of the metric, so that for very small values the lower
/// one can be above the upper one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct ShiftInterval {
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
    /// The shift itself.
    pub estimate: f64,
}

/// Every value is equal to every other, so that there is nothing to rank.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct AllTied;

impl ShiftInterval {
    /// Inverts the rank sum test with its normal approximation: where the statistic of the shifted candidate is what
    /// the confidence allows at most.
    ///
    /// Both arms have values.
    pub(super) fn of(experiment: &[f64], control: &[f64], confidence: f64) -> Result<Self, AllTied> {
        let arms = ShiftedArms::new(experiment, control);
        let quantile = normal_quantile((1.0 - confidence) / 2.0);
        let low = arms.crossing(-quantile)?;
        let high = arms.crossing(quantile)?;
        let statistic = |shift: f64| arms.statistic(shift);
        let estimate = root(arms.ends(statistic)?, statistic)?;
        Ok(Self { low, high, estimate })
    }
}

/// Both arms in ascending order, of which the candidate's is moved.
struct ShiftedArms {
    experiment: Vec<f64>,
    control: Vec<f64>,
}

impl ShiftedArms {
    fn new(experiment: &[f64], control: &[f64]) -> Self {
        let sorted = |values: &[f64]| {
            // A negative zero is tied with zero.
            let mut values: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        Self { experiment: sorted(experiment), control: sorted(control) }
    }

    /// The smallest and the largest shift that any two values have, with the function's values there.
    fn ends(&self, function: impl Fn(f64) -> Result<f64, AllTied>) -> Result<[Point; 2], AllTied> {
        let end = |at: f64| Ok(Point { at, value: function(at)? });
        let (first, last) = (|of: &[f64]| of.first().copied(), |of: &[f64]| of.last().copied());
        let least = first(&self.experiment).zip(last(&self.control)).map_or(f64::NAN, |(x, y)| x - y);
        let most = last(&self.experiment).zip(first(&self.control)).map_or(f64::NAN, |(x, y)| x - y);
        Ok([end(least)?, end(most)?])
    }

    /// Where the statistic is as large as the quantile; an end where it never is.
    fn crossing(&self, quantile: f64) -> Result<f64, AllTied> {
        let distance = |shift: f64| Ok(self.statistic(shift)? - quantile);
        let ends = self.ends(distance)?;
        let [least, most] = ends;
        if least.value <= 0.0 {
            return Ok(least.at);
        }
        if most.value >= 0.0 {
            return Ok(most.at);
        }
        root(ends, distance)
    }

    /// The rank sum of the candidate's values after they were moved down by a shift, standardised, with corrections
    /// for ties and continuity.
    fn statistic(&self, shift: f64) -> Result<f64, AllTied> {
        let (m, n) = (self.experiment.len() as f64, self.control.len() as f64);
        let sums = self.sums(shift);
        let distance = sums.ranks - m * (m + 1.0) / 2.0 - m * n / 2.0;
        let variance = m * n / 12.0 * ((m + n + 1.0) - sums.ties / ((m + n) * (m + n - 1.0)));
        let deviation = libm::sqrt(variance);
        if deviation == 0.0 {
            return Err(AllTied);
        }
        let continuity = if distance == 0.0 { 0.0 } else { 0.5_f64.copysign(distance) };
        Ok((distance - continuity) / deviation)
    }

    /// One pass through both arms in ascending order. Subtracting keeps the order of the candidate's values.
    fn sums(&self, shift: f64) -> Sums {
        let mut experiment = self.experiment.iter().map(|value| ranked(value - shift)).peekable();
        let mut control = self.control.iter().copied().peekable();
        let mut sums = Sums::default();
        let mut before = 0.0;
        loop {
            let value = match (experiment.peek(), control.peek()) {
                (Some(x), Some(y)) => {
                    if x.total_cmp(y).is_lt() {
                        *x
                    } else {
                        *y
                    }
                }
                (Some(value), None) | (None, Some(value)) => *value,
                (None, None) => return sums,
            };
            let is_tied = |other: &f64| other.total_cmp(&value).is_eq();
            let mut of_experiment = 0.0;
            while experiment.next_if(is_tied).is_some() {
                of_experiment += 1.0;
            }
            let mut size = of_experiment;
            while control.next_if(is_tied).is_some() {
                size += 1.0;
            }
            sums.ranks += of_experiment * (before + (size + 1.0) / 2.0);
            sums.ties += size * size * size - size;
            before += size;
        }
    }
}

/// What is no number, an infinity less an infinity, has the highest rank.
fn ranked(value: f64) -> f64 {
    if value.is_nan() { f64::INFINITY } else { value }
}

/// All terms are halves of whole numbers, so the sums are exact.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    ranks: f64,
    ties: f64,
}
