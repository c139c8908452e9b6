//! The fakes keep the contracts that adapters must keep.

use bellwether_core::{Duration, Fencing, Time, Weight};
use bellwether_port::Clock;
use bellwether_port::testing::{FakeClock, FakeInbox, FakeJournal, FakeMetrics, FakeRouter, Rates, conformance};

#[tokio::test]
async fn the_fake_journal_keeps_the_contract() {
    conformance::journal(async || FakeJournal::default()).await;
    let store = FakeJournal::default();
    conformance::durable_journal(async || store.clone()).await;
}

#[tokio::test]
async fn the_fake_router_keeps_the_contract_whatever_its_latency_precision_and_fencing() {
    for fencing in [Fencing::Token, Fencing::Version, Fencing::None] {
        for (latency, staleness, precision) in [(0, 0, 1), (250, 0, 39), (1_000, 2_000, 100)] {
            let clock = FakeClock::jumping(Time::default());
            let make = async || {
                FakeRouter::new(clock.clone())
                    .with_fencing(fencing)
                    .with_latency(Duration::from_millis(latency))
                    .with_staleness(Duration::from_millis(staleness))
                    .with_precision(Weight::new(precision).unwrap())
            };
            conformance::router(make, &clock).await;
        }
    }
}

#[tokio::test]
async fn the_fake_inbox_keeps_the_contract() {
    conformance::inbox(&FakeInbox::default()).await;
}

#[tokio::test]
async fn the_fake_metrics_keep_the_contract() {
    let start: Time = "2026-03-02T10:00:00Z".parse().unwrap();
    let clock = FakeClock::jumping(start);
    let rates = Rates { requests_per_minute: 500.0, stable: 0.02, candidate: 0.5 };
    let source = FakeMetrics::new(1, clock.clone(), rates);
    source.set_share(Weight::new(2_500).unwrap());
    clock.advance(Duration::from_seconds(630));
    let metric = "errors".parse().unwrap();
    for until in [clock.now(), start.after(Duration::from_seconds(200))] {
        conformance::metrics(&source, &metric, start, until).await;
    }
}
