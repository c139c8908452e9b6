use super::rank::wins;
use super::sample::Samples;

/// Returns the probability that a value of the treatment is larger than one of the control, ties counting half: the
/// common language effect size (McGraw and Wong 1992; Vargha and Delaney 2000), also called the probabilistic index.
///
/// # Example: no overlap
///
/// ```
/// use bellwether_stats::fixed::{Sample, Samples, cliffs_delta, common_language_effect};
///
/// let samples = Samples { treatment: Sample::new(&[1.0, 2.0])?, control: Sample::new(&[2.0, 3.0])? };
/// assert_eq!(common_language_effect(&samples), 0.125, "one tie among four pairs");
/// assert_eq!(cliffs_delta(&samples), -0.75);
/// # Ok::<(), bellwether_stats::fixed::SampleError>(())
/// ```
#[must_use]
pub fn common_language_effect(samples: &Samples) -> f64 {
    wins(samples) / samples.pairs()
}

/// Returns Cliff's delta: how much more often a value of the treatment is larger than one of the control than it is
/// smaller, -1..=1 (Cliff 1993).
#[must_use]
pub fn cliffs_delta(samples: &Samples) -> f64 {
    let pairs = samples.pairs();
    (2.0 * wins(samples) - pairs) / pairs
}

/// Returns the mean of some values, corrected by the mean of what rounding left over; nothing for no values.
///
/// The second pass makes the result independent of the order of most values, and equal to that of Apache Commons Math,
/// which other systems' judges compute with.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let first = values.iter().fold(0.0, |sum, value| sum + value) / count;
    let rest = values.iter().fold(0.0, |sum, value| sum + (value - first));
    (!values.is_empty()).then(|| first + rest / count)
}

/// Returns the treatment's mean divided by the control's; nothing where one of them is zero, and the ratio therefore
/// zero or without a limit whatever the difference, or where there is no value.
///
/// # Example: a fifth more
///
/// ```
/// use bellwether_stats::fixed::mean_ratio;
///
/// let (treatment, control) = ([11.0, 13.0], [9.0, 11.0]);
/// assert_eq!(mean_ratio(&treatment, &control), Some(1.2));
/// assert_eq!(mean_ratio(&treatment, &[0.0, 0.0]), None);
/// ```
#[must_use]
pub fn mean_ratio(treatment: &[f64], control: &[f64]) -> Option<f64> {
    let (above, below) = (mean(treatment)?, mean(control)?);
    (above != 0.0 && below != 0.0).then(|| above / below)
}
