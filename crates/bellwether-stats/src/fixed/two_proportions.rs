use serde::Serialize;

use super::alternative::Alternative;
use super::normal::normal_cdf;
use super::proportions::Proportions;
use super::undefined::Undefined;

/// Answers whether the treatment's proportion is larger, by the normal approximation with a pooled variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct TwoProportions {
    /// The difference of the proportions in units of its standard error.
    pub z: f64,
    /// How probable a `z` at least as far out is if the proportions are equal.
    pub p_value: f64,
}

/// Compares two proportions as R's `prop.test(correct = FALSE)` does, whose statistic is the square of `z`.
///
/// For events in less than about five of each arm [`fisher`](super::fisher) is the one to ask.
///
/// # Errors
///
/// Counts that are no proportion, or no spread: nobody or everybody had an event.
pub fn two_proportions(proportions: &Proportions, alternative: Alternative) -> Result<TwoProportions, Undefined> {
    proportions.check()?;
    let pooled = proportions.pooled();
    let inverse = 1.0 / proportions.treatment.exposure as f64 + 1.0 / proportions.control.exposure as f64;
    let variance = pooled * (1.0 - pooled) * inverse;
    if variance <= 0.0 {
        return Err(Undefined::NoSpread);
    }
    let z = proportions.difference() / libm::sqrt(variance);
    Ok(TwoProportions { z, p_value: alternative.p_value(normal_cdf(z), normal_cdf(-z)) })
}
