use core::num::Wrapping;

use serde::{Deserialize, Serialize};

use super::{
    super::{ArithmeticError, number},
    Counts, whole,
};

/// What [`approximate_weighted`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approximation {
    /// How many pods are wanted.
    pub replicas: i32,
    /// The canary's weight.
    pub weight: i32,
    /// The weight that means all traffic; 100 when it is not said.
    pub max_weight: Option<i32>,
    /// How many pods there may be beyond the wanted number; one is used at most.
    pub max_surge: i32,
}

/// Finds the pods of both versions whose shares come closest to a weight, when pods are all that shares out the
/// traffic; follows `approximateWeightedCanaryStableReplicaCounts`.
///
/// Candidates are the exact number of canaries rounded up and down, out of the wanted pods and, with a surge, out of one
/// more; the first of the closest wins. Between nothing and everything neither version goes without a pod if there can
/// be two. Where both roundings are equally close the larger is taken. The number of canaries comes from the wanted
/// pods even where it is taken out of one more.
///
/// Known faults, kept: the product of pods and weight wraps at 2^31; whether two roundings are equally close is asked of
/// a float, which misses some ties.
///
/// # Errors
/// When all traffic is said to be the weight zero.
///
/// # Example: a quarter of ten pods, with room for an eleventh
/// ```
/// use bellwether_strategy::arithmetic::argo_rollouts::{Approximation, Counts, approximate_weighted};
///
/// let quarter = Approximation { replicas: 10, weight: 25, max_weight: None, max_surge: 1 };
/// assert_eq!(approximate_weighted(&quarter)?, Counts { canary: 3, stable: 8 }, "3 of 11 are 27 %, 2 of 10 only 20 %");
/// # Ok::<(), bellwether_strategy::arithmetic::ArithmeticError>(())
/// ```
pub fn approximate_weighted(approximation: &Approximation) -> Result<Counts, ArithmeticError> {
    let max_weight = whole(approximation.max_weight)?;
    let Approximation { replicas, weight, max_surge, .. } = *approximation;
    if replicas == 0 {
        return Ok(Counts::default());
    }
    let exact = f64::from(replicas.wrapping_mul(weight)) / f64::from(max_weight);
    let up = number::saturate(number::ceil(exact));
    let down = number::saturate(number::floor(exact));
    let goal = Goal { weight, max_weight };
    let is_zero_allowed = weight == max_weight || weight == 0 || (replicas == 1 && max_surge == 0);
    let is_down_allowed = |total| !goal.is_tied(total) && (down != 0 || is_zero_allowed);
    let more = replicas.wrapping_add(1);
    let candidates = [
        (up < replicas || is_zero_allowed, up, replicas),
        (is_down_allowed(replicas), down, replicas),
        (max_surge > 0, up, more),
        (max_surge > 0 && is_down_allowed(more), down, more),
    ];
    let allowed = candidates.into_iter().filter(|(is_allowed, ..)| *is_allowed);
    let best = allowed
        .map(|(_, canary, total)| (goal.distance(canary, total), canary, total))
        .reduce(|best, next| if next.0 < best.0 { next } else { best });
    let (_, canary, total) = best.unwrap_or((0.0, 0, replicas));
    Ok(Counts { canary, stable: (Wrapping(total) - Wrapping(canary)).0 })
}

/// The weight to come close to.
#[derive(Clone, Copy)]
struct Goal {
    weight: i32,
    max_weight: i32,
}

impl Goal {
    /// How far that share of the pods is from the weight; `weightDelta`.
    fn distance(self, canary: i32, total: i32) -> f64 {
        let actual = f64::from(canary.wrapping_mul(self.max_weight)) / f64::from(total);
        (actual - f64::from(self.weight)).abs()
    }

    /// Whether rounding up and down are equally close; `floorCeilingTied`, whose `math.Modf` goes towards zero.
    fn is_tied(self, total: i32) -> bool {
        let exact = f64::from(total) * (f64::from(self.weight) / f64::from(self.max_weight));
        exact - number::truncate(exact) as f64 == 0.5
    }
}
