//! What holds of the fixed-sample tests for whatever they are given.

use bellwether_stats::Counts;
use bellwether_stats::fixed::{
    Alternative, Method, Proportions, Sample, SampleError, Samples, Sides, Spending, Undefined, boundaries,
    brunner_munzel, cliffs_delta, common_language_effect, fisher, hodges_lehmann, kolmogorov_smirnov, mann_whitney,
    mean_ratio, miettinen_nurminen, newcombe, normal_quantile, quantile, two_proportions, welch,
};
use proptest::prelude::*;

const METHODS: [Method; 4] = [Method::Automatic, Method::Exact, Method::Normal, Method::NormalUncorrected];
const ALTERNATIVES: [Alternative; 3] = [Alternative::TwoSided, Alternative::Less, Alternative::Greater];

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-3_i32..4).prop_map(f64::from),
        -1e3..1e3,
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
        Just(0.0),
        Just(-0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
    ]
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        prop::collection::vec(value(), 1..30),
        (value(), 1_usize..30).prop_map(|(value, count)| vec![value; count])
    ]
}

/// Numbers whose differences and multiples are exact, so that what must not change does not change at all.
fn whole() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-20_i32..20).prop_map(f64::from), 2..25)
}

fn samples(treatment: &[f64], control: &[f64]) -> Samples {
    Samples { treatment: Sample::new(treatment).unwrap(), control: Sample::new(control).unwrap() }
}

fn is_probability(number: f64) -> bool {
    (0.0..=1.0).contains(&number)
}

proptest! {
    #[test]
    fn every_answer_about_samples_is_a_number_or_says_why_there_is_none(
        treatment in values(), control in values(), confidence in 1e-6..0.999_999,
    ) {
        let both = samples(&treatment, &control);
        for alternative in ALTERNATIVES {
            for method in METHODS {
                if let Ok(test) = mann_whitney(&both, alternative, method) {
                    prop_assert!(is_probability(test.p_value) && test.u >= 0.0, "{test:?}");
                }
            }
            let test = kolmogorov_smirnov(&both, alternative);
            prop_assert!(is_probability(test.p_value) && is_probability(test.distance), "{test:?}");
            if let Ok(test) = brunner_munzel(&both, alternative) {
                prop_assert!(is_probability(test.p_value) && is_probability(test.effect), "{test:?}");
            }
            // Squares of the largest numbers are none.
            if treatment.iter().chain(&control).all(|value| value.abs() < 1e150)
                && let Ok(test) = welch(&both, alternative, confidence)
            {
                prop_assert!(is_probability(test.p_value) && test.low <= test.high && test.freedom > 0.0, "{test:?}");
            }
        }
        for method in METHODS {
            if let Ok(shift) = hodges_lehmann(&both, confidence, method) {
                prop_assert!(shift.low <= shift.estimate && shift.estimate <= shift.high, "{shift:?}");
            }
        }
        prop_assert!(is_probability(common_language_effect(&both)));
        prop_assert!((-1.0..=1.0).contains(&cliffs_delta(&both)));
    }

    #[test]
    fn every_answer_about_proportions_is_a_number_or_says_why_there_is_none(
        exposures in [1_u64..2_000, 1_u64..2_000], parts in [0.0..=1.0, 0.0..=1.0], confidence in 0.01..0.999,
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the exposure")]
        let counts = |arm: usize| Counts { exposure: exposures[arm], events: (exposures[arm] as f64 * parts[arm]) as u64 };
        let proportions = Proportions { treatment: counts(0), control: counts(1) };
        for interval in [newcombe(&proportions, confidence).unwrap(), miettinen_nurminen(&proportions, confidence).unwrap()] {
            prop_assert!(-1.0 <= interval.low && interval.low <= interval.difference, "{interval:?}");
            prop_assert!(interval.difference <= interval.high && interval.high <= 1.0, "{interval:?}");
        }
        for alternative in ALTERNATIVES {
            prop_assert!(is_probability(fisher(&proportions, alternative).unwrap()));
            if let Ok(test) = two_proportions(&proportions, alternative) {
                prop_assert!(is_probability(test.p_value), "{test:?}");
            }
        }
    }

    #[test]
    fn swapping_the_arms_mirrors_every_answer(treatment in whole(), control in whole()) {
        let (there, back) = (samples(&treatment, &control), samples(&control, &treatment));
        for method in METHODS {
            let less = mann_whitney(&there, Alternative::Less, method).map(|test| test.p_value);
            prop_assert_eq!(less, mann_whitney(&back, Alternative::Greater, method).map(|test| test.p_value));
            let mirrored = hodges_lehmann(&back, 0.9, method).map(|shift| (-shift.high, -shift.estimate, -shift.low));
            let shift = hodges_lehmann(&there, 0.9, method).map(|shift| (shift.low, shift.estimate, shift.high));
            prop_assert_eq!(shift, mirrored);
        }
        let distance = |both: &Samples, alternative| kolmogorov_smirnov(both, alternative).distance;
        prop_assert_eq!(distance(&there, Alternative::Less), distance(&back, Alternative::Greater));
        prop_assert_eq!(cliffs_delta(&there), -cliffs_delta(&back));
    }

    /// Multiples by a power of two are exact.
    #[test]
    fn the_unit_of_the_values_changes_nothing(treatment in whole(), control in whole(), power in -60_i32..60) {
        let unit = 2_f64.powi(power);
        let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<_>>();
        let (plain, other) = (samples(&treatment, &control), samples(&scaled(&treatment), &scaled(&control)));
        let two_sided = Alternative::TwoSided;
        prop_assert_eq!(mann_whitney(&plain, two_sided, Method::Normal), mann_whitney(&other, two_sided, Method::Normal));
        prop_assert_eq!(kolmogorov_smirnov(&plain, two_sided), kolmogorov_smirnov(&other, two_sided));
        prop_assert_eq!(brunner_munzel(&plain, two_sided), brunner_munzel(&other, two_sided));
        prop_assert_eq!(welch(&plain, two_sided, 0.9).map(|it| it.t), welch(&other, two_sided, 0.9).map(|it| it.t));
        let shift = hodges_lehmann(&plain, 0.9, Method::Normal).map(|shift| shift.low * unit);
        prop_assert_eq!(shift, hodges_lehmann(&other, 0.9, Method::Normal).map(|shift| shift.low));
    }

    #[test]
    fn boundaries_never_spend_more_than_alpha(
        alpha in 1e-4..0.2, steps in prop::collection::vec(0.02..1.0, 1..5), is_two_sided in any::<bool>(),
    ) {
        let sum: f64 = steps.iter().sum();
        let mut fractions: Vec<f64> = steps.iter().scan(0.0, |so_far, step| { *so_far += step / sum; Some(*so_far) }).collect();
        *fractions.last_mut().unwrap() = 1.0;
        prop_assume!(fractions.windows(2).all(|pair| pair[0] < pair[1]));
        let sides = if is_two_sided { Sides::Two } else { Sides::One };
        for spending in [Spending::OBrienFleming, Spending::Pocock] {
            let looks = boundaries(alpha, &fractions, (spending, sides)).unwrap();
            prop_assert!(looks.windows(2).all(|pair| pair[0].spent <= pair[1].spent));
            let last = looks.last().unwrap();
            prop_assert!((last.spent - alpha).abs() <= 1e-12 && last.z.is_finite(), "{last:?}");
        }
    }
}

