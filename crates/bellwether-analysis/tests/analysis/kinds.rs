//! Metrics of every kind: distributions, samples, gauges and rates by instance.

use std::collections::BTreeMap;

use bellwether_analysis::{
    Buckets, Direction, Exponential, Histogram, Instance, Interval, Judge, MetricKind, MetricSpec, Monitor,
    MonitorState, Reading, Sample, Sequential, SequentialSpec, Usual,
};
use bellwether_core::{Arms, Basis, Duration, Time, Verdict, Weight};
use bellwether_stats::{Edges, ValueHarm, ValueInterval, ValueSpec};
use proptest::prelude::*;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::simulation::seeded;
use crate::world::{count, judge, minute, monitor, name, ratio, rules, series, stage};

#[test]
fn slower_requests_fail_and_equal_ones_pass() {
    let judge = judge(MetricSpec::of(MetricKind::Distribution));
    let first = |slower: f64| {
        let mut random = seeded(7);
        let intervals = (0..200).map(|at| latencies(&mut random, at, slower));
        crate::world::first_decision(&judge, intervals)
    };
    let (minutes, failed) = first(1.5).unwrap();
    assert_eq!((failed.outcome, rules(&failed)), (Verdict::Fail, vec!["judge.harm"]), "{failed}");
    assert!(minutes < 34, "statistics.md, 3.4: half of the runs find 30 % more in 34 minutes: {minutes}");
    let finding = &failed.findings[0];
    assert!(finding.rendered().starts_with("values of errors are worse than tolerated: "), "{finding}");
    assert!(finding.rendered_flip().unwrap().contains("of the candidate's values had been beyond"), "{finding}");
    let (_, passed) = first(1.0).unwrap();
    assert_eq!((passed.outcome, rules(&passed)), (Verdict::Pass, vec!["judge.no_harm"]), "{passed}");
}

#[test]
fn the_evidence_of_a_distribution_is_that_of_its_test_from_the_interval_after_the_first_hundred_values() {
    let judge = judge(MetricSpec::of(MetricKind::Distribution));
    let mut monitor = monitor(&judge);
    let mut random = seeded(1);
    let intervals: Vec<_> = (0..40).map(|at| latencies(&mut random, at, 1.3)).collect();
    let of = |interval: &Interval| interval.arms.as_ref().map(histogram);
    let edges = Edges::of(&of(&intervals[0]).stable).unwrap();
    let mut harm = ValueHarm::new(&ValueSpec::default(), edges).unwrap();
    // half at the start and a first hour of 24 that shares a quarter wait for the first interval that is compared
    harm.restart(0.5 + 0.25 / 24.0);
    for (at, interval) in intervals.iter().enumerate() {
        monitor.push(&name("errors"), interval);
        let arms = of(interval);
        if at > 0 {
            harm.update(&ValueInterval::new(&arms.stable, &arms.candidate, Some(0.5)));
        }
        let decision = monitor.verdict(interval.end);
        let evidence = decision.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap();
        assert!((ratio(evidence, "log_harm") - harm.log_e()).abs() < 1e-9, "{at}");
    }
}

#[test]
fn a_few_values_do_not_say_where_to_compare() {
    let judge = judge(MetricSpec::of(MetricKind::Distribution));
    let few = || Sample::from(Histogram::new(vec![0.1, 0.2], vec![30, 2, 1]).unwrap());
    let minutes = |count| (0..count).map(|at| with(at, 5_000, Arms { stable: few(), candidate: few() })).collect();
    let text = |count| {
        let decision = judge.judge(&series(stage(0), minutes(count)), minute(count));
        decision.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap().rendered()
    };
    assert_eq!(
        text(3),
        "errors at this stage: 99 values of the candidate, 99 of stable; where to compare them is not known before \
         stable had a hundred"
    );
    assert!(
        text(5).starts_with("errors at this stage: 3 of 33 values of the candidate were beyond 0.100"),
        "{}",
        text(5)
    );
}

