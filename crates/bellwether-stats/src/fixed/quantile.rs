/// Returns the quantile of ascending values at a probability, interpolated between the two nearest: Hyndman and Fan's
/// type 7, which is R's and NumPy's default.
///
/// Nothing for no values, for a probability outside 0..=1 and for one that is not a number.
///
/// # Example: between two values
///
/// ```
/// use bellwether_stats::fixed::quantile;
///
/// assert_eq!(quantile(&[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0], 0.1875), Some(0.75));
/// assert_eq!(quantile(&[], 0.5), None);
/// ```
#[must_use]
pub fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    // Counted from 1 as R does it: (n - 1) p alone keeps rounding errors that make a value of its own neighbour.
    let place = 1.0 + last as f64 * probability;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the length")]
    let below = (place as usize - 1).min(last);
    let lower = *sorted.get(below)?;
    let upper = *sorted.get(below + 1).unwrap_or(&lower);
    let fraction = place - libm::floor(place);
    // Equal neighbours are the quantile itself, also two infinities.
    Some(if lower == upper || fraction == 0.0 { lower } else { lower + fraction * (upper - lower) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_that_is_none_has_no_quantile() {
        for probability in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(quantile(&[1.0, 2.0], probability), None, "{probability}");
        }
    }

    #[test]
    fn the_ends_are_the_smallest_and_the_largest() {
        let values = [f64::NEG_INFINITY, 1.0, f64::INFINITY];
        assert_eq!(quantile(&values, 0.0), Some(f64::NEG_INFINITY));
        assert_eq!(quantile(&values, 0.5), Some(1.0));
        assert_eq!(quantile(&values, 1.0), Some(f64::INFINITY));
        assert_eq!(quantile(&[7.0], 0.3), Some(7.0));
    }
}
