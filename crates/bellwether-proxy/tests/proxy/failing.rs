use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bellwether_core::{Arms, Duration as Length};
use bellwether_proxy::{Count, DistinctUsers};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Response, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
};

use crate::world::{Client, Service, World, channel, full, get, get_as, nobody, text};

#[tokio::test]
async fn a_dead_candidate_has_its_errors_counted_and_not_hidden_by_stable() {
    let stable = Service::named("stable").await;
    let world = World::start(Arms { stable: stable.address, candidate: nobody().await }).await;
    world.set_share(5_000, 1).await;
    let mut client = Client::connect(world.address()).await;
    let mut refused = 0;
    let mut unlucky = 0;
    for user in 0..100 {
        let mut met = false;
        for _ in 0..2 {
            let (status, _) = client.ask(get_as(&format!("user-{user}"))).await;
            met |= status == StatusCode::BAD_GATEWAY;
            refused += u64::from(status == StatusCode::BAD_GATEWAY);
            assert!(status == StatusCode::OK || status == StatusCode::BAD_GATEWAY, "{status}");
        }
        unlucky += u64::from(met);
    }
    let status = world.settled().await;
    assert!(refused > 0 && refused < 200, "{refused}");
    assert_eq!(status.totals.candidate, Count { requests: refused, errors: refused });
    assert_eq!(status.totals.stable, Count { requests: 200 - refused, errors: 0 });
    assert_eq!(stable.received(), 200 - refused, "stable was not asked instead");
    assert_eq!(status.users_with_errors.candidate, DistinctUsers { count: unlucky, complete: true });
    assert_eq!(status.users_with_errors.stable, DistinctUsers { count: 0, complete: true });
    assert_eq!(status.resent, Arms::default());
}

#[tokio::test]
async fn a_request_that_was_sent_is_never_sent_again() {
    let (address, received, _task) = raw(b"").await;
    let world = World::start(Arms { stable: address, candidate: address }).await;
    let mut client = Client::connect(world.address()).await;
    for _ in 0..3 {
        assert_eq!(client.ask(get()).await.0, StatusCode::BAD_GATEWAY);
    }
    let status = world.settled().await;
    assert_eq!(received.load(Ordering::SeqCst), 3);
    assert_eq!((status.totals.stable, status.resent.stable), (Count { requests: 3, errors: 3 }, 0));
}

