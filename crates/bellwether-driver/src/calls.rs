use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use bellwether_core::{Arms, EventId, MetricName, Route, Time};
use bellwether_gate::Evidence;
use bellwether_port::{AppendError, Measured, Observed, PortError};
use bellwether_rollout::{Event, Units};

/// The calls to ports that are under way, at most one of each kind.
///
/// They go on while the driver does something else, so that a port that hangs holds up nothing but itself. They live in
/// the driver: whoever drops it drops them all.
#[derive(Default)]
pub(crate) struct Calls(BTreeMap<Slot, Pin<Box<dyn Future<Output = Answer> + Send>>>);

/// What a call is about. The order is the one in which answers that came together are taken.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Slot {
    Inbox,
    Journal,
    Router,
    Workload,
    Route,
    Units,
    Metric(MetricName),
    Evidence,
    Hooks,
    Done,
    Notify,
}

/// What a port answered.
pub(crate) enum Answer {
    /// An event from outside.
    Inbox(Result<Event, PortError>),
    /// The journal took a record that it was owed.
    Journal(Result<(), AppendError>),
    /// The router shows a route; the time is that of the question.
    Router(Time, Result<Observed<Route>, PortError>),
    /// The workload shows its units; the time is that of the question.
    Workload(Time, Result<Observed<Arms<Units>>, PortError>),
    /// The router was told.
    Route(Result<(), PortError>),
    /// The workload was told.
    Units(Result<(), PortError>),
    /// The intervals of a metric.
    Metric(MetricName, Result<Vec<Measured>, PortError>),
    /// What is known of the release.
    Evidence(Result<Evidence, PortError>),
    /// These hooks, and no other, were to be kept in force.
    Hooks(Result<(), PortError>),
    /// The inbox forgot an event.
    Done(EventId, Result<(), PortError>),
    /// A decision was told.
    Notify(u64, Result<(), PortError>),
}

impl Calls {
    /// Makes a call; one of the same kind that is under way is dropped.
    pub(crate) fn start(&mut self, slot: Slot, call: impl Future<Output = Answer> + Send + 'static) {
        self.0.insert(slot, Box::pin(call));
    }

    /// Drops a call. It may have had its effect.
    pub(crate) fn stop(&mut self, slot: &Slot) {
        self.0.remove(slot);
    }

    pub(crate) fn is_under_way(&self, slot: &Slot) -> bool {
        self.0.contains_key(slot)
    }

    pub(crate) fn has_effect_under_way(&self) -> bool {
        [Slot::Route, Slot::Units, Slot::Hooks].iter().any(|slot| self.is_under_way(slot))
    }

    /// Waits for the next answer; for ever when no call is under way. Dropping this loses no answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        poll_fn(|context| self.poll(context)).await
    }

    /// Takes an answer that is there already.
    pub(crate) async fn ready(&mut self) -> Option<Answer> {
        poll_fn(|context| match self.poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answer> {
        let mut found = None;
        for (slot, call) in &mut self.0 {
            if let Poll::Ready(answer) = call.as_mut().poll(context) {
                found = Some((slot.clone(), answer));
                break;
            }
        }
        match found {
            Some((slot, answer)) => {
                self.0.remove(&slot);
                Poll::Ready(answer)
            }
            None => Poll::Pending,
        }
    }
}