#[test]
fn what_was_usual_before_the_rollout_makes_the_first_interval_evidence() {
    let usual = Usual { p5: 0.02, p90: 0.2, p99: 0.5, p999: 1.0 };
    let judge = judge(MetricSpec { usual: Some(usual), ..MetricSpec::of(MetricKind::Distribution) });
    let mut monitor = monitor(&judge);
    monitor.push(&name("errors"), &latencies(&mut seeded(2), 0, 3.0));
    let decision = monitor.verdict(minute(1));
    let evidence = decision.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap();
    assert!(ratio(evidence, "log_harm") > 0.0, "{evidence}");
    assert!(ratio(evidence, "edge") >= 0.5, "shown at the 99 %");
}

#[test]
fn an_objective_is_what_is_shown() {
    let judge = judge(MetricSpec { objective: Some(0.25), ..MetricSpec::of(MetricKind::Distribution) });
    let mut monitor = monitor(&judge);
    let mut random = seeded(2);
    (0..3).for_each(|at| monitor.push(&name("errors"), &latencies(&mut random, at, 1.0)));
    let decision = monitor.verdict(minute(3));
    let evidence = decision.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap();
    assert_eq!(ratio(evidence, "edge"), 0.25, "a boundary of these buckets");
}

#[test]
fn samples_can_fail_and_never_pass() {
    let judge = judge(MetricSpec::of(MetricKind::Samples));
    let decide = |slower: f64| {
        let mut random = seeded(3);
        let mut monitor = monitor(&judge);
        for at in 0..120 {
            let mut values =
                |count, factor: f64| Sample::Values((0..count).map(|_| factor * latency(&mut random)).collect());
            let arms = Arms { stable: values(54, 1.0), candidate: values(6, slower) };
            monitor.push(&name("errors"), &with(at, 1_000, arms));
        }
        monitor.verdict(minute(120))
    };
    let failed = decide(1.6);
    assert_eq!((failed.outcome, rules(&failed)), (Verdict::Fail, vec!["judge.harm"]), "{failed}");
    assert!(failed.findings[0].rendered().contains("by ranks"), "{failed}");
    let equal = decide(1.0);
    assert_eq!((equal.outcome, rules(&equal)), (Verdict::Inconclusive, vec!["judge.cannot_pass"]), "{equal}");
}

#[test]
fn samples_beside_a_rate_do_not_keep_it_from_passing() {
    let rate = MetricSpec { dependence: bellwether_analysis::Dependence::Independent, ..MetricSpec::default() };
    let metrics = [(name("errors"), rate), (name("sampled"), MetricSpec::of(MetricKind::Samples))];
    let judge = Sequential::new(SequentialSpec { metrics: metrics.into(), ..SequentialSpec::default() }).unwrap();
    let mut monitor = monitor(&judge);
    let mut random = seeded(3);
    for at in 0..60 {
        monitor.push(&name("errors"), &crate::world::at_five_percent(at, 57, 3));
        let mut values = |count| Sample::Values((0..count).map(|_| latency(&mut random)).collect());
        monitor.push(&name("sampled"), &with(at, 1_000, Arms { stable: values(54), candidate: values(6) }));
    }
    assert_eq!(monitor.verdict(minute(60)).outcome, Verdict::Pass);
}

#[test]
fn a_gauge_is_reported_unless_it_is_asked_to_judge_and_needs_enough_instances() {
    let memory = MetricSpec::of(MetricKind::Gauge);
    let decide = |spec: MetricSpec, sizes: (usize, usize), more: f64| {
        let judge = judge(spec);
        let mut monitor = monitor(&judge);
        for at in 0..60 {
            let arms = Arms { stable: gauges(sizes.0, 400.0), candidate: gauges(sizes.1, 400.0 * more) };
            monitor.push(&name("errors"), &with(at, 2_500, arms));
        }
        monitor.verdict(minute(60))
    };
    let reported = decide(memory, (6, 3), 2.0);
    assert_eq!((reported.outcome, rules(&reported)), (Verdict::Inconclusive, vec!["judge.cannot_pass"]));
    let judged = MetricSpec { advisory: false, ..memory };
    assert_eq!(decide(judged, (6, 3), 2.0).outcome, Verdict::Fail);
    assert_eq!(rules(&decide(judged, (12, 3), 1.1)), ["judge.cannot_pass"], "within the tolerance");
    let few = decide(judged, (6, 2), 2.0);
    assert_eq!(rules(&few), ["judge.few_instances", "judge.cannot_pass"], "1 / C(8, 2) = 1 / 28 is above 1 %");
    assert!((ratio(&few.findings[0], "p") - 1.0 / 28.0).abs() < 1e-12);
}

