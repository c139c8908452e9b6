use super::Metrics;

/// How an author's experience stands to that of the changes before: for each of `exp`, `rexp` and `sexp` the share of
/// earlier rows of the same project with less of it, ties counting half.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the three metrics of experience")]
pub struct Standing {
    /// Of all changes.
    pub exp: f64,
    /// Of recent ones.
    pub rexp: f64,
    /// Of those in the same subsystems.
    pub sexp: f64,
}

impl Standing {
    /// In the middle: what is assumed of the first change of a project, or where nothing is known of the others.
    pub const UNKNOWN: Self = Self { exp: 0.5, rexp: 0.5, sexp: 0.5 };
}

/// The standing of each change of one project among those before it; the changes are in their order in time.
///
/// It is causal: no row sees a later one. It costs n log n.
///
/// # Example: the third of four changes has more experience than the two before
/// ```
/// use bellwether_risk::prior::{Metrics, standings};
///
/// let with = |exp| Metrics { exp, ..Metrics::default() };
/// let all = standings(&[with(5.0), with(1.0), with(9.0), with(5.0)]);
/// assert_eq!(all.map(|standing| standing.exp).collect::<Vec<_>>(), [0.5, 0.0, 1.0, 0.5]);
/// ```
pub fn standings(metrics: &[Metrics]) -> impl Iterator<Item = Standing> + use<> {
    let shares = |of: fn(&Metrics) -> f64| causal_shares(&metrics.iter().map(of).collect::<Vec<_>>());
    let (exp, rexp, sexp) = (shares(|it| it.exp), shares(|it| it.rexp), shares(|it| it.sexp));
    exp.into_iter().zip(rexp).zip(sexp).map(|((exp, rexp), sexp)| Standing { exp, rexp, sexp })
}

/// For each value the share of earlier ones that are smaller, and half of those that are the same; the middle for the first.
fn causal_shares(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let mut counts = Counts(vec![0; sorted.len() + 1]);
    let share = |(before, value): (usize, &f64)| {
        let rank = sorted.partition_point(|other| other < value);
        let (less, same) = (counts.below(rank), counts.below(rank + 1) - counts.below(rank));
        counts.add(rank);
        if before == 0 { 0.5 } else { (as_float(less) + 0.5 * as_float(same)) / as_float(before) }
    };
    values.iter().enumerate().map(share).collect()
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 changes")]
const fn as_float(count: usize) -> f64 {
    count as f64
}

/// Counts by rank, with sums over all ranks below one (P. Fenwick, "A new data structure for cumulative frequency tables",
/// 1994).
struct Counts(Vec<usize>);

impl Counts {
    fn add(&mut self, rank: usize) {
        let mut at = rank + 1;
        while let Some(count) = self.0.get_mut(at) {
            *count += 1;
            at += at & at.wrapping_neg();
        }
    }

    fn below(&self, rank: usize) -> usize {
        let (mut at, mut sum) = (rank, 0);
        while at > 0 {
            sum += self.0.get(at).copied().unwrap_or(0);
            at &= at - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shares_are_those_that_one_counts_by_hand(values in prop::collection::vec(0u8..6, 0..40)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let naive = |(index, value): (usize, &f64)| {
                let earlier = &values[..index];
                let count = |keep: fn(f64, f64) -> bool| earlier.iter().filter(|it| keep(**it, *value)).count() as f64;
                if index == 0 { 0.5 } else { (count(|a, b| a < b) + 0.5 * count(|a, b| a == b)) / index as f64 }
            };
            let expected: Vec<f64> = values.iter().enumerate().map(naive).collect();
            prop_assert_eq!(causal_shares(&values), expected);
        }
    }
}
