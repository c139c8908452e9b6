//! A steady load of real requests from many users, over a few keep-alive connections.

use std::{
    collections::HashSet,
    error::Error,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet, time};

const CONNECTIONS: u64 = 8;
pub(crate) const USERS: u64 = 20_000;

/// Users who send requests until they are stopped.
pub(crate) struct Load {
    tally: Arc<Tally>,
    connections: JoinSet<()>,
    since: Instant,
}

#[derive(Default)]
struct Tally {
    stopping: AtomicBool,
    requests: AtomicU64,
    failed: AtomicU64,
    errors: Mutex<Errors>,
}

#[derive(Default)]
struct Errors {
    users: HashSet<u64>,
    first_and_last: Option<(Instant, Instant)>,
}

/// What the users saw.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) requests: u64,
    pub(crate) failed: u64,
    pub(crate) users_who_met_an_error: usize,
    pub(crate) seconds: f64,
    /// From the first error to the last.
    pub(crate) seconds_of_errors: f64,
}

impl Load {
    /// Sends about `rate` requests a second to an address.
    pub(crate) fn start(address: SocketAddr, rate: u64) -> Self {
        let tally = Arc::new(Tally::default());
        let mut connections = JoinSet::new();
        let pause = Duration::from_secs(CONNECTIONS) / u32::try_from(rate).unwrap_or(u32::MAX);
        for connection in 0..CONNECTIONS {
            let tally = Arc::clone(&tally);
            connections.spawn(async move {
                if let Err(error) = send(address, connection, pause, &tally).await {
                    eprintln!("a client's connection broke: {error}");
                }
            });
        }
        Self { tally, connections, since: Instant::now() }
    }

    /// Lets the last requests finish and says what the users saw.
    pub(crate) async fn stop(mut self) -> Seen {
        self.tally.stopping.store(true, Ordering::Relaxed);
        while self.connections.join_next().await.is_some() {}
        self.seen()
    }

    /// What the users saw so far.
    pub(crate) fn seen(&self) -> Seen {
        let errors = self.tally.errors.lock().unwrap_or_else(PoisonError::into_inner);
        Seen {
            requests: self.tally.requests.load(Ordering::Relaxed),
            failed: self.tally.failed.load(Ordering::Relaxed),
            users_who_met_an_error: errors.users.len(),
            seconds: self.since.elapsed().as_secs_f64(),
            seconds_of_errors: errors.first_and_last.map_or(0.0, |(first, last)| (last - first).as_secs_f64()),
        }
    }
}

async fn send(
    address: SocketAddr,
    connection: u64,
    pause: Duration,
    tally: &Tally,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    let mut pace = time::interval(pause);
    let mut user = connection;
    while !tally.stopping.load(Ordering::Relaxed) {
        pace.tick().await;
        user = (user + CONNECTIONS) % USERS;
        let request = Request::get("/").header("host", "shop").header("x-user-id", user);
        let response = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
        let failed = response.status().is_server_error();
        response.into_body().collect().await?;
        tally.count(user, failed);
    }
    Ok(())
}

impl Tally {
    fn count(&self, user: u64, failed: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
            let (now, mut errors) = (Instant::now(), self.errors.lock().unwrap_or_else(PoisonError::into_inner));
            errors.users.insert(user);
            errors.first_and_last = Some((errors.first_and_last.map_or(now, |(first, _)| first), now));
        }
    }
}
