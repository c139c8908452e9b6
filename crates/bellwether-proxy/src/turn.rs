use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Marks that it is the client who must act.
const CLIENT: u64 = u64::MAX;

/// Says whose turn it is while a request with a body is on its way: a slow client is nobody's error.
///
/// The upload writes it, whoever waits for the answer reads it; both run in one task, the atomics are for the compiler.
#[derive(Debug)]
pub(crate) struct Turn {
    start: Instant,
    /// Microseconds from the start to when it became the upstream's turn, or [`CLIENT`].
    upstream_since: AtomicU64,
    broken: AtomicBool,
}

impl Turn {
    /// The upstream must ask for the body first.
    pub(crate) fn new(start: Instant) -> Self {
        Self { start, upstream_since: AtomicU64::new(0), broken: AtomicBool::new(false) }
    }

    pub(crate) fn give_to_client(&self) {
        self.upstream_since.store(CLIENT, Ordering::Relaxed);
    }

    pub(crate) fn give_to_upstream(&self) {
        self.upstream_since.store(self.elapsed(), Ordering::Relaxed);
    }

    /// The client did not send what it had promised.
    pub(crate) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// How long the upstream has been the one to act; absent while it is the client.
    pub(crate) fn upstream_waited(&self) -> Option<Duration> {
        let since = self.upstream_since.load(Ordering::Relaxed);
        (since != CLIENT).then(|| Duration::from_micros(self.elapsed().saturating_sub(since)))
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(CLIENT - 1)
    }
}
