/// Returns how many requests of the candidate a test for one look needs to tell two rates apart, with `control` requests
/// of stable for each: what a sequential test is compared with.
///
/// `n = (z_(1-alpha) + z_(1-beta))^2 (p1 q1 + k p0 q0) / (p1 - p0)^2` with `k = 1 / control`. Nothing where the rates are
/// equal or are none.
///
/// # Example: 0.1 % and 0.2 %
/// ```
/// // R 4: (qnorm(0.99) + qnorm(0.95))^2 * (0.001 * 0.999 + 0.002 * 0.998) / 0.001^2 = 47232.4
/// use bellwether_analysis::fixed_sample_size;
///
/// assert_eq!(fixed_sample_size((0.001, 0.002), 1.0, (0.01, 0.05)), Some(47_233));
/// ```
#[must_use]
pub fn fixed_sample_size(rates: (f64, f64), control: f64, errors: (f64, f64)) -> Option<u64> {
    let (stable, candidate) = rates;
    let is_rate = |rate: f64| (0.0..=1.0).contains(&rate);
    let is_error = |error: f64| error > 0.0 && error <= 0.5;
    let is_possible = is_rate(stable) && is_rate(candidate) && is_error(errors.0) && is_error(errors.1);
    if !(is_possible && control > 0.0 && stable != candidate) {
        return None;
    }
    let z = normal_quantile(errors.0) + normal_quantile(errors.1);
    let variance = candidate * (1.0 - candidate) + stable * (1.0 - stable) / control;
    let needed = libm::ceil(z * z * variance / ((candidate - stable) * (candidate - stable)));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    (needed < 1e18).then_some(needed as u64)
}

/// The value that a standard normal number is above with this probability of at most a half, by halving.
fn normal_quantile(above: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        let tail = libm::erfc(middle * core::f64::consts::FRAC_1_SQRT_2) / 2.0;
        if tail > above { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of R 4: `qnorm(1 - p)`.
    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        for (above, expected) in [(0.5, 0.0), (0.05, 1.644_853_626_951_472_7), (0.01, 2.326_347_874_040_841)] {
            assert!((normal_quantile(above) - expected).abs() < 1e-12, "{above}");
        }
    }

    #[test]
    fn what_cannot_be_told_apart_needs_no_number() {
        assert_eq!(fixed_sample_size((0.1, 0.1), 1.0, (0.01, 0.05)), None);
        assert_eq!(fixed_sample_size((f64::NAN, 0.1), 1.0, (0.01, 0.05)), None);
        assert_eq!(fixed_sample_size((0.1, 0.2), 0.0, (0.01, 0.05)), None);
        assert_eq!(fixed_sample_size((0.1, 0.2), 1.0, (0.0, 0.05)), None);
        assert_eq!(fixed_sample_size((0.1, 1.2), 1.0, (0.01, 0.05)), None);
    }
}
