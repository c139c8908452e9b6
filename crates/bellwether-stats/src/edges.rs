use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::histogram::{Exponential, Histogram};
use crate::spec_error::SpecError;

/// The values at which two distributions are compared, rising.
///
/// They must be fixed before the data that are compared: from what the service did before, or from the bounds that its
/// instrumentation has. Counts at an edge that is no boundary of a histogram are rounded to the side that weakens the
/// evidence, so edges are best taken from a histogram of the same layout.
///
/// # Example: the edges of a service whose latencies are known
/// ```
/// use bellwether_stats::{Edges, Histogram};
///
/// let last_week = Histogram::new(vec![0.05, 0.1, 0.25, 0.5, 1.0, 2.5], vec![700, 250, 40, 9, 1, 0, 0])?;
/// let edges = Edges::of(&last_week).expect("there are values");
/// assert_eq!(edges.values(), [0.05, 0.1, 0.25, 0.5, 1.0, 2.5], "from its 5 % to 8 times its 99.9 %");
/// # Ok::<(), bellwether_stats::HistogramError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Vec<Bits>", try_from = "Vec<Bits>")]
pub struct Edges {
    values: Vec<f64>,
}

impl Edges {
    /// There are at most so many; more would cost time and find nothing sooner.
    pub const MOST: usize = 64;

    /// Checks the values.
    ///
    /// # Errors
    ///
    /// None or more than [`MOST`](Self::MOST), a value that is not finite or not above the one before.
    pub fn new(values: Vec<f64>) -> Result<Self, SpecError> {
        let error = |expected, found| Err(SpecError { field: "edges", expected, found });
        if values.is_empty() || values.len() > Self::MOST {
            return error("1 to 64 edges", values.len() as f64);
        }
        if let Some(found) = values.iter().find(|value| !value.is_finite()) {
            return error("finite edges", *found);
        }
        let pair = values.iter().zip(values.iter().skip(1)).find(|(before, after)| before >= after);
        match pair {
            Some((_, found)) => error("rising edges", *found),
            None => Ok(Self { values }),
        }
    }

    /// Takes the boundaries from the value that 5 % are at most to eight times the one that 99.9 % are; nothing where
    /// there are no such boundaries.
    ///
    /// Beyond the largest usual value, because a fault makes values that were never seen.
    #[must_use]
    pub fn of(usual: &Histogram) -> Option<Self> {
        Self::between(usual, usual.quantile(LOWEST)?.1, usual.quantile(HIGHEST)?.1)
    }

    /// Takes the boundaries of a layout from the value that 5 % are usually at most to eight times the one that 99.9 %
    /// are; nothing where there are none.
    #[must_use]
    pub fn between(layout: &Histogram, lowest: f64, highest: f64) -> Option<Self> {
        let values = match layout.as_exponential() {
            Some(exponential) => of_exponential(exponential, lowest, highest)?,
            None => of_explicit(layout.bounds().unwrap_or_default(), lowest, highest),
        };
        Self::new(values).ok()
    }

