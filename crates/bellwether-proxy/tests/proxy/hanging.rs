//! A version that hangs must never look well: each of these is a way in which it once did, or might.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bellwether_analysis::{Dependence, Judge, MetricSpec, MinimumEvidence, Sequential, SequentialSpec, Series};
use bellwether_core::{Arms, Basis, Decision, Duration as Length, MetricName, StageId, Time, Verdict};
use bellwether_port::{Clock, InForce, Measured, MetricSource, SystemClock};
use bellwether_proxy::{Config, Count, Status};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
    task::JoinSet,
};

use crate::{
    counting::{closed_after, short, sums},
    world::{Client, Service, World, channel, full, get, requests, route, text},
};

const SENT: u64 = 40;

/// How often each client asks before it is done.
const EACH: u64 = 5;

/// Sends [`SENT`] requests, all to the candidate; a client leaves after that long and comes again.
async fn ask_impatiently(world: &World, patience: Duration) {
    world.set_share(10_000, 2).await;
    let address = world.address();
    let mut clients = JoinSet::new();
    for _ in 0..SENT / EACH {
        clients.spawn(async move {
            for _ in 0..EACH {
                let mut client = Client::connect(address).await;
                let whole = async { client.send(get()).await.unwrap().into_body().collect().await.is_ok() };
                let _ = tokio::time::timeout(patience, whole).await;
            }
        });
    }
    clients.join_all().await;
}

/// Every request that was sent is in exactly one place.
fn check_sum(status: &Status, sent: u64) {
    let unsettled = status.pending.stable + status.pending.candidate;
    let abandoned = status.abandoned.stable + status.abandoned.candidate;
    assert_eq!(requests(status.totals) + unsettled + abandoned, sent, "{status:?}");
}

/// A proxy in front of a good stable version, with half of the traffic on that candidate.
async fn beside(stable: &Service, candidate: SocketAddr, change: impl FnOnce(&mut Config)) -> World {
    let world = World::configured(Arms { stable: stable.address, candidate }, |config| {
        short(config);
        change(config);
    })
    .await;
    world.set_share(5_000, 1).await;
    world
}

#[tokio::test]
async fn a_candidate_that_never_answers_impatient_clients_has_no_requests_that_went_well() {
    let (stable, silent) = (Service::named("stable").await, Service::start(|_| std::future::pending()).await);
    let world = beside(&stable, silent.address, |config| config.classifier.patience = Length::from_minutes(1)).await;
    // Sooner than the patience ends: nobody can say how those requests would have ended.
    ask_impatiently(&world, Duration::from_millis(300)).await;
    let status = world.settled().await;
    let intervals = closed_after(&world, SystemClock::new().now()).await;
    assert_eq!(sums(&intervals), Arms::default());
    let handle = world.proxy.handle();
    let unanswered = handle.intervals(&"unanswered".parse().unwrap(), Time::MIN, Time::MAX).await.unwrap();
    assert_eq!(sums(&unanswered), Arms { stable: (0, 0), candidate: (SENT, SENT) }, "a judge can see them");
    assert_eq!(status.totals, Arms::default());
    assert_eq!(status.abandoned, Arms { stable: 0, candidate: SENT });
    check_sum(&status, SENT);
}

