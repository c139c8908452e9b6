use alloc::vec;
use alloc::vec::Vec;

/// Returns which of several e-values, given as logarithms, are discoveries: among those named, the expected part that is
/// named wrongly is at most `level`, under any dependence (e-BH; Wang and Ramdas 2022, *False discovery rate control with
/// e-values*).
///
/// For the table that people read beside a verdict. The verdict itself is made of the weighted mean, which bounds the
/// probability of a single wrong one. A logarithm that is not a number is never named.
///
/// # Example: two of three metrics are worse
/// ```
/// let log_es = [40_f64.ln(), 1_f64.ln(), 61_f64.ln()];
/// assert_eq!(bellwether_stats::e_discoveries(&log_es, 0.05), [true, false, true]);
/// ```
#[must_use]
pub fn e_discoveries(log_es: &[f64], level: f64) -> Vec<bool> {
    let mut named = vec![false; log_es.len()];
    let mut order: Vec<(usize, f64)> =
        log_es.iter().copied().enumerate().filter(|(_, log_e)| !log_e.is_nan()).collect();
    order.sort_by(|one, two| two.1.total_cmp(&one.1));
    let needed = |rank: usize| libm::log(log_es.len() as f64 / (level * rank as f64));
    let is_possible = level > 0.0;
    let last = (1..=order.len()).zip(&order).filter(|(rank, (_, log_e))| is_possible && *log_e >= needed(*rank)).last();
    for (index, _) in order.iter().take(last.map_or(0, |(rank, _)| rank)) {
        if let Some(named) = named.get_mut(*index) {
            *named = true;
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition: the largest k for which at least k values are at least `K / (level k)`.
    fn by_definition(log_es: &[f64], level: f64) -> Vec<bool> {
        let count = log_es.len() as f64;
        let reaches = |k: usize| log_es.iter().filter(|log_e| log_e.exp() >= count / (level * k as f64)).count() >= k;
        let most = (1..=log_es.len()).rev().find(|k| reaches(*k)).unwrap_or(0);
        let limit = count / (level * most as f64);
        log_es.iter().map(|log_e| most > 0 && log_e.exp() >= limit).collect()
    }

    proptest! {
        #[test]
        fn discoveries_are_those_of_the_definition(log_es in prop::collection::vec(-3.0..8.0_f64, 0..8)) {
            prop_assert_eq!(e_discoveries(&log_es, 0.1), by_definition(&log_es, 0.1));
        }
    }

    #[test]
    fn nothing_is_discovered_by_what_is_no_number_or_at_no_level() {
        assert_eq!(e_discoveries(&[f64::NAN, 9.0], 0.1), [false, true]);
        assert_eq!(e_discoveries(&[9.0, f64::INFINITY], 0.0), [false, false]);
        assert_eq!(e_discoveries(&[9.0], f64::NAN), [false]);
        assert_eq!(e_discoveries(&[f64::NEG_INFINITY, f64::INFINITY], 0.1), [false, true]);
    }
}
