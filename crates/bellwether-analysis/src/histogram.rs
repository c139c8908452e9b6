use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// How the values of one arm's requests are distributed over explicit buckets.
///
/// `counts[i]` requests had a value above `bounds[i - 1]` and at most `bounds[i]`; the last count is of those above
/// every bound. Counts are exact integers: rates that a metrics system extrapolated to fractions are not counts.
///
/// # Example: 18 of 300 requests took more than 100 ms
/// ```
/// use bellwether_analysis::Histogram;
///
/// let histogram = Histogram::new(vec![0.1, 0.5], vec![282, 16, 2])?;
/// assert_eq!(histogram.total(), 300);
/// assert!(Histogram::new(vec![0.5, 0.1], vec![282, 16, 2]).is_err(), "bounds must rise");
/// # Ok::<(), bellwether_analysis::HistogramError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(!try_from, !into))]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Histogram {
    /// The upper bounds of all buckets but the last, rising.
    bounds: Vec<f64>,
    /// The requests in each bucket: one more than there are bounds.
    counts: Vec<u64>,
}

/// Tells why bounds and counts are not a [`Histogram`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// A bound that is infinite or not a number.
    #[error("expected finite `bounds`, found {found} at bounds[{index}]")]
    NonFinite {
        /// Which bound.
        index: usize,
        /// What it was.
        found: f64,
    },
    /// A bound that is not above the one before.
    #[error("expected rising `bounds`, found {found} at bounds[{index}] after {before}")]
    Unsorted {
        /// Which bound.
        index: usize,
        /// The bound before.
        before: f64,
        /// What it was.
        found: f64,
    },
    /// Another number of buckets than the bounds make.
    #[error("expected one more of `counts` than of `bounds`, so {expected}, found {found}")]
    Buckets {
        /// The buckets that the bounds make.
        expected: usize,
        /// The counts found.
        found: usize,
    },
}

impl Histogram {
    /// Checks bounds and counts.
    ///
    /// # Errors
    /// A bound that is not finite or not above the one before, or another number of counts than one more than bounds.
    pub fn new(bounds: Vec<f64>, counts: Vec<u64>) -> Result<Self, HistogramError> {
        check(&bounds, counts.len())?;
        Ok(Self { bounds, counts })
    }

    /// The upper bounds of all buckets but the last.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// The requests in each bucket.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// All requests, at most `u64::MAX`.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, count| total.saturating_add(*count))
    }
}

fn check(bounds: &[f64], counts: usize) -> Result<(), HistogramError> {
    if let Some((index, found)) = bounds.iter().enumerate().find(|(_, bound)| !bound.is_finite()) {
        return Err(HistogramError::NonFinite { index, found: *found });
    }
    let pairs = bounds.iter().zip(bounds.iter().skip(1)).enumerate();
    if let Some((index, (before, found))) = pairs.into_iter().find(|(_, (before, found))| before >= found) {
        return Err(HistogramError::Unsorted { index: index + 1, before: *before, found: *found });
    }
    let expected = bounds.len() + 1;
    if counts != expected {
        return Err(HistogramError::Buckets { expected, found: counts });
    }
    Ok(())
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    bounds: Vec<f64>,
    counts: Vec<u64>,
}

impl From<Histogram> for Stored {
    fn from(histogram: Histogram) -> Self {
        Self { bounds: histogram.bounds, counts: histogram.counts }
    }
}

impl TryFrom<Stored> for Histogram {
    type Error = HistogramError;

    fn try_from(stored: Stored) -> Result<Self, HistogramError> {
        Self::new(stored.bounds, stored.counts)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    #[test]
    fn bounds_that_could_not_sort_a_value_are_refused_with_their_place() {
        for (bounds, counts, message) in [
            (vec![0.1, f64::NAN], vec![0; 3], "found NaN at bounds[1]"),
            (vec![f64::INFINITY], vec![0; 2], "found inf at bounds[0]"),
            (vec![0.1, 0.5, 0.5], vec![0; 4], "found 0.5 at bounds[2] after 0.5"),
            (vec![0.1, 0.5], vec![0; 2], "so 3, found 2"),
        ] {
            let error = Histogram::new(bounds, counts).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_histogram_that_is_read_is_checked_too() {
        let error = serde_json::from_str::<Histogram>(r#"{"bounds":[2,1],"counts":[0,0,0]}"#).unwrap_err();
        assert!(error.to_string().contains("expected rising `bounds`"), "{error}");
    }
}
