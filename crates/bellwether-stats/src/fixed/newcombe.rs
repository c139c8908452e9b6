use crate::counts::Counts;

use super::normal::normal_quantile;
use super::proportions::{DifferenceInterval, Proportions, proportion};
use super::undefined::Undefined;

/// Estimates the difference of two proportions with Newcombe's interval: the distances of Wilson's limits, squared and
/// added (Newcombe 1998, method 10).
///
/// It keeps its confidence for small counts and never leaves -1..=1.
///
/// # Errors
///
/// Counts that are no proportion, or a confidence that is not above 0 and below 1.
///
/// # Example: the first case of Newcombe's table II
///
/// ```
/// use bellwether_stats::Counts;
/// use bellwether_stats::fixed::{Proportions, newcombe};
///
/// let treatment = Counts { exposure: 70, events: 56 };
/// let control = Counts { exposure: 80, events: 48 };
/// let interval = newcombe(&Proportions { treatment, control }, 0.95)?;
/// assert!((interval.low - 0.0524).abs() < 5e-5 && (interval.high - 0.3339).abs() < 5e-5);
/// # Ok::<(), bellwether_stats::fixed::Undefined>(())
/// ```
pub fn newcombe(proportions: &Proportions, confidence: f64) -> Result<DifferenceInterval, Undefined> {
    proportions.check()?;
    Undefined::check_probability("confidence", confidence)?;
    let z = -normal_quantile((1.0 - confidence) / 2.0);
    let (treatment, control) = (Wilson::new(proportions.treatment, z), Wilson::new(proportions.control, z));
    let difference = proportions.difference();
    let low = difference - libm::hypot(treatment.below, control.above);
    let high = difference + libm::hypot(treatment.above, control.below);
    Ok(DifferenceInterval { difference, low: low.max(-1.0), high: high.min(1.0) })
}

/// How far Wilson's limits are from the proportion.
struct Wilson {
    below: f64,
    above: f64,
}

impl Wilson {
    /// In a form that has no difference of nearly equal numbers: p - l = z (z (2p - 1) + root) / (2 (n + z^2)), where
    /// the two terms of the numerator may have opposite signs, then times its conjugate.
    fn new(counts: Counts, z: f64) -> Self {
        let (p, n) = (proportion(counts), counts.exposure as f64);
        let root = libm::sqrt(z * z + 4.0 * n * p * (1.0 - p));
        let distance = |p: f64| {
            let turned = z * (2.0 * p - 1.0);
            let sum = if turned >= 0.0 { turned + root } else { 4.0 * p * (1.0 - p) * (n + z * z) / (root - turned) };
            z * sum / (2.0 * (n + z * z))
        };
        Self { below: distance(p), above: distance(1.0 - p) }
    }
}
