//! The journal: an append, the verification of a chain from disk, and the fold of events in memory.
//!
//! Figures to hold: an append within 0.2 ms (median) where the disk flushes in 0.15, 300,000 records a second verified,
//! 1,000,000 events a second folded.

#![expect(clippy::unwrap_used, reason = "a bench that cannot set itself up has nothing to measure")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bellwether_core::{Fence, Route, Time};
use bellwether_port::testing::{Simulation, example_plan};
use bellwether_port::{Body, Chain, Course, Journal, Opened, Record, load, replay};
use bellwether_redb::RedbJournal;
use bellwether_rollout::{Actor, Event, Kind, Observation, State, goal, start, step};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use redb::{Database, TableDefinition};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

const RECORDS: u64 = 10_000;
/// The table of the bare transaction.
const RECORDS_OF_BARE: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("records");

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A rollout that is looked at every second: the record that a journal holds most of.
fn events() -> (Opened, Vec<Event>) {
    let opened = Opened::new(example_plan("checkout-42"));
    let at = Time::default();
    let look = |second: u64| {
        let at = at.after(bellwether_core::Duration::from_seconds(second));
        let observation = Observation { as_of: at, route: Some(Route::STABLE), units: None, applied: None };
        let id = format!("look-{second}").parse().unwrap();
        Event { id, at, by: Actor::Driver, kind: Kind::Observed(observation) }
    };
    (opened, (1..RECORDS).map(look).collect())
}

fn records(opened: &Opened, events: &[Event]) -> (Chain, Vec<Record>) {
    let mut chain = Chain::new(opened.plan.id().clone());
    let mut course = Course::open(opened, Time::default());
    let mut records = Vec::new();
    let mut seal = |body: &Body| {
        let record = chain.next(Time::default(), Fence::default(), body).unwrap();
        chain.push(&record).unwrap();
        records.push(record);
    };
    seal(&Body::from(opened.clone()));
    for event in events {
        let (next, decision) = course.step(event);
        course = next;
        seal(&Body::event(event.clone(), decision));
    }
    (chain, records)
}

fn append(criterion: &mut Criterion) {
    let (folder, runtime) = (TempDir::new().unwrap(), runtime());
    let journal = RedbJournal::open(folder.path().join("append.redb")).unwrap();
    let opened = Opened::new(example_plan("checkout-42"));
    let mut course = Course::open(&opened, Time::default());
    let mut chain = Chain::new(opened.plan.id().clone());
    let first = chain.next(Time::default(), Fence::default(), &Body::from(opened)).unwrap();
    runtime.block_on(journal.append(chain.rollout(), &first)).unwrap();
    chain.push(&first).unwrap();
    criterion.bench_function("journal/append", |bencher| {
        bencher.iter(|| {
            let id = format!("tick-{}", chain.next_seq()).parse().unwrap();
            let event = Event { id, at: Time::default(), by: Actor::Driver, kind: Kind::Ticked };
            let (next, decision) = course.clone().step(&event);
            let record = chain.next(Time::default(), Fence::default(), &Body::event(event, decision)).unwrap();
            runtime.block_on(journal.append(chain.rollout(), &record)).unwrap();
            chain.push(&record).unwrap();
            course = next;
        });
    });
}

fn verify(criterion: &mut Criterion) {
    let (folder, runtime) = (TempDir::new().unwrap(), runtime());
    let (opened, events) = events();
    let (chain, records) = records(&opened, &events);
    let journal = RedbJournal::open(folder.path().join("verify.redb")).unwrap();
    runtime.block_on(async {
        for record in &records {
            journal.append(chain.rollout(), record).await.unwrap();
        }
    });
    let mut group = criterion.benchmark_group("journal");
    group.throughput(Throughput::Elements(RECORDS)).sample_size(20);
    group.bench_function("verify", |bencher| {
        bencher.iter(|| assert_eq!(runtime.block_on(journal.verify(chain.rollout())).unwrap(), chain.head()));
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(journal.read(chain.rollout(), 0)).unwrap()));
    });
    group.bench_function("load", |bencher| bencher.iter(|| black_box(load(chain.rollout(), &records).unwrap())));
    group.bench_function("replay", |bencher| bencher.iter(|| black_box(replay(chain.rollout(), &records).unwrap())));
    group.finish();
}

