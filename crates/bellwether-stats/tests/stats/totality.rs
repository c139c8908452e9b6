//! Properties that hold for any counts at all.

use bellwether_stats::{Counts, Dependence, Harm, HarmSpec, NoHarm, PassSpec, RateInterval};
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_counts_make_evidence_anything_but_a_number(
        dependence in dependence(),
        intervals in prop::collection::vec((wild_interval(), wild_number()), 1..20),
    ) {
        let (mut harm, mut no_harm) = processes(dependence);
        for (interval, mass) in intervals {
            harm.restart(mass);
            harm.update(&interval);
            no_harm.update(&interval);
            let evidence = [harm.log_e_ratio(), harm.log_e_floor(), no_harm.log_e_ratio(), no_harm.log_e_absolute()];
            prop_assert!(evidence.iter().all(|log_e| log_e.is_finite()), "{evidence:?}");
            prop_assert_eq!(harm.log_e(), harm.log_e_ratio().min(harm.log_e_floor()));
            prop_assert!(no_harm.log_e() <= no_harm.log_e_ratio().max(no_harm.log_e_absolute()) + 1e-9);
            let possible = mass > 0.0 && mass < 1.0;
            prop_assert!(possible || no_harm.needed_exposure(mass).is_none());
            prop_assert!(possible || no_harm.needed_intervals(mass).is_none());
            prop_assert!(harm.minimum_intervals(mass, mass) >= 1);
        }
    }

    #[test]
    fn more_events_of_the_treatment_and_fewer_of_the_control_are_never_less_evidence_of_harm(
        dependence in dependence(),
        intervals in prop::collection::vec((interval(), 0..5_u64, 0..5_u64), 1..20),
    ) {
        let ((mut harm, _), (mut worse, _)) = (processes(dependence), processes(dependence));
        harm.restart(0.5);
        worse.restart(0.5);
        for (interval, more, fewer) in intervals {
            harm.update(&interval);
            let mut shifted = interval;
            shifted.treatment.events += more;
            shifted.control.events = shifted.control.events.saturating_sub(fewer);
            worse.update(&shifted);
            prop_assert!(worse.log_e_ratio() >= harm.log_e_ratio() - 1e-9);
            prop_assert!(worse.log_e_floor() >= harm.log_e_floor() - 1e-9);
        }
    }

    #[test]
    fn more_events_of_the_treatment_are_never_more_evidence_of_no_harm(
        dependence in dependence(),
        past in prop::collection::vec(interval(), 0..20),
        interval in interval(),
        more in 0..20_u64,
    ) {
        let (_, mut no_harm) = processes(dependence);
        past.iter().for_each(|interval| no_harm.update(interval));
        let mut worse = no_harm.clone();
        no_harm.update(&interval);
        let treatment = Counts { events: interval.treatment.events + more, ..interval.treatment };
        worse.update(&RateInterval { treatment, ..interval });
        prop_assert!(worse.log_e() <= no_harm.log_e() + 1e-9);
    }

    #[test]
    fn impossible_events_add_no_evidence(dependence in dependence(), interval in interval(), excess in 1..1_000_u64) {
        let (mut harm, mut no_harm) = started(dependence);
        let (mut harm_excess, mut no_harm_excess) = (harm.clone(), no_harm.clone());
        let full = |arm: Counts| Counts { events: arm.exposure, ..arm };
        let over = |arm: Counts| Counts { events: arm.exposure + excess, ..arm };
        harm.update(&RateInterval { treatment: full(interval.treatment), ..interval });
        harm_excess.update(&RateInterval { treatment: over(interval.treatment), ..interval });
        prop_assert_eq!(&harm, &harm_excess);
        no_harm.update(&RateInterval { control: full(interval.control), ..interval });
        no_harm_excess.update(&RateInterval { control: over(interval.control), ..interval });
        prop_assert_eq!(&no_harm, &no_harm_excess);
        prop_assert!(!over(interval.control).is_possible());
    }

    #[test]
    fn intervals_that_compare_nothing_leave_the_ratio_alone(
        dependence in dependence(),
        interval in interval(),
        intended in prop_oneof![Just(f64::NAN), Just(-0.01), Just(1.01), Just(f64::INFINITY)],
    ) {
        let (fresh_harm, fresh_no_harm) = started(dependence);
        let empty = Counts { exposure: 0, ..interval.treatment };
        let nothing = [
            RateInterval { treatment: empty, ..interval },
            RateInterval { control: empty, ..interval },
            RateInterval { intended_share: Some(intended), ..interval },
        ];
        for interval in nothing {
            let (mut harm, mut no_harm) = (fresh_harm.clone(), fresh_no_harm.clone());
            harm.update(&interval);
            no_harm.update(&interval);
            prop_assert_eq!(harm.log_e_ratio(), fresh_harm.log_e_ratio());
            prop_assert_eq!(no_harm.log_e_ratio(), fresh_no_harm.log_e_ratio());
        }
    }

    #[test]
    fn the_grid_adds_the_same_over_parts_of_an_interval(parts in prop::collection::vec((0..50_u64, 0..50_u64), 1..5)) {
        // additive over shards: same exposures in each, so the same share
        let (mut whole, _) = started(Dependence::Independent);
        let mut shards = whole.clone();
        let exposures = (5_700, 300);
        let mut sum = RateInterval::default();
        for (control, treatment) in parts {
            let part = RateInterval {
                control: Counts { exposure: exposures.0, events: control },
                treatment: Counts { exposure: exposures.1, events: treatment },
                intended_share: None,
            };
            shards.update(&part);
            sum.control = sum.control.checked_add(part.control).unwrap();
            sum.treatment = sum.treatment.checked_add(part.treatment).unwrap();
        }
        whole.update(&sum);
        prop_assert!((whole.log_e_ratio() - shards.log_e_ratio()).abs() < 1e-9 * (1.0 + whole.log_e_ratio().abs()));
    }

    #[test]
    fn the_masses_of_all_restarts_are_at_most_one(masses in prop::collection::vec(wild_number(), 0..10)) {
        // nothing was observed, so all mass is still there, wherever it is
        let (mut harm, _) = processes(Dependence::Clustered);
        for mass in masses {
            harm.restart(mass);
            prop_assert!(harm.log_e_ratio().abs() < 1e-12);
        }
    }
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    let most = Counts { exposure: u64::MAX, events: 1 };
    assert_eq!(most.checked_add(Counts { exposure: 1, events: 0 }), None);
    assert_eq!(most.checked_add(Counts { exposure: 0, events: 1 }), Some(Counts { exposure: u64::MAX, events: 2 }));
    let events = Counts { exposure: 0, events: u64::MAX };
    assert_eq!(events.checked_add(most), None);
}

