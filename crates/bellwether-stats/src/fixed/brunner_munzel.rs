use serde::Serialize;

use super::alternative::Alternative;
use super::effect::common_language_effect;
use super::rank::Ranks;
use super::sample::Samples;
use super::student::upper_tail;
use super::undefined::Undefined;

/// Answers whether the treatment's values tend to be larger, without taking the shapes of the distributions for equal:
/// Brunner and Munzel 2000.
///
/// Mann and Whitney's test refuses two arms that only spread differently; this one does not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct BrunnerMunzel {
    /// The probability that the treatment's value is larger, ties counting half.
    pub effect: f64,
    /// The distance of the effect from one half in units of its standard error; above 0 for larger values.
    pub statistic: f64,
    /// The degrees of freedom of Student's t that it is compared with.
    pub freedom: f64,
    /// How probable a statistic at least as far out is if the effect is one half.
    pub p_value: f64,
}

/// Tests whether the effect differs from one half, as SciPy's `brunnermunzel(control, treatment)` does.
///
/// # Errors
///
/// Fewer than two values in an arm, or arms without any spread in their ranks, as where they do not overlap at all:
/// there the test has no standard error, and [`mann_whitney`](super::mann_whitney) an answer.
pub fn brunner_munzel(samples: &Samples, alternative: Alternative) -> Result<BrunnerMunzel, Undefined> {
    let found = samples.smaller();
    if found < 2 {
        return Err(Undefined::TooFew { needed: 2, found });
    }
    let ranks = Ranks::of(samples);
    let (m, n) = (samples.treatment.count(), samples.control.count());
    let (of_treatment, of_control) = (placement_variance(&ranks.treatment), placement_variance(&ranks.control));
    let (treatment_part, control_part) = (m * of_treatment, n * of_control);
    let sum = treatment_part + control_part;
    if sum <= 0.0 {
        return Err(Undefined::NoSpread);
    }
    let effect = common_language_effect(samples);
    let statistic = m * n * (rank_mean(&ranks.treatment) - rank_mean(&ranks.control)) / ((m + n) * libm::sqrt(sum));
    let freedom = sum * sum / (treatment_part * treatment_part / (m - 1.0) + control_part * control_part / (n - 1.0));
    let p_value = alternative.p_value(upper_tail(-statistic, freedom), upper_tail(statistic, freedom));
    Ok(BrunnerMunzel { effect, statistic, freedom, p_value })
}

/// The variance of how far each value's rank among all is beyond its rank in its own arm, both mid-ranks. The ranks
/// ascend, so equal ones stand together.
fn placement_variance(ranks: &[f64]) -> f64 {
    let mut before = 0.0;
    let mut placements = alloc::vec::Vec::with_capacity(ranks.len());
    for group in ranks.chunk_by(|a, b| a == b) {
        let size = group.len() as f64;
        let own = before + (size + 1.0) / 2.0;
        placements.extend(group.iter().map(|rank| rank - own));
        before += size;
    }
    let mean = rank_mean(&placements);
    placements.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (ranks.len() as f64 - 1.0)
}

fn rank_mean(ranks: &[f64]) -> f64 {
    ranks.iter().sum::<f64>() / ranks.len() as f64
}
