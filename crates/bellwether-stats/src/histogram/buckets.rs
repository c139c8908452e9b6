use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Neighbouring buckets of an [`Exponential`](crate::Exponential) histogram, from the smallest value up.
///
/// Bucket `offset + i` holds the values above `base^(offset + i)` and at most `base^(offset + i + 1)`, as OpenTelemetry
/// numbers them. Prometheus numbers a bucket by its upper bound: its index is larger by one.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "adapters build it field by field; the format is that of others")]
pub struct Buckets {
    /// The number of the first bucket.
    pub offset: i32,
    /// The values in each bucket.
    pub counts: Vec<u64>,
}

impl Buckets {
    /// Each bucket's number and count.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, u64)> + ExactSizeIterator + '_ {
        let offset = i64::from(self.offset);
        self.counts.iter().enumerate().map(move |(index, count)| (offset + index as i64, *count))
    }

    pub(super) fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    /// Joins `2^by` buckets into one: bucket i becomes bucket `floor(i / 2^by)`.
    pub(super) fn downscale(&self, by: u32) -> Self {
        let mut joined = Self { offset: self.offset >> by.min(31), counts: Vec::new() };
        let first = i64::from(joined.offset);
        for (index, count) in self.iter() {
            let at = usize::try_from((index >> by.min(63)) - first).unwrap_or_default();
            if joined.counts.len() <= at {
                joined.counts.resize(at + 1, 0);
            }
            if let Some(sum) = joined.counts.get_mut(at) {
                *sum = sum.saturating_add(count);
            }
        }
        joined
    }

    /// Adds the counts of two runs of buckets of one scale, which the caller has seen to be near each other.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let (one, two) = (self.trimmed(), other.trimmed());
        if one.counts.is_empty() || two.counts.is_empty() {
            return if one.counts.is_empty() { two } else { one };
        }
        let offset = one.offset.min(two.offset);
        let mut sum = Self { offset, counts: vec![0; one.span(&two)] };
        for buckets in [one, two] {
            let from = usize::try_from(i64::from(buckets.offset) - i64::from(offset)).unwrap_or_default();
            for (total, count) in sum.counts.iter_mut().skip(from).zip(buckets.counts) {
                *total = total.saturating_add(count);
            }
        }
        sum
    }

    /// How many buckets there are from the first to the last one of both that is not empty.
    pub(super) fn span(&self, other: &Self) -> usize {
        let used = || self.used().into_iter().chain(other.used());
        let first = used().map(|(first, _)| first).min();
        let last = used().map(|(_, last)| last).max();
        first.zip(last).and_then(|(first, last)| usize::try_from(last - first + 1).ok()).unwrap_or_default()
    }

    /// The numbers of the first and the last bucket that is not empty.
    fn used(&self) -> Option<(i64, i64)> {
        let mut used = self.iter().filter(|(_, count)| *count > 0).map(|(index, _)| index);
        let first = used.next()?;
        Some((first, used.next_back().unwrap_or(first)))
    }

    /// The same without empty buckets at both ends, so that equal counts are equal buckets.
    fn trimmed(&self) -> Self {
        let Some((first, last)) = self.used() else { return Self::default() };
        let kept = self.iter().filter(|(index, _)| (first..=last).contains(index));
        Self { offset: i32::try_from(first).unwrap_or(i32::MAX), counts: kept.map(|(_, count)| count).collect() }
    }
}
