use alloc::vec::Vec;

use super::sample::Samples;

/// All differences of a treatment's and a control's value, without ever making the matrix of them.
///
/// Row `i` is the treatment's i-th smallest value minus the control's values from the largest down, so that rows and
/// columns ascend. A place is found by discarding what is left on one side of a pivot, until as many differences as values
/// are left. The pivot is guessed from a sample, a little before the place or behind it, whichever discards more, so that
/// two rounds leave a few percent (Floyd and Rivest 1975, *Expected time bounds for selection*); after a guess that
/// discarded less than a quarter it is the weighted median of the rows' medians, which always does (Johnson and Mizoguchi 1978, *Selecting the
/// Kth element in X + Y*). That takes O((m + n) log (m + n)) at most. Rounding keeps the order of a row and of a column,
/// so the result is the very number that sorting all rounded differences would give.
#[derive(Clone, Copy, Debug)]
pub(super) struct Differences<'a> {
    rows: &'a [f64],
    /// Descending when read from the end.
    columns: &'a [f64],
}

/// So many differences a pivot is guessed from.
const SAMPLED: usize = 1_024;

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
        let mut last = usize::MAX;
        loop {
            let rest = left.iter().map(|row| row.high - row.low).sum::<usize>();
            if rest <= few {
                break;
            }
            let is_worth_guessing = rest > 8 * SAMPLED && rest <= last - last / 4;
            last = rest;
            let pivot = if is_worth_guessing { self.guess(&left, rest, place - discarded) } else { self.pivot(&left) };
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

    /// One difference out of each of so many equal parts of what is left, and of these the one that is about two standard
    /// errors before or behind the place.
    fn guess(&self, left: &[Left], rest: usize, place: usize) -> f64 {
        let part = rest.div_ceil(SAMPLED);
        let mut sampled = Vec::with_capacity(SAMPLED);
        let (mut passed, mut from) = (0, 0);
        // Another offset in each part, so that no row length resonates.
        let mut state = 0x9E37_79B9_usize;
        let mut offset = || {
            state = state.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F) & 0xFFFF_FFFF;
            (state >> 8) % part
        };
        let mut at = offset();
        for row in left {
            let end = passed + (row.high - row.low);
            while at < end {
                sampled.push(row.value - self.column(row.low + (at - passed)));
                from += part;
                at = from + offset();
            }
            passed = end;
        }
        let margin = libm::sqrt(sampled.len() as f64);
        let aim = place as f64 / rest as f64 * sampled.len() as f64;
        let aim = if place > rest / 2 { aim - margin } else { aim + margin };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0 and at most the size")]
        let aim = (aim.max(0.0) as usize).min(sampled.len().saturating_sub(1));
        if sampled.is_empty() { f64::NAN } else { *sampled.select_nth_unstable_by(aim, f64::total_cmp).1 }
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

    /// Far apart, in clusters and with ties, where a sample guesses well and where it does not.
    #[test]
    fn places_among_many_differences_are_those_of_sorting_them() {
        let spread = |index: usize| libm::exp((index * 7_919 % 997) as f64 / 90.0);
        let clustered = |index: usize| f64::from(u8::from(index.is_multiple_of(50))) * 1e6 + (index % 3) as f64;
        for (of_treatment, of_control) in
            [(spread as fn(usize) -> f64, spread as fn(usize) -> f64), (clustered, spread), (clustered, clustered)]
        {
            let treatment: Vec<f64> = (0..601).map(of_treatment).collect();
            let control: Vec<f64> = (0..450).map(|index| of_control(index + 13)).collect();
            let mut all: Vec<f64> = treatment.iter().flat_map(|x| control.iter().map(move |y| x - y + 0.0)).collect();
            all.sort_unstable_by(f64::total_cmp);
            let samples =
                Samples { treatment: Sample::new(&treatment).unwrap(), control: Sample::new(&control).unwrap() };
            let differences = Differences::of(&samples);
            for place in [0, 1, 5_000, 67_612, 135_224, 135_225, 200_000, 268_000, 270_448, 270_449] {
                assert_eq!(differences.at(place), all[place], "{place}");
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