/// Half of the candidate's requests are answered, the other half never; its clients learn that and leave.
#[tokio::test]
async fn a_candidate_that_hangs_on_some_requests_passes_a_judge_of_errors_alone_and_fails_one_of_all_metrics() {
    let hangs: Arc<[Notify; 8]> = Arc::default();
    let (asked, hung) = (Arc::new(AtomicU64::new(0)), Arc::clone(&hangs));
    let hanging = Service::start(move |request| {
        let client: usize = request.headers()["x-client"].to_str().unwrap().parse().unwrap();
        let (hangs, hung) = (asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2), Arc::clone(&hung));
        async move {
            if hangs {
                hung[client].notify_one();
                std::future::pending::<()>().await;
            }
            text("well")
        }
    });
    let (stable, candidate) = (Service::named("stable").await, hanging.await);
    let world = beside(&stable, candidate.address, |config| config.classifier.patience = Length::from_minutes(1)).await;
    // The interval in which the share was set counts for neither route, and the last ones need traffic too.
    closed_after(&world, SystemClock::new().now()).await;
    let enough = SystemClock::new().now().after(Length::from_seconds(1));
    let mut clients = JoinSet::new();
    for number in 0..hangs.len() {
        let (address, received, hangs) = (world.address(), Arc::clone(&stable.received), Arc::clone(&hangs));
        clients.spawn(async move {
            while received.load(Ordering::SeqCst) < 400 || SystemClock::new().now() < enough {
                let mut client = Client::connect(address).await;
                let request = Request::get("/").header("host", "shop.example").header("x-client", number);
                tokio::select! {
                    _ = client.ask(request.body(full("")).unwrap()) => {}
                    () = hangs[number].notified() => {}
                }
            }
        });
    }
    clients.join_all().await;
    let end = SystemClock::new().now();
    closed_after(&world, end).await;

    let of_errors = judged(&world, bellwether_proxy::metrics().take(1).collect(), end).await;
    assert_eq!(of_errors.outcome, Verdict::Pass, "{of_errors}");
    let of_all = judged(&world, bellwether_proxy::metrics().collect(), end).await;
    assert_eq!(of_all.outcome, Verdict::Fail, "{of_all}");
    assert!(of_all.to_string().contains("unanswered"), "{of_all}");
}

/// What a judge of these metrics says of all that the proxy has counted until then.
async fn judged(world: &World, metrics: Vec<MetricName>, until: Time) -> Decision<Verdict> {
    let stage = StageId { rollout: "checkout-42".parse().unwrap(), step: 0, entry: 0 };
    let mut series = Series { stage: stage.clone(), basis: Basis::Compare, metrics: BTreeMap::new() };
    for name in &metrics {
        let measured = world.proxy.handle().intervals(name, Time::MIN, until).await.unwrap();
        let interval = |measured: Measured| measured.into_interval(stage.clone(), &route(5_000), &InForce::Unknown);
        series.metrics.insert(name.clone(), measured.into_iter().map(interval).collect());
    }
    let dependence = Dependence::Independent;
    let spec = MetricSpec { dependence, acceptable: 0.05, interval: Length::from_millis(250), ..MetricSpec::default() };
    let metrics = metrics.into_iter().map(|name| (name, spec)).collect();
    let minimum = MinimumEvidence { intervals: 1, requests: 100, ..MinimumEvidence::default() };
    let spec = SequentialSpec { metrics, minimum, ..SequentialSpec::default() };
    Sequential::new(spec).unwrap().judge(&series, until)
}

#[tokio::test]
async fn a_candidate_that_never_answers_patient_clients_has_errors_only() {
    let (stable, silent) = (Service::named("stable").await, Service::start(|_| std::future::pending()).await);
    let patience = Length::from_millis(100);
    let world = beside(&stable, silent.address, |config| config.classifier.patience = patience).await;
    ask_impatiently(&world, Duration::from_millis(300)).await;
    let status = world.settled().await;
    let intervals = closed_after(&world, SystemClock::new().now()).await;
    assert_eq!(sums(&intervals), Arms { stable: (0, 0), candidate: (SENT, SENT) });
    assert_eq!(status.abandoned, Arms::default());
    check_sum(&status, SENT);
}

#[tokio::test]
async fn an_answer_whose_body_stalls_is_an_error_after_the_timeout_and_is_broken_off() {
    let stable = Service::named("stable").await;
    let (address, _task) = stalling().await;
    let world = beside(&stable, address, |config| config.body_timeout = Length::from_millis(100)).await;
    world.set_share(10_000, 2).await;
    let mut client = Client::connect(world.address()).await;
    let response = client.send(get()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "it began well");
    assert!(response.into_body().collect().await.is_err(), "the client learns that something is missing");
    let status = world.settled().await;
    assert_eq!(status.totals.candidate, Count { requests: 1, errors: 1 });
    let intervals = closed_after(&world, SystemClock::new().now()).await;
    assert_eq!(sums(&intervals).candidate, (1, 1));
}

