use std::{net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use crate::{
    Admin, Config, ProxyHandle, StartError,
    admin::AdminService,
    control::Control,
    forward::Forwarder,
    listener::{self, AdminListener, Io},
    pool::Pool,
    shared::Shared,
    stop::Stop,
};

/// The largest head of a request.
const HEAD_MAX: usize = 64 * 1024;
/// What is buffered of a body in each direction.
const BUFFER_MAX: usize = 64 * 1024;
/// How long a caller of the admin interface may take to send the head of a call.
const ADMIN_HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The most connections to the admin interface at a time.
const ADMIN_CONNECTIONS_MAX: usize = 64;

/// A running proxy: takes HTTP/1.1 requests and splits them between two upstreams.
///
/// It runs on the tokio runtime on which it was started, until it is stopped or dropped. Whoever changes the route holds
/// a [`ProxyHandle`], or is another process with a [`ProxyClient`](crate::ProxyClient); so a driver that is killed
/// takes no request down with it.
///
/// - A request goes to one arm and is never sent to the other; it is sent again only when the connection was dead before a
///   byte was written.
/// - A change of the route concerns requests that arrive after it. Those under way stay where they are.
/// - Bodies pass in both directions as they come; no body is held in memory.
///
/// # Example: everything to stable, then a twentieth to the candidate
/// ```
/// use bellwether_core::{Arms, Fence, Route, Weight};
/// use bellwether_port::TrafficRouter;
/// use bellwether_proxy::{Admin, Config, Proxy, Token};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let upstreams = Arms { stable: "127.0.0.1:8081".parse()?, candidate: "127.0.0.1:8082".parse()? };
/// let admin = Admin::Loopback { address: "127.0.0.1:0".parse()?, token: Token::new("a secret of some length")? };
/// let proxy = Proxy::start(Config::new("127.0.0.1:0".parse()?, upstreams, admin)).await?;
///
/// let router = proxy.handle();
/// router.apply(&Route::share(Weight::new(500)?), Fence { token: 1, generation: 1 }).await?;
/// assert_eq!(router.observe().await?.value.share.to_string(), "5 %");
/// proxy.stop(std::time::Duration::from_secs(5)).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    listen: SocketAddr,
    admin: Admin,
    stopper: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Proxy {
    /// Starts a proxy.
    ///
    /// # Errors
    /// The set-up cannot work, or an address cannot be listened on.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        config.check()?;
        let user_header = config.user_header_name()?;
        let (listener, listen) = listener::bind(config.listen).await?;
        let (admin_listener, admin) = AdminListener::bind(config.admin.clone()).await?;
        let shared = Arc::new(Shared {
            control: Control::new(&config, listen),
            pools: config.upstreams.map(Pool::new),
            classifier: config.classifier,
            user_header,
            connect_timeout: config.connect_timeout.into(),
            answer_timeout: config.answer_timeout.into(),
            body_timeout: config.body_timeout.into(),
        });
        let (stopper, stop) = Stop::channel();
        let mut tasks = JoinSet::new();
        let clients = Clients {
            shared: Arc::clone(&shared),
            head_timeout: config.head_timeout.into(),
            connections: Arc::new(Semaphore::new(usize::try_from(config.connections_max).unwrap_or(usize::MAX))),
            stop: stop.clone(),
        };
        tasks.spawn(serve_clients(listener, clients));
        tasks.spawn(serve_admin(admin_listener, (Arc::clone(&shared), admin.clone()), stop.clone()));
        tasks.spawn(close_idle(Arc::clone(&shared), config.idle_timeout.into(), stop));
        Ok(Self { shared, listen, admin, stopper, tasks })
    }

    /// Where it takes requests.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listen
    }

    /// Where its route is changed and its counts are read: what a [`ProxyClient`](crate::ProxyClient) is made of.
    #[must_use]
    pub const fn admin(&self) -> &Admin {
        &self.admin
    }

    /// The proxy's ports, without HTTP between.
    #[must_use]
    pub fn handle(&self) -> ProxyHandle {
        ProxyHandle::new(Arc::clone(&self.shared))
    }

    /// Takes no more connections, lets requests under way finish, and breaks off those that have not after that long.
    pub async fn stop(mut self, patience: Duration) {
        self.stopper.send_replace(true);
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        // What is left is broken off when the tasks are dropped.
        let _ = tokio::time::timeout(patience, finished).await;
    }
}

/// What the connections of clients are made with.
struct Clients {
    shared: Arc<Shared>,
    head_timeout: Duration,
    connections: Arc<Semaphore>,
    stop: Stop,
}

/// Accepts clients until it is stopped, then waits for those that are there.
async fn serve_clients(listener: TcpListener, mut clients: Clients) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = clients.stop.stopped() => break,
            Some(_) = connections.join_next() => {}
            (stream, address, permit) = accept(&listener, &clients.connections) => {
                let forwarder = Forwarder::new(Arc::clone(&clients.shared), address);
                let connection =
                    Connection { stream, permit, head_timeout: clients.head_timeout, stop: clients.stop.clone() };
                connections.spawn(serve_client(connection, forwarder));
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // Nobody closes the semaphore, so there always is a permit.
    let permit = Arc::clone(connections).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, permit),
            Err(error) => listener::pause(&error).await,
        }
    }
}

struct Connection {
    stream: TcpStream,
    /// Held until the connection is closed.
    permit: Option<OwnedSemaphorePermit>,
    head_timeout: Duration,
    stop: Stop,
}

/// Serves one client until either side closes, or the proxy stops and the request under way is answered.
async fn serve_client(connection: Connection, forwarder: Forwarder) {
    let Connection { stream, permit, head_timeout, stop } = connection;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a client's connection is used with delays");
    }
    let forwarder = Arc::new(forwarder);
    let service = service_fn(|request| Arc::clone(&forwarder).forward(request));
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_header_size(HEAD_MAX)
        .max_buf_size(BUFFER_MAX);
    stop.serve(builder.serve_connection(TokioIo::new(stream), service)).await;
    drop(permit);
}

async fn serve_admin(listener: AdminListener, (shared, admin): (Arc<Shared>, Admin), mut stop: Stop) {
    let token = match admin {
        Admin::Socket(_) => None,
        Admin::Loopback { token, .. } => Some(token),
    };
    let service = Arc::new(AdminService::new(shared, token));
    let mut connections = JoinSet::new();
    loop {
        let has_room = connections.len() < ADMIN_CONNECTIONS_MAX;
        tokio::select! {
            biased;
            () = stop.stopped() => break,
            Some(_) = connections.join_next() => {}
            stream = listener.accept(), if has_room => {
                connections.spawn(serve_caller(stream, Arc::clone(&service), stop.clone()));
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve_caller(stream: Box<dyn Io>, service: Arc<AdminService>, stop: Stop) {
    let service = service_fn(|request| Arc::clone(&service).call(request));
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(ADMIN_HEAD_TIMEOUT)
        .max_header_size(HEAD_MAX)
        .max_buf_size(BUFFER_MAX);
    stop.serve(builder.serve_connection(TokioIo::new(stream), service)).await;
}

/// Closes upstream connections that nobody uses, from time to time.
async fn close_idle(shared: Arc<Shared>, timeout: Duration, mut stop: Stop) {
    let pause = (timeout / 4).max(Duration::from_millis(10));
    while tokio::time::timeout(pause, stop.stopped()).await.is_err() {
        shared.pools.as_ref().map(|pool| pool.close_idle(timeout));
    }
}
