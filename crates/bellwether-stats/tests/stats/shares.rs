//! The check of the realised share.

use bellwether_stats::ShareCheck;
use proptest::prelude::*;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::simulation::{first_time, quantile, reached, seeded};

/// Requests a minute.
const TRAFFIC: f64 = 6_000.0;

#[test]
fn a_share_that_is_off_is_found_as_soon_as_the_design_says() {
    // statistics.md, section 5, at a share of 5 %: -30 % in 63 min, -50 % in 8, x2 in 3
    for (factor, expected) in [(0.7, 63.0), (0.5, 8.0), (2.0, 3.0)] {
        let times: Vec<_> = (0..200).map(|seed| time(seed, 0.05, |_, share| share * factor)).collect();
        let median = f64::from(quantile(&times, 0.5).unwrap());
        assert!((median - expected).abs() <= (expected * 0.1_f64).max(1.0), "{factor}: {median}");
    }
}

#[test]
fn rounded_weights_and_shares_that_fluctuate_by_a_tenth_raise_no_alarm() {
    // HAProxy's 256 steps round 1 % to 2 / 256; noise of a tenth that is drawn anew in every minute
    let rounded = |_: &mut Xoshiro256PlusPlus, share: f64| (share * 256.0).floor() / 256.0;
    let noisy = |random: &mut Xoshiro256PlusPlus, share: f64| {
        let noise = 0.8 + 0.4 * random.random::<f64>();
        if share <= 0.5 { share * noise } else { 1.0 - (1.0 - share) * noise }
    };
    for share in [0.05, 0.1, 0.5, 0.9] {
        let times: Vec<_> = (0..50).map(|seed| time(seed, share, rounded)).collect();
        assert_eq!(reached(&times), 0, "{share}");
        let times: Vec<_> = (0..50).map(|seed| time(seed, share, noisy)).collect();
        assert_eq!(reached(&times), 0, "{share}");
    }
}

#[test]
fn users_who_stick_to_an_arm_raise_no_alarm() {
    // 1,000 users of 1 to 20 requests a minute, each in one arm for ever
    let run = |seed| {
        let mut random = seeded(seed);
        let users: Vec<(u64, bool)> =
            (0..1_000).map(|_| (random.random_range(1..=20), random.random::<f64>() < 0.1)).collect();
        let of =
            |arm: bool| users.iter().filter(|(_, is_treated)| *is_treated == arm).map(|(requests, _)| requests).sum();
        let (control, treatment) = (of(false), of(true));
        let mut check = ShareCheck::default();
        first_time(720, 0.001, |_| {
            check.update(control, treatment, 0.1);
            check.log_e()
        })
    };
    // with a hundred users the share itself is off by a fifth in a few of the draws, and then it is told
    let alarms = reached(&(0..100).map(run).collect::<Vec<_>>());
    assert!(alarms <= 12, "{alarms}");
}

proptest! {
    #[test]
    fn both_arms_are_checked_alike(
        minutes in prop::collection::vec((0..10_000_u64, 0..10_000_u64), 0..20), intended in 0.01..0.99_f64
    ) {
        let (mut one, mut other) = (ShareCheck::default(), ShareCheck::default());
        for (control, treatment) in minutes {
            one.update(control, treatment, intended);
            other.update(treatment, control, 1.0 - intended);
        }
        prop_assert!((one.log_e() - other.log_e()).abs() < 1e-6 * (1.0 + one.log_e().abs()));
    }

    /// At the edge of the margin: the expectation of the likelihood ratio of one request is exactly 1.
    #[test]
    fn a_share_within_the_margin_gathers_no_evidence(intended in 0.01..0.99_f64, inside in 0.0..=1.0_f64) {
        let smaller = intended.min(1.0 - intended);
        let share = smaller / 1.2 + inside * (smaller * 1.2 - smaller / 1.2);
        let share = if intended <= 0.5 { share } else { 1.0 - share };
        let after = |control, treatment| {
            let mut check = ShareCheck::default();
            check.update(control, treatment, intended);
            check.log_e().exp()
        };
        prop_assert!((1.0 - share) * after(1, 0) + share * after(0, 1) <= 1.0 + 1e-12);
    }

    #[test]
    fn any_counts_and_shares_leave_a_number(
        minutes in prop::collection::vec((any::<u64>(), any::<u64>(), prop::num::f64::ANY), 0..20)
    ) {
        let mut check = ShareCheck::default();
        for (control, treatment, intended) in minutes {
            check.update(control, treatment, intended);
            check.update(control, treatment, intended.abs().fract());
            prop_assert!(check.log_e().is_finite());
        }
    }

    #[test]
    fn shards_merge_in_any_order(parts in prop::collection::vec((0..9_000_u64, 0..900_u64), 3)) {
        let of = |(control, treatment)| {
            let mut check = ShareCheck::default();
            check.update(control, treatment, 0.05);
            check
        };
        let [one, two, three] = [parts[0], parts[1], parts[2]].map(of);
        prop_assert_eq!(one.merge(&two), two.merge(&one));
        let (left, right) = (one.merge(&two).merge(&three), one.merge(&two.merge(&three)));
        prop_assert!((left.log_e() - right.log_e()).abs() < 1e-9 * (1.0 + left.log_e().abs()));
        let whole = of((parts.iter().map(|part| part.0).sum(), parts.iter().map(|part| part.1).sum()));
        prop_assert!((left.log_e() - whole.log_e()).abs() < 1e-9 * (1.0 + left.log_e().abs()));
    }
}

fn time(seed: u64, intended: f64, realised: impl Fn(&mut Xoshiro256PlusPlus, f64) -> f64) -> Option<u32> {
    let (mut check, mut random) = (ShareCheck::default(), seeded(seed));
    first_time(720, 0.001, |_| {
        let share = realised(&mut random, intended);
        let (control, treatment) =
            (arrivals(&mut random, TRAFFIC * (1.0 - share)), arrivals(&mut random, TRAFFIC * share));
        check.update(control, treatment, intended);
        check.log_e()
    })
}

/// A number of requests so large that it is as good as normal, as a sum of twelve uniform numbers is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the mean is far above zero")]
fn arrivals(random: &mut Xoshiro256PlusPlus, mean: f64) -> u64 {
    let normal = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    (mean + mean.sqrt() * normal).round() as u64
}
