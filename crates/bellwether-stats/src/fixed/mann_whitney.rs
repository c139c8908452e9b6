use serde::{Deserialize, Serialize};

use super::alternative::Alternative;
use super::counts_of_u::CountsOfU;
use super::normal::normal_cdf;
use super::rank::{tie_term, ties, wins};
use super::sample::Samples;
use super::undefined::Undefined;

/// Answers whether the treatment's values tend to be larger: the rank sum test of Mann and Whitney 1947, also
/// Wilcoxon's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct MannWhitney {
    /// How many pairs have the larger value in the treatment, ties counting half: R's `W`.
    pub u: f64,
    /// How probable a `u` at least as far out is if both arms have the same distribution.
    pub p_value: f64,
    /// Whether the distribution of `u` was counted.
    pub is_exact: bool,
}

/// Says how the distribution of a rank statistic is found.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "counted, approximated in two ways, or whichever R takes")]
pub enum Method {
    /// Counted below 50 values in each arm if no two are equal, otherwise the normal approximation with continuity
    /// correction, as R chooses.
    #[default]
    Automatic,
    /// Counted, as if no two values were equal.
    Exact,
    /// The normal approximation with corrections for ties and continuity.
    Normal,
    /// The normal approximation with the correction for ties alone.
    NormalUncorrected,
}

impl Method {
    /// Below this many values in each arm R counts.
    const COUNTED_BELOW: usize = 50;

    pub(super) fn is_exact(self, samples: &Samples) -> bool {
        let largest = samples.treatment.sorted().len().max(samples.control.sorted().len());
        match self {
            Self::Automatic => {
                let are_different = || ties(samples).all(|tie| tie.treatment + tie.control == 1);
                largest < Self::COUNTED_BELOW && are_different()
            }
            Self::Exact => true,
            Self::Normal | Self::NormalUncorrected => false,
        }
    }

    /// What continuity takes away from a distance to the middle.
    pub(super) const fn continuity(self) -> f64 {
        match self {
            Self::Automatic | Self::Exact | Self::Normal => 0.5,
            Self::NormalUncorrected => 0.0,
        }
    }
}

/// Tests whether the treatment's values tend to be larger or smaller, as R's `wilcox.test(treatment, control)` does.
///
/// # Errors
///
/// All values equal, for the normal approximation; too many values to count, for [`Method::Exact`].
pub fn mann_whitney(samples: &Samples, alternative: Alternative, method: Method) -> Result<MannWhitney, Undefined> {
    let u = wins(samples);
    if method.is_exact(samples) {
        let counts = CountsOfU::new(samples.treatment.sorted().len(), samples.control.sorted().len())?;
        let p_value = alternative.p_value(counts.at_most(u), counts.at_least(u));
        return Ok(MannWhitney { u, p_value, is_exact: true });
    }
    let distance = u - samples.pairs() / 2.0;
    let deviation = deviation(samples, tie_term(ties(samples).map(|tie| tie.treatment + tie.control)))?;
    let correction = match alternative {
        Alternative::TwoSided if distance == 0.0 => 0.0,
        Alternative::TwoSided => method.continuity().copysign(distance),
        Alternative::Less => -method.continuity(),
        Alternative::Greater => method.continuity(),
    };
    let z = (distance - correction) / deviation;
    Ok(MannWhitney { u, p_value: alternative.p_value(normal_cdf(z), normal_cdf(-z)), is_exact: false })
}

/// The standard deviation of U, given what ties take away from its variance.
pub(super) fn deviation(samples: &Samples, tie_term: f64) -> Result<f64, Undefined> {
    let all = samples.treatment.count() + samples.control.count();
    let variance = samples.pairs() / 12.0 * ((all + 1.0) - tie_term / (all * (all - 1.0)));
    if variance > 0.0 { Ok(libm::sqrt(variance)) } else { Err(Undefined::NoSpread) }
}
