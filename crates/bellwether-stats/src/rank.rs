use alloc::vec::Vec;

use crate::direction::Direction;

/// Ranks the treatment's values among the control's: the Mann-Whitney statistic of one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rank {
    /// How many pairs the treatment loses by being worse, ties counting half.
    pub(crate) worse: f64,
    /// How many values the control has.
    pub(crate) control: f64,
    /// How many values the treatment has.
    pub(crate) treatment: f64,
}

impl Rank {
    /// Compares values after the treatment's were improved by a part of themselves; nothing where an arm has none, or
    /// where something is not a number.
    pub(crate) fn of(control: &[f64], treatment: &[f64], by: (Direction, f64)) -> Option<Self> {
        let (direction, tolerance) = by;
        let control = sorted(control.iter().map(|value| direction.badness(*value)))?;
        let treatment = treatment.iter().map(|value| direction.badness(direction.improve(*value, tolerance)));
        let treatment = sorted(treatment)?;
        let worse = worse_pairs(&control, &treatment);
        Some(Self { worse, control: control.len() as f64, treatment: treatment.len() as f64 })
    }

    /// All pairs.
    pub(crate) fn pairs(&self) -> f64 {
        self.control * self.treatment
    }
}

/// Rising; a zero has no sign, so that both are one tie.
fn sorted(values: impl Iterator<Item = f64>) -> Option<Vec<f64>> {
    let mut values: Vec<f64> = values.map(|value| value + 0.0).collect();
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    Some(values)
}

/// Goes through both arms once, from the best value to the worst.
fn worse_pairs(control: &[f64], treatment: &[f64]) -> f64 {
    let (mut below, mut reached, mut sum) = (control.iter().peekable(), control.iter().peekable(), 0.0);
    let (mut better, mut not_worse) = (0.0, 0.0);
    for value in treatment {
        while below.next_if(|other| *other < value).is_some() {
            better += 1.0;
        }
        while reached.next_if(|other| *other <= value).is_some() {
            not_worse += 1.0;
        }
        sum += (better + not_worse) / 2.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against every pair.
        #[test]
        fn pairs_are_counted_as_one_by_one(
            control in prop::collection::vec(-5..5_i8, 1..20),
            treatment in prop::collection::vec(-5..5_i8, 1..20),
        ) {
            let (control, treatment) = (floats(&control), floats(&treatment));
            let rank = Rank::of(&control, &treatment, (Direction::HigherIsWorse, 0.0)).unwrap();
            let pair = |t: f64, c: f64| if t > c { 1.0 } else if t < c { 0.0 } else { 0.5 };
            let worse: f64 = treatment.iter().map(|t| control.iter().map(|c| pair(*t, *c)).sum::<f64>()).sum();
            prop_assert_eq!(rank.worse, worse);
            let mirrored = Rank::of(&control, &treatment, (Direction::LowerIsWorse, 0.0)).unwrap();
            prop_assert_eq!(mirrored.worse, rank.pairs() - worse);
        }
    }

    #[test]
    fn what_is_not_a_number_ranks_nothing_and_infinities_rank_last() {
        let of = |control: &[f64], treatment: &[f64]| Rank::of(control, treatment, (Direction::HigherIsWorse, 0.1));
        assert_eq!(of(&[1.0], &[f64::NAN]), None);
        assert_eq!(of(&[], &[1.0]), None);
        assert_eq!(of(&[1.0, f64::INFINITY], &[f64::INFINITY]).unwrap().worse, 1.5);
        assert_eq!(of(&[0.0], &[-0.0]).unwrap().worse, 0.5);
        assert_eq!(of(&[1.0], &[1.05]).unwrap().worse, 0.0, "within a tenth");
        assert_eq!(of(&[-1.0], &[-0.95]).unwrap().worse, 0.0, "also below zero");
    }

    fn floats(values: &[i8]) -> Vec<f64> {
        values.iter().map(|value| f64::from(*value)).collect()
    }
}
