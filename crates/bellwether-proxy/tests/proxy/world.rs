use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bellwether_core::{Arms, Fence, Route, Weight};
use bellwether_port::TrafficRouter;
use bellwether_proxy::{Admin, Config, Count, Proxy, Status};
use bytes::Bytes;
use http_body_util::{BodyExt, Channel, Full, channel::Sender, combinators::BoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

pub(crate) type Body = BoxBody<Bytes, hyper::Error>;

/// A real HTTP server; it stops when it is dropped.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    /// How many requests reached it.
    pub(crate) received: Arc<AtomicU64>,
    /// How many connections were made to it.
    pub(crate) connections: Arc<AtomicU64>,
    _task: JoinSet<()>,
}

impl Service {
    pub(crate) async fn start<F>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (received, connections) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (requests, accepted) = (Arc::clone(&received), Arc::clone(&connections));
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                accepted.fetch_add(1, Ordering::SeqCst);
                let (answer, requests) = (answer.clone(), Arc::clone(&requests));
                let service = service_fn(move |request| {
                    requests.fetch_add(1, Ordering::SeqCst);
                    let answer = answer(request);
                    async { Ok::<_, Infallible>(answer.await) }
                });
                let server = hyper::server::conn::http1::Builder::new();
                open.spawn(async move { server.serve_connection(TokioIo::new(stream), service).await });
            }
        });
        Self { address, received, connections, _task: task }
    }

    /// A server that says its name.
    pub(crate) async fn named(name: &'static str) -> Self {
        Self::start(move |_| async move { text(name) }).await
    }

    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }
}

/// A proxy in front of two addresses, with its admin socket in a folder of its own.
pub(crate) struct World {
    pub(crate) proxy: Proxy,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) async fn start(upstreams: Arms<SocketAddr>) -> Self {
        Self::configured(upstreams, |_| {}).await
    }

    pub(crate) async fn configured(upstreams: Arms<SocketAddr>, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(upstreams, Admin::Socket(folder.path().join("proxy.sock")));
        change(&mut config);
        Self { proxy: Proxy::start(config).await.unwrap(), folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    pub(crate) async fn set_share(&self, basis_points: u16, generation: u64) {
        let fence = Fence { token: 1, generation };
        self.proxy.handle().apply(&route(basis_points), fence).await.unwrap();
    }

    pub(crate) fn status(&self) -> Status {
        self.proxy.handle().status()
    }

    /// The status once every request has an outcome.
    pub(crate) async fn settled(&self) -> Status {
        loop {
            let status = self.status();
            if status.pending == Arms::default() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A client's connection that is kept alive.
pub(crate) struct Client {
    sender: SendRequest<Body>,
    _connection: JoinSet<Result<(), hyper::Error>>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let mut task = JoinSet::new();
        task.spawn(connection);
        Self { sender, _connection: task }
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Result<Response<Incoming>, hyper::Error> {
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }

    /// The status and the text of a whole answer.
    pub(crate) async fn ask(&mut self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.send(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

pub(crate) fn config(upstreams: Arms<SocketAddr>, admin: Admin) -> Config {
    Config::new("127.0.0.1:0".parse().unwrap(), upstreams, admin)
}

pub(crate) fn route(basis_points: u16) -> Route {
    Route::share(Weight::new(basis_points).unwrap())
}

pub(crate) fn get() -> Request<Body> {
    Request::get("/").header("host", "shop.example").body(full("")).unwrap()
}

pub(crate) fn get_as(user: &str) -> Request<Body> {
    let request = Request::get("/").header("host", "shop.example").header("x-user-id", user);
    request.body(full("")).unwrap()
}

pub(crate) fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed()
}

pub(crate) fn text(text: impl Into<Bytes>) -> Response<Body> {
    Response::new(full(text))
}

/// An address on which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

pub(crate) fn requests(arms: Arms<Count>) -> u64 {
    arms.stable.requests + arms.candidate.requests
}

pub(crate) fn errors(arms: Arms<Count>) -> u64 {
    arms.stable.errors + arms.candidate.errors
}

/// A body that is sent chunk by chunk.
pub(crate) fn channel() -> (Sender<Bytes, hyper::Error>, Body) {
    let (sender, body) = Channel::new(1);
    (sender, body.boxed())
}
