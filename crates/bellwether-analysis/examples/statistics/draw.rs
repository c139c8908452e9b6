use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use crate::poisson::poisson;

/// Draws of the distributions that traffic is made of, from a seed, the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    bits: Xoshiro256PlusPlus,
}

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self { bits: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }

    /// From 0 up to but without 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.bits.next_u64() >> 11) as f64 * f64::EPSILON / 2.0
    }

    /// A whole number below a limit.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, below the limit")]
    pub(crate) fn below(&mut self, limit: u32) -> u64 {
        (self.uniform() * f64::from(limit)) as u64
    }

    /// Of mean 0 and variance 1 (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(2.0 * std::f64::consts::PI * angle)
    }

    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        poisson(&mut self.bits, mean)
    }
}
