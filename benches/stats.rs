//! Costs of one interval of the sequential tests; the figures to reach stand beside each.

use std::hint::black_box;

use bellwether_stats::{Counts, Dependence, Harm, HarmSpec, NoHarm, PassSpec, RateInterval};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

fn update(criterion: &mut Criterion) {
    let interval = interval(57, 3);
    let mut group = criterion.benchmark_group("interval with events");
    let (mut ratio, _) = processes(Dependence::Clustered);
    let control_only = self::interval(57, 0);
    // at most 200 ns; the floor's process does next to nothing without an event of the treatment
    group.bench_function("harm by the ratio alone, Clustered", |bencher| {
        bencher.iter(|| ratio.update(black_box(&control_only)));
    });
    for dependence in [Dependence::Clustered, Dependence::BurstsUpTo(20), Dependence::Independent] {
        let (harm, no_harm) = processes(dependence);
        // two processes each
        group.bench_function(format!("harm, {dependence:?}"), |bencher| {
            let mut harm = harm.clone();
            bencher.iter(|| harm.update(black_box(&interval)));
        });
        group.bench_function(format!("no harm, {dependence:?}"), |bencher| {
            let mut no_harm = no_harm.clone();
            bencher.iter(|| no_harm.update(black_box(&interval)));
        });
        // grid: at most 1 us
        group.bench_function(format!("both with their evidence, {dependence:?}"), |bencher| {
            let (mut harm, mut no_harm) = (harm.clone(), no_harm.clone());
            bencher.iter(|| {
                harm.update(black_box(&interval));
                no_harm.update(black_box(&interval));
                (harm.log_e_ratio(), no_harm.log_e())
            });
        });
    }
}

fn update_without_events(criterion: &mut Criterion) {
    let interval = interval(0, 0);
    let mut group = criterion.benchmark_group("interval without events");
    for dependence in [Dependence::Clustered, Dependence::Independent] {
        let (harm, no_harm) = processes(dependence);
        // at most 20 ns
        group.bench_function(format!("harm, {dependence:?}"), |bencher| {
            let mut harm = harm.clone();
            bencher.iter(|| harm.update(black_box(&interval)));
        });
        group.bench_function(format!("no harm, {dependence:?}"), |bencher| {
            let mut no_harm = no_harm.clone();
            bencher.iter(|| no_harm.update(black_box(&interval)));
        });
    }
}

fn evidence(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evidence");
    for dependence in [Dependence::Clustered, Dependence::Independent] {
        let (harm, no_harm) = processes(dependence);
        group.bench_function(format!("harm, {dependence:?}"), |bencher| bencher.iter(|| black_box(&harm).log_e()));
        group
            .bench_function(format!("no harm, {dependence:?}"), |bencher| bencher.iter(|| black_box(&no_harm).log_e()));
    }
}

fn restart(criterion: &mut Criterion) {
    for dependence in [Dependence::Clustered, Dependence::Independent] {
        let (harm, _) = processes(dependence);
        criterion.bench_function(&format!("restart, {dependence:?}"), |bencher| {
            bencher.iter_batched_ref(|| harm.clone(), |harm| harm.restart(black_box(0.01)), BatchSize::SmallInput);
        });
    }
}

/// Both processes after an hour without harm.
fn processes(dependence: Dependence) -> (Harm, NoHarm) {
    let harm = Harm::new(&HarmSpec { dependence, ..HarmSpec::default() });
    let no_harm = NoHarm::new(&PassSpec { dependence, ..PassSpec::default() });
    let (Ok(mut harm), Ok(mut no_harm)) = (harm, no_harm) else { unreachable!("the defaults are accepted") };
    harm.restart(0.5);
    for minute in 0..60 {
        let interval = interval(50 + minute % 15, minute % 7);
        harm.update(&interval);
        no_harm.update(&interval);
    }
    (harm, no_harm)
}

fn interval(control: u64, treatment: u64) -> RateInterval {
    RateInterval {
        control: Counts { exposure: 5_700, events: control },
        treatment: Counts { exposure: 300, events: treatment },
        intended_share: Some(0.05),
    }
}

criterion_group!(benches, update, update_without_events, evidence, restart);
criterion_main!(benches);
