use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_core::EventId;
use bellwether_rollout::Event;
use tokio::sync::Notify;

use crate::testing::conformance::InboxBench;
use crate::{Inbox, PortError};

/// An inbox whose events outlive the driver. Clones share what was sent; each hands it out once.
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
#[derive(Clone, Debug, Default)]
pub struct FakeInbox(Arc<Shared>, Arc<Mutex<usize>>);

#[derive(Debug, Default)]
struct Shared {
    /// What was sent; a hole where it is done.
    events: Mutex<VecDeque<Option<Event>>>,
    news: Notify,
}

impl FakeInbox {
    /// Sends an event.
    pub fn push(&self, event: Event) {
        lock(&self.0.events).push_back(Some(event));
        self.0.news.notify_one();
    }

    /// The inbox as a process sees it that starts again.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self(Arc::clone(&self.0), Arc::default())
    }

    /// Whether every event that was sent is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        lock(&self.0.events).iter().all(Option::is_none)
    }

    fn take(&self) -> Option<Event> {
        let mut position = lock(&self.1);
        let events = lock(&self.0.events);
        let (index, event) =
            events.iter().enumerate().skip(*position).find_map(|(index, event)| Some((index, event.clone()?)))?;
        *position = index.saturating_add(1);
        Some(event)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Inbox for FakeInbox {
    async fn next(&self) -> Result<Event, PortError> {
        loop {
            if let Some(event) = self.take() {
                return Ok(event);
            }
            self.0.news.notified().await;
        }
    }

    async fn done(&self, id: &EventId) -> Result<(), PortError> {
        for event in &mut *lock(&self.0.events) {
            if event.as_ref().is_some_and(|event| event.id == *id) {
                *event = None;
            }
        }
        Ok(())
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
