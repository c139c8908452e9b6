use alloc::vec::Vec;

use super::tail::Tail;
use crate::histogram_error::HistogramError;

/// Buckets with bounds of their own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Explicit {
    /// The upper bounds of all buckets but the last, rising.
    bounds: Vec<f64>,
    /// The values in each bucket: one more than there are bounds.
    counts: Vec<u64>,
}

impl Explicit {
    pub(super) fn new(bounds: Vec<f64>, counts: Vec<u64>) -> Result<Self, HistogramError> {
        check(&bounds, counts.len())?;
        Ok(Self { bounds, counts })
    }

    pub(super) fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    pub(super) fn into_parts(self) -> (Vec<f64>, Vec<u64>) {
        (self.bounds, self.counts)
    }

    pub(super) fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    pub(super) fn tail(&self) -> Tail {
        Tail::rising(self.bounds.clone(), &self.counts)
    }

    /// Keeps the bounds that both have: what lies between two of them is known exactly in both.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let is_common = |bound: &f64| other.bounds.contains(bound);
        let bounds: Vec<f64> = self.bounds.iter().copied().filter(is_common).collect();
        let pairs = self.joined(&bounds).into_iter().zip(other.joined(&bounds));
        Self { counts: pairs.map(|(one, two)| one.saturating_add(two)).collect(), bounds }
    }

    /// The counts between fewer bounds, all of which it has.
    fn joined(&self, bounds: &[f64]) -> Vec<u64> {
        let mut kept = bounds.iter().peekable();
        let (mut counts, mut sum) = (Vec::with_capacity(bounds.len() + 1), 0_u64);
        for (index, count) in self.counts.iter().enumerate() {
            sum = sum.saturating_add(*count);
            if self.bounds.get(index).is_some_and(|bound| kept.next_if_eq(&bound).is_some()) {
                counts.push(core::mem::take(&mut sum));
            }
        }
        counts.push(sum);
        counts
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