    /// The values, rising.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// The parts of all values between which edges are.
const LOWEST: f64 = 0.05;
const HIGHEST: f64 = 0.999;
/// How far beyond the highest usual value edges go, and the power of two that it is.
const BEYOND: f64 = 8.0;
const BEYOND_POWER: i32 = 3;
/// Edges nearer to each other than `2^(1/8)` tell the same.
const FINEST: i8 = 3;

/// By bucket numbers and not by values, so that values in another unit give the same edges in that unit.
fn of_exponential(layout: &Exponential, lowest: f64, highest: f64) -> Option<Vec<f64>> {
    let scale = layout.scale;
    let highest = index_of(scale, highest)?;
    let first = index_of(scale, lowest).unwrap_or_else(|| i64::from(layout.positive.offset) + 1).min(highest);
    let beyond = libm::ceil(libm::ldexp(f64::from(BEYOND_POWER), scale.into()));
    #[expect(clippy::cast_possible_truncation, reason = "at most 3 * 2^20")]
    let last = highest + beyond as i64;
    let finest = 1_i64 << u32::try_from(scale - FINEST.min(scale)).unwrap_or_default();
    let step = finest * ((last - first) / finest / Edges::MOST as i64 + 1);
    let indices = (0..Edges::MOST as i64).map(|at| first + at * step).take_while(|index| *index <= last);
    Some(indices.map(|index| Exponential::bound(scale, index)).collect())
}

/// The number of the bucket above the boundary that is not below a value; nothing where there is none.
fn index_of(scale: i8, value: f64) -> Option<i64> {
    if !(value > 0.0 && value.is_finite()) {
        return None;
    }
    let index = libm::ldexp(libm::log2(value), scale.into());
    let nearest = libm::round(index);
    // A boundary has the number that it was made of.
    let index = if (index - nearest).abs() < ROUNDING { nearest } else { libm::ceil(index) };
    #[expect(clippy::cast_possible_truncation, reason = "at most 1,075 * 2^20")]
    Some(index as i64)
}

/// How far the logarithm of a boundary may be from its number; boundaries are 1 apart.
const ROUNDING: f64 = 1e-6;

fn of_explicit(bounds: &[f64], lowest: f64, highest: f64) -> Vec<f64> {
    let limit = if highest > 0.0 { highest * BEYOND } else { f64::INFINITY };
    let within: Vec<f64> = bounds.iter().copied().filter(|bound| (lowest..=limit).contains(bound)).collect();
    // All usual values lie in the last bucket: what its bounds can tell apart is better than nothing.
    let within = if within.is_empty() { bounds.to_vec() } else { within };
    let step = within.len().div_ceil(Edges::MOST).max(1);
    within.into_iter().step_by(step).collect()
}

impl From<Edges> for Vec<Bits> {
    fn from(edges: Edges) -> Self {
        edges.values.into_iter().map(Bits).collect()
    }
}

impl TryFrom<Vec<Bits>> for Edges {
    type Error = SpecError;

    fn try_from(stored: Vec<Bits>) -> Result<Self, SpecError> {
        Self::new(stored.into_iter().map(|Bits(value)| value).collect())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::histogram::Buckets;

    #[test]
    fn edges_that_could_not_sort_values_are_refused() {
        for (values, complaint) in [
            (vec![], "1 to 64 edges, found 0"),
            (vec![1.0; 65], "1 to 64 edges, found 65"),
            (vec![1.0, f64::NAN], "finite edges, found NaN"),
            (vec![2.0, 2.0], "rising edges, found 2"),
        ] {
            let error = alloc::string::ToString::to_string(&Edges::new(values).unwrap_err());
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn edges_are_boundaries_of_the_layout_and_move_with_the_unit() {
        for scale in [-2, 0, 3, 5, 8] {
            let (edges, shifted) = (of(scale, 100), of(scale, 107));
            assert!(edges.values().len() <= Edges::MOST);
            let base = Exponential::bound(scale, 7);
            for (edge, shifted) in edges.values().iter().zip(shifted.values()) {
                assert!((shifted / edge / base - 1.0).abs() < 1e-12, "{scale}: {edge} {shifted}");
            }
            assert_eq!(edges.values().len(), shifted.values().len());
        }
    }

    #[test]
    fn a_few_bounds_are_taken_as_they_are_and_many_are_thinned() {
        let all_slow = Histogram::new(vec![0.1, 0.2], vec![0, 0, 100]).unwrap();
        assert_eq!(Edges::of(&all_slow).unwrap().values(), [0.1, 0.2]);
        let many: Vec<f64> = (1..=200).map(f64::from).collect();
        let usual = Histogram::new(many, vec![1; 201]).unwrap();
        let edges = Edges::of(&usual).unwrap();
        assert!((32..=64).contains(&edges.values().len()) && edges.values()[0] == 11.0, "{edges:?}");
        assert_eq!(Edges::of(&Histogram::new(vec![], vec![3]).unwrap()), None);
        assert_eq!(Edges::of(&Histogram::new(vec![0.1], vec![0, 0]).unwrap()), None);
    }

    #[test]
    fn values_that_are_all_zero_or_below_have_no_edges() {
        let zero = Exponential { zero_count: 50, ..Exponential::new(3) };
        assert_eq!(Edges::of(&Histogram::exponential(zero).unwrap()), None);
    }

    fn of(scale: i8, offset: i32) -> Edges {
        let positive = Buckets { offset, counts: vec![10, 20, 400, 300, 200, 100, 50, 3] };
        Edges::of(&Histogram::exponential(Exponential { positive, ..Exponential::new(scale) }).unwrap()).unwrap()
    }
}
