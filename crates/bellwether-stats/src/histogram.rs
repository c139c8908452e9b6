use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::histogram::explicit::Explicit;
use crate::histogram::stored::Stored;
use crate::histogram_error::{HistogramError, MergeError};

mod buckets;
mod explicit;
mod exponential;
mod stored;
mod tail;

pub use self::buckets::Buckets;
pub use self::exponential::Exponential;
pub use self::tail::Tail;

/// How the values of one arm's requests, such as latencies, are distributed over buckets.
///
/// The buckets are either explicit, with bounds of their own, or exponential: the one form that OpenTelemetry's
/// exponential histograms and Prometheus' native histograms share. Counts are exact integers: rates that a metrics
/// system extrapolated to fractions are not counts.
///
/// # Example: 18 of 300 requests took more than 100 ms
/// ```
/// use bellwether_stats::{Buckets, Exponential, Histogram};
///
/// let histogram = Histogram::new(vec![0.1, 0.5], vec![282, 16, 2])?;
/// assert_eq!(histogram.total(), 300);
/// assert_eq!(histogram.tail().at_least_above(0.1), 18);
/// assert!(Histogram::new(vec![0.5, 0.1], vec![282, 16, 2]).is_err(), "bounds must rise");
///
/// // a base of 2: values in (1, 2], (2, 4] and (4, 8]
/// let positive = Buckets { offset: 0, counts: vec![5, 3, 1] };
/// let doubling = Histogram::exponential(Exponential { positive, ..Exponential::new(0) })?;
/// let merged = doubling.merge(&doubling)?;
/// assert_eq!((merged.total(), merged.tail().at_least_above(2.0)), (18, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Histogram {
    layout: Layout,
}

#[derive(Clone, Debug, PartialEq)]
enum Layout {
    Explicit(Explicit),
    Exponential(Exponential),
}

impl Histogram {
    /// Checks explicit bounds and their counts.
    ///
    /// `counts[i]` values are above `bounds[i - 1]` and at most `bounds[i]`; the last count is of those above every
    /// bound.
    ///
    /// # Errors
    /// A bound that is not finite or not above the one before, or another number of counts than one more than bounds.
    pub fn new(bounds: Vec<f64>, counts: Vec<u64>) -> Result<Self, HistogramError> {
        Ok(Self { layout: Layout::Explicit(Explicit::new(bounds, counts)?) })
    }

    /// Checks exponential buckets.
    ///
    /// # Errors
    /// A scale that no system writes, a threshold of zero that is negative or not a number, or a bucket beyond all
    /// numbers.
    pub fn exponential(exponential: Exponential) -> Result<Self, HistogramError> {
        exponential.check()?;
        Ok(Self { layout: Layout::Exponential(exponential) })
    }

    /// The bounds of explicit buckets, rising; nothing for exponential ones.
    #[must_use]
    pub fn bounds(&self) -> Option<&[f64]> {
        match &self.layout {
            Layout::Explicit(explicit) => Some(explicit.bounds()),
            Layout::Exponential(_) => None,
        }
    }

    /// The exponential buckets, where it has such.
    #[must_use]
    pub fn as_exponential(&self) -> Option<&Exponential> {
        match &self.layout {
            Layout::Explicit(_) => None,
            Layout::Exponential(exponential) => Some(exponential),
        }
    }

    /// All values, at most `u64::MAX`.
    #[must_use]
    pub fn total(&self) -> u64 {
        match &self.layout {
            Layout::Explicit(explicit) => explicit.total(),
            Layout::Exponential(exponential) => exponential.total(),
        }
    }

    /// How many values lie above each boundary.
    #[must_use]
    pub fn tail(&self) -> Tail {
        match &self.layout {
            Layout::Explicit(explicit) => explicit.tail(),
            Layout::Exponential(exponential) => exponential.tail(),
        }
    }

    /// Adds the counts of two histograms.
    ///
    /// Exponential buckets are brought to the coarser scale of the two, explicit ones to the bounds that both have, so
    /// every count stays exact and the order of merging does not matter.
    ///
    /// # Errors
    /// One is explicit and the other exponential, or a sum does not fit.
    pub fn merge(&self, other: &Self) -> Result<Self, MergeError> {
        if self.total().checked_add(other.total()).is_none() {
            return Err(MergeError::Overflow);
        }
        let layout = match (&self.layout, &other.layout) {
            (Layout::Explicit(one), Layout::Explicit(two)) => Layout::Explicit(one.merge(two)),
            (Layout::Exponential(one), Layout::Exponential(two)) => Layout::Exponential(one.merge(two)),
            (Layout::Explicit(_), Layout::Exponential(_)) | (Layout::Exponential(_), Layout::Explicit(_)) => {
                return Err(MergeError::Layout);
            }
        };
        Ok(Self { layout })
    }

    /// Joins neighbouring exponential buckets, `2^by` into one; explicit ones stay as they are.
    ///
    /// No scale goes below the coarsest one that OpenTelemetry knows, -10.
    #[must_use]
    pub fn downscale(&self, by: u8) -> Self {
        match &self.layout {
            Layout::Explicit(_) => self.clone(),
            Layout::Exponential(exponential) => Self { layout: Layout::Exponential(exponential.downscale(by)) },
        }
    }

    /// The bounds of the bucket that holds this part of the values, such as 0.99; nothing where there are no values or
    /// the part is outside of 0..=1.
    ///
    /// The outermost explicit buckets have infinite bounds.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<(f64, f64)> {
        if !(0.0..=1.0).contains(&part) || self.total() == 0 {
            return None;
        }
        Some(self.tail().quantile(part))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Histogram {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Histogram".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        stored::schema(generator)
    }
}

#[cfg(test)]
mod tests;
