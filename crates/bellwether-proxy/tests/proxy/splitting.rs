use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bellwether_core::Arms;
use bellwether_proxy::Allocation;
use hyper::StatusCode;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::world::{Client, Service, World, errors, get, get_as, requests, text};

#[tokio::test]
async fn requests_of_nobody_in_particular_are_split_as_a_binomial_says() {
    let (stable, candidate) = (Service::named("stable").await, Service::named("candidate").await);
    let world = World::start(Arms { stable: stable.address, candidate: candidate.address }).await;
    let mut client = Client::connect(world.address()).await;
    for (generation, basis_points, low, high) in [
        (1, 0, 0, 0),
        // 3,000 requests at 5 % and 25 %: six standard deviations (11.9 and 23.7) about 150 and 750.
        (2, 500, 78, 222),
        (3, 2_500, 607, 893),
        (4, 10_000, 3_000, 3_000),
    ] {
        world.set_share(basis_points, generation).await;
        let before = candidate.received();
        for _ in 0..3_000 {
            assert_eq!(client.ask(get()).await.0, StatusCode::OK);
        }
        let share = candidate.received() - before;
        assert!((low..=high).contains(&share), "{share} of 3,000 at {basis_points} basis points");
    }
}

#[tokio::test]
async fn a_user_stays_with_their_version_and_a_ramp_puts_nobody_back() {
    let (stable, candidate) = (Service::named("stable").await, Service::named("candidate").await);
    let upstreams = Arms { stable: stable.address, candidate: candidate.address };
    let world = World::configured(upstreams, |config| config.salt = "checkout".to_owned()).await;
    let mut client = Client::connect(world.address()).await;
    let mut seen: BTreeMap<u32, String> = BTreeMap::new();
    for (generation, basis_points) in (1..).zip([0, 100, 500, 2_500, 5_000, 10_000]) {
        world.set_share(basis_points, generation).await;
        for user in 0..400_u32 {
            let name = format!("user-{user}");
            let (_, first) = client.ask(get_as(&name)).await;
            let (_, second) = client.ask(get_as(&name)).await;
            assert_eq!(first, second, "{name} stays at {basis_points}");
            let expected = Allocation::new("checkout").bucket(name.as_bytes()) < basis_points;
            assert_eq!(first == "candidate", expected, "{name} is where their bucket says at {basis_points}");
            let before = seen.insert(user, first.clone());
            assert!(first == "candidate" || before.is_none_or(|arm| arm == "stable"), "{name} was put back");
        }
    }
}

#[tokio::test]
async fn going_back_takes_everybody_out() {
    let (stable, candidate) = (Service::named("stable").await, Service::named("candidate").await);
    let world = World::start(Arms { stable: stable.address, candidate: candidate.address }).await;
    let mut client = Client::connect(world.address()).await;
    world.set_share(10_000, 1).await;
    assert_eq!(client.ask(get_as("user-1")).await.1, "candidate");
    world.set_share(0, 2).await;
    assert_eq!(client.ask(get_as("user-1")).await.1, "stable");
    assert_eq!(client.ask(get()).await.1, "stable");
}

#[tokio::test]
async fn slow_requests_under_way_survive_changes() {
    let gate = Arc::new(Semaphore::new(0));
    let slow = |name: &'static str| {
        let gate = Arc::clone(&gate);
        Service::start(move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                text(name)
            }
        })
    };
    let (stable, candidate) = (slow("stable").await, slow("candidate").await);
    let world = World::start(Arms { stable: stable.address, candidate: candidate.address }).await;
    world.set_share(5_000, 1).await;
    let address = world.address();
    let mut clients = JoinSet::new();
    for _ in 0..20 {
        clients.spawn(async move { Client::connect(address).await.ask(get()).await });
    }
    while stable.received() + candidate.received() < 20 {
        tokio::task::yield_now().await;
    }
    for generation in 2..50 {
        world.set_share(if generation % 2 == 0 { 0 } else { 10_000 }, generation).await;
    }
    gate.add_permits(20);
    let answers = clients.join_all().await;
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK), "{answers:?}");
    let candidates = answers.iter().filter(|(_, name)| name == "candidate").count() as u64;
    assert_eq!(candidates, candidate.received(), "each was answered by where it had been sent");
    assert_eq!(errors(world.settled().await.totals), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_under_load_lose_no_request_and_every_one_is_counted() {
    let (stable, candidate) = (Service::named("stable").await, Service::named("candidate").await);
    let world = World::start(Arms { stable: stable.address, candidate: candidate.address }).await;
    let address = world.address();
    let done = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        clients.spawn(async move {
            let mut client = Client::connect(address).await;
            for _ in 0..500 {
                assert_eq!(client.ask(get()).await.0, StatusCode::OK);
            }
        });
    }
    let finished = Arc::clone(&done);
    let waiting = tokio::spawn(async move {
        clients.join_all().await;
        finished.store(true, Ordering::SeqCst);
    });
    let mut changes = 0;
    while !done.load(Ordering::SeqCst) {
        changes += 1;
        world.set_share(if changes % 2 == 0 { 100 } else { 9_000 }, changes).await;
        tokio::task::yield_now().await;
    }
    waiting.await.unwrap();
    let status = world.settled().await;
    assert!(changes > 10, "only {changes} changes met the load");
    assert_eq!((requests(status.totals), errors(status.totals)), (4_000, 0));
    assert_eq!(status.totals.stable.requests, stable.received());
    assert_eq!(status.totals.candidate.requests, candidate.received());
    let connections = stable.connections.load(Ordering::SeqCst).max(candidate.connections.load(Ordering::SeqCst));
    // A client may ask again before its connection is back in the pool, so there may be some more than clients.
    assert!(connections <= 40, "{connections} connections for 4,000 requests of 8 clients: they are not kept");
}
