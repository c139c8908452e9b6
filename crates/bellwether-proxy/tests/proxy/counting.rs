use std::time::Duration;

use bellwether_core::{Arms, Duration as Length, Time, Weight};
use bellwether_port::{Clock, InForce, Measured, MetricSource, SystemClock};
use bellwether_proxy::Config;
use hyper::StatusCode;

use crate::world::{Client, Service, World, get, nobody, requests, route};

pub(crate) fn short(config: &mut Config) {
    config.tick = Length::from_millis(250);
}

/// The closed intervals of the metric `errors`, once there is one that began after `time`.
pub(crate) async fn closed_after(world: &World, time: Time) -> Vec<Measured> {
    loop {
        let handle = world.proxy.handle();
        let intervals = handle.intervals(&"errors".parse().unwrap(), Time::MIN, Time::MAX).await.unwrap();
        if intervals.last().is_some_and(|interval| interval.start > time) {
            return intervals;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn sums(intervals: &[Measured]) -> Arms<(u64, u64)> {
    let sum = |arm: fn(&Measured) -> &bellwether_analysis::Sample| {
        intervals.iter().map(arm).fold((0, 0), |(requests, errors), sample| {
            let bellwether_analysis::Sample::Counts { requests: more, errors: failed } = sample else {
                panic!("{sample:?} are no counts")
            };
            (requests + more, errors + failed)
        })
    };
    Arms { stable: sum(|interval| &interval.arms.stable), candidate: sum(|interval| &interval.arms.candidate) }
}

#[tokio::test]
async fn the_intervals_of_both_arms_add_up_to_the_requests_that_were_sent() {
    let stable = Service::named("stable").await;
    let upstreams = Arms { stable: stable.address, candidate: nobody().await };
    let world = World::configured(upstreams, short).await;
    world.set_share(3_000, 1).await;
    let mut client = Client::connect(world.address()).await;
    let mut failed = 0;
    for index in 0..600 {
        failed += u64::from(client.ask(get()).await.0 != StatusCode::OK);
        if index % 200 == 0 {
            tokio::time::sleep(Duration::from_millis(260)).await;
        }
    }
    let intervals = closed_after(&world, SystemClock::new().now()).await;
    let expected = Arms { stable: (600 - failed, 0), candidate: (failed, failed) };
    assert_eq!(sums(&intervals), expected);
    let status = world.status();
    assert_eq!((requests(status.totals), requests(status.late)), (600, 0));
    let filled = intervals.iter().filter(|interval| sums(std::slice::from_ref(interval)) != Arms::default()).count();
    assert!(filled >= 3, "they are spread over time, found {filled}");
    for pair in intervals.windows(2) {
        assert_eq!(pair[0].end, pair[1].start, "there is no gap, also when nobody asks");
    }
    assert!(intervals.iter().all(|interval| interval.start.unix_millis() % 250 == 0), "they line up with the second");
}

#[tokio::test]
async fn an_interval_names_its_share_or_says_that_it_changed() {
    let stable = Service::named("stable").await;
    let upstreams = Arms { stable: stable.address, candidate: stable.address };
    let world = World::configured(upstreams, short).await;
    let clock = SystemClock::new();
    let mut changes = Vec::new();
    for generation in 1..4_u16 {
        let before = clock.now();
        world.set_share(generation * 100, u64::from(generation)).await;
        changes.push((before.before(Length::from_millis(2)), clock.now().after(Length::from_millis(2))));
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let intervals = closed_after(&world, clock.now()).await;
    assert_eq!(intervals[0].in_force, InForce::Changed, "the first one had begun before the proxy");
    for (number, interval) in intervals.iter().enumerate().skip(1) {
        let inside = |(from, to): &(Time, Time)| *to > interval.start && *from < interval.end;
        match &interval.in_force {
            InForce::Changed => assert!(changes.iter().any(inside), "interval {number} had a change"),
            InForce::Throughout(found) => {
                let share = changes.iter().filter(|(from, _)| *from < interval.start).count();
                assert_eq!(found.share, Weight::new(u16::try_from(share).unwrap() * 100).unwrap(), "interval {number}");
            }
            InForce::Unknown => panic!("the router knows its route"),
        }
    }
    let shares = intervals.iter().filter_map(|interval| match &interval.in_force {
        InForce::Throughout(route) => Some(route.clone()),
        InForce::Changed | InForce::Unknown => None,
    });
    let shares: Vec<_> = shares.collect();
    for basis_points in [100, 200, 300] {
        assert!(shares.contains(&route(basis_points)), "{basis_points} was in force for a whole interval");
    }
}

#[tokio::test]
async fn a_request_without_an_outcome_holds_its_interval_open() {
    let silent = Service::start(|_| std::future::pending()).await;
    let world = World::configured(Arms { stable: silent.address, candidate: silent.address }, short).await;
    let address = world.address();
    let mut client = Client::connect(address).await;
    let asking = tokio::spawn(async move { client.send(get()).await });
    while silent.received() == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let now = SystemClock::new().now();
    let closed = world.status().closed_until;
    assert!(now.since(closed) >= Length::from_millis(590), "closed until {closed} at {now}");
    asking.abort();
    world.settled().await;
    let intervals = closed_after(&world, now.before(Length::from_millis(300))).await;
    assert_eq!(sums(&intervals).stable, (0, 0), "its client left before anybody could say how it went");
}
