use alloc::vec::Vec;

use bellwether_stats::fixed::quantile;

/// Leaves out what is far outside: beyond both the quartiles by some interquartile ranges and the first or the last
/// percentile.
pub(super) fn without_outliers(values: &[f64], factor: f64) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |percent: f64| quantile(&sorted, percent / 100.0).unwrap_or(f64::NAN);
    let (lower, upper) = (at(25.0), at(75.0));
    let range = factor * (upper - lower);
    let (lowest, highest) = (least(at(1.0), lower - range), most(at(99.0), upper + range));
    values.iter().copied().filter(|value| !(*value > highest || *value < lowest)).collect()
}

/// The smaller, and not a number if one of them is none: nothing is outside of such a limit.
fn least(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

fn most(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 90 values of the NIST handbook's example of outliers (section 7.1.6), of which 1441 is the only one far
    /// out: with a factor of 1.5 the fence is at 1082.25 and the last percentile at 1108.
    #[test]
    fn a_value_must_be_beyond_the_fence_and_beyond_the_percentile() {
        let mut values: Vec<f64> = (0..89).map(|index| 30.0 + 11.0 * f64::from(index)).collect();
        values.push(1441.0);
        assert_eq!(without_outliers(&values, 1.5).len(), 90, "the fence is beyond");
        values.push(9000.0);
        let kept = without_outliers(&values, 1.5);
        assert_eq!((kept.len(), kept.contains(&9000.0)), (90, false));
        let two = [1.0, 1.0, 1.0, 5.0, -1.0, -1.0, -1.0, -5.0];
        assert_eq!(without_outliers(&two, 0.1), [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]);
    }

    #[test]
    fn infinities_and_too_few_values_are_left_alone() {
        assert!(without_outliers(&[], 3.0).is_empty());
        assert_eq!(without_outliers(&[7.0], 3.0), [7.0]);
        let values = [f64::NEG_INFINITY, f64::INFINITY, 1.0];
        assert_eq!(without_outliers(&values, 3.0), values);
    }
}
