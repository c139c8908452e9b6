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
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(into = "Vec<Bits>", try_from = "Vec<Bits>")]
pub struct ShareCheck {
    /// Log likelihood ratios of earlier intended shares: a share that is too large, then one that is too small.
    bets: [f64; BETS],
    /// What was seen at the intended share since it was changed: the evidence is a function of sums.
    current: Seen,
}

const BETS: usize = 2 * RATIOS.len();

/// Requests at one intended share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Seen {
    intended: f64,
    treatment: f64,
    total: f64,
}

impl ShareCheck {
    /// Takes the requests of both arms in one interval into account.
    ///
    /// An intended share that is not above 0 and below 1 leaves nothing to be checked.
    pub fn update(&mut self, control: u64, treatment: u64, intended_share: f64) {
        if !(intended_share > 0.0 && intended_share < 1.0) {
            return;
        }
        if self.current.intended != intended_share {
            *self = Self { bets: self.bets(), current: Seen { intended: intended_share, ..Seen::default() } };
        }
        self.current.treatment += treatment as f64;
        self.current.total += control as f64 + treatment as f64;
    }

    /// Returns the logarithm of the evidence.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        log_mean_exp(&self.bets())
    }

    /// Adds what another process saw of other requests at the same time, such as another shard of the router.
    ///
    /// The order does not matter beyond rounding. Other tests cannot be merged so: theirs restart, or take an interval
    /// for one observation.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut bets = self.bets();
        for (bet, more) in bets.iter_mut().zip(other.bets()) {
            *bet += more;
        }
        Self { bets, current: Seen::default() }
    }

    fn bets(&self) -> [f64; BETS] {
        let mut bets = self.bets;
        for (bet, more) in bets.iter_mut().zip(self.current.bets()) {
            *bet += more;
        }
        bets
    }
}

impl Seen {
    fn bets(&self) -> [f64; BETS] {
        let mut bets = [0.0; BETS];
        let (high, low) = limits(self.intended);
        let (treatment, total) = (self.treatment / BURST, self.total / BURST);
        let (above, below) = bets.split_at_mut(RATIOS.len());
        for ((above, below), ratio) in above.iter_mut().zip(below).zip(RATIOS) {
            *above = treatment * libm::log(ratio) - total * libm::log1p(high * (ratio - 1.0));
            *below = -(treatment * libm::log(ratio) + total * libm::log1p(low * (1.0 / ratio - 1.0)));
        }
        bets
    }
}

/// The largest and the smallest share that are tolerated: a factor on the share of the smaller arm.
fn limits(intended: f64) -> (f64, f64) {
    let smaller = intended.min(1.0 - intended);
    let (more, less) = (smaller * MARGIN, smaller / MARGIN);
    if intended <= 0.5 { (more, less) } else { (1.0 - less, 1.0 - more) }
}

impl From<ShareCheck> for Vec<Bits> {
    fn from(check: ShareCheck) -> Self {
        let Seen { intended, treatment, total } = check.current;
        check.bets.into_iter().chain([intended, treatment, total]).map(Bits).collect()
    }
}

impl TryFrom<Vec<Bits>> for ShareCheck {
    type Error = SpecError;

    fn try_from(stored: Vec<Bits>) -> Result<Self, SpecError> {
        let mut numbers: Vec<f64> = stored.into_iter().map(|Bits(number)| number).collect();
        let error = |expected, found| SpecError { field: "share", expected, found };
        if let Some(found) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(error("finite numbers", *found));
        }
        let found = numbers.len() as f64;
        let current = numbers.split_off(BETS.min(numbers.len()));
        let (Ok(bets), &[intended, treatment, total]) = (numbers.try_into(), current.as_slice()) else {
            return Err(error("12 bets, a share and two sums", found));
        };
        let current = Seen { intended, treatment, total };
        if !((0.0..1.0).contains(&intended) && treatment >= 0.0 && total >= treatment) {
            return Err(error("a share below 1 and sums of counts", intended));
        }
        Ok(Self { bets, current })
    }
}
