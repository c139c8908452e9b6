use alloc::vec::Vec;

use super::sample::Samples;

/// All differences of a treatment's and a control's value, without ever making the matrix of them.
///
/// Row `i` is the treatment's i-th smallest value minus the control's values from the largest down, so that rows and
/// columns ascend. A place is found by discarding at least a quarter of what is left in each round around a weighted
/// median of the rows' medians, until as many differences as values are left: Johnson and Mizoguchi 1978, *Selecting
/// the Kth element in X + Y*. That takes O((m + n) log (m + n)). Rounding keeps the order of a row and of a column, so
/// the result is the very number that sorting all rounded differences would give.
#[derive(Clone, Copy, Debug)]
pub(super) struct Differences<'a> {
    rows: &'a [f64],
    /// Descending when read from the end.
    columns: &'a [f64],
}

/// What is left of a row: the differences from `low` to before `high`.
#[derive(Clone, Copy, Debug)]
struct Left {
    value: f64,
    low: usize,
    high: usize,
}

impl<'a> Differences<'a> {
    pub(super) fn of(samples: &'a Samples) -> Self {
        Self { rows: samples.treatment.sorted(), columns: samples.control.sorted() }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len().saturating_mul(self.columns.len())
    }

    /// The difference at a place among all in ascending order, from 0; the largest beyond the end.
    pub(super) fn at(&self, place: usize) -> f64 {
        let place = place.min(self.count().saturating_sub(1));
        let mut left: Vec<Left> = self.rows.iter().map(|value| self.whole(*value)).collect();
        let mut discarded = 0;
        let few = 2 * (self.rows.len() + self.columns.len());
        while left.iter().map(|row| row.high - row.low).sum::<usize>() > few {
            let pivot = self.pivot(&left);
            let below = self.ranks(pivot, |difference, pivot| difference < pivot);
            let up_to = self.ranks(pivot, |difference, pivot| difference <= pivot);
            let (count_below, count_up_to) = (below.iter().sum::<usize>(), up_to.iter().sum::<usize>());
            if place < count_below {
                left.iter_mut().zip(below).for_each(|(row, rank)| row.high = row.high.min(rank).max(row.low));
            } else if place < count_up_to {
                return pivot;
            } else {
                left.iter_mut().zip(up_to).for_each(|(row, rank)| row.low = row.low.max(rank).min(row.high));
                discarded = count_up_to;
            }
        }
        self.select(&left, place - discarded)
    }

    /// The difference before a place, from the one at that place: the largest that is smaller, or an equal one.
    pub(super) fn before(&self, place: usize, at_place: f64) -> f64 {
        let below = self.ranks(at_place, |difference, pivot| difference < pivot);
        if below.iter().sum::<usize>() < place {
            return at_place;
        }
        let nearest = |(value, rank): (&f64, usize)| rank.checked_sub(1).map(|last| value - self.column(last));
        self.rows.iter().zip(below).filter_map(nearest).fold(f64::NEG_INFINITY, f64::max)
    }

    fn whole(&self, value: f64) -> Left {
        Left { value, low: 0, high: self.columns.len() }
    }

    fn column(&self, index: usize) -> f64 {
        let from_end = self.columns.len().wrapping_sub(index + 1);
        self.columns.get(from_end).copied().unwrap_or(f64::NAN)
    }

    /// The median of the middles of what is left of each row, each weighted by how much that is.
    fn pivot(&self, left: &[Left]) -> f64 {
        let middle = |row: &Left| (row.value - self.column(row.low + (row.high - row.low) / 2), row.high - row.low);
        let mut middles: Vec<(f64, usize)> = left.iter().filter(|row| row.low < row.high).map(middle).collect();
        weighted_median(&mut middles)
    }

    /// In each row, how many differences from its beginning are on one side of the pivot. Fewer from row to row.
    fn ranks(&self, pivot: f64, is_in: impl Fn(f64, f64) -> bool) -> Vec<usize> {
        let mut rank = self.columns.len();
        let mut rank_of = |value: &f64| {
            while rank > 0 && !is_in(value - self.column(rank - 1), pivot) {
                rank -= 1;
            }
            rank
        };
        self.rows.iter().map(&mut rank_of).collect()
    }

    fn select(&self, left: &[Left], place: usize) -> f64 {
        let of_row = |row: &Left| {
            let value = row.value;
            (row.low..row.high).map(move |index| value - self.column(index))
        };
        let mut differences: Vec<f64> = left.iter().flat_map(of_row).collect();
        let place = place.min(differences.len().saturating_sub(1));
        if differences.is_empty() {
            return f64::NAN;
        }
        *differences.select_nth_unstable_by(place, f64::total_cmp).1
    }
}

/// The value at which half of the weight is reached, by halving where it can be: O(n) on the whole.
fn weighted_median(weighted: &mut [(f64, usize)]) -> f64 {
    let half = weighted.iter().map(|(_, weight)| weight).sum::<usize>() / 2;
    let (mut left, mut before) = (weighted, 0);
    while !left.is_empty() {
        let middle = left.len() / 2;
        let (below, (value, weight), above) = left.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0));
        let up_to = before + below.iter().map(|(_, weight)| weight).sum::<usize>();
        if up_to > half {
            left = below;
        } else if up_to + *weight > half {
            return *value;
        } else {
            before = up_to + *weight;
            left = above;
        }
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::Sample;
    use super::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![-1e3..1e3, (-3_i32..3).prop_map(f64::from), -1e-300..1e-300, -1e300..1e300, Just(0.1)]
    }

    proptest! {
        #[test]
        fn every_place_holds_what_sorting_all_differences_puts_there(
            treatment in prop::collection::vec(value(), 1..40),
            control in prop::collection::vec(value(), 1..40),
        ) {
            let mut all: Vec<f64> = treatment.iter().flat_map(|x| control.iter().map(move |y| x - y + 0.0)).collect();
            all.sort_unstable_by(f64::total_cmp);
            let samples = Samples { treatment: Sample::new(&treatment).unwrap(), control: Sample::new(&control).unwrap() };
            let differences = Differences::of(&samples);
            for (place, expected) in all.iter().enumerate() {
                prop_assert_eq!(differences.at(place), *expected);
                if let Some(before) = place.checked_sub(1) {
                    prop_assert_eq!(differences.before(place, *expected), all[before]);
                }
            }
        }
    }

    #[test]
    fn equal_values_everywhere_have_one_difference() {
        let sample = |value| Sample::new(&alloc::vec![value; 300]).unwrap();
        let samples = Samples { treatment: sample(2.5), control: sample(1.0) };
        for place in [0, 45_000, 89_999, usize::MAX] {
            assert_eq!(Differences::of(&samples).at(place), 1.5);
        }
    }
}
