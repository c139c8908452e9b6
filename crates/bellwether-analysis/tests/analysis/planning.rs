//! How long a step must bake, checked against the judge itself on simulated traffic.

use bellwether_analysis::{
    BakeQuestion, Dependence, MetricKind, MetricSpec, MinimumEvidence, RampGoal, Sequential, SequentialSpec,
};
use bellwether_core::{Arms, Verdict};
use rand::rngs::Xoshiro256PlusPlus;

use crate::simulation::{poisson, seeded};
use crate::world::{interval, monitor, name, stage};

/// statistics.md, section 12: within 20 % or one interval of the simulated median, 25 % of the 90 % time, for Fail and
/// Pass; the simulation is the judge with everything around its tests, by another generator.
#[test]
fn the_plan_is_what_the_judge_takes() {
    let cells = [
        (Dependence::Clustered, 0.001, 5.0, Verdict::Fail),
        (Dependence::Clustered, 0.01, 2.0, Verdict::Fail),
        (Dependence::Independent, 0.001, 3.0, Verdict::Fail),
        (Dependence::BurstsUpTo(5), 0.01, 5.0, Verdict::Fail),
        (Dependence::Clustered, 0.01, 1.0, Verdict::Pass),
        (Dependence::Independent, 0.001, 1.0, Verdict::Pass),
    ];
    for (dependence, rate, ratio, verdict) in cells {
        let metric = MetricSpec { dependence, ..MetricSpec::default() };
        let bake = BakeQuestion {
            traffic_per_minute: 6_000.0,
            rate,
            share: 0.1,
            metric,
            ratios: [ratio].into(),
            ..BakeQuestion::default()
        };
        let plan = bake.plan().unwrap();
        let planned = if verdict == Verdict::Fail { plan.fail[0].time } else { plan.pass };
        let minutes = |time: Option<bellwether_core::Duration>| time.unwrap().as_millis() as f64 / 60_000.0;
        let (median, p90) = simulated(metric, (rate, ratio), verdict);
        let found = minutes(planned.median);
        assert!((found - median).abs() <= (0.2 * median).max(1.0), "{dependence:?} {rate} x{ratio}: {found} {median}");
        let found = minutes(planned.p90);
        assert!((found - p90).abs() <= (0.25 * p90).max(1.0), "{dependence:?} {rate} x{ratio}, 90 %: {found} {p90}");
        assert!(planned.power > 0.9);
    }
}

#[test]
fn what_is_not_reached_within_the_longest_time_has_no_quantile() {
    let plan = BakeQuestion { longest: "30m".parse().unwrap(), ratios: [1.0, 1.6].into(), ..BakeQuestion::default() }
        .plan()
        .unwrap();
    assert_eq!((plan.fail[0].time.median, plan.fail[0].fixed_sample), (None, None));
    assert!(plan.fail[1].time.power < 0.5 && plan.fail[1].fixed_sample.is_some());
    assert_eq!((plan.pass.median, plan.pass.power), (None, 0.0));
    assert_eq!(
        (plan.least_intervals_to_fail, plan.least_intervals_to_pass),
        (2, 62),
        "statistics.md, sections 3.2 and 4"
    );
    assert_eq!(plan, serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap());
}

