//! The test on histograms: an event test at each edge, with a tolerance on the value.

use bellwether_stats::{
    Buckets, Counts, Dependence, Direction, Edges, Exponential, Harm, HarmSpec, Histogram, NoHarm, PassSpec,
    RateInterval, ValueHarm, ValueInterval, ValueNoHarm, ValueSpec,
};
use proptest::prelude::*;

use crate::tree::{EXACT, Round, value};

const DEPENDENCES: [Dependence; 3] = [Dependence::Clustered, Dependence::BurstsUpTo(3), Dependence::Independent];

#[test]
fn the_test_is_fair_for_equal_arms_and_for_values_larger_by_the_tolerance() {
    let play = |harm: &mut ValueHarm, round: usize, interval: &ValueInterval| {
        harm.restart(if round == 0 { 0.7 } else { 0.2 });
        harm.update(interval);
    };
    for dependence in DEPENDENCES {
        let value = |tau: f64, shift: i32| {
            let spec = ValueSpec { dependence, tolerance: 1.0, value_tolerance: tau, ..ValueSpec::default() };
            let harm = ValueHarm::new(&spec, Edges::new(vec![1.0, 2.0, 4.0]).unwrap()).unwrap();
            let rounds: Vec<_> = [(2, 2), (2, 1), (1, 2)].map(|sizes| doubling(sizes, shift)).into();
            value(&harm, &rounds, &play, &|harm| harm.log_e().exp())
        };
        assert!(value(0.0, 0) <= EXACT, "{dependence:?} {}", value(0.0, 0));
        assert!(value(1.0, 1) <= EXACT, "{dependence:?} {}", value(1.0, 1));
        if dependence == Dependence::BurstsUpTo(3) {
            continue; // four requests are hardly one burst: nothing can be found in so few
        }
        assert!(value(0.0, 1) > 1.0001, "{dependence:?}: twice as large without a tolerance");
        assert!(value(1.0, 2) > 1.0001, "{dependence:?}: four times as large with a tolerance of twice");
    }
}

