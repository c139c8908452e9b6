use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::log_space::log_mean_exp;
use crate::spec_error::SpecError;

/// How far the realised share may be off the intended one, as a factor.
const MARGIN: f64 = 1.2;
/// How far beyond the margin the bets are, as ratios of odds.
const RATIOS: [f64; 6] = [1.1, 1.3, 1.7, 2.5, 4.0, 8.0];
/// The largest cluster of requests that one client makes.
const BURST: f64 = 20.0;

/// Gathers evidence that the treatment gets another share of the traffic than intended: that it is off by more than a
/// fifth, either way.
///
/// Rounded weights, users who stick to an arm and a share that fluctuates by a tenth are no evidence; a router that
/// ignores a weight, or a client that retries into one arm, is. Each cluster of up to 20 requests counts as one.
///
/// # Example: half of the traffic is missing
/// ```
/// use bellwether_stats::ShareCheck;
///
/// let mut check = ShareCheck::default();
/// for _minute in 0..10 {
///     check.update(5_850, 150, 0.05);
/// }
/// assert!(check.log_e() >= 1_000_f64.ln(), "2.5 % instead of 5 %");
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Vec<Bits>", try_from = "Vec<Bits>")]
pub struct ShareCheck {
    /// Log likelihood ratios: a share that is too large, then one that is too small.
    bets: [f64; 2 * RATIOS.len()],
}

impl ShareCheck {
    /// Takes the requests of both arms in one interval into account.
    ///
    /// An intended share that is not above 0 and below 1 leaves nothing to be checked.
    pub fn update(&mut self, control: u64, treatment: u64, intended_share: f64) {
        if !(intended_share > 0.0 && intended_share < 1.0) {
            return;
        }
        let (high, low) = limits(intended_share);
        let (treatment, total) = (treatment as f64 / BURST, (control as f64 + treatment as f64) / BURST);
        let (above, below) = self.bets.split_at_mut(RATIOS.len());
        for ((above, below), ratio) in above.iter_mut().zip(below).zip(RATIOS) {
            *above += treatment * libm::log(ratio) - total * libm::log1p(high * (ratio - 1.0));
            *below -= treatment * libm::log(ratio) + total * libm::log1p(low * (1.0 / ratio - 1.0));
        }
    }

    /// Returns the logarithm of the evidence.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        log_mean_exp(&self.bets)
    }

    /// Adds what another process saw of other requests at the same time, such as another shard of the router.
    ///
    /// The order does not matter beyond rounding. Other tests cannot be merged so: theirs restart, or take an interval
    /// for one observation.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (bet, more) in sum.bets.iter_mut().zip(other.bets) {
            *bet += more;
        }
        sum
    }
}

/// The largest and the smallest share that are tolerated: a factor on the share of the smaller arm.
fn limits(intended: f64) -> (f64, f64) {
    let smaller = intended.min(1.0 - intended);
    let (more, less) = (smaller * MARGIN, smaller / MARGIN);
    if intended <= 0.5 { (more, less) } else { (1.0 - less, 1.0 - more) }
}

/// Nothing was seen.
impl Default for ShareCheck {
    fn default() -> Self {
        Self { bets: [0.0; 2 * RATIOS.len()] }
    }
}

impl From<ShareCheck> for Vec<Bits> {
    fn from(check: ShareCheck) -> Self {
        check.bets.into_iter().map(Bits).collect()
    }
}

impl TryFrom<Vec<Bits>> for ShareCheck {
    type Error = SpecError;

    fn try_from(stored: Vec<Bits>) -> Result<Self, SpecError> {
        let bets: Vec<f64> = stored.into_iter().map(|Bits(bet)| bet).collect();
        if let Some(found) = bets.iter().find(|bet| !bet.is_finite()) {
            return Err(SpecError { field: "share", expected: "finite logarithms", found: *found });
        }
        let found = bets.len() as f64;
        let bets = bets.try_into().map_err(|_| SpecError { field: "share", expected: "12 bets", found })?;
        Ok(Self { bets })
    }
}
