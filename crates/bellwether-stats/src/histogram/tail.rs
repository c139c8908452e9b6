use alloc::vec::Vec;

/// How many values of a [`Histogram`](crate::Histogram) lie above each of its boundaries.
///
/// Between two boundaries nothing is known but limits, so there are two questions: how many values are above an edge at
/// least, and how many at most. At a boundary both have the same, exact answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    total: u64,
    /// Rising.
    bounds: Vec<f64>,
    /// Falling, one a bound.
    above: Vec<u64>,
}

impl Tail {
    /// Of rising bounds and the counts between them, one more than there are bounds.
    pub(super) fn rising(bounds: Vec<f64>, counts: &[u64]) -> Self {
        let mut above: Vec<u64> = Vec::with_capacity(counts.len());
        let mut sum = 0_u64;
        for count in counts.iter().rev() {
            sum = sum.saturating_add(*count);
            above.push(sum);
        }
        let total = above.pop().unwrap_or_default();
        above.reverse();
        Self { total, bounds, above }
    }

    /// Of falling bounds, each with what is above it.
    pub(super) fn falling(total: u64, pairs: Vec<(f64, u64)>) -> Self {
        let (bounds, above) = pairs.into_iter().rev().unzip();
        Self { total, bounds, above }
    }

    /// All values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The boundaries, rising.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// The values that are certainly above `edge`: those above the next boundary.
    #[must_use]
    pub fn at_least_above(&self, edge: f64) -> u64 {
        let next = self.bounds.partition_point(|bound| edge.is_nan() || *bound < edge);
        self.above.get(next).copied().unwrap_or_default()
    }

    /// The values that may be above `edge`: those above the boundary before.
    #[must_use]
    pub fn at_most_above(&self, edge: f64) -> u64 {
        let after = self.bounds.partition_point(|bound| *bound <= edge);
        after.checked_sub(1).and_then(|before| self.above.get(before).copied()).unwrap_or(self.total)
    }

    /// The boundaries around the value that this part of all values is at most.
    pub(super) fn quantile(&self, part: f64) -> (f64, f64) {
        let wanted = self.total as f64 * part;
        let next = self.above.partition_point(|above| ((self.total - above) as f64) < wanted);
        let lower = next.checked_sub(1).and_then(|before| self.bounds.get(before).copied());
        (lower.unwrap_or(f64::NEG_INFINITY), self.bounds.get(next).copied().unwrap_or(f64::INFINITY))
    }
}