proptest! {
    /// Section 3.4: E = mean over edges and bets, and at each edge the clustered test of 3.2 or the grid of 3.1.
    #[test]
    fn evidence_is_the_mean_over_the_edges_of_tests_on_events(
        minutes in prop::collection::vec((counts(), counts(), prop::option::of(0.02..0.6_f64)), 1..9),
        which in 0..3_usize,
        tolerance in prop::sample::select(vec![1.0, 1.1, 2.0]),
    ) {
        let dependence = DEPENDENCES[which];
        let edges = [1.0, 2.0, 8.0];
        let spec = ValueSpec { dependence, tolerance, value_tolerance: 0.0, ..ValueSpec::default() };
        let mut harm = ValueHarm::new(&spec, Edges::new(edges.into()).unwrap()).unwrap();
        let fresh = Harm::new(&HarmSpec { dependence, tolerance, floor: 1e-12 }).unwrap();
        let mut naive = edges.map(|_| fresh.clone());
        for (at, (control, treatment, intended_share)) in minutes.into_iter().enumerate() {
            let mass = if at % 4 == 0 { 0.3 } else { 0.0 };
            harm.restart(mass);
            harm.update(&ValueInterval::new(&explicit(&control), &explicit(&treatment), intended_share));
            for (edge, naive) in naive.iter_mut().enumerate() {
                naive.restart(mass);
                naive.update(&RateInterval { control: beyond(&control, edge), treatment: beyond(&treatment, edge), intended_share });
            }
            let mean = naive.iter().map(|harm| harm.log_e_ratio().exp()).sum::<f64>() / 3.0;
            prop_assert!((harm.log_e() - mean.ln()).abs() < 1e-9, "{} {}", harm.log_e(), mean.ln());
            let best = naive.iter().map(Harm::log_e_ratio).fold(f64::NEG_INFINITY, f64::max);
            let strongest = harm.strongest();
            prop_assert!(strongest.log_e <= best + 1e-9, "the reserve is at no edge");
            prop_assert!(edges.contains(&strongest.edge));
        }
    }

    #[test]
    fn evidence_of_no_harm_is_the_smallest_of_all_edges(
        minutes in prop::collection::vec((counts(), counts(), prop::option::of(0.02..0.6_f64)), 1..9)
    ) {
        let (edges, spec) = ([1.0, 2.0, 8.0], PassSpec { harm: 1.5, ..PassSpec::default() });
        let mut no_harm = ValueNoHarm::new(&spec, Direction::HigherIsWorse, Edges::new(edges.into()).unwrap()).unwrap();
        let mut naive = edges.map(|_| NoHarm::new(&spec).unwrap());
        for (control, treatment, intended_share) in minutes {
            no_harm.update(&ValueInterval::new(&explicit(&control), &explicit(&treatment), intended_share));
            for (edge, naive) in naive.iter_mut().enumerate() {
                naive.update(&RateInterval { control: beyond(&control, edge), treatment: beyond(&treatment, edge), intended_share });
            }
            let least = naive.iter().map(NoHarm::log_e).fold(f64::INFINITY, f64::min);
            prop_assert_eq!(no_harm.log_e(), least);
            prop_assert_eq!(no_harm.weakest().unwrap().1.log_e(), least);
        }
    }

    /// A layout may change because of the data: coarser buckets in either arm never add evidence.
    #[test]
    fn coarser_buckets_are_never_more_evidence(
        control in prop::collection::vec(0..30_u64, 24),
        treatment in prop::collection::vec(0..12_u64, 24),
        coarser in (0..4_u8, 0..4_u8),
        direction in prop::sample::select(vec![Direction::HigherIsWorse, Direction::LowerIsWorse]),
    ) {
        let (control, treatment) = (exponential(3, 0, &control), exponential(3, 0, &treatment));
        let spec = ValueSpec { direction, ..ValueSpec::default() };
        let edges = Edges::new((1..24).map(|index| Exponential::bound(3, index)).collect()).unwrap();
        let mut fine = ValueHarm::new(&spec, edges.clone()).unwrap();
        fine.restart(1.0);
        let mut coarse = fine.clone();
        let mut fine_pass = ValueNoHarm::new(&PassSpec::default(), direction, edges).unwrap();
        let mut coarse_pass = fine_pass.clone();
        let merged = ValueInterval::new(&control.downscale(coarser.0), &treatment.downscale(coarser.1), Some(0.3));
        for _ in 0..3 {
            let interval = ValueInterval::new(&control, &treatment, Some(0.3));
            fine.update(&interval);
            coarse.update(&merged);
            fine_pass.update(&interval);
        }
        prop_assert!(coarse.log_e() <= fine.log_e() + 1e-9);
        coarse_pass.update(&merged);
        let mut once = ValueNoHarm::new(&PassSpec::default(), direction, coarse_pass.edges().clone()).unwrap();
        once.update(&ValueInterval::new(&control, &treatment, Some(0.3)));
        prop_assert!(coarse_pass.log_e() <= once.log_e() + 1e-9);
    }

    /// Histograms times powers of their base: the same bits.
    #[test]
    fn the_unit_of_exponential_buckets_changes_nothing(
        usual in prop::collection::vec(1..200_u64, 12),
        treatment in prop::collection::vec(0..12_u64, 12),
        scale in 0..7_i8,
        unit in -40..40_i32,
    ) {
        let of = |offset: i32| {
            let (usual, treatment) = (exponential(scale, offset, &usual), exponential(scale, offset, &treatment));
            let mut harm = ValueHarm::new(&ValueSpec::default(), Edges::of(&usual).unwrap()).unwrap();
            harm.restart(1.0);
            for _ in 0..5 {
                harm.update(&ValueInterval::new(&usual, &treatment, None));
            }
            harm.log_e().to_bits()
        };
        prop_assert_eq!(of(3), of(3 + unit));
    }

    #[test]
    fn values_turned_around_are_judged_the_other_way_round(control in counts(), treatment in counts()) {
        let turned = |counts: &[u64]| {
            let counts = counts.iter().rev().copied().collect();
            Histogram::new(vec![-8.0, -2.0, -1.0], counts).unwrap()
        };
        let of = |direction: Direction, edges: &[f64], arms: [&Histogram; 2]| {
            let spec = ValueSpec { direction, value_tolerance: 0.0, ..ValueSpec::default() };
            let mut harm = ValueHarm::new(&spec, Edges::new(edges.into()).unwrap()).unwrap();
            harm.restart(1.0);
            harm.update(&ValueInterval::new(arms[0], arms[1], None));
            harm.log_e()
        };
        let higher = of(Direction::HigherIsWorse, &[1.0, 2.0, 8.0], [&explicit(&control), &explicit(&treatment)]);
        let lower = of(Direction::LowerIsWorse, &[-8.0, -2.0, -1.0], [&turned(&control), &turned(&treatment)]);
        prop_assert!((higher - lower).abs() < 1e-12);
    }
}

