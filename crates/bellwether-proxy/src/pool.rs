use std::{
    collections::VecDeque,
    future::poll_fn,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use hyper::header::HeaderValue;

use crate::upstream::Upstream;

/// The unused connections to one upstream.
///
/// The one that was used last is taken first, so that as few as possible stay open. There is no limit: every client
/// that waits for an answer has a connection of its own.
#[derive(Debug)]
pub(crate) struct Pool {
    address: SocketAddr,
    host: HeaderValue,
    idle: Mutex<VecDeque<Idle>>,
}

#[derive(Debug)]
struct Idle {
    upstream: Box<Upstream>,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(address: SocketAddr) -> Self {
        // Digits, dots, colons and brackets are always a header.
        let host = HeaderValue::try_from(address.to_string()).unwrap_or(HeaderValue::from_static("localhost"));
        Self { address, host, idle: Mutex::new(VecDeque::new()) }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The host of a request that names none.
    pub(crate) const fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Takes a connection that is still open, as far as can be known without writing to it.
    pub(crate) async fn take(&self) -> Option<Box<Upstream>> {
        poll_fn(|context| {
            while let Some(mut upstream) = self.pop() {
                upstream.drive(context);
                if upstream.is_reusable() {
                    return Poll::Ready(Some(upstream));
                }
            }
            Poll::Ready(None)
        })
        .await
    }

    /// Keeps a connection for the next request, unless it cannot carry one.
    pub(crate) fn put(&self, upstream: Box<Upstream>) {
        if upstream.is_reusable() {
            self.lock().push_back(Idle { upstream, since: Instant::now() });
        }
    }

    /// Closes connections that have not been used for that long.
    pub(crate) fn close_idle(&self, timeout: Duration) {
        let mut idle = self.lock();
        let old = idle.iter().take_while(|idle| idle.since.elapsed() >= timeout).count();
        let closed: Vec<Idle> = idle.drain(..old).collect();
        drop(idle);
        drop(closed);
    }

    fn pop(&self) -> Option<Box<Upstream>> {
        self.lock().pop_back().map(|idle| idle.upstream)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