#[test]
fn what_is_no_sample_is_refused_with_its_place() {
    assert_eq!(Sample::new(&[]), Err(SampleError::Empty));
    for found in [f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Sample::new(&[1.0, 2.0, found]), Err(SampleError::NonFinite { index: 2, found }));
    }
    assert!(matches!(Sample::new(&[f64::NAN]), Err(SampleError::NonFinite { index: 0, .. })));
}

#[test]
fn what_has_no_answer_says_why() {
    let same = samples(&[2.0, 2.0], &[2.0, 2.0, 2.0]);
    let two_sided = Alternative::TwoSided;
    assert_eq!(mann_whitney(&same, two_sided, Method::Automatic), Err(Undefined::NoSpread));
    assert_eq!(hodges_lehmann(&same, 0.9, Method::Automatic), Err(Undefined::NoSpread));
    assert_eq!(welch(&same, two_sided, 0.9), Err(Undefined::NoSpread));
    assert_eq!(brunner_munzel(&same, two_sided), Err(Undefined::NoSpread));
    assert_eq!(brunner_munzel(&samples(&[1.0, 2.0], &[3.0, 4.0]), two_sided), Err(Undefined::NoSpread));
    let one = samples(&[1.0], &[2.0, 3.0]);
    assert_eq!(welch(&one, two_sided, 0.9), Err(Undefined::TooFew { needed: 2, found: 1 }));
    assert_eq!(brunner_munzel(&one, two_sided), Err(Undefined::TooFew { needed: 2, found: 1 }));
    let many: Vec<f64> = (0..70).map(f64::from).collect();
    assert_eq!(mann_whitney(&samples(&many, &many), two_sided, Method::Exact), Err(Undefined::TooMany));
    for found in [0.0, 1.0, -0.5] {
        let probability = Err(Undefined::Probability { field: "confidence", found });
        assert_eq!(hodges_lehmann(&one, found, Method::Automatic), probability);
        assert_eq!(
            boundaries(found, &[1.0], (Spending::Pocock, Sides::One)).map(|_| ()),
            Err(Undefined::Probability { field: "alpha", found })
        );
    }
    assert!(welch(&same, two_sided, f64::NAN).is_err());
    for (fractions, index) in [(vec![0.0], 0), (vec![0.5, 0.5], 1), (vec![0.5, 1.1], 1)] {
        let looks = boundaries(0.05, &fractions, (Spending::Pocock, Sides::One));
        assert_eq!(looks.map(|_| ()), Err(Undefined::Fraction { index, found: fractions[index] }));
    }
    assert!(normal_quantile(f64::NAN).is_nan());
    assert_eq!(quantile(&[1.0], f64::NAN), None);
    assert_eq!(mean_ratio(&[], &[1.0]), None);
}

#[test]
fn counts_that_are_no_proportion_are_refused_and_too_large_ones_sent_elsewhere() {
    let fine = Counts { exposure: 10, events: 1 };
    for (exposure, events) in [(0, 0), (3, 4)] {
        let proportions = Proportions { treatment: fine, control: Counts { exposure, events } };
        let refused = Undefined::Impossible { events, exposure };
        assert_eq!(fisher(&proportions, Alternative::TwoSided), Err(refused.clone()));
        assert_eq!(two_proportions(&proportions, Alternative::TwoSided), Err(refused.clone()));
        assert_eq!(newcombe(&proportions, 0.9), Err(refused.clone()));
        assert_eq!(miettinen_nurminen(&proportions, 0.9), Err(refused));
    }
    let huge = Counts { exposure: u64::MAX, events: u64::MAX / 2 };
    let proportions = Proportions { treatment: huge, control: huge };
    assert_eq!(fisher(&proportions, Alternative::TwoSided), Err(Undefined::TooMany));
    assert!(two_proportions(&proportions, Alternative::TwoSided).unwrap().p_value > 0.99);
    assert!(miettinen_nurminen(&proportions, 0.9).unwrap().high < 1e-9);
}
