use async_trait::async_trait;
use bellwether_core::EventId;
use bellwether_rollout::Event;

use crate::PortError;

/// Brings commands and facts from outside to one rollout: pause, abort, skip, alarms, the end of a predecessor.
///
/// # Contract
/// The caller calls `done` only after the event is in the journal, or was found to be a repetition.
///
/// The implementer keeps an event until it is done: it is handed out once by this inbox and, when the process ends before
/// `done`, again by the next one that is opened. So delivery is at least once, and the machine drops what it knows by
/// the event's id. `next` waits without using the processor; **a dropped `next` loses no event**, so a driver may stop
/// waiting at any time. `done` is idempotent, for an unknown id as well.
///
/// A crash between the append and `done` delivers the event again.
///
/// With the feature `tokio` there is a ready one for what the host's own process sends, `ChannelInbox`.
///
/// # Example: the shortest one, which forgets what a driver has read and not written down
/// ```
/// use async_trait::async_trait;
/// use bellwether_core::EventId;
/// use bellwether_port::{Inbox, PortError};
/// use bellwether_rollout::Event;
/// use tokio::sync::{Mutex, mpsc};
///
/// struct Channel(Mutex<mpsc::Receiver<Event>>);
///
/// #[async_trait]
/// impl Inbox for Channel {
///     async fn next(&self) -> Result<Event, PortError> {
///         match self.0.lock().await.recv().await {
///             Some(event) => Ok(event),
///             None => std::future::pending().await, // nobody can send any more: wait for ever
///         }
///     }
///
///     async fn done(&self, _id: &EventId) -> Result<(), PortError> {
///         Ok(()) // a channel dies with its process, so there is nobody to deliver again to
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bellwether_rollout::{Actor, Kind};
///
/// let (sender, receiver) = mpsc::channel(8);
/// let inbox: Box<dyn Inbox> = Box::new(Channel(Mutex::new(receiver)));
/// let kind = Kind::Aborted { why: "checkout is slow".into() };
/// sender.send(Event { id: "abort-1".parse()?, at: Default::default(), by: Actor::Person("ada".parse()?), kind }).await?;
/// assert!(inbox.next().await?.is_command());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Waits for the next event.
    ///
    /// # Errors
    /// The store behind it did not answer.
    async fn next(&self) -> Result<Event, PortError>;

    /// Forgets an event, because it is in the journal.
    ///
    /// # Errors
    /// The store behind it did not answer; the event may come again.
    async fn done(&self, id: &EventId) -> Result<(), PortError>;
}