#[test]
fn saturated_instances_fail_at_once_and_hold_where_those_of_stable_are_too() {
    let judge = judge(MetricSpec { limit: Some(0.9), ..MetricSpec::of(MetricKind::Gauge) });
    let decide = |stable: f64| {
        let mut monitor = monitor(&judge);
        (0..2).for_each(|at| {
            monitor.push(
                &name("errors"),
                &with(at, 2_500, Arms { stable: gauges(3, stable), candidate: gauges(3, 0.95) }),
            );
        });
        monitor.verdict(minute(2))
    };
    let failed = decide(0.5);
    assert_eq!((failed.outcome, rules(&failed)), (Verdict::Fail, vec!["judge.saturated"]));
    assert!(
        failed.findings[0].rendered().starts_with("saturated: 3 of 3 candidate instances were beyond 0.900"),
        "{failed}"
    );
    assert_eq!(decide(0.95).outcome, Verdict::Inconclusive);
}

#[test]
fn instances_that_are_not_warm_yet_do_not_count_in_either_arm() {
    let judge = judge(MetricSpec::default());
    let arm = |instances: &[(i64, u64, u64)]| {
        let of = |(started, requests, errors): &(i64, u64, u64)| {
            let since = Time::from_unix_millis(minute(0).unix_millis() + started * 60_000);
            Instance { since: Some(since), reading: Reading::Counts { requests: *requests, errors: *errors } }
        };
        let named = instances.iter().enumerate().map(|(at, instance)| (format!("pod-{at}"), of(instance)));
        Sample::Instances(named.collect())
    };
    // at minute 1 a pod that started at minute 0 is one minute old, one that started at -1 is two
    let arms = Arms { stable: arm(&[(-60, 5_000, 5), (0, 700, 90)]), candidate: arm(&[(-1, 200, 1), (0, 100, 30)]) };
    let decision = judge.judge(&series(stage(0), vec![with(1, 500, arms)]), minute(2));
    let evidence = decision.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap();
    let counts =
        ["candidate_requests", "candidate_errors", "stable_requests", "stable_errors"].map(|of| count(evidence, of));
    assert_eq!(counts, [200, 1, 5_000, 5]);
    let cold = Arms { stable: arm(&[(-60, 5_700, 5)]), candidate: arm(&[(0, 300, 9)]) };
    let decision = judge.judge(&series(stage(0), vec![with(1, 500, cold)]), minute(2));
    assert_eq!((decision.outcome, rules(&decision)), (Verdict::NoData, vec!["judge.no_data.warming_up"]));
    assert!(decision.findings[0].rendered_flip().unwrap().contains("had run for 2m"), "{decision}");
    let down = Arms { stable: arm(&[(-60, 5_700, 5)]), candidate: arm(&[(0, 300, 150)]) };
    let decision = judge.judge(&series(stage(0), vec![with(1, 500, down)]), minute(2));
    assert_eq!(rules(&decision), ["judge.guard"], "an outage is one however young the instance is");
}

#[test]
fn a_rate_of_which_less_is_worse_counts_those_without_the_event() {
    let judge = judge(MetricSpec { direction: Direction::LowerIsWorse, tolerance: 1.1, ..MetricSpec::default() });
    let decide = |converted: u64| {
        let minute = |at| with(at, 5_000, Arms { stable: counts(3_000, 2_700), candidate: counts(3_000, converted) });
        judge.judge(&series(stage(0), (0..90).map(minute).collect()), crate::world::minute(90)).outcome
    };
    assert_eq!([decide(2_700), decide(2_300)], [Verdict::Pass, Verdict::Fail], "10 % and 23 % did not convert");
}

