use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bits::Bits;
use crate::log_space::{log_add_exp, log_sum_exp};
use crate::spec_error::SpecError;

/// Holds the wealth of several bets, each multiplied by its own factor in every interval, and a reserve that has not
/// been bet yet.
///
/// Wealth may start at several times, which makes the whole a mixture over start times: it starts at 1 and is an
/// e-process whatever the bets are.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Mixture {
    reserve: f64,
    /// Logarithms of wealth; negative infinity before the first start.
    bets: Vec<f64>,
}

impl Mixture {
    /// Keeps everything in reserve.
    pub(crate) fn reserved(bets: usize) -> Self {
        Self { reserve: 1.0, bets: vec![f64::NEG_INFINITY; bets] }
    }

    /// Starts all at once, with a share of the wealth in each bet.
    pub(crate) fn started(shares: impl Iterator<Item = f64>) -> Self {
        Self { reserve: 0.0, bets: shares.map(libm::log).collect() }
    }

    /// Moves mass from the reserve into equal parts of all bets, as much as there is.
    pub(crate) fn restart(&mut self, mass: f64) {
        if mass.is_nan() || mass <= 0.0 || self.reserve <= 0.0 {
            return;
        }
        let mass = mass.min(self.reserve);
        self.reserve -= mass;
        let part = libm::log(mass / self.bets.len() as f64);
        for bet in &mut self.bets {
            *bet = log_add_exp(*bet, part);
        }
    }

    /// The part of the mass that is bet.
    pub(crate) fn spent(&self) -> f64 {
        1.0 - self.reserve
    }

    /// The logarithms of each bet's wealth, to add the logarithms of this interval's factors to.
    pub(crate) fn bets(&self) -> &[f64] {
        &self.bets
    }

    pub(crate) fn bets_mut(&mut self) -> &mut [f64] {
        &mut self.bets
    }

    /// Returns the logarithm of the whole wealth.
    pub(crate) fn log_e(&self) -> f64 {
        let reserve = libm::log(self.reserve);
        log_sum_exp(self.bets.iter().copied().chain([reserve]))
    }

    /// Refuses what cannot have come from `bets` bets; what is stored might have been changed.
    pub(crate) fn check(&self, field: &'static str, bets: usize) -> Result<(), SpecError> {
        if self.bets.len() != bets {
            return Err(SpecError {
                field,
                expected: "as many bets as the dependence has",
                found: self.bets.len() as f64,
            });
        }
        if !(0.0..=1.0).contains(&self.reserve) {
            return Err(SpecError { field, expected: "a reserve between 0 and 1", found: self.reserve });
        }
        let wrong = self.bets.iter().find(|bet| bet.is_nan() || **bet == f64::INFINITY);
        wrong.map_or(Ok(()), |found| Err(SpecError { field, expected: "logarithms of finite wealth", found: *found }))
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    reserve: Bits,
    bets: Vec<Bits>,
}

impl From<Mixture> for Stored {
    fn from(mixture: Mixture) -> Self {
        Self { reserve: Bits(mixture.reserve), bets: mixture.bets.into_iter().map(Bits).collect() }
    }
}

impl From<Stored> for Mixture {
    fn from(stored: Stored) -> Self {
        Self { reserve: stored.reserve.0, bets: stored.bets.into_iter().map(|Bits(bet)| bet).collect() }
    }
}