/// statistics.md, section 7: the simulated median minutes of the independent grid at 0.1 % and 300 candidate requests a
/// minute. The table bets everything at the start; here half is, which costs ln 2 of the ln 100 that are needed.
#[test]
fn the_median_time_to_fail_is_that_of_the_designs_table() {
    for (traffic_per_minute, share, tolerance, table) in [
        (600.0, 0.5, 1.0, [(2.0, 106.0), (3.0, 34.0), (5.0, 11.0), (10.0, 4.0)]),
        (600.0, 0.5, 1.25, [(2.0, 259.0), (3.0, 55.0), (5.0, 16.0), (10.0, 5.0)]),
        (6_000.0, 0.05, 1.0, [(2.0, 54.0), (3.0, 16.0), (5.0, 6.0), (10.0, 2.0)]),
        (6_000.0, 0.05, 1.25, [(2.0, 109.0), (3.0, 23.0), (5.0, 7.0), (10.0, 2.0)]),
    ] {
        let metric = MetricSpec { dependence: Dependence::Independent, tolerance, ..MetricSpec::default() };
        let ratios = table.map(|(ratio, _)| ratio).into();
        let question = BakeQuestion { traffic_per_minute, share, metric, ratios, ..BakeQuestion::default() };
        for (found, (ratio, median)) in question.plan().unwrap().fail.iter().zip(table) {
            let minutes = found.time.median.unwrap().as_millis() as f64 / 60_000.0;
            let expected: f64 = median * (1.0 + 2_f64.ln() / 100_f64.ln());
            let name = format!("{share} {tolerance} x{ratio}: {minutes}, {expected} expected");
            assert!((minutes - expected).abs() <= (0.2 * expected).max(1.0), "{name}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_seed_another() {
    let plan = |seed| BakeQuestion { seed, rate: 0.01, ..BakeQuestion::default() }.plan().unwrap();
    assert_eq!(plan(1), plan(1));
    assert_ne!(plan(1), plan(2));
}

#[test]
fn what_cannot_be_planned_names_its_field() {
    let refused = |bake: BakeQuestion| bake.plan().unwrap_err().to_string();
    let bake = BakeQuestion::default;
    for (bake, message) in [
        (BakeQuestion { share: 0.0, ..bake() }, "use `share`: expected a share of 0.0001 to 0.9999, found 0"),
        (BakeQuestion { rate: f64::NAN, ..bake() }, "use `rate`: expected a rate of 0 to 1, found NaN"),
        (BakeQuestion { traffic_per_minute: 0.0, ..bake() }, "use `traffic_per_minute`: expected 1 to 1e12"),
        (BakeQuestion { alpha: 0.0, ..bake() }, "use `alpha`: expected a probability"),
        (BakeQuestion { beta: 0.9, ..bake() }, "use `beta`: expected a probability"),
        (BakeQuestion { runs: 0, ..bake() }, "use `runs`: expected 1 to 100,000 runs, found 0"),
        (
            BakeQuestion { longest: "1s".parse().unwrap(), ..bake() },
            "use `longest`: expected 1 to 100,000 intervals, found 0",
        ),
        (BakeQuestion { ratios: [-1.0].into(), ..bake() }, "use `ratios`: expected ratios of 0 to 1000, found -1"),
        (
            BakeQuestion { metric: MetricSpec { tolerance: 0.0, ..MetricSpec::default() }, ..bake() },
            "use `metric.tolerance`",
        ),
        (BakeQuestion { metric: MetricSpec::of(MetricKind::Gauge), ..bake() }, "use `metric.kind`: expected a rate"),
    ] {
        assert!(refused(bake.clone()).contains(message), "{}", refused(bake));
    }
}

#[test]
fn a_ramp_keeps_its_budget_and_is_the_shortest_that_was_tried() {
    let bake = BakeQuestion { traffic_per_minute: 6_000.0, rate: 0.001, runs: 40, ..BakeQuestion::default() };
    let ramp = |budget| RampGoal { bake: bake.clone(), ratio: 5.0, budget }.plan().unwrap();
    let length = |ramp: &bellwether_analysis::Ramp| ramp.steps.iter().map(|step| step.bake.as_millis()).sum::<u64>();
    let (careful, bold) = (ramp(60.0).unwrap(), ramp(1_000.0).unwrap());
    assert!(careful.harmed <= 60.0 && bold.harmed <= 1_000.0);
    assert!(length(&careful) >= length(&bold), "{careful:?} {bold:?}");
    assert!(careful.steps.windows(2).all(|pair| pair[0].share < pair[1].share));
    assert_eq!(ramp(0.0), None, "every release harms somebody before it is found");
    let error = RampGoal { bake: bake.clone(), ratio: 0.5, budget: 1.0 }.plan().unwrap_err();
    assert_eq!(error.to_string(), "use `ratio`: expected a ratio of 1 to 1000, found 0.5");
}

/// Median and 90 % minutes to the judge's first verdict of this kind.
fn simulated(metric: MetricSpec, (rate, ratio): (f64, f64), verdict: Verdict) -> (f64, f64) {
    const RUNS: u64 = 120;
    let spec = SequentialSpec {
        metrics: [(name("errors"), metric)].into(),
        minimum: MinimumEvidence { events: 1, requests: 1, intervals: 1 },
        ..SequentialSpec::default()
    };
    let judge = Sequential::new(spec).unwrap();
    let arm =
        |random: &mut Xoshiro256PlusPlus, requests: u64, rate: f64| (requests, poisson(random, requests as f64 * rate));
    // A pass does not end the search for harm: below the acceptable rate a candidate may well pass first.
    let run = |seed| {
        let (mut random, mut monitor) = (seeded(seed), monitor(&judge));
        let minute = (0..1_440).find(|at| {
            let arms = Arms { stable: arm(&mut random, 5_400, rate), candidate: arm(&mut random, 600, rate * ratio) };
            let interval = interval(*at, stage(0), 1_000, arms);
            monitor.push(&name("errors"), &interval);
            monitor.verdict(interval.end).outcome == verdict
        });
        minute.map_or(u64::MAX, |at| at + 1)
    };
    let mut times: Vec<u64> = (0..RUNS).map(run).collect();
    times.sort_unstable();
    let quantile = |part: u64| times[usize::try_from(RUNS * part / 10 - 1).unwrap()] as f64;
    (quantile(5), quantile(9))
}
