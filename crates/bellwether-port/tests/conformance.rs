//! The fakes keep the contracts that adapters must keep.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bellwether_core::{Duration, Fencing, Time, Weight};
use bellwether_port::testing::{FakeClock, FakeInbox, FakeJournal, FakeMetrics, FakeRouter, Rates, conformance};
use bellwether_port::{Clock, Inbox, InboxSender};
use bellwether_rollout::{Actor, Event, Kind};

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
async fn the_channel_inbox_keeps_the_contract_over_all_drivers_of_its_process() {
    struct Host(InboxSender);

    #[async_trait]
    impl conformance::InboxBench for Host {
        async fn open(&self) -> Box<dyn Inbox> {
            Box::new(self.0.open())
        }

        async fn send(&self, event: Event) {
            self.0.send(event);
        }
    }

    conformance::inbox(&Host(InboxSender::new())).await;
}

/// Whoever waits when an event comes is woken, whichever thread sends it and however many wait: two inboxes are two
/// drivers, for a moment, when one takes over.
#[tokio::test]
async fn what_threads_send_to_waiting_inboxes_comes_to_each_once_and_in_the_order_of_its_sender() {
    const EVENTS: usize = 500;
    let sender = InboxSender::new();
    let readers = [(), ()].map(|()| {
        let inbox = sender.open();
        tokio::spawn(async move {
            let mut read: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for _ in 0..2 * EVENTS {
                let event = inbox.next().await.unwrap();
                let (thread, number) = event.id.as_str().split_once('-').unwrap();
                read.entry(thread.to_owned()).or_default().push(number.parse().unwrap());
            }
            read
        })
    });
    let threads = ["left", "right"].map(|thread| {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for number in 0..EVENTS {
                let id = format!("{thread}-{number}").parse().unwrap();
                sender.send(Event { id, at: Time::default(), by: Actor::Driver, kind: Kind::Unpaused });
                std::thread::yield_now();
            }
        })
    });
    let in_order: Vec<usize> = (0..EVENTS).collect();
    for reader in readers {
        let read = reader.await.unwrap();
        assert_eq!(read, ["left", "right"].map(|thread| (thread.to_owned(), in_order.clone())).into());
    }
    for thread in threads {
        thread.join().unwrap();
    }
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
