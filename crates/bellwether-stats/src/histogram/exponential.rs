use alloc::vec::Vec;

use super::buckets::Buckets;
use super::tail::Tail;
use crate::histogram_error::HistogramError;

/// Buckets whose bounds are the powers of `2^(2^-scale)`: one scale finer halves each.
///
/// The form of OpenTelemetry's exponential histograms (data model, scales -10 to 20) and of Prometheus' native
/// histograms (schemas -4 to 8, whose bucket numbers are larger by one).
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "adapters build it field by field; the format is that of others")]
pub struct Exponential {
    /// How fine the buckets are, -10 to 20.
    pub scale: i8,
    /// The values that are nearer to zero than the threshold, or equal to zero.
    pub zero_count: u64,
    /// How far from zero a value counts as zero.
    pub zero_threshold: f64,
    /// The values above zero.
    pub positive: Buckets,
    /// The values below zero, by their distance from it.
    pub negative: Buckets,
}

const COARSEST: i8 = -10;
const FINEST: i8 = 20;
/// All powers of two that a number can be, and a little more.
const POWERS: core::ops::RangeInclusive<i64> = -1_080..=1_030;
/// At most so many buckets come of a merge: with more the scale gets coarser.
const WIDEST: usize = 4_096;

impl Exponential {
    /// No values yet.
    #[must_use]
    pub fn new(scale: i8) -> Self {
        Self { scale, zero_count: 0, zero_threshold: 0.0, positive: Buckets::default(), negative: Buckets::default() }
    }

    /// The lower bound of a bucket of values above zero: `base^index`.
    ///
    /// The exponent is exact, so a bound has the same bits at every scale that has it.
    #[must_use]
    pub fn bound(scale: i8, index: i64) -> f64 {
        libm::exp2(libm::ldexp(index as f64, -i32::from(scale)))
    }

    pub(super) fn check(&self) -> Result<(), HistogramError> {
        if !(COARSEST..=FINEST).contains(&self.scale) {
            return Err(HistogramError::Scale { found: self.scale });
        }
        if !(self.zero_threshold >= 0.0 && self.zero_threshold.is_finite()) {
            return Err(HistogramError::ZeroThreshold { found: self.zero_threshold });
        }
        [&self.positive, &self.negative].into_iter().try_for_each(|buckets| self.check_range(buckets))
    }

    /// A bucket whose bounds are not numbers holds no value.
    fn check_range(&self, buckets: &Buckets) -> Result<(), HistogramError> {
        let power = |index: i64| libm::floor(libm::ldexp(index as f64, -i32::from(self.scale)));
        let is_known = |index: i64| (*POWERS.start() as f64..=*POWERS.end() as f64).contains(&power(index));
        let (first, last) = (i64::from(buckets.offset), i64::from(buckets.offset) + buckets.counts.len() as i64);
        match [first, last].into_iter().find(|index| !is_known(*index)) {
            Some(found) if !buckets.counts.is_empty() => Err(HistogramError::Index { found }),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn total(&self) -> u64 {
        self.positive.total().saturating_add(self.negative.total()).saturating_add(self.zero_count)
    }

    pub(super) fn downscale(&self, by: u8) -> Self {
        let by = u32::from(by).min(self.scale.abs_diff(COARSEST).into());
        let scale = i32::from(self.scale) - by.cast_signed();
        Self {
            scale: i8::try_from(scale).unwrap_or(COARSEST),
            positive: self.positive.downscale(by),
            negative: self.negative.downscale(by),
            ..*self
        }
    }

    /// The larger threshold of zero holds for both. Buckets that reach into it stay as they are; the [`Tail`] knows that
    /// nothing can be said there.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let (mut one, mut two) = (self.clone(), other.clone());
        let scale = one.scale.min(two.scale);
        (one, two) = (one.downscale(one.scale.abs_diff(scale)), two.downscale(two.scale.abs_diff(scale)));
        while one.positive.span(&two.positive).max(one.negative.span(&two.negative)) > WIDEST {
            (one, two) = (one.downscale(1), two.downscale(1));
        }
        Self {
            scale: one.scale,
            zero_count: one.zero_count.saturating_add(two.zero_count),
            zero_threshold: one.zero_threshold.max(two.zero_threshold),
            positive: one.positive.merge(&two.positive),
            negative: one.negative.merge(&two.negative),
        }
    }

    /// Boundaries that values around zero could lie on both sides of are left out.
    pub(super) fn tail(&self) -> Tail {
        let mut pairs: Vec<(f64, u64)> =
            Vec::with_capacity(self.positive.counts.len() + self.negative.counts.len() + 3);
        let mut above = 0_u64;
        let last = i64::from(self.positive.offset) + self.positive.counts.len() as i64;
        self.push(&mut pairs, Self::bound(self.scale, last), above);
        for (index, count) in self.positive.iter().rev() {
            above = above.saturating_add(count);
            self.push(&mut pairs, Self::bound(self.scale, index), above);
        }
        if self.zero_threshold == 0.0 {
            pairs.push((0.0, above));
        }
        above = above.saturating_add(self.zero_count);
        for (index, count) in self.negative.iter() {
            self.push(&mut pairs, -Self::bound(self.scale, index), above);
            above = above.saturating_add(count);
        }
        let last = i64::from(self.negative.offset) + self.negative.counts.len() as i64;
        self.push(&mut pairs, -Self::bound(self.scale, last), above);
        Tail::falling(self.total(), pairs)
    }

    fn push(&self, pairs: &mut Vec<(f64, u64)>, bound: f64, above: u64) {
        let is_known = bound.abs() >= self.zero_threshold && bound.is_finite() && bound != 0.0;
        if is_known && pairs.last().is_none_or(|(last, _)| bound < *last) {
            pairs.push((bound, above));
        }
    }
}
