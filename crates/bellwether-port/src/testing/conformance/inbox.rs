use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use bellwether_core::{EventId, Time};
use bellwether_rollout::{Actor, Event, Kind};

use crate::Inbox;
use crate::testing::must::must;

/// What the suite needs around an inbox: somebody who sends, and a process that starts again.
#[async_trait]
pub trait InboxBench: Send + Sync {
    /// Opens the inbox, as a process does that starts. The one before was dropped.
    async fn open(&self) -> Box<dyn Inbox>;

    /// Sends an event from outside; returns once it will be delivered.
    async fn send(&self, event: Event);

    /// Whether an event outlives the process; a channel's does not.
    fn is_durable(&self) -> bool {
        true
    }
}

/// Checks the contract of [`Inbox`]; the inbox is empty at first.
///
/// # Panics
/// A clause of the contract is broken.
///
/// # Example: the fake keeps the contract
/// ```
/// use bellwether_port::testing::{FakeInbox, conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// conformance::inbox(&FakeInbox::default()).await;
/// # }
/// ```
pub async fn inbox(bench: &dyn InboxBench) {
    let inbox = bench.open().await;
    assert!(poll_once(inbox.next()).is_none(), "an empty inbox waits");
    let events = ["one", "two", "three", "four"].map(event);
    for event in &events {
        bench.send(event.clone()).await;
    }
    for event in &events {
        assert_eq!(inbox.next().await.as_ref(), Ok(event), "events come in the order in which they were sent");
    }
    assert!(poll_once(inbox.next()).is_none(), "an event is handed out once");

    bench.send(event("five")).await;
    assert_eq!(inbox.next().await, Ok(event("five")), "a wait that was given up loses no event");

    for id in ["two", "two", "never-sent"] {
        assert_eq!(inbox.done(&name(id)).await, Ok(()), "done is idempotent, for an unknown id as well");
    }
    if !bench.is_durable() {
        return;
    }
    drop(inbox);
    let inbox = bench.open().await;
    for id in ["one", "three", "four", "five"] {
        assert_eq!(inbox.next().await, Ok(event(id)), "what was not done comes again after a restart");
        assert_eq!(inbox.done(&name(id)).await, Ok(()), "an event is done");
    }
    drop(inbox);
    assert!(poll_once(bench.open().await.next()).is_none(), "what was done never comes again");
}

/// Asks a future once and drops it.
fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn event(id: &str) -> Event {
    let kind = Kind::Paused { why: format!("event {id}") };
    Event { id: name(id), at: Time::default(), by: Actor::Driver, kind }
}

fn name(id: &str) -> EventId {
    must(EventId::new(id), "an event has a name")
}
