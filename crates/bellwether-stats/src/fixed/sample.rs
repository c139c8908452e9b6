use alloc::vec::Vec;

/// Holds the values of one arm, sorted: at least one, and every one a finite number.
///
/// What has no value is no part of a sample, and what took too long is a value at the time-out; a NaN or an infinity
/// that stood for either would be ranked as if it had been measured.
///
/// # Example: what is not a number is refused with its place
///
/// ```
/// use bellwether_stats::fixed::Sample;
///
/// let sample = Sample::new(&[3.0, 1.0, 2.0])?;
/// assert_eq!(sample.sorted(), [1.0, 2.0, 3.0]);
/// let error = Sample::new(&[3.0, f64::NAN]).unwrap_err();
/// assert_eq!(error.to_string(), "compare values: expected finite numbers, found NaN at [1]");
/// # Ok::<(), bellwether_stats::fixed::SampleError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
}

/// Holds the values of both arms.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, so that nobody swaps the arms")]
pub struct Samples {
    /// The arm that is judged; `x` in R's tests.
    pub treatment: Sample,
    /// The arm it is compared with; `y` in R's tests.
    pub control: Sample,
}

/// Tells why values are not a [`Sample`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// No value at all.
    #[error("compare values: expected at least one, found none")]
    Empty,
    /// A NaN or an infinity.
    #[error("compare values: expected finite numbers, found {found} at [{index}]")]
    NonFinite {
        /// Which value.
        index: usize,
        /// What it was.
        found: f64,
    },
}

impl Sample {
    /// Sorts the values.
    ///
    /// # Errors
    ///
    /// No value, or one that is not finite.
    pub fn new(values: &[f64]) -> Result<Self, SampleError> {
        if values.is_empty() {
            return Err(SampleError::Empty);
        }
        if let Some((index, found)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(SampleError::NonFinite { index, found: *found });
        }
        // A negative zero is no smaller than zero: without it equal values stand together in any order.
        let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Self { sorted })
    }

    /// Returns the values in ascending order.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// Returns how many there are, as a number to compute with.
    pub(super) fn count(&self) -> f64 {
        self.sorted.len() as f64
    }

    pub(super) fn mean(&self) -> f64 {
        super::mean(&self.sorted).unwrap_or_default()
    }

    /// The sum of the squared distances to the mean, with the correction for what rounding left in the mean
    /// (Chan, Golub and LeVeque 1983, formula 1.7).
    pub(super) fn squares(&self) -> f64 {
        let mean = self.mean();
        let (squares, rest) = self.sorted.iter().fold((0.0, 0.0), |(squares, rest), value| {
            let distance = value - mean;
            (squares + distance * distance, rest + distance)
        });
        squares - rest * rest / self.count()
    }
}

impl Samples {
    /// How many pairs of a treatment's and a control's value there are.
    pub(super) fn pairs(&self) -> f64 {
        self.treatment.count() * self.control.count()
    }

    pub(super) fn smaller(&self) -> usize {
        self.treatment.sorted.len().min(self.control.sorted.len())
    }
}
