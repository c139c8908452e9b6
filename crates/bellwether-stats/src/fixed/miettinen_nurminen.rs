use crate::counts::Counts;

use super::normal::normal_quantile;
use super::proportions::{DifferenceInterval, Proportions};
use super::undefined::Undefined;

/// A search by halving ends where it has no number left to try; this is more than that takes between -1 and 1.
const HALVINGS_MAX: usize = 1_100;

/// Estimates the difference of two proportions with the interval of all differences that the score test does not
/// refuse: Miettinen and Nurminen 1985, with their factor N / (N - 1).
///
/// # Errors
///
/// Counts that are no proportion, or a confidence that is not above 0 and below 1.
///
/// # Example: the first case of Newcombe's table II
///
/// ```
/// use bellwether_stats::Counts;
/// use bellwether_stats::fixed::{Proportions, miettinen_nurminen};
///
/// let treatment = Counts { exposure: 70, events: 56 };
/// let control = Counts { exposure: 80, events: 48 };
/// let interval = miettinen_nurminen(&Proportions { treatment, control }, 0.95)?;
/// assert!((interval.low - 0.0528).abs() < 5e-5 && (interval.high - 0.3382).abs() < 5e-5);
/// # Ok::<(), bellwether_stats::fixed::Undefined>(())
/// ```
pub fn miettinen_nurminen(proportions: &Proportions, confidence: f64) -> Result<DifferenceInterval, Undefined> {
    proportions.check()?;
    Undefined::check_probability("confidence", confidence)?;
    let z = -normal_quantile((1.0 - confidence) / 2.0);
    let difference = proportions.difference();
    let is_refused = |shift: f64| (difference - shift).abs() > z * standard_error(proportions, shift);
    let limit = |end: f64| if is_refused(end) { boundary(end, difference, is_refused) } else { end };
    Ok(DifferenceInterval { difference, low: limit(-1.0), high: limit(1.0) })
}

/// Where a statement that holds at one end and not at the other stops to hold: the last number for which it does not.
fn boundary(holds: f64, holds_not: f64, statement: impl Fn(f64) -> bool) -> f64 {
    let (mut outside, mut inside) = (holds, holds_not);
    for _ in 0..HALVINGS_MAX {
        let middle = outside + (inside - outside) / 2.0;
        if middle == outside || middle == inside {
            break;
        }
        if statement(middle) { outside = middle } else { inside = middle }
    }
    inside
}

/// The standard error of the difference if it is `shift`.
fn standard_error(proportions: &Proportions, shift: f64) -> f64 {
    let Proportions { treatment, control } = *proportions;
    let (m, n) = (treatment.exposure as f64, control.exposure as f64);
    let of_control = most_likely(proportions, shift);
    let of_treatment = (of_control + shift).clamp(0.0, 1.0);
    let variance = of_treatment * (1.0 - of_treatment) / m + of_control * (1.0 - of_control) / n;
    libm::sqrt(variance * (m + n) / (m + n - 1.0).max(1.0))
}

/// The control's proportion that makes the counts most likely if the treatment's is larger by `shift`: where the slope
/// of the logarithm of the likelihood, which falls all the way, is zero.
fn most_likely(proportions: &Proportions, shift: f64) -> f64 {
    let slope = |Counts { exposure, events }: Counts, p: f64| {
        let term = |count: u64, p: f64| if count == 0 { 0.0 } else { count as f64 / p };
        term(events, p) - term(exposure - events, 1.0 - p)
    };
    let (least, most) = ((-shift).max(0.0), (1.0 - shift).min(1.0));
    let rises = |p: f64| slope(proportions.treatment, p + shift) + slope(proportions.control, p) > 0.0;
    let (mut low, mut high) = (least, most);
    for _ in 0..HALVINGS_MAX {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if rises(middle) { low = middle } else { high = middle }
    }
    low
}
