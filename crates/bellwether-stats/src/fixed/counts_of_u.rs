use alloc::vec::Vec;

use super::undefined::Undefined;

/// The null distribution of Mann and Whitney's U without ties, counted exactly.
///
/// The number of arrangements of m and n values with a given U is a coefficient of the Gaussian binomial
/// `prod_i (1 - q^(n + i)) / (1 - q^i)`. Multiplying and dividing by one factor at a time keeps every coefficient
/// within the number of all arrangements, which fits into 120 bits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CountsOfU {
    counts: Vec<i128>,
    total: f64,
}

/// What R's `qwilcox` allows for rounding.
const FUZZ: f64 = 10.0 * f64::EPSILON;

impl CountsOfU {
    pub(super) fn new(m: usize, n: usize) -> Result<Self, Undefined> {
        let (few, many) = (m.min(n), m.max(n));
        if log2_arrangements(few, many) >= 120.0 {
            return Err(Undefined::TooMany);
        }
        let mut counts = alloc::vec![0; few * many + 1];
        if let Some(first) = counts.first_mut() {
            *first = 1;
        }
        for i in 1..=few {
            multiply(&mut counts, many + i);
            divide(&mut counts, i);
        }
        let total = counts.iter().sum::<i128>() as f64;
        Ok(Self { counts, total })
    }

    /// The probability that U is at most `u`.
    pub(super) fn at_most(&self, u: f64) -> f64 {
        if u < 0.0 {
            return 0.0;
        }
        let below = self.counts.iter().enumerate().take_while(|(value, _)| *value as f64 <= u);
        below.map(|(_, count)| count).sum::<i128>() as f64 / self.total
    }

    /// The probability that U is at least `u`: the distribution is symmetric.
    pub(super) fn at_least(&self, u: f64) -> f64 {
        self.at_most(self.counts.len().saturating_sub(1) as f64 - u)
    }

    /// The smallest value that U is at most with this probability.
    pub(super) fn quantile(&self, probability: f64) -> usize {
        let enough = probability - FUZZ;
        let mut sum = 0_i128;
        let reaches = |count: &i128| {
            sum += count;
            sum as f64 / self.total >= enough
        };
        self.counts.iter().position(reaches).unwrap_or(self.counts.len().saturating_sub(1))
    }
}

fn log2_arrangements(few: usize, many: usize) -> f64 {
    (1..=few).map(|i| libm::log2((many + i) as f64 / i as f64)).sum()
}

/// Times `1 - q^power`, cut off at the highest power kept.
fn multiply(counts: &mut [i128], power: usize) {
    for high in (power..counts.len()).rev() {
        let low = counts.get(high - power).copied().unwrap_or_default();
        if let Some(count) = counts.get_mut(high) {
            *count -= low;
        }
    }
}

/// Divided by `1 - q^power`.
fn divide(counts: &mut [i128], power: usize) {
    for high in power..counts.len() {
        let low = counts.get(high - power).copied().unwrap_or_default();
        if let Some(count) = counts.get_mut(high) {
            *count += low;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every choice of the treatment's places among all, one by one.
    fn enumerated(m: u32, n: u32) -> Vec<i128> {
        let mut counts = alloc::vec![0; (m * n + 1) as usize];
        for places in 0_u32..1 << (m + n) {
            if places.count_ones() == m {
                let won = |place: u32| (!places & ((1 << place) - 1)).count_ones();
                let u: u32 = (0..m + n).filter(|place| places >> place & 1 == 1).map(won).sum();
                counts[u as usize] += 1;
            }
        }
        counts
    }

    #[test]
    fn counts_are_those_of_all_arrangements_one_by_one() {
        for (m, n) in [(1, 1), (1, 9), (2, 3), (5, 5), (7, 4), (6, 8)] {
            assert_eq!(CountsOfU::new(m as usize, n as usize).unwrap().counts, enumerated(m, n), "{m} {n}");
        }
    }

    #[test]
    fn what_cannot_be_counted_in_120_bits_is_refused() {
        assert!(CountsOfU::new(49, 49).is_ok(), "the most that R counts by itself");
        assert!(CountsOfU::new(2, 100_000).is_ok());
        assert_eq!(CountsOfU::new(64, 64), Err(Undefined::TooMany));
    }
}
