//! What the proxy costs: the throughput of the same client with and without it, and the time from a decision to the router.
//!
//! Client, proxy and service have a thread each, as if they were three processes. Eight connections are kept alive,
//! bodies have 1 KiB, and nothing waits for more to send. The figures to reach: 35 % of the throughput without a proxy,
//! as the median of five pairs that are measured in turn; 10 ms from a decision to the router.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up has no result")]

use std::{
    hint::black_box,
    net::SocketAddr,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use bellwether_core::{Arms, Fence, Route, Weight};
use bellwether_port::TrafficRouter;
use bellwether_proxy::{Admin, Config, Proxy, ProxyClient, Token};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinSet,
};

const CONNECTIONS: u64 = 8;
const PAIRS: usize = 5;
const PAIR_REQUESTS: u64 = 40_000;
static BODY: &[u8] = &[b'x'; 1_024];

fn throughput(criterion: &mut Criterion) {
    let service = Server::start(serve);
    let (address, upstreams) = (service.address, Arms { stable: service.address, candidate: service.address });
    let proxy = Server::start(move |ready, stop| forward(upstreams, ready, stop));
    let client = runtime();

    let mut ratios: Vec<f64> = Vec::new();
    for _ in 0..PAIRS {
        let direct = client.block_on(send(address, PAIR_REQUESTS)).as_secs_f64();
        ratios.push(direct / client.block_on(send(proxy.address, PAIR_REQUESTS)).as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("throughput with the proxy, of that without: {ratios:.3?}, at least 0.35 in the middle");

    let mut group = criterion.benchmark_group("a request on eight connections");
    for (name, address) in [("direct", address), ("through the proxy", proxy.address)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|requests| client.block_on(send(address, requests)));
        });
    }
}

fn decision(criterion: &mut Criterion) {
    let upstreams = Arms { stable: SocketAddr::from(([127, 0, 0, 1], 9)), candidate: ([127, 0, 0, 1], 9).into() };
    let runtime = runtime();
    let proxy =
        runtime.block_on(async { Proxy::start(config(upstreams)).await.expect("any port of loopback is free") });
    let router = ProxyClient::new(proxy.admin().clone());
    let route = Route::share(Weight::new(500).expect("5 % is a share"));
    // at most 10 ms
    criterion.bench_function("from a decision to the router", |bencher| {
        bencher.iter(|| runtime.block_on(router.apply(black_box(&route), Fence { token: 1, generation: 1 })));
    });
}

/// A server in a thread of its own; it stops when it is dropped.
struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start<F: Future<Output = ()>>(
        run: impl FnOnce(oneshot::Sender<SocketAddr>, oneshot::Receiver<()>) -> F + Send + 'static,
    ) -> Self {
        let (ready, address) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || runtime().block_on(run(ready, stopped)));
        let address = address.blocking_recv().expect("the server starts");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let stopped = self.thread.take().map(JoinHandle::join);
        assert!(stopped.is_none_or(|stopped| stopped.is_ok()), "the server failed");
    }
}

/// The service: answers each request with 1 KiB.
async fn serve(ready: oneshot::Sender<SocketAddr>, mut stop: oneshot::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of loopback is free");
    ready.send(listener.local_addr().expect("it is bound")).expect("somebody waits");
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept() => accepted.expect("a connection is accepted").0,
        };
        stream.set_nodelay(true).expect("the connection is open");
        let service = service_fn(async |request: Request<Incoming>| {
            request.into_body().collect().await?;
            Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(BODY))))
        });
        connections.spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn forward(upstreams: Arms<SocketAddr>, ready: oneshot::Sender<SocketAddr>, stop: oneshot::Receiver<()>) {
    let proxy = Proxy::start(config(upstreams)).await.expect("any port of loopback is free");
    ready.send(proxy.address()).expect("somebody waits");
    // The sender is dropped to stop.
    let _ = stop.await;
}

fn config(upstreams: Arms<SocketAddr>) -> Config {
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    let token = Token::new("a token of some length").expect("it is long enough");
    let mut config = Config::new(any, upstreams, Admin::Loopback { address: any, token });
    config.route = Route::share(Weight::new(500).expect("5 % is a share"));
    config
}

/// Sends that many requests on eight connections and tells how long it took.
async fn send(address: SocketAddr, requests: u64) -> Duration {
    let mut senders = Vec::new();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("the connection is open");
        let handshake = hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream));
        let (sender, connection) = handshake.await.expect("the connection is open");
        connections.spawn(connection);
        senders.push(sender);
    }
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for (index, mut sender) in (0_u64..).zip(senders) {
        let share = requests / CONNECTIONS + u64::from(index < requests % CONNECTIONS);
        clients.spawn(async move {
            for _ in 0..share {
                let request = Request::post("/checkout").header("host", "shop.example").header("x-user-id", "user-17");
                let request = request.body(Full::new(Bytes::from_static(BODY))).expect("the request is complete");
                sender.ready().await.expect("the connection stays open");
                let response = sender.send_request(request).await.expect("there is an answer");
                assert!(response.status().is_success(), "{}", response.status());
                response.into_body().collect().await.expect("the answer is whole");
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.expect("every request is answered");
    }
    start.elapsed()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the system has threads")
}

criterion_group!(benches, throughput, decision);
criterion_main!(benches);