#[tokio::test]
async fn what_is_not_http_is_an_error_of_its_arm() {
    let (address, received, _task) = raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    let world = World::start(Arms { stable: address, candidate: address }).await;
    assert_eq!(Client::connect(world.address()).await.ask(get()).await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(received.load(Ordering::SeqCst), 1, "the service was reached");
    assert_eq!(world.settled().await.totals.stable, Count { requests: 1, errors: 1 });
}

#[tokio::test]
async fn connections_that_the_service_closed_meanwhile_are_not_used() {
    // It answers that the connection stays open, and closes it.
    let (address, received, _task) = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let world = World::start(Arms { stable: address, candidate: address }).await;
    let mut client = Client::connect(world.address()).await;
    for _ in 0..5 {
        assert_eq!(client.ask(get()).await, (StatusCode::OK, "ok".to_owned()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(received.load(Ordering::SeqCst), 5);
    assert_eq!(world.settled().await.totals.stable, Count { requests: 5, errors: 0 });
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_an_error_of_its_arm() {
    let silent = Service::start(|_| std::future::pending()).await;
    let upstreams = Arms { stable: silent.address, candidate: silent.address };
    let world = World::configured(upstreams, |config| config.answer_timeout = Length::from_millis(50)).await;
    let mut client = Client::connect(world.address()).await;
    assert_eq!(client.ask(get()).await.0, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(world.settled().await.totals.stable, Count { requests: 1, errors: 1 });
    assert_eq!(silent.received(), 1);
}

#[tokio::test]
async fn a_slow_upload_is_not_a_slow_service() {
    let service = Service::start(|request| async move {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        text(body.len().to_string())
    })
    .await;
    let upstreams = Arms { stable: service.address, candidate: service.address };
    let world = World::configured(upstreams, |config| config.answer_timeout = Length::from_millis(60)).await;
    let (mut chunks, body) = channel();
    let request = hyper::Request::post("/").header("host", "shop.example").body(body).unwrap();
    let address = world.address();
    let answer = tokio::spawn(async move { Client::connect(address).await.ask(request).await });
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        chunks.send_data(Bytes::from_static(b"ten bytes.")).await.unwrap();
    }
    drop(chunks);
    assert_eq!(answer.await.unwrap(), (StatusCode::OK, "100".to_owned()));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_of_its_arm() {
    let (address, received, _task) = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it").await;
    let world = World::start(Arms { stable: address, candidate: address }).await;
    let mut client = Client::connect(world.address()).await;
    let response = client.send(get()).await;
    let whole = match response {
        Ok(response) => response.into_body().collect().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole, "the client learns that something is missing");
    assert_eq!(received.load(Ordering::SeqCst), 1, "the service was reached");
    assert_eq!(world.settled().await.totals.stable, Count { requests: 1, errors: 1 });
}

#[tokio::test]
async fn a_client_that_hangs_up_met_an_error_only_if_it_had_been_patient() {
    for (patience, errors, abandoned) in [(Length::from_hours(1), 0, 1), (Length::ZERO, 1, 0)] {
        let silent = Service::start(|_| std::future::pending()).await;
        let upstreams = Arms { stable: silent.address, candidate: silent.address };
        let world = World::configured(upstreams, |config| config.classifier.patience = patience).await;
        let mut client = Client::connect(world.address()).await;
        let asking = tokio::spawn(async move { client.send(get()).await });
        while silent.received() == 0 {
            tokio::task::yield_now().await;
        }
        asking.abort();
        let status = world.settled().await;
        assert_eq!(status.totals.stable, Count { requests: errors, errors }, "with a patience of {patience}");
        assert_eq!(status.abandoned.stable, abandoned);
    }
}

#[tokio::test]
async fn a_client_that_breaks_off_its_upload_is_nobodys_error() {
    let service = Service::start(|request| async move {
        let _ = request.into_body().collect().await;
        text("")
    })
    .await;
    let upstreams = Arms { stable: service.address, candidate: service.address };
    let world = World::configured(upstreams, |config| config.classifier.patience = Length::ZERO).await;
    let (mut chunks, body) = channel();
    let request = hyper::Request::post("/").header("host", "shop.example").body(body).unwrap();
    let mut client = Client::connect(world.address()).await;
    let asking = tokio::spawn(async move { client.send(request).await });
    chunks.send_data(Bytes::from_static(b"the first")).await.unwrap();
    while service.received() == 0 {
        tokio::task::yield_now().await;
    }
    // By then the proxy has passed on the first chunk and waits for the next one.
    tokio::time::sleep(Duration::from_millis(20)).await;
    asking.abort();
    let status = world.settled().await;
    assert_eq!(status.totals.stable, Count::default());
    assert_eq!(status.abandoned.stable, 1);
}

#[tokio::test]
async fn which_statuses_are_errors_is_configured() {
    let service = Service::start(|request| async move {
        let status: u16 = request.uri().path().trim_start_matches('/').parse().unwrap();
        Response::builder().status(status).body(full("")).unwrap()
    })
    .await;
    let upstreams = Arms { stable: service.address, candidate: service.address };
    let world = World::configured(upstreams, |config| {
        config.classifier.also.insert(429);
        config.classifier.except.insert(501);
    })
    .await;
    let mut client = Client::connect(world.address()).await;
    for (status, errors) in [(200, 0), (404, 0), (429, 1), (500, 2), (501, 2), (503, 3)] {
        let request = hyper::Request::get(format!("/{status}")).header("host", "shop.example").body(full("")).unwrap();
        assert_eq!(client.ask(request).await.0.as_u16(), status);
        assert_eq!(world.settled().await.totals.stable.errors, errors, "after {status}");
    }
}

#[tokio::test]
async fn a_stop_lets_requests_under_way_finish_and_takes_no_new_ones() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let service = Service::start(move |_| {
        let gate = Arc::clone(&held);
        async move {
            gate.acquire().await.unwrap().forget();
            text("finished")
        }
    })
    .await;
    let World { proxy, folder } = World::start(Arms { stable: service.address, candidate: service.address }).await;
    let address = proxy.address();
    let asking = tokio::spawn(async move { Client::connect(address).await.ask(get()).await });
    while service.received() == 0 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::spawn(proxy.stop(Duration::from_secs(60)));
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    assert_eq!(asking.await.unwrap(), (StatusCode::OK, "finished".to_owned()));
    stopping.await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the socket is gone");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let silent = Service::start(|_| std::future::pending()).await;
    let World { proxy, .. } = World::start(Arms { stable: silent.address, candidate: silent.address }).await;
    let address = proxy.address();
    let asking = tokio::spawn(async move { Client::connect(address).await.send(get()).await.is_err() });
    while silent.received() == 0 {
        tokio::task::yield_now().await;
    }
    proxy.stop(Duration::from_millis(20)).await;
    assert!(asking.await.unwrap(), "the request is broken off");
}

/// A server that reads a request, sends these bytes and closes the connection; and how many requests it read.
async fn raw(answer: &'static [u8]) -> (SocketAddr, Arc<AtomicU64>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(AtomicU64::new(0));
    let requests = Arc::clone(&received);
    let mut task = JoinSet::new();
    task.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.is_ok_and(|read| read > 0) {}
            requests.fetch_add(1, Ordering::SeqCst);
            stream.write_all(answer).await.unwrap();
        }
    });
    (address, received, task)
}
