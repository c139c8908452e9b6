/// Terms this far below the largest cannot change a sum of some hundred of them in its last bit: e^-42 is 6e-19.
const NEGLIGIBLE: f64 = -42.0;

/// Returns `ln(e^a + e^b)` without leaving the range of numbers.
///
/// # Example: two halves make a whole
///
/// ```
/// let half = 0.5_f64.ln();
/// let whole = bellwether_stats::log_add_exp(half, half);
/// assert!(whole.abs() < 1e-15, "ln 1 is 0");
/// ```
#[must_use]
pub fn log_add_exp(a: f64, b: f64) -> f64 {
    let (large, small) = if a < b { (b, a) } else { (a, b) };
    let distance = small - large;
    // Also for two infinities of one sign, whose distance is not a number.
    if distance.is_nan() || distance < NEGLIGIBLE {
        return large;
    }
    large + libm::log1p(libm::exp(distance))
}

/// Returns `ln(sum_j w_j e^(x_j))` of pairs `(w_j, x_j)`: the evidence of several metrics as one.
///
/// With weights that sum to at most 1 and were fixed before the data, a weighted mean of e-values is an e-value under
/// any dependence between the metrics (Vovk and Wang 2021, *E-values*, section 3). A pair whose weight is not above 0,
/// or whose logarithm is not a number, adds nothing. No pair at all gives negative infinity.
///
/// # Example: one metric of two speaks
///
/// ```
/// let combined = bellwether_stats::log_weighted_mean(&[(0.5, 1000_f64.ln()), (0.5, 0.0)]);
/// assert!((combined - 500.5_f64.ln()).abs() < 1e-12, "half of 1000 plus half of 1");
/// ```
#[must_use]
pub fn log_weighted_mean(pairs: &[(f64, f64)]) -> f64 {
    let terms = pairs.iter().filter(|(weight, log_e)| *weight > 0.0 && !log_e.is_nan());
    log_sum_exp(terms.map(|(weight, log_e)| libm::log(*weight) + log_e))
}

/// Returns the logarithm of the mean of `e^(x_j)`, which is negative infinity for no values at all.
///
/// # Example: the mean is in linear scale
///
/// ```
/// let mean = bellwether_stats::log_mean_exp(&[0.0, 3_f64.ln()]);
/// assert!((mean - 2_f64.ln()).abs() < 1e-15, "the mean of 1 and 3 is 2");
/// ```
#[must_use]
pub fn log_mean_exp(values: &[f64]) -> f64 {
    if values.is_empty() {
        return f64::NEG_INFINITY;
    }
    log_sum_exp(values.iter().copied()) - libm::log(values.len() as f64)
}

/// Returns `ln(sum_j e^(x_j))`; a value that is not a number adds nothing.
pub(crate) fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    // Distances, because next to a very large value there may be no number 42 below it.
    let relevant = values.map(|value| value - largest).filter(|distance| *distance > NEGLIGIBLE);
    largest + libm::log(relevant.map(libm::exp).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_plain_arithmetic_where_that_works() {
        let terms = [(0.5, 3.0_f64), (0.125, 0.25), (0.25, 1e-9), (0.125, 40.0)];
        let plain: f64 = terms.iter().map(|(weight, value)| weight * value).sum();
        let logs = terms.map(|(weight, value)| (weight, libm::log(value)));
        assert!((log_weighted_mean(&logs) - libm::log(plain)).abs() < 1e-15);
        let mean = terms.iter().map(|(_, value)| value).sum::<f64>() / 4.0;
        assert!((log_mean_exp(&logs.map(|(_, log)| log)) - libm::log(mean)).abs() < 1e-15);
        assert!((log_add_exp(0.0, libm::log(1e-9)) - libm::log1p(1e-9)).abs() < 1e-24);
    }

    #[test]
    fn terms_left_out_are_below_the_last_bit() {
        for distance in [-42.0, -43.0, -60.0] {
            let kept = libm::log1p(40.0 * libm::exp(distance));
            let terms = core::iter::once(0.0).chain(core::iter::repeat_n(distance, 40));
            assert!((log_sum_exp(terms) - kept).abs() <= f64::EPSILON / 2.0);
        }
    }

    #[test]
    fn values_beyond_the_range_of_the_exponential_keep_their_order() {
        assert_eq!(log_mean_exp(&[1e18, 0.0]), 1e18);
        assert_eq!(log_add_exp(-1e18, -2e18), -1e18);
        assert_eq!(log_weighted_mean(&[(1.0, 5e17), (1e-300, f64::NEG_INFINITY)]), 5e17);
    }

    #[test]
    fn infinities_and_what_is_no_number_are_taken_as_documented() {
        let (least, most, none) = (f64::NEG_INFINITY, f64::INFINITY, f64::NAN);
        assert_eq!(log_add_exp(least, least), least);
        assert_eq!(log_add_exp(most, most), most);
        assert_eq!(log_add_exp(least, 2.0), 2.0);
        assert_eq!(log_mean_exp(&[]), least);
        assert_eq!(log_weighted_mean(&[]), least);
        assert_eq!(log_weighted_mean(&[(none, 5.0), (-1.0, 5.0), (0.0, most), (1.0, none), (1.0, 0.5)]), 0.5);
        assert_eq!(log_weighted_mean(&[(0.1, most), (0.9, 0.0)]), most);
    }
}
