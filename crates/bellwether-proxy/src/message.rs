//! What is said on the admin interface, as JSON.
//!
//! What a caller sends is read strictly. What a proxy answers is not: a newer one may say more.

use std::net::SocketAddr;

use bellwether_core::{Arms, Duration, Fence, Route, Time, Weight};
use serde::{Deserialize, Serialize};

/// What `PUT /route` takes: where traffic shall go, and on whose behalf.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message is its fields")]
pub struct RouteChange {
    /// Where traffic shall go.
    pub route: Route,
    /// Orders it among other changes; one below the highest that was seen is refused.
    pub fence: Fence,
}

/// What `GET /route` answers: where traffic goes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a message is its fields")]
pub struct RouteReading {
    /// The route in force.
    pub route: Route,
    /// The highest fence that was seen; absent before the first change.
    pub fence: Option<Fence>,
    /// When that was so, by the proxy's clock.
    pub issued_at: Time,
}

/// How many requests there were and how many of them were errors of the version that answered.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a message is its fields")]
pub struct Count {
    /// All requests that ended well or failed.
    pub requests: u64,
    /// Those that failed.
    pub errors: u64,
}

impl Count {
    pub(crate) const fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.errors += other.errors;
    }
}

/// What both arms did in one closed interval.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a message is its fields")]
pub struct CountedInterval {
    /// When it began.
    pub start: Time,
    /// When it ended; not part of it.
    pub end: Time,
    /// The share that was in force from its start to its end; absent if there was more than one.
    pub share: Option<Weight>,
    /// The requests that arrived in it and ended well or failed before it closed, and which of them failed.
    pub arms: Arms<Count>,
    /// The other requests that arrived in it: abandoned by their clients, or without an outcome when it closed. They are
    /// no evidence for either side, and are in none of the counts above.
    pub unanswered: Arms<u64>,
}

/// What `GET /intervals` answers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a message is its fields")]
pub struct Intervals {
    /// Closed intervals, oldest first.
    pub intervals: Vec<CountedInterval>,
    /// Whether there were more than one answer holds; ask again after the end of the last one.
    pub more: bool,
    /// When it was so, by the proxy's clock, which all these times are by.
    pub issued_at: Time,
}

/// How many different users there were.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a message is its fields")]
pub struct DistinctUsers {
    /// How many were told apart.
    pub count: u64,
    /// Whether these are all; beyond 100,000 nobody is added.
    pub complete: bool,
}

/// What `GET /status` answers: what the proxy did since it started.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Where it takes requests.
    pub listen: SocketAddr,
    /// Where it sends them.
    pub upstreams: Arms<SocketAddr>,
    /// The route in force.
    pub route: Route,
    /// The highest fence that was seen.
    pub fence: Option<Fence>,
    /// When it started.
    pub started_at: Time,
    /// When this was so, by the proxy's clock.
    pub issued_at: Time,
    /// The length of an interval.
    pub tick: Duration,
    /// Up to when intervals are closed.
    pub closed_until: Time,
    /// All requests since the start that ended well or failed, and all errors, late ones included. Together with
    /// `pending` and `abandoned` these are all requests that came.
    pub totals: Arms<Count>,
    /// Requests that ended well or failed after their interval was closed, and how many of them failed: in `totals`, and
    /// in no interval.
    pub late: Arms<Count>,
    /// Requests without an outcome.
    pub pending: Arms<u64>,
    /// Requests whose client left before it had the whole answer and before its patience ended: no evidence for either
    /// side. A version for which this grows and for the other does not answers more slowly than its clients wait.
    pub abandoned: Arms<u64>,
    /// Requests that were sent on a second connection because the first was dead before a byte was written.
    pub resent: Arms<u64>,
    /// Distinct users that met an error.
    pub users_with_errors: Arms<DistinctUsers>,
}