#[test]
fn a_sample_of_another_kind_is_no_data() {
    let histogram = || Sample::from(Histogram::new(vec![0.1], vec![200, 100]).unwrap());
    let samples: [(&str, Sample); 6] = [
        ("counts", counts(300, 1)),
        ("histogram", histogram()),
        ("values", Sample::Values(vec![1.0; 300])),
        ("gauges", gauges(3, 1.0)),
        ("counts of instances", instances(Reading::Counts { requests: 300, errors: 1 })),
        ("histograms of instances", instances(Reading::Histogram(Histogram::new(vec![0.1], vec![200, 100]).unwrap()))),
    ];
    let fits = [
        (MetricKind::Rate, ["counts", "counts of instances"]),
        (MetricKind::Distribution, ["histogram", "histograms of instances"]),
        (MetricKind::Samples, ["values", "values"]),
        (MetricKind::Gauge, ["gauges", "gauges"]),
    ];
    for (kind, fitting) in fits {
        let judge = judge(MetricSpec { advisory: false, ..MetricSpec::of(kind) });
        for (sample, of) in &samples {
            let interval = with(0, 5_000, Arms { stable: of.clone(), candidate: of.clone() });
            let decision = judge.judge(&series(stage(0), vec![interval]), minute(1));
            let is_wrong = rules(&decision) == ["judge.no_data.wrong_kind"];
            assert_eq!(is_wrong, !fitting.contains(sample), "{kind:?} {sample}: {decision}");
        }
    }
}