fn fold(criterion: &mut Criterion) {
    let (opened, looks) = events();
    let begin = || start(opened.plan.clone(), Time::default());
    let end = Simulation::new(1, example_plan("checkout-42")).run().unwrap();
    let of_event = |record: &Record| match record.body(end.state().plan().id()).unwrap() {
        Body::Event(stepped) => Some(stepped.event),
        Body::Opened(_) | Body::Interval(_) | Body::Snapshot(_) | Body::Adopted(_) => None,
    };
    let whole: Vec<Event> = end.records().iter().filter_map(of_event).collect();
    let mut group = criterion.benchmark_group("fold");
    for (name, events) in [("observations", &looks), ("a whole rollout", &whole)] {
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                begin,
                |state| -> State { events.iter().fold(state, |state, event| step(state, event).0) },
                BatchSize::SmallInput,
            );
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("goal", |bencher| {
        let state = begin();
        bencher.iter(|| goal(black_box(&state)));
    });
    group.finish();
}

/// How many appends are timed one by one.
const APPENDS: usize = 4_000;

/// The medians that the figure is about, and of a bare redb transaction that writes the same bytes: what the disk and the
/// store take whoever asks them. Taken in turns, because the disk of a busy machine has better and worse minutes.
fn medians(_: &mut Criterion) {
    let (folder, runtime) = (TempDir::new().unwrap(), runtime());
    let journal = RedbJournal::open(folder.path().join("journal.redb")).unwrap();
    let bare = Database::create(folder.path().join("bare.redb")).unwrap();
    let (opened, events) = events();
    let (chain, records) = records(&opened, &events);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for record in records.iter().take(APPENDS) {
        let begin = Instant::now();
        runtime.block_on(journal.append(chain.rollout(), record)).unwrap();
        ours.push(begin.elapsed());
        let bytes = record.to_bytes();
        let begin = Instant::now();
        transact(&bare, record.seq(), &bytes);
        theirs.push(begin.elapsed());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "journal/append p50 {ours:?}; a bare redb transaction {theirs:?}; ratio {:.2}",
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

/// How many rollouts append at the same time, each one record after the other.
const ROLLOUTS: usize = 64;

/// The median of appends of many rollouts that come at the same time, which share commits.
fn crowd(_: &mut Criterion) {
    let (folder, runtime) = (TempDir::new().unwrap(), runtime());
    let journal = RedbJournal::open(folder.path().join("crowd.redb")).unwrap();
    let times = runtime.block_on(async {
        let mut rollouts = JoinSet::new();
        for number in 0..ROLLOUTS {
            rollouts.spawn(append_some(journal.clone(), format!("checkout-{number}")));
        }
        rollouts.join_all().await.concat()
    });
    println!("journal/append p50 of {ROLLOUTS} rollouts at once {:?}", median(times));
}

async fn append_some(journal: RedbJournal, rollout: String) -> Vec<Duration> {
    let opened = Opened::new(example_plan(&rollout));
    let (chain, records) = records(&opened, events().1.get(..100).unwrap());
    let mut times = Vec::new();
    for record in &records {
        let begin = Instant::now();
        journal.append(chain.rollout(), record).await.unwrap();
        times.push(begin.elapsed());
    }
    times
}

fn transact(database: &Database, seq: u64, bytes: &[u8]) {
    let transaction = database.begin_write().unwrap();
    transaction.open_table(RECORDS_OF_BARE).unwrap().insert(("checkout-42", seq), bytes).unwrap();
    transaction.commit().unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

criterion_group!(benches, medians, crowd, append, verify, fold);
criterion_main!(benches);