fn dependence() -> impl Strategy<Value = Dependence> {
    prop_oneof![
        Just(Dependence::Clustered),
        (1..=u32::MAX).prop_map(Dependence::BurstsUpTo),
        Just(Dependence::BurstsUpTo(20)),
        Just(Dependence::Independent),
    ]
}

/// Small enough for evidence to stay in a range in which differences mean something.
fn interval() -> impl Strategy<Value = RateInterval> {
    let arm = || (50..10_000_u64, 0..40_u64).prop_map(|(exposure, events)| Counts { exposure, events });
    let share = prop::option::of(0.0..=1.0);
    (arm(), arm(), share).prop_map(|(control, treatment, intended_share)| RateInterval {
        control,
        treatment,
        intended_share,
    })
}

fn wild_interval() -> impl Strategy<Value = RateInterval> {
    let count = || prop_oneof![Just(0), Just(1), 0..1_000_u64, any::<u64>(), Just(u64::MAX)];
    let arm = move || (count(), count()).prop_map(|(exposure, events)| Counts { exposure, events });
    (arm(), arm(), prop::option::of(wild_number())).prop_map(|(control, treatment, intended_share)| RateInterval {
        control,
        treatment,
        intended_share,
    })
}

fn wild_number() -> impl Strategy<Value = f64> {
    let extreme = [0.0, -0.0, 1.0, 1e-300, 5e-324, 1.0 - 1e-16, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    prop_oneof![0.0..1.0, prop::num::f64::ANY, prop::sample::select(extreme.to_vec())]
}

fn processes(dependence: Dependence) -> (Harm, NoHarm) {
    let harm = Harm::new(&HarmSpec { dependence, ..HarmSpec::default() }).unwrap();
    (harm, NoHarm::new(&PassSpec { dependence, ..PassSpec::default() }).unwrap())
}

/// Processes that have bet and seen something.
fn started(dependence: Dependence) -> (Harm, NoHarm) {
    let (mut harm, mut no_harm) = processes(dependence);
    harm.restart(0.5);
    let arm = Counts { exposure: 1_000, events: 3 };
    let interval = RateInterval { control: arm, treatment: arm, intended_share: None };
    harm.update(&interval);
    no_harm.update(&interval);
    (harm, no_harm)
}