#[test]
fn what_is_not_a_number_and_buckets_that_do_not_merge_are_no_data() {
    let decide = |kind, sample: Sample| {
        let judge = judge(MetricSpec { advisory: false, ..MetricSpec::of(kind) });
        let interval = with(0, 5_000, Arms { stable: sample.clone(), candidate: sample });
        let decision = judge.judge(&series(stage(0), vec![interval]), minute(1));
        (decision.outcome, rules(&decision).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let no_data = |rule: &str| (Verdict::NoData, vec![rule.to_owned()]);
    let non_finite = no_data("judge.no_data.non_finite");
    assert_eq!(decide(MetricKind::Samples, Sample::Values(vec![1.0, f64::NAN])), non_finite);
    assert_eq!(decide(MetricKind::Gauge, gauges(3, f64::NAN)), non_finite);
    assert_eq!(decide(MetricKind::Gauge, gauges(3, f64::INFINITY)), non_finite);
    assert_eq!(decide(MetricKind::Samples, Sample::Values(vec![])), no_data("judge.no_data.no_traffic"));
    let explicit = Reading::Histogram(Histogram::new(vec![0.1], vec![200, 100]).unwrap());
    let exponential = Reading::Histogram(Histogram::exponential(Exponential::new(3)).unwrap());
    let of = |reading| Instance { since: None, reading };
    let mixed = [("a".to_owned(), of(explicit)), ("b".to_owned(), of(exponential))].into();
    assert_eq!(decide(MetricKind::Distribution, Sample::Instances(mixed)), no_data("judge.no_data.wrong_kind"));
    let impossible = instances(Reading::Counts { requests: 1, errors: 2 });
    assert_eq!(decide(MetricKind::Rate, impossible), no_data("judge.no_data.impossible"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Also when it is stored after every interval.
    #[test]
    fn on_every_prefix_a_monitor_of_every_kind_equals_the_judge(minutes in prop::collection::vec(any_minute(), 1..25)) {
        let kinds = [MetricKind::Rate, MetricKind::Distribution, MetricKind::Samples, MetricKind::Gauge];
        let named = kinds.map(|kind| (name(&format!("{kind:?}").to_lowercase()), kind));
        let spec = |kind| MetricSpec { advisory: false, limit: None, ..MetricSpec::of(kind) };
        let metrics = named.iter().map(|(name, kind)| (name.clone(), spec(*kind))).collect();
        let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).unwrap();
        let mut monitor = Monitor::new(&judge);
        let mut series = series(stage(0), vec![]);
        series.metrics.clear();
        for (at, minute) in minutes.iter().enumerate() {
            for (metric, kind) in &named {
                let step = u32::try_from(at / 12).unwrap();
                let interval = Interval { stage: stage(step), ..minute.interval(at as u64, *kind) };
                monitor.enter(&interval.stage, Basis::Compare);
                monitor.push(metric, &interval);
                let text = serde_json::to_string(monitor.state()).unwrap();
                let state: MonitorState = serde_json::from_str(&text).unwrap();
                monitor = Monitor::restore(&judge, state).unwrap();
                series.stage = interval.stage.clone();
                let end = interval.end;
                series.metrics.entry(metric.clone()).or_default().push(interval);
                let decision = monitor.verdict(end);
                prop_assert_eq!(&decision, &judge.judge(&series, end));
                let stored = serde_json::to_string(&decision).unwrap();
                prop_assert!(!stored.contains("null"), "a figure that is no number: {}", stored);
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Minute {
    seed: u64,
    slower: f64,
    odd: u8,
}

fn any_minute() -> impl Strategy<Value = Minute> {
    let slower = prop_oneof![Just(1.0), Just(1.5), Just(8.0)];
    (0..1_000_u64, slower, 0..12_u8).prop_map(|(seed, slower, odd)| Minute { seed, slower, odd })
}

impl Minute {
    /// Now and then of another kind, empty or not settled.
    fn interval(&self, at: u64, kind: MetricKind) -> Interval {
        let mut random = seeded(self.seed);
        let mut interval = match kind {
            MetricKind::Rate => {
                with(at, 5_000, Arms { stable: counts(300, 3), candidate: counts(300, self.seed % 60) })
            }
            MetricKind::Distribution => latencies(&mut random, at, self.slower),
            MetricKind::Samples => {
                let mut values =
                    |count, factor: f64| Sample::Values((0..count).map(|_| factor * latency(&mut random)).collect());
                with(at, 1_000, Arms { stable: values(20, 1.0), candidate: values(5, self.slower) })
            }
            MetricKind::Gauge => with(at, 2_500, Arms { stable: gauges(6, 1.0), candidate: gauges(3, self.slower) }),
        };
        match self.odd {
            0 => interval.arms.candidate = counts(0, 0),
            1 => interval.arms.candidate = Sample::Values(vec![]),
            2 => interval.settled = false,
            3 => interval.end = interval.start,
            _ => {}
        }
        interval
    }
}

fn with(at: u64, share: u16, arms: Arms<Sample>) -> Interval {
    let weight = Weight::new(share).unwrap();
    let (start, end) = (minute(at), minute(at).after(Duration::from_minutes(1)));
    Interval { start, end, stage: stage(0), intended: weight, observed: weight, settled: true, arms }
}

/// A minute of 300 requests in both arms, whose latencies are log-normal; in exponential buckets of scale 3.
fn latencies(random: &mut Xoshiro256PlusPlus, at: u64, slower: f64) -> Interval {
    let mut arm = |factor: f64| {
        let mut buckets = vec![0; 200];
        for _ in 0..300 {
            let index = ((factor * latency(random)).log2() * 8.0).ceil() + 99.0;
            buckets[(0..200).find(|bucket| f64::from(*bucket) >= index).unwrap_or(199) as usize] += 1;
        }
        let positive = Buckets { offset: -100, counts: buckets };
        Histogram::exponential(Exponential { positive, ..Exponential::new(3) }).unwrap().into()
    };
    let arms = Arms { stable: arm(1.0), candidate: arm(slower) };
    with(at, 5_000, arms)
}

/// A median of 100 ms.
fn latency(random: &mut Xoshiro256PlusPlus) -> f64 {
    let normal = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    0.1 * (0.6 * normal).exp()
}

fn histogram(sample: &Sample) -> Histogram {
    let Sample::Histogram(histogram) = sample else { panic!("no histogram") };
    histogram.clone()
}

fn counts(requests: u64, errors: u64) -> Sample {
    Sample::counts(requests, errors).unwrap()
}

/// Instances that differ by two percent from one to the next.
fn gauges(count: usize, value: f64) -> Sample {
    let of = |at: usize| Instance {
        since: None,
        reading: Reading::Gauge(value * 1.02_f64.powi(i32::try_from(at).unwrap())),
    };
    Sample::Instances((0..count).map(|at| (format!("pod-{at}"), of(at))).collect())
}

fn instances(reading: Reading) -> Sample {
    Sample::Instances(BTreeMap::from([("pod-0".to_owned(), Instance { since: None, reading })]))
}