#[test]
#[expect(clippy::cast_possible_truncation, reason = "numbers of buckets are small")]
fn a_value_tolerance_finds_nothing_inside_of_itself() {
    // 5 % slower at every value, which moves a third of the values over a boundary of these buckets
    let values = |slower: f64| {
        let mut sum = Histogram::exponential(Exponential::new(5)).unwrap();
        for at in 0..600 {
            let value = slower * (f64::from(at) / 150.0).exp();
            let index = (value.log2() * 32.0).ceil() as i32 - 1;
            sum = sum.merge(&exponential(5, index, &[1])).unwrap();
        }
        sum
    };
    let evidence = |slower: f64, value_tolerance: f64| {
        let spec = ValueSpec { value_tolerance, ..ValueSpec::default() };
        let mut harm = ValueHarm::new(&spec, Edges::of(&values(1.0)).unwrap()).unwrap();
        harm.restart(1.0);
        for _ in 0..100 {
            harm.update(&ValueInterval::new(&values(1.0), &values(slower), None));
        }
        harm.log_e()
    };
    assert!(evidence(1.05, 0.1) < 0.0);
    assert!(evidence(1.3, 0.1) > 100_f64.ln());
    assert!(evidence(1.05, 0.0) > evidence(1.05, 0.1));
}

#[test]
fn a_specification_is_refused_by_the_name_of_its_field() {
    let refused = |spec: ValueSpec| ValueHarm::new(&spec, Edges::new(vec![1.0]).unwrap()).unwrap_err().field;
    assert_eq!(refused(ValueSpec { tolerance: 0.9, ..ValueSpec::default() }), "tolerance");
    assert_eq!(refused(ValueSpec { value_tolerance: f64::NAN, ..ValueSpec::default() }), "value_tolerance");
    assert_eq!(refused(ValueSpec { value_tolerance: -0.1, ..ValueSpec::default() }), "value_tolerance");
    assert_eq!(
        refused(ValueSpec { dependence: Dependence::BurstsUpTo(0), ..ValueSpec::default() }),
        "dependence.bursts_up_to"
    );
}

/// Two arms whose requests take 1, 2 or 4, each with one of two laws; the treatment's are doubled `shift` times.
fn doubling((control, treatment): (u32, u32), shift: i32) -> Round<ValueInterval> {
    let laws = [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]];
    let histogram = |values: &[usize], shift: i32| {
        let mut sum = Histogram::exponential(Exponential::new(0)).unwrap();
        for value in values {
            sum = sum.merge(&exponential(0, i32::try_from(*value).unwrap() + shift, &[1])).unwrap();
        }
        sum
    };
    let pairs: Vec<_> =
        all(control).into_iter().flat_map(|c| all(treatment).into_iter().map(move |t| (c.clone(), t))).collect();
    let outcomes =
        pairs.iter().map(|(c, t)| ValueInterval::new(&histogram(c, 0), &histogram(t, shift), None)).collect();
    let law =
        |law: &[f64; 3]| pairs.iter().map(|(c, t)| c.iter().chain(t).map(|value| law[*value]).product()).collect();
    Round { outcomes, laws: laws.iter().map(law).collect() }
}

/// All sequences of so many values out of three.
fn all(length: u32) -> Vec<Vec<usize>> {
    (0..3_usize.pow(length)).map(|code| (0..length).map(|at| code / 3_usize.pow(at) % 3).collect()).collect()
}

fn exponential(scale: i8, offset: i32, counts: &[u64]) -> Histogram {
    let positive = Buckets { offset, counts: counts.to_vec() };
    Histogram::exponential(Exponential { positive, ..Exponential::new(scale) }).unwrap()
}

fn counts() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..40_u64, 4)
}

fn explicit(counts: &[u64]) -> Histogram {
    Histogram::new(vec![1.0, 2.0, 8.0], counts.to_vec()).unwrap()
}

fn beyond(counts: &[u64], edge: usize) -> Counts {
    Counts { exposure: counts.iter().sum(), events: counts[edge + 1..].iter().sum() }
}
