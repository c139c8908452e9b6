use alloc::vec::Vec;

use bellwether_stats::fixed::normal_quantile;

/// How large the noise is, in parts of the value.
const SIZE: f64 = 1e-5;

/// So many deviations of the noise apart nothing depends on it.
const FAR: f64 = 20.0;

/// Where the sequence begins: the golden ratio, as good as any other.
const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;

/// How often the noise is drawn where the answer depends on it. Odd, so that two answers are never equally frequent.
pub(super) const DRAWS: usize = 31;

/// The noise that Kayenta adds to two constant arms, from a fixed sequence instead of a random one: Steele, Lea and
/// Flood's SplitMix64 (2014).
#[derive(Clone, Debug)]
pub(super) struct Noise {
    state: u64,
}

impl Noise {
    pub(super) const fn new() -> Self {
        Self { state: FIRST }
    }

    /// The values, each with normal noise in proportion to it.
    pub(super) fn added_to(&mut self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|value| value + self.normal() * (value * SIZE)).collect()
    }

    fn normal(&mut self) -> f64 {
        // 53 bits, in the middle of their part of 0 to 1.
        let bits = (self.next() >> 11) as f64;
        normal_quantile((bits + 0.5) / (1_u64 << 53) as f64)
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(FIRST);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Whether the class of two constant arms depends on the noise: where they differ hardly more than by it, and where
/// both are a single value, whose difference is rounded one way or the other.
pub(super) fn decides(control: &[f64], experiment: &[f64]) -> bool {
    let [a, b] = [control, experiment].map(|values| values.first().copied().unwrap_or_default());
    let is_near = (a - b).abs() < FAR * SIZE * a.abs().max(b.abs());
    is_near || (control.len() == 1 && experiment.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of the reference implementation for the seed 1234567 (Vigna, `splitmix64.c`).
    #[test]
    fn the_sequence_is_that_of_the_reference() {
        let mut noise = Noise { state: 1_234_567 };
        assert_eq!(noise.next(), 6_457_827_717_110_365_317);
        assert_eq!(noise.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn the_noise_is_normal_and_as_large_as_kayentas() {
        let noisy = Noise::new().added_to(&[100.0; 10_000]);
        let mean = noisy.iter().sum::<f64>() / 1e4 - 100.0;
        let variance = noisy.iter().map(|value| (value - 100.0) * (value - 100.0)).sum::<f64>() / 1e4;
        // Four standard errors of a mean and of a variance of 10,000 normal values.
        assert!(mean.abs() < 4.0 * 1e-3 / 100.0, "{mean}");
        assert!((variance / 1e-6 - 1.0).abs() < 4.0 * 0.0142, "{variance}");
    }
}
