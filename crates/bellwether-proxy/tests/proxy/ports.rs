use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bellwether_core::{Arms, Duration as Length, Fence, Time};
use bellwether_port::{Clock, MetricSource, PortError, SystemClock, TrafficRouter, testing::conformance};
use bellwether_proxy::{Admin, Proxy, ProxyClient};
use tokio::{net::TcpListener, sync::Mutex};

use crate::world::{Client, Service, World, config, get, nobody, route};

#[tokio::test]
async fn a_client_keeps_the_contract_of_a_router() {
    let nobody = nobody().await;
    let worlds = Mutex::new(Vec::new());
    let clock = SystemClock::new();
    let make = async || {
        let world = World::start(Arms { stable: nobody, candidate: nobody }).await;
        let client = ProxyClient::new(world.proxy.admin().clone()).with_clock(Arc::new(clock));
        worlds.lock().await.push(world);
        client
    };
    conformance::router(make, &clock).await;
}

#[tokio::test]
async fn a_handle_keeps_the_contract_of_a_router() {
    let nobody = nobody().await;
    let clock = SystemClock::new();
    let make = async || {
        let world = World::start(Arms { stable: nobody, candidate: nobody }).await;
        world.proxy.handle().with_clock(Arc::new(clock))
    };
    conformance::router(make, &clock).await;
}

#[tokio::test]
async fn both_keep_the_contract_of_a_metric_source_and_say_the_same() {
    let service = Service::named("stable").await;
    let upstreams = Arms { stable: service.address, candidate: nobody().await };
    let world = World::configured(upstreams, |config| config.tick = Length::from_millis(250)).await;
    world.set_share(2_000, 1).await;
    let mut client = Client::connect(world.address()).await;
    for _ in 0..10 {
        for _ in 0..10 {
            client.ask(get()).await;
        }
        tokio::time::sleep(Duration::from_millis(130)).await;
    }
    let (handle, remote) = (world.proxy.handle(), ProxyClient::new(world.proxy.admin().clone()));
    let until = world.settled().await.closed_until;
    for metric in bellwether_proxy::metrics() {
        conformance::metrics(&handle, &metric, Time::MIN, until).await;
        conformance::metrics(&remote, &metric, Time::MIN, until).await;
        let here = handle.intervals(&metric, Time::MIN, until).await.unwrap();
        assert_eq!(remote.intervals(&metric, Time::MIN, until).await.unwrap(), here);
    }
    assert_eq!(remote.status().await.unwrap().totals, handle.status().totals);
    let known_before = bellwether_proxy::capabilities();
    assert_eq!((handle.capabilities(), remote.capabilities()), (known_before.clone(), known_before));
}

#[tokio::test]
async fn another_metric_is_refused() {
    let nobody = nobody().await;
    let world = World::start(Arms { stable: nobody, candidate: nobody }).await;
    let remote = ProxyClient::new(world.proxy.admin().clone());
    let answer = remote.intervals(&"latency".parse().unwrap(), Time::MIN, Time::MAX).await;
    assert!(matches!(answer, Err(PortError::Refused(_))), "{answer:?}");
}

/// A driver's clock that somebody has set wrong: so many milliseconds after the proxy's.
struct Wrong(i64);

#[async_trait]
impl Clock for Wrong {
    fn now(&self) -> Time {
        Time::from_unix_millis(SystemClock::new().now().unix_millis() + self.0)
    }

    async fn sleep_until(&self, at: Time) {
        SystemClock::new().sleep_until(Time::from_unix_millis(at.unix_millis() - self.0)).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_not_the_drivers_is_named_and_makes_no_evidence_but_can_still_be_told_to_go_back() {
    let nobody = nobody().await;
    let world = World::start(Arms { stable: nobody, candidate: nobody }).await;
    let errors = "errors".parse().unwrap();
    for (millis, said) in [
        (0, None),
        (800, None),
        (-800, None),
        (60_000, Some("behind it; set the clocks")),
        (-60_000, Some("ahead of it")),
        (-3_600_000, Some("ahead of it")),
    ] {
        let wrong = Arc::new(Wrong(millis));
        let remote = ProxyClient::new(world.proxy.admin().clone()).with_clock(wrong.clone());
        let handle = world.proxy.handle().with_clock(wrong);
        let answers = [
            remote.intervals(&errors, Time::MIN, Time::MAX).await,
            handle.intervals(&errors, Time::MIN, Time::MAX).await,
        ];
        for answer in answers {
            let error = answer.err().map(|error| error.to_string());
            match said {
                None => assert_eq!(error, None, "{millis} ms"),
                Some(said) => {
                    let error = error.unwrap_or_else(|| panic!("{millis} ms are too much"));
                    assert!(error.contains("clock skew") && error.contains(said), "{millis} ms: {error}");
                }
            }
        }
        remote.apply(&route(0), Fence { token: 1, generation: 1 }).await.unwrap();
        assert_eq!(remote.observe().await.unwrap().value, route(0));
    }
}

#[tokio::test]
async fn a_proxy_that_is_away_for_a_while_is_transient_and_found_again() {
    let nobody = nobody().await;
    let upstreams = Arms { stable: nobody, candidate: nobody };
    let folder = tempfile::tempdir().unwrap();
    let admin = Admin::Socket(folder.path().join("proxy.sock"));
    let remote = ProxyClient::new(admin.clone());
    assert!(remote.observe().await.unwrap_err().is_transient(), "it has not started");
    let first = Proxy::start(config(upstreams, admin.clone())).await.unwrap();
    let fence = Fence { token: 3, generation: 1 };
    remote.apply(&route(500), fence).await.unwrap();
    first.stop(Duration::from_secs(5)).await;
    assert!(remote.apply(&route(600), fence).await.unwrap_err().is_transient(), "it has stopped");
    let _second = Proxy::start(config(upstreams, admin)).await.unwrap();
    let observed = remote.observe().await.unwrap();
    assert_eq!((observed.value, observed.applied), (route(0), None), "it has forgotten, and says so");
    remote.apply(&route(600), fence).await.unwrap();
    assert_eq!(remote.observe().await.unwrap().applied, Some(fence));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_transient() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token = bellwether_proxy::Token::new("0123456789abcdef").unwrap();
    let admin = Admin::Loopback { address: silent.local_addr().unwrap(), token };
    let remote = ProxyClient::new(admin).with_timeout(Duration::from_millis(50));
    let clock = SystemClock::new();
    let asked = clock.now();
    assert!(remote.observe().await.unwrap_err().is_transient());
    assert!(clock.now() >= asked.after(Length::from_millis(49)), "it waited");
}
