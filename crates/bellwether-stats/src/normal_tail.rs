use core::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// Half of `ln(2 pi)`.
const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_7;
/// Below this the complementary error function nears the smallest number, and its series is exact to the last bits.
const FAR: f64 = -30.0;

/// Returns `x^2 / 2 + ln Phi(x)`, with `Phi` the normal distribution function.
///
/// Both terms grow without bound in opposite directions far below zero, so they are not computed apart there: by the
/// asymptotic series (Abramowitz and Stegun 26.2.12) the sum is `-ln(-x sqrt(2 pi)) + ln(1 - 1/x^2 + 3/x^4 - 15/x^6)`.
pub(crate) fn log_scaled_tail(x: f64) -> f64 {
    if x < FAR {
        let square = 1.0 / (x * x);
        let series = -square * (1.0 - square * (3.0 - square * (15.0 - square * 105.0)));
        return libm::log1p(series) - libm::log(-x) - LN_SQRT_2_PI;
    }
    x * x / 2.0 + libm::log(libm::erfc(-x * FRAC_1_SQRT_2)) - LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x` and `ln Phi(x)`.
    const REFERENCE: [(f64, f64); 17] = [
        (5.0, -2.866516129637636e-07),
        (1.0, -0.17275377902344988),
        (0.0, -LN_2),
        (-0.5, -1.1759117615936185),
        (-1.0, -1.8410216450092636),
        (-3.0, -6.607726221510349),
        (-5.0, -15.064998393988725),
        (-5.5, -17.77937635262526),
        (-10.0, -53.23128515051247),
        (-20.0, -203.91715537109727),
        (-29.5, -439.42947460915025),
        (-30.5, -469.4627373229121),
        (-37.5, -707.6689893175072),
        (-40.0, -804.6084420137538),
        (-100.0, -5005.524208694205),
        (-1000.0, -500007.82669481216),
        (-100000.0, -5000000012.431864),
    ];

    /// Values of `ln Phi(x)` from mpmath 1.3 with 50 digits: `log(erfc(-x / sqrt(2)) / 2)`.
    #[test]
    fn logarithms_of_the_tail_are_those_of_exact_arithmetic() {
        for (x, expected) in REFERENCE {
            let found = log_scaled_tail(x) - x * x / 2.0;
            assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{x}: {found} and {expected}");
        }
    }

    #[test]
    fn the_two_formulas_meet() {
        let (before, after) = (log_scaled_tail(FAR - 1e-9), log_scaled_tail(FAR + 1e-9));
        assert!((before - after).abs() < 1e-10, "{before} {after}");
    }

    #[test]
    fn no_distance_is_too_far() {
        for x in [-1e3, -1e6, -1e100, -1e154, -1e160, -1e300] {
            let expected = -libm::log(-x) - LN_SQRT_2_PI;
            assert!((log_scaled_tail(x) - expected).abs() < 1e-6, "{x}");
        }
        assert!(log_scaled_tail(f64::NEG_INFINITY) == f64::NEG_INFINITY);
    }
}
