use alloc::vec::Vec;
use core::f64::consts::PI;

use serde::Serialize;

use super::alternative::Alternative;
use super::rank::{Tie, ties};
use super::sample::Samples;

/// Answers whether both arms have the same distribution, whatever the difference: the two-sample test of Kolmogorov
/// and Smirnov.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct KolmogorovSmirnov {
    /// The largest distance between the two distribution functions, in the direction of the alternative.
    pub distance: f64,
    /// How probable a distance at least as large is if both arms have the same distribution.
    pub p_value: f64,
    /// Whether the probability was counted, given the ties that there are.
    pub is_exact: bool,
}

/// Below this many pairs R counts paths.
const COUNTED_BELOW: f64 = 10_000.0;

/// Compares the distributions of the arms as R's `ks.test(treatment, control)` does, except that the alternative names
/// the *values*: where they are larger, R's distribution function lies below.
///
/// Below 10,000 pairs the probability is that of a random walk through the values of both arms with the ties there
/// are (Schroeer and Trenkler 1995); above, the limit distribution. Small probabilities keep their digits: what is
/// added up is the tail itself.
#[must_use]
pub fn kolmogorov_smirnov(samples: &Samples, alternative: Alternative) -> KolmogorovSmirnov {
    let ties: Vec<Tie> = ties(samples).collect();
    let walk = Walk { m: samples.treatment.count(), n: samples.control.count(), alternative };
    let distance = walk.largest(&ties);
    let is_exact = samples.pairs() < COUNTED_BELOW;
    let p_value = if is_exact { walk.tail(&ties, distance) } else { walk.limit(distance) };
    KolmogorovSmirnov { distance, p_value: p_value.clamp(0.0, 1.0), is_exact }
}

/// A walk through the pooled values: a step in one direction for a value of the treatment, in the other for one of the
/// control.
#[derive(Clone, Copy, Debug)]
struct Walk {
    m: f64,
    n: f64,
    alternative: Alternative,
}

impl Walk {
    /// How far the treatment's distribution function is from the control's, times the number of pairs: a whole number.
    fn distance(&self, treatment: f64, control: f64) -> f64 {
        let above = treatment * self.n - control * self.m;
        match self.alternative {
            Alternative::TwoSided => above.abs(),
            Alternative::Less => above,
            Alternative::Greater => -above,
        }
    }

    fn largest(&self, ties: &[Tie]) -> f64 {
        let (mut treatment, mut control) = (0.0, 0.0);
        let largest = ties.iter().fold(0.0_f64, |largest, tie| {
            treatment += tie.treatment as f64;
            control += tie.control as f64;
            largest.max(self.distance(treatment, control))
        });
        largest / (self.m * self.n)
    }

    /// The probability that a random walk reaches the distance at the end of any tie: what arrives there is taken out
    /// and added up.
    fn tail(&self, ties: &[Tie], distance: f64) -> f64 {
        let reached = libm::round(distance * self.m * self.n);
        // By how many values of the treatment came; how many of the control follows.
        let mut inside = alloc::vec![1.0];
        let (mut done, mut tail) = (0_usize, 0.0);
        for tie in ties {
            for _ in 0..tie.treatment + tie.control {
                inside = self.step(&inside, done);
                done += 1;
            }
            for (treatment, probability) in inside.iter_mut().enumerate() {
                let treatment = treatment as f64;
                if self.distance(treatment, done as f64 - treatment) >= reached {
                    tail += core::mem::take(probability);
                }
            }
        }
        tail
    }

    /// One more value: it is of the treatment with the share that the treatment has of those to come.
    fn step(&self, inside: &[f64], done: usize) -> Vec<f64> {
        let rest = self.m + self.n - done as f64;
        let mut next = alloc::vec![0.0; inside.len() + 1];
        for (treatment, probability) in inside.iter().enumerate() {
            let is_treatment = ((self.m - treatment as f64) / rest).clamp(0.0, 1.0);
            let is_control = ((self.n - (done as f64 - treatment as f64)) / rest).clamp(0.0, 1.0);
            for (place, share) in [(treatment, is_control), (treatment + 1, is_treatment)] {
                if let Some(sum) = next.get_mut(place) {
                    *sum += probability * share;
                }
            }
        }
        next
    }

    fn limit(&self, distance: f64) -> f64 {
        let scaled = libm::sqrt(self.m * self.n / (self.m + self.n)) * distance;
        match self.alternative {
            Alternative::TwoSided => kolmogorov_tail(scaled),
            Alternative::Less | Alternative::Greater => libm::exp(-2.0 * scaled * scaled),
        }
    }
}

/// The probability that the largest distance of a Brownian bridge from 0 is at least this: by the series that
/// converges at once on either side of 1.
fn kolmogorov_tail(distance: f64) -> f64 {
    if distance <= 0.0 {
        return 1.0;
    }
    let terms = (1..=20).map(f64::from);
    if distance < 1.0 {
        let odd = terms.map(|k| 2.0 * k - 1.0);
        let sum: f64 = odd.map(|k| libm::exp(-k * k * PI * PI / (8.0 * distance * distance))).sum();
        return 1.0 - libm::sqrt(2.0 * PI) / distance * sum;
    }
    let signed = terms.zip([1.0, -1.0].into_iter().cycle());
    2.0 * signed.map(|(k, sign)| sign * libm::exp(-2.0 * k * k * distance * distance)).sum::<f64>()
}
