//! The bits of a decision: the same on every machine, and whatever another crate turns on in the build.
//!
//! Run it alone and with `--features num-traits-std`: a crate that switches `num-traits` to the platform's mathematics
//! must not change a decision.

#![expect(clippy::unwrap_used, reason = "what cannot be made fails the test")]

use bellwether_stats::{Counts, Dependence, Harm, HarmSpec, NoHarm, PassSpec, RateInterval};

/// 200 intervals of uneven traffic and errors from a fixed linear congruential sequence (Numerical Recipes).
fn intervals() -> impl Iterator<Item = RateInterval> {
    let mut seed: u32 = 42;
    (0..200).map(move |_| {
        let mut draw = |limit: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u64::from((seed >> 8) % limit)
        };
        let control = Counts { exposure: 5_000 + draw(1_000), events: draw(60) };
        let treatment = Counts { exposure: 250 + draw(100), events: draw(5) };
        RateInterval { control, treatment, intended_share: Some(0.05) }
    })
}

fn bits(dependence: Dependence) -> [u64; 3] {
    let mut harm = Harm::new(&HarmSpec { dependence, ..HarmSpec::default() }).unwrap();
    let mut pass = NoHarm::new(&PassSpec { dependence, ..PassSpec::default() }).unwrap();
    harm.restart(0.5);
    for (index, interval) in intervals().enumerate() {
        if index == 100 {
            harm.restart(0.25);
        }
        harm.update(&interval);
        pass.update(&interval);
    }
    [harm.log_e().to_bits(), harm.log_e_ratio().to_bits(), pass.log_e().to_bits()]
}

#[test]
fn the_evidence_has_the_same_bits_everywhere() {
    // Pinned on x86_64 by this code; a change of them changes decisions and must raise the rules' number.
    let pinned = [
        (Dependence::Clustered, [0xbff5_ba43_f0b2_8736, 0xbff5_ba43_f0b2_8736, 0xc004_af36_fa22_4090]),
        (Dependence::BurstsUpTo(20), [0xbff4_26f2_d591_a8fb, 0xbff4_26f2_d591_a8fb, 0x3fd5_69c1_84b8_39ef]),
        (Dependence::Independent, [0xbff6_10c9_dee4_b0c1, 0xbff6_10c9_dee4_b0c1, 0x4043_0a4c_e43b_d2d3]),
    ];
    for (dependence, expected) in pinned {
        assert_eq!(bits(dependence), expected, "{dependence:?}: {:#018x?}", bits(dependence));
    }
}

#[cfg(feature = "num-traits-std")]
#[test]
fn the_neighbour_is_really_in_the_build() {
    // The platform's exponential, which is what a decision must not use.
    assert!(num_traits::Float::exp(1.0_f64) > 2.7);
}
