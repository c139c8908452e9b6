#![doc = include_str!("../README.md")]

mod append_error;
mod body;
mod canonical;
mod chain;
#[cfg(any(feature = "testing", feature = "tokio"))]
mod channel_inbox;
mod clock;
mod course;
mod evidence_source;
mod finite;
mod hooks;
mod inbox;
mod journal;
mod load;
mod measured;
mod metric_source;
mod notifier;
mod observed;
mod port_error;
mod read_error;
mod record;
mod record_error;
mod replay;
#[cfg(feature = "tokio")]
mod system_clock;
#[cfg(feature = "testing")]
pub mod testing;
mod traffic_router;
mod workload;

pub use append_error::AppendError;
pub use body::{Adopted, Body, BodyKind, Opened, Origin, SCHEMA, Seen, Stored};
pub use canonical::canonical_json;
pub use chain::{Chain, Head};
#[cfg(any(feature = "testing", feature = "tokio"))]
pub use channel_inbox::{ChannelInbox, InboxSender};
pub use clock::Clock;
pub use course::Course;
pub use evidence_source::EvidenceSource;
pub use finite::NotFinite;
pub use hooks::Hooks;
pub use inbox::Inbox;
pub use journal::Journal;
pub use load::{Loaded, SNAPSHOT_EVERY, load};
pub use measured::{InForce, Measured};
pub use metric_source::MetricSource;
pub use notifier::Notifier;
pub use observed::Observed;
pub use port_error::PortError;
pub use read_error::ReadError;
pub use record::Record;
pub use record_error::{Fault, RecordError};
pub use replay::{Divergence, NotDerived, Part, ReplayError, Replayed, replay};
#[cfg(feature = "tokio")]
pub use system_clock::SystemClock;
pub use traffic_router::TrafficRouter;
pub use workload::Workload;
