//! What a decision over 50 environments and 1,000 releases costs, and the fold of the log that it is made from.
//!
//! Development feeds three staging environments, each of which feeds fifteen regions, and a last one needs them all. Half
//! of the releases have gone everywhere; in the worst case none has entered a region yet.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]

use bellwether_core::{Duration, EnvironmentName, ReleaseId, Time, Verdict, Version};
use bellwether_promotion::{
    Ask, Cause, Ending, Environment, Event, Facts, Graph, History, Kind, Made, OnNewer, Trigger,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const RELEASES: u64 = 1_000;

fn time(minutes: u64) -> Time {
    Time::from_unix_millis(1_772_000_000_000).after(Duration::from_minutes(minutes))
}

fn name(text: &str) -> EnvironmentName {
    text.parse().expect("an identifier")
}

fn release(number: u64) -> ReleaseId {
    format!("checkout-{number}").parse().expect("an identifier")
}

fn digest(number: u64) -> String {
    format!("sha256:{number:064x}")
}

fn environment(own: &str, from: &[String], soak: Duration) -> Environment {
    let mut environment = Environment::new(name(own));
    environment.from = from.iter().map(|before| name(before)).collect();
    (environment.soak, environment.trigger, environment.on_newer) = (soak, Trigger::Automatic, OnNewer::Wait);
    environment
}

/// 1 + 3 + 45 + 1 environments.
fn graph() -> Graph {
    let mut environments = vec![environment("development", &[], Duration::ZERO)];
    let mut regions = Vec::new();
    for staging in 0..3 {
        let own = format!("staging-{staging}");
        environments.push(environment(&own, &["development".into()], Duration::from_minutes(10)));
        for region in 0..15 {
            let name = format!("region-{staging}-{region}");
            environments.push(environment(&name, std::slice::from_ref(&own), Duration::from_hours(1)));
            regions.push(name);
        }
    }
    environments.push(environment("archive", &regions, Duration::ZERO));
    Graph::new(environments).expect("a graph")
}

/// Each release made, and the first `through` of them taken through every environment whose name is taken.
fn log(graph: &Graph, through: u64, takes: impl Fn(&str) -> bool) -> Vec<Event> {
    let mut log = Vec::new();
    for number in 0..RELEASES {
        let at = number * 600;
        let version = Version::named("1").with_digest("image", &digest(number));
        log.push(Event { at: time(at), kind: Kind::Made(Made::new(release(number), version)) });
        let places = graph.environments().map(|environment| environment.name.clone());
        for (place, minutes) in places.filter(|place| takes(place.as_str())).zip(1..).filter(|_| number < through) {
            let (environment, release) = (place.clone(), release(number));
            let digests = [("image".to_owned(), digest(number))].into();
            let kinds = [
                Kind::Begun { environment: place.clone(), release: release.clone(), cause: Cause::Automatic },
                Kind::Exposed { environment: place.clone(), release: release.clone(), digests },
                Kind::Ended { environment: place.clone(), release: release.clone(), ending: Ending::Arrived },
                Kind::Verified { environment, release, verdict: Verdict::Pass },
            ];
            log.extend(kinds.map(|kind| Event { at: time(at + minutes), kind }));
        }
    }
    log
}

fn decisions(criterion: &mut Criterion) {
    let graph = graph();
    let now = time(RELEASES * 600 + 120);
    let usual = History::of(&graph, &log(&graph, RELEASES / 2, |_| true));
    let worst = History::of(&graph, &log(&graph, RELEASES, |place| !place.starts_with("region")));
    let mut group = criterion.benchmark_group("promotion");
    for (name, history) in [("half are everywhere", &usual), ("none in a region", &worst)] {
        let facts = Facts::new(history, now);
        group.bench_function(format!("goal, {name}"), |bencher| bencher.iter(|| graph.goal(&facts)));
        let last = release(RELEASES / 2 - 1);
        group.bench_function(format!("journey, {name}"), |bencher| bencher.iter(|| graph.journey(&facts, &last)));
        let ask = Ask::by_person(last.clone(), self::name("archive"));
        group.bench_function(format!("entry, {name}"), |bencher| bencher.iter(|| graph.entry(&facts, &ask)));
    }
    group.finish();
}

fn fold(criterion: &mut Criterion) {
    let graph = graph();
    let log = log(&graph, RELEASES, |_| true);
    let mut group = criterion.benchmark_group("promotion fold");
    group.throughput(Throughput::Elements(log.len().try_into().unwrap_or(u64::MAX)));
    group.sample_size(10);
    group.bench_function("a thousand releases through fifty environments", |bencher| {
        bencher.iter(|| History::of(&graph, &log));
    });
    group.finish();
}

criterion_group!(benches, decisions, fold);
criterion_main!(benches);
