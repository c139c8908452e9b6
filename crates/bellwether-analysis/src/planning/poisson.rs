use rand::Rng;

/// Draws from a Poisson distribution; 0 where the mean is not above 0.
///
/// Small means by the product of uniform numbers (Knuth 1969), large ones by transformed rejection (Hörmann 1993, PTRS),
/// both exact. Made of the generator's bits and `libm` alone, so that a seed gives the same plan on every machine.
pub(super) fn poisson(random: &mut impl Rng, mean: f64) -> u64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0;
    }
    if mean < 10.0 { small(random, mean) } else { large(random, mean.min(LARGEST_MEAN)) }
}

/// Above it the next whole numbers are not floating point numbers.
const LARGEST_MEAN: f64 = 1e15;

/// From 0 up to but without 1, in steps of 2^-53.
fn uniform(random: &mut impl Rng) -> f64 {
    (random.next_u64() >> 11) as f64 * f64::EPSILON / 2.0
}

fn small(random: &mut impl Rng, mean: f64) -> u64 {
    let limit = libm::exp(-mean);
    let (mut product, mut count) = (uniform(random), 0);
    while product > limit {
        product *= uniform(random);
        count += 1;
    }
    count
}

fn large(random: &mut impl Rng, mean: f64) -> u64 {
    let b = 0.931 + 2.53 * libm::sqrt(mean);
    let a = -0.059 + 0.024_83 * b;
    let inverse = 1.123_9 + 1.132_8 / (b - 3.4);
    let limit = 0.927_7 - 3.622_4 / (b - 2.0);
    loop {
        let (u, v) = (uniform(random) - 0.5, uniform(random));
        let us = 0.5 - u.abs();
        let k = libm::floor((2.0 * a / us + b) * u + mean + 0.43);
        let is_inside = us >= 0.07 && v <= limit;
        if !is_inside && (k < 0.0 || (us < 0.013 && v > us)) {
            continue;
        }
        let log_ratio = libm::log(v) + libm::log(inverse) - libm::log(a / (us * us) + b);
        if is_inside || log_ratio <= -mean + k * libm::log(mean) - libm::lgamma(k + 1.0) {
            return whole(k);
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative and far below 2^64")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    use super::*;

    fn seeded(seed: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(seed)
    }

    #[test]
    fn draws_have_the_mean_and_the_variance_of_the_distribution() {
        const DRAWS: u32 = 20_000;
        for mean in [0.05, 0.3, 3.0, 9.9, 10.1, 57.0, 6_000.0] {
            let mut random = seeded(5);
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..DRAWS {
                let off = poisson(&mut random, mean) as f64 - mean;
                sum += off;
                squares += off * off;
            }
            let (off, variance) = (sum / f64::from(DRAWS), squares / f64::from(DRAWS));
            assert!(off.abs() < 5.0 * libm::sqrt(mean / f64::from(DRAWS)), "{mean}: off by {off}");
            // five standard errors of a variance: its own is mean (1 + 2 mean) / draws
            let error = libm::sqrt(mean * (1.0 + 2.0 * mean) / f64::from(DRAWS));
            assert!((variance - mean).abs() < 5.0 * error, "{mean}: variance {variance}");
        }
    }

    /// Against the probabilities themselves, by Pearson's chi-square with at most 22 degrees of freedom; 99.9 % are below
    /// 48.3 (R 4: `qchisq(0.999, 22)`).
    #[test]
    fn both_ways_draw_with_the_probabilities_of_the_distribution() {
        const DRAWS: u32 = 20_000;
        for (seed, mean) in [(6, 12.0_f64), (7, 9.0)] {
            let mut random = seeded(seed);
            let mut counts = [0_u32; 24];
            for _ in 0..DRAWS {
                let drawn = usize::try_from(poisson(&mut random, mean)).unwrap();
                counts[drawn.min(23)] += 1;
            }
            let mut probability = libm::exp(-mean);
            let mut chi_square = 0.0;
            for (k, count) in counts.iter().enumerate().take(23) {
                if k > 0 {
                    probability *= mean / k as f64;
                }
                let expected = probability * f64::from(DRAWS);
                if expected > 5.0 {
                    chi_square += (f64::from(*count) - expected) * (f64::from(*count) - expected) / expected;
                }
            }
            assert!(chi_square < 48.3, "{mean}: {chi_square}");
        }
    }

    #[test]
    fn a_mean_that_is_none_draws_nothing() {
        let mut random = seeded(8);
        assert_eq!((poisson(&mut random, f64::NAN), poisson(&mut random, -1.0), poisson(&mut random, 0.0)), (0, 0, 0));
        assert!(poisson(&mut random, f64::INFINITY) > 900_000_000_000_000);
    }
}
