/// Tells why something is not a [`Histogram`](crate::Histogram).
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
    /// A scale that no system writes.
    #[error("expected a `scale` of -10 to 20, found {found}")]
    Scale {
        /// What it was.
        found: i8,
    },
    /// A width of the bucket around zero that is none.
    #[error("expected a `zero_threshold` of at least 0 and finite, found {found}")]
    ZeroThreshold {
        /// What it was.
        found: f64,
    },
    /// A bucket beyond all numbers.
    #[error("expected buckets whose bounds are numbers, found bucket {found}")]
    Index {
        /// Its number.
        found: i64,
    },
    /// Neither kind of buckets, half of one or parts of both.
    #[error("expected either `bounds` and `counts` or `scale` with its buckets, found {found}")]
    Kind {
        /// The fields that were there.
        found: &'static str,
    },
}

/// Tells why two histograms cannot be added.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Explicit and exponential buckets share no boundaries.
    #[error("merge histograms: expected both with explicit or both with exponential buckets, found one of each")]
    Layout,
    /// More values than can be counted.
    #[error("merge histograms: expected sums of at most 2^64 - 1, found a larger one")]
    Overflow,
}
