use serde::Serialize;

use super::counts_of_u::CountsOfU;
use super::difference::Differences;
use super::mann_whitney::{Method, deviation};
use super::normal::normal_quantile;
use super::rank::{group_sizes, tie_term};
use super::sample::{Sample, Samples};
use super::undefined::Undefined;

/// Tells by how much the treatment's values are larger: Hodges and Lehmann's estimate with the interval of all shifts
/// that [`mann_whitney`](super::mann_whitney) does not refuse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct Shift {
    /// The median of all differences of a treatment's and a control's value.
    pub estimate: f64,
    /// The smallest shift in the interval.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// Whether the distribution behind the interval was counted.
    pub is_exact: bool,
}

/// Estimates the shift between the arms with a two-sided confidence interval, in O((m + n) log (m + n)).
///
/// The limits are differences of two values: the places come from the counted distribution of U as in R, or from the
/// normal approximation, where R searches the same places with a tolerance (`tol.root`) and therefore finds them only
/// approximately. Where even all differences are not enough for the confidence the interval holds all of them.
///
/// # Errors
///
/// A confidence that is not above 0 and below 1; each arm without any spread, for the normal approximation; too many
/// values to count, for [`Method::Exact`].
pub fn hodges_lehmann(samples: &Samples, confidence: f64, method: Method) -> Result<Shift, Undefined> {
    Undefined::check_probability("confidence", confidence)?;
    let is_exact = method.is_exact(samples);
    let differences = Differences::of(samples);
    let outside = if is_exact {
        let counts = CountsOfU::new(samples.treatment.sorted().len(), samples.control.sorted().len())?;
        counts.quantile((1.0 - confidence) / 2.0).max(1)
    } else {
        outside(samples, confidence, method)?
    };
    let all = differences.count();
    let (low, high) = (differences.at(outside - 1), differences.at(all - outside));
    Ok(Shift { estimate: median(&differences), low, high, is_exact })
}

/// The place of the lower limit, from 1: as many differences as the normal approximation leaves below it, and one.
fn outside(samples: &Samples, confidence: f64, method: Method) -> Result<usize, Undefined> {
    let is_constant = |sample: &Sample| sample.sorted().first() == sample.sorted().last();
    if is_constant(&samples.treatment) && is_constant(&samples.control) {
        return Err(Undefined::NoSpread);
    }
    let quantile = -normal_quantile((1.0 - confidence) / 2.0);
    // A shift breaks all ties between the arms but its own, so that only those within an arm count.
    let within = group_sizes(samples.treatment.sorted()).chain(group_sizes(samples.control.sorted()));
    let deviation = deviation(samples, tie_term(within))?;
    let pairs = samples.pairs();
    let above = libm::ceil(pairs / 2.0 + method.continuity() + quantile * deviation).min(pairs);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of pairs")]
    Ok((pairs - above) as usize + 1)
}

fn median(differences: &Differences<'_>) -> f64 {
    let all = differences.count();
    let upper = differences.at(all / 2);
    if all % 2 == 1 {
        return upper;
    }
    let lower = differences.before(all / 2, upper);
    // Half of each, as their sum may be too large for a number.
    if lower == upper { lower } else { lower / 2.0 + upper / 2.0 }
}
