use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_core::EventId;
use bellwether_rollout::Event;
use tokio::sync::Notify;

use crate::{Inbox, PortError};

/// Brings what the host's own process sends by an [`InboxSender`]: a button of its user interface, a webhook, an alarm.
///
/// An event waits until it is done, so a driver that takes over after a panic is given what the one before had read and
/// not written down. It does not wait longer than the process: who must not lose a command to a crash keeps it until the
/// journal has it.
///
/// Any number of events may wait, because an abort must never find a full queue; each is gone once it is in the journal.
///
/// # Example: a command that was read and not written down
/// ```
/// use bellwether_core::Time;
/// use bellwether_port::{Inbox, InboxSender};
/// use bellwether_rollout::{Actor, Event, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sender = InboxSender::new();
/// let inbox = sender.open();
/// let waiting = tokio::spawn(async move { inbox.next().await });
///
/// let by = Actor::Person("ada".parse()?);
/// let abort = Event { id: "abort-1".parse()?, at: Time::default(), by, kind: Kind::Aborted { why: "slow".into() } };
/// sender.send(abort.clone());
/// assert_eq!(waiting.await??, abort, "who waits is woken; the inbox is gone with its driver");
///
/// let inbox = sender.open();
/// assert_eq!(inbox.next().await?, abort, "the next driver is given it again");
/// inbox.done(&abort.id).await?;
/// assert!(sender.is_empty(), "it is in the journal");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ChannelInbox {
    queue: Arc<Queue>,
    /// The number of the first event that this inbox has not handed out.
    next: AtomicU64,
}

/// Sends events to a [`ChannelInbox`], from any thread and without waiting. Clones send to the same one.
#[derive(Clone, Debug, Default)]
pub struct InboxSender(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// How many events were ever sent, which numbers the next one.
    sent: u64,
    /// What is not done, in the order in which it was sent.
    events: VecDeque<(u64, Event)>,
}

impl InboxSender {
    /// A sender to which nothing was given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends an event. It waits where no inbox is open.
    pub fn send(&self, event: Event) {
        let mut waiting = self.0.waiting();
        let number = waiting.sent;
        waiting.sent = number.saturating_add(1);
        waiting.events.push_back((number, event));
        drop(waiting);
        self.0.news.notify_waiters();
    }

    /// Opens an inbox that hands out everything that is not done. Open one for each driver: one that an earlier driver
    /// has read from does not hand out the same again.
    #[must_use]
    pub fn open(&self) -> ChannelInbox {
        ChannelInbox { queue: Arc::clone(&self.0), next: AtomicU64::new(0) }
    }

    /// Whether everything that was sent is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.waiting().events.is_empty()
    }
}

impl ChannelInbox {
    fn take(&self) -> Option<Event> {
        let waiting = self.queue.waiting();
        let next = self.next.load(Ordering::Relaxed);
        let (number, event) = waiting.events.iter().find(|(number, _)| *number >= next)?;
        // Under the queue's lock, so that two readers of this inbox never take the same event.
        self.next.store(number.saturating_add(1), Ordering::Relaxed);
        Some(event.clone())
    }
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Inbox for ChannelInbox {
    async fn next(&self) -> Result<Event, PortError> {
        loop {
            // Before the look: what is sent between the look and the wait wakes it as well.
            let news = self.queue.news.notified();
            if let Some(event) = self.take() {
                return Ok(event);
            }
            news.await;
        }
    }

    async fn done(&self, id: &EventId) -> Result<(), PortError> {
        self.queue.waiting().events.retain(|(_, event)| event.id != *id);
        Ok(())
    }
}
