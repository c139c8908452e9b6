use serde::Serialize;

use super::alternative::Alternative;
use super::sample::Samples;
use super::student::{upper_quantile, upper_tail};
use super::undefined::Undefined;

/// Answers whether the treatment's mean is larger, without taking the variances for equal: Welch 1947.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct Welch {
    /// The difference of the means in units of its standard error.
    pub t: f64,
    /// The degrees of freedom by Satterthwaite's approximation.
    pub freedom: f64,
    /// How probable a `t` at least as far out is if the means are equal.
    pub p_value: f64,
    /// The treatment's mean minus the control's.
    pub difference: f64,
    /// The smallest difference in the two-sided confidence interval.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

/// Compares the means of the arms as R's `t.test(treatment, control)` does.
///
/// # Errors
///
/// A confidence that is not above 0 and below 1, fewer than two values in an arm, or no spread in either.
pub fn welch(samples: &Samples, alternative: Alternative, confidence: f64) -> Result<Welch, Undefined> {
    Undefined::check_probability("confidence", confidence)?;
    let found = samples.smaller();
    if found < 2 {
        return Err(Undefined::TooFew { needed: 2, found });
    }
    let (treatment, control) = (&samples.treatment, &samples.control);
    let error = |sample: &super::Sample| sample.squares().max(0.0) / (sample.count() - 1.0) / sample.count();
    let (of_treatment, of_control) = (error(treatment), error(control));
    let square = of_treatment + of_control;
    // Means of equal values differ by rounding from the values themselves; R asks for as much.
    let scale = treatment.mean().abs().max(control.mean().abs());
    if libm::sqrt(square) < 10.0 * f64::EPSILON * scale || square <= 0.0 {
        return Err(Undefined::NoSpread);
    }
    // In parts of the sum, because the square of a small variance may be no number.
    let (part, rest) = (of_treatment / square, of_control / square);
    let freedom = 1.0 / (part * part / (treatment.count() - 1.0) + rest * rest / (control.count() - 1.0));
    let error = libm::sqrt(square);
    let difference = treatment.mean() - control.mean();
    let t = difference / error;
    let p_value = alternative.p_value(upper_tail(-t, freedom), upper_tail(t, freedom));
    let half = error * upper_quantile((1.0 - confidence) / 2.0, freedom);
    Ok(Welch { t, freedom, p_value, difference, low: difference - half, high: difference + half })
}
