use alloc::vec::Vec;

use super::sample::Samples;

/// Values of both arms that are equal, in the order of the pooled values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Tie {
    /// How many of the treatment.
    pub(super) treatment: usize,
    /// How many of the control.
    pub(super) control: usize,
}

/// Groups the values of both arms by value, ascending.
pub(super) fn ties(samples: &Samples) -> impl Iterator<Item = Tie> {
    let (mut treatment, mut control) = (samples.treatment.sorted(), samples.control.sorted());
    core::iter::from_fn(move || {
        let value = match (treatment.first(), control.first()) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(value), None) | (None, Some(value)) => *value,
            (None, None) => return None,
        };
        Some(Tie { treatment: take(&mut treatment, value), control: take(&mut control, value) })
    })
}

fn take(values: &mut &[f64], value: f64) -> usize {
    let count = values.iter().take_while(|next| **next == value).count();
    *values = values.get(count..).unwrap_or_default();
    count
}

/// The pairs in which the treatment's value is larger, ties counting half: Mann and Whitney's U of the treatment.
///
/// All terms are halves of integers, so the sum is exact up to 2^52 pairs.
pub(super) fn wins(samples: &Samples) -> f64 {
    let mut below = 0.0;
    ties(samples).fold(0.0, |sum, tie| {
        let (treatment, control) = (tie.treatment as f64, tie.control as f64);
        let won = treatment * (below + control / 2.0);
        below += control;
        sum + won
    })
}

/// The sum over all groups of equal values of `t^3 - t`, by which ties reduce the variance of a rank sum.
pub(super) fn tie_term(sizes: impl Iterator<Item = usize>) -> f64 {
    sizes.fold(0.0, |sum, size| {
        let size = size as f64;
        sum + (size * size * size - size)
    })
}

/// The sizes of the groups of equal values in one arm.
pub(super) fn group_sizes(sorted: &[f64]) -> impl Iterator<Item = usize> {
    sorted.chunk_by(|a, b| a == b).map(<[f64]>::len)
}

/// The mid-ranks of each arm's values among the values of both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ranks {
    pub(super) treatment: Vec<f64>,
    pub(super) control: Vec<f64>,
}

impl Ranks {
    pub(super) fn of(samples: &Samples) -> Self {
        let mut ranks = Self { treatment: Vec::new(), control: Vec::new() };
        let mut before = 0;
        for tie in ties(samples) {
            let size = tie.treatment + tie.control;
            let rank = before as f64 + (size as f64 + 1.0) / 2.0;
            ranks.treatment.extend(core::iter::repeat_n(rank, tie.treatment));
            ranks.control.extend(core::iter::repeat_n(rank, tie.control));
            before += size;
        }
        ranks
    }
}
