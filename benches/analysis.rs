//! How long a judgement takes.
#![expect(clippy::expect_used, reason = "what is measured is set up from constants")]

use std::hint::black_box;

use bellwether_analysis::{
    Dependence, Interval, Judge, MetricSpec, Monitor, Sample, Sequential, SequentialSpec, Series,
};
use bellwether_core::{Arms, Basis, Duration, MetricName, StageId, Time, Weight};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

const DAY: u64 = 1_440;

fn judge(dependence: Dependence) -> Sequential {
    let metrics = [(errors(), MetricSpec { dependence, ..MetricSpec::default() })].into();
    Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).expect("the defaults are valid")
}

fn errors() -> MetricName {
    MetricName::new("errors").expect("a short name")
}

/// A minute at 5 % of 6,000 requests, 1 % of which fail in both arms, a little more or less each time.
fn minute(at: u64) -> Interval {
    let start = Time::from_unix_millis(1_772_445_600_000).after(Duration::from_minutes(at));
    let share = Weight::new(500).expect("a share");
    let arms = Arms { stable: (5_700, 50 + at * 7 % 15), candidate: (300, at * 5 % 7) };
    Interval {
        start,
        end: start.after(Duration::from_minutes(1)),
        stage: StageId { rollout: "checkout-41".parse().expect("a short name"), step: 0, entry: 0 },
        intended: share,
        observed: share,
        settled: true,
        arms: arms.map(|(requests, errors)| Sample::counts(requests, errors).expect("fewer errors than requests")),
    }
}

fn a_day(dependence: Dependence) -> Monitor {
    let mut monitor = Monitor::new(&judge(dependence));
    for at in 0..DAY {
        monitor.push(&errors(), &minute(at));
    }
    monitor
}

fn analysis(criterion: &mut Criterion) {
    let minutes: Vec<Interval> = (0..DAY).map(minute).collect();
    let now = minute(DAY).start;
    for (name, dependence) in [("clustered", Dependence::Clustered), ("independent", Dependence::Independent)] {
        let judge = judge(dependence);
        let series =
            Series { stage: minute(0).stage, basis: Basis::Compare, metrics: [(errors(), minutes.clone())].into() };
        criterion.bench_function(&format!("judge/{name}/1440 intervals"), |bencher| {
            bencher.iter(|| judge.judge(black_box(&series), now));
        });
        let (monitor, next, metric) = (a_day(dependence), minute(DAY), errors());
        criterion.bench_function(&format!("monitor/{name}/push"), |bencher| {
            let push = |mut monitor: Monitor| {
                monitor.push(&metric, black_box(&next));
                monitor
            };
            bencher.iter_batched(|| monitor.clone(), push, BatchSize::SmallInput);
        });
        criterion.bench_function(&format!("monitor/{name}/verdict"), |bencher| {
            bencher.iter(|| black_box(&monitor).verdict(now));
        });
    }
}

criterion_group!(benches, analysis);
criterion_main!(benches);
