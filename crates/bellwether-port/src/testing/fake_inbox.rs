use std::sync::Arc;

use async_trait::async_trait;
use bellwether_core::EventId;
use bellwether_rollout::Event;

use crate::testing::conformance::InboxBench;
use crate::{ChannelInbox, Inbox, InboxSender, PortError};

/// An inbox and whoever sends to it, in one. Clones share what was sent and what was handed out.
///
/// # Example: a crash before an event was done
/// ```
/// use bellwether_core::Time;
/// use bellwether_port::Inbox;
/// use bellwether_port::testing::FakeInbox;
/// use bellwether_rollout::{Actor, Event, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let inbox = FakeInbox::default();
/// let pause = Kind::Paused { why: "lunch".into() };
/// inbox.push(Event { id: "pause-1".parse()?, at: Time::default(), by: Actor::Driver, kind: pause });
/// let event = inbox.next().await?;
/// assert_eq!(inbox.restarted().next().await?, event, "delivered again");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FakeInbox {
    sender: InboxSender,
    inbox: Arc<ChannelInbox>,
}

impl FakeInbox {
    /// Sends an event.
    pub fn push(&self, event: Event) {
        self.sender.send(event);
    }

    /// The inbox as a process sees it that starts again.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self { inbox: Arc::new(self.sender.open()), sender: self.sender.clone() }
    }

    /// Whether every event that was sent is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sender.is_empty()
    }
}

impl Default for FakeInbox {
    fn default() -> Self {
        let sender = InboxSender::new();
        Self { inbox: Arc::new(sender.open()), sender }
    }
}

#[async_trait]
impl Inbox for FakeInbox {
    async fn next(&self) -> Result<Event, PortError> {
        self.inbox.next().await
    }

    async fn done(&self, id: &EventId) -> Result<(), PortError> {
        self.inbox.done(id).await
    }
}

#[async_trait]
impl InboxBench for FakeInbox {
    async fn open(&self) -> Box<dyn Inbox> {
        Box::new(self.restarted())
    }

    async fn send(&self, event: Event) {
        self.push(event);
    }
}
