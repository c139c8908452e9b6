//! The estimate of the ratio of the rates, and its limits.

use bellwether_stats::{Counts, Dependence, RateInterval, RateRatio};
use proptest::prelude::*;

use crate::simulation::{EQUAL, SMALL, Traffic, is_compatible, seeded};

#[test]
fn the_true_ratio_rarely_leaves_the_limits_at_any_look() {
    for (dependence, bursts) in [
        (Dependence::Clustered, false),
        (Dependence::Clustered, true),
        (Dependence::BurstsUpTo(20), true),
        (Dependence::Independent, false),
    ] {
        for (arms, ratio) in [(SMALL, 2.0), (EQUAL, 0.5), (EQUAL, 1.0)] {
            let traffic = Traffic::new(arms, 0.01, ratio);
            let traffic = if bursts { traffic.in_bursts() } else { traffic };
            let misses = (0..100).filter(|seed| misses(*seed, dependence, traffic)).count();
            assert!(is_compatible(misses, 100, 0.05), "{dependence:?} {traffic:?}: {misses} of 100");
        }
    }
}

#[test]
fn bursts_push_the_truth_out_of_limits_for_independent_events() {
    let traffic = Traffic::new(EQUAL, 0.01, 1.0).in_bursts();
    let misses = (0..100).filter(|seed| misses(*seed, Dependence::Independent, traffic)).count();
    assert!(!is_compatible(misses, 100, 0.05), "{misses} of 100");
}

#[test]
fn limits_close_in_on_the_ratio() {
    for (dependence, widest) in [(Dependence::Clustered, (1.5, 3.0)), (Dependence::Independent, (1.75, 2.5))] {
        let (mut ratio, mut random) = (RateRatio::new(dependence).unwrap(), seeded(5));
        assert_eq!((ratio.estimate(), ratio.limits(0.05)), (None, (None, None)));
        for _ in 0..600 {
            ratio.update(&Traffic::new(SMALL, 0.01, 2.0).interval(&mut random));
        }
        let (lower, upper) = ratio.limits(0.05);
        assert!(lower.unwrap() >= widest.0 && upper.unwrap() <= widest.1, "{dependence:?}: {lower:?} {upper:?}");
        assert!((ratio.estimate().unwrap() - 2.0).abs() < 0.2);
    }
}

#[test]
fn a_share_that_rises_with_the_base_rate_does_not_mislead_the_estimate() {
    // Simpson: pooled, the treatment has 105 of 1,100 and the control 15 of 1,100, at the same rates in both intervals
    let mut ratio = RateRatio::new(Dependence::Clustered).unwrap();
    let interval = |(n_c, e_c), (n_t, e_t)| RateInterval {
        control: Counts { exposure: n_c, events: e_c },
        treatment: Counts { exposure: n_t, events: e_t },
        intended_share: None,
    };
    ratio.update(&interval((1_000, 5), (1_000, 5)));
    ratio.update(&interval((100, 10), (1_000, 100)));
    assert!((ratio.estimate().unwrap() - 1.0).abs() < 1e-12);
}

proptest! {
    #[test]
    fn any_counts_at_all_have_limits_and_can_be_stored(
        minutes in prop::collection::vec((any::<[u64; 4]>(), prop::option::of(prop::num::f64::ANY)), 0..40),
        small in prop::collection::vec([0..50_u64, 0..5, 0..50, 0..5], 0..40),
        which in 0..3_usize,
        alpha in prop::num::f64::ANY,
    ) {
        let dependence = [Dependence::Clustered, Dependence::BurstsUpTo(7), Dependence::Independent][which];
        let mut ratio = RateRatio::new(dependence).unwrap();
        for ([n_c, e_c, n_t, e_t], intended_share) in small.into_iter().map(|counts| (counts, None)).chain(minutes) {
            let (control, treatment) = (Counts { exposure: n_c, events: e_c }, Counts { exposure: n_t, events: e_t });
            ratio.update(&RateInterval { control, treatment, intended_share });
            let stored: RateRatio = serde_json::from_str(&serde_json::to_string(&ratio).unwrap()).unwrap();
            prop_assert_eq!(&stored, &ratio);
        }
        prop_assert!(ratio.estimate().is_none_or(|estimate| estimate >= 0.0));
        let (lower, upper) = ratio.limits(alpha);
        let possible = alpha > 0.0 && alpha < 1.0;
        prop_assert!(possible || (lower, upper) == (None, None));
    }
}

fn misses(seed: u64, dependence: Dependence, traffic: Traffic) -> bool {
    let (mut ratio, mut random) = (RateRatio::new(dependence).unwrap(), seeded(seed));
    (0..120).any(|_| {
        ratio.update(&traffic.interval(&mut random));
        let (lower, upper) = ratio.limits(0.05);
        lower.is_some_and(|lower| lower > traffic.ratio) || upper.is_some_and(|upper| upper < traffic.ratio)
    })
}
