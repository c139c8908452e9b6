//! What every adapter's implementation of a port must do, to be run against the real thing.
//!
//! Each suite is an async function that panics with the clause of the contract that is broken. The fakes of this module
//! pass them too.

mod inbox;
mod journal;
mod metrics;
mod router;

pub use inbox::{InboxBench, inbox};
pub use journal::{durable_journal, journal};
pub use metrics::metrics;
pub use router::router;