#[tokio::test]
async fn a_client_that_leaves_a_stalled_body_met_an_error_only_if_it_had_been_patient() {
    for (patience, errors, abandoned) in [(Length::from_hours(1), 0, 1), (Length::from_millis(50), 1, 0)] {
        let stable = Service::named("stable").await;
        let (address, _task) = stalling().await;
        let world = beside(&stable, address, |config| config.classifier.patience = patience).await;
        world.set_share(10_000, 2).await;
        let mut client = Client::connect(world.address()).await;
        let mut body = client.send(get()).await.unwrap().into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "nine byte", "then it stalls");
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop((body, client));
        let status = world.settled().await;
        assert_eq!(status.totals.candidate, Count { requests: errors, errors }, "with a patience of {patience}");
        assert_eq!(status.abandoned.candidate, abandoned);
    }
}

#[tokio::test]
async fn an_answer_that_comes_slowly_but_comes_is_whole() {
    let service = Service::start(|_| async {
        let (mut chunks, body) = channel();
        tokio::spawn(async move {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                chunks.send_data(Bytes::from_static(b"ten bytes.")).await.unwrap();
            }
        });
        Response::new(body)
    })
    .await;
    // The whole takes 500 ms, no pause more than 50 ms and what a busy machine adds.
    let world = beside(&service, service.address, |config| config.body_timeout = Length::from_millis(300)).await;
    let mut client = Client::connect(world.address()).await;
    assert_eq!(client.ask(get()).await, (StatusCode::OK, "ten bytes.".repeat(10)));
    let status = world.settled().await;
    assert_eq!(requests(status.totals), 1);
    assert_eq!(status.totals.stable.errors + status.totals.candidate.errors, 0);
}

#[tokio::test]
async fn a_client_that_is_slow_to_take_its_answer_is_nobodys_error() {
    const LENGTH: usize = 32 * 1024 * 1024;
    let service = Service::start(|_| async { text(vec![b'a'; LENGTH]) }).await;
    let world = beside(&service, service.address, |config| config.body_timeout = Length::from_millis(50)).await;
    let mut client = Client::connect(world.address()).await;
    let mut body = client.send(get()).await.unwrap().into_body();
    let mut length = body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    tokio::time::sleep(Duration::from_millis(300)).await;
    length += body.collect().await.unwrap().to_bytes().len();
    assert_eq!(length, LENGTH);
    let status = world.settled().await;
    assert_eq!((requests(status.totals), status.abandoned), (1, Arms::default()));
    assert_eq!(status.totals.stable.errors + status.totals.candidate.errors, 0);
}

#[tokio::test]
async fn an_interval_that_closes_with_pending_requests_does_not_count_them_as_answered() {
    let stable = Service::named("stable").await;
    let (address, _task) = stalling().await;
    let world = beside(&stable, address, |config| {
        config.answer_timeout = Length::from_millis(250);
        config.grace = Length::from_millis(250);
        config.body_timeout = Length::from_seconds(2);
    })
    .await;
    world.set_share(10_000, 2).await;
    let mut client = Client::connect(world.address()).await;
    let response = client.send(get()).await.unwrap();
    let asked = SystemClock::new().now();
    // It began its answer in time, so no other timeout ends it before its interval closes.
    let intervals = closed_after(&world, asked).await;
    let status = world.status();
    assert_eq!(sums(&intervals), Arms::default());
    assert_eq!((status.totals, status.pending), (Arms::default(), Arms { stable: 0, candidate: 1 }));
    check_sum(&status, 1);
    assert!(response.into_body().collect().await.is_err());
    let status = world.settled().await;
    assert_eq!(status.late.candidate, Count { requests: 1, errors: 1 }, "its error comes late, and is not lost");
    assert_eq!(closed_after(&world, asked).await[..intervals.len()], intervals[..], "what is closed stays as it was");
    check_sum(&status, 1);
}

/// A server that promises 20 bytes, sends nine, and keeps the connection.
async fn stalling() -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.is_ok_and(|read| read > 0) {}
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nnine byte").await.unwrap();
            kept.push(stream);
        }
    });
    (address, task)
}
