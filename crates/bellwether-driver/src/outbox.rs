use std::collections::VecDeque;
use std::sync::Arc;

use bellwether_core::{Decision, Duration, EventId, RolloutId, Severity, Time};
use bellwether_port::{Clock, Inbox, Notifier, PortError};
use bellwether_rollout::{Event, Move};

use crate::backoff::Backoff;
use crate::calls::{Answer, Calls, Slot};
use crate::log::Entry;
use crate::ports::Ports;
use crate::within::ask;

/// The most decisions that wait to be told; the oldest is given up for a newer one.
const TELLING_MAX: usize = 1_024;

/// What is done once a record is stored, and never before or instead of anything else: telling the inbox that a command
/// is done, and telling people what was decided. At least once, in order, and nothing waits for it.
pub(crate) struct Outbox {
    inbox: Option<Arc<dyn Inbox>>,
    notifier: Option<Arc<dyn Notifier>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    rollout: RolloutId,
    done: VecDeque<EventId>,
    telling: VecDeque<(u64, Decision<Move>)>,
    done_again: Backoff,
    tell_again: Backoff,
}

impl Outbox {
    pub(crate) fn new(ports: &Ports, timeout: Duration, rollout: RolloutId) -> Self {
        Self {
            inbox: ports.inbox.clone(),
            notifier: ports.notifier.clone(),
            clock: Arc::clone(&ports.clock),
            timeout,
            rollout,
            done: VecDeque::new(),
            telling: VecDeque::new(),
            done_again: Backoff::default(),
            tell_again: Backoff::default(),
        }
    }

    /// Takes note of a record that is stored now.
    pub(crate) fn stored(&mut self, entry: Entry) {
        if let Some(command) = &entry.command {
            self.done(command);
        }
        if let Some(decision) = entry.decision.filter(is_worth_telling) {
            self.tell(entry.record.seq(), decision);
        }
    }

    /// Lets the inbox forget a command.
    pub(crate) fn done(&mut self, command: &Event) {
        if self.inbox.is_some() {
            self.done.push_back(command.id.clone());
        }
    }

    /// Tells a decision.
    pub(crate) fn tell(&mut self, seq: u64, decision: Decision<Move>) {
        if self.notifier.is_none() {
            return;
        }
        if self.telling.len() == TELLING_MAX {
            tracing::warn!(rollout = %self.rollout, "too many decisions wait to be told: the oldest is given up");
            self.telling.pop_front();
        }
        self.telling.push_back((seq, decision));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.done.is_empty() && self.telling.is_empty()
    }

    /// Makes the calls that are due.
    pub(crate) fn send(&self, calls: &mut Calls) {
        let now = self.clock.now();
        if !calls.is_under_way(&Slot::Done) && self.done_again.is_over(now) {
            self.send_done(calls);
        }
        if !calls.is_under_way(&Slot::Notify) && self.tell_again.is_over(now) {
            self.send_decision(calls);
        }
    }

    pub(crate) fn sent_done(&mut self, id: &EventId, answer: &Result<(), PortError>) {
        match answer {
            Ok(()) => {
                self.done_again = Backoff::default();
                self.done.retain(|waiting| waiting != id);
            }
            Err(error) => {
                tracing::warn!(rollout = %self.rollout, %id, %error, "the inbox did not forget a command; it may come again");
                self.done_again.failed(self.clock.now());
            }
        }
    }

    pub(crate) fn sent_decision(&mut self, seq: u64, answer: &Result<(), PortError>) {
        match answer {
            Ok(()) => {
                self.tell_again = Backoff::default();
                self.telling.retain(|(waiting, _)| *waiting != seq);
            }
            Err(error) => {
                tracing::warn!(rollout = %self.rollout, %error, "a decision was not told; it is told again");
                self.tell_again.failed(self.clock.now());
            }
        }
    }

    /// When something is tried again.
    pub(crate) fn retry_at(&self) -> Option<Time> {
        let done = self.done_again.next().filter(|_| !self.done.is_empty());
        let tell = self.tell_again.next().filter(|_| !self.telling.is_empty());
        done.into_iter().chain(tell).min()
    }

    fn send_done(&self, calls: &mut Calls) {
        let Some((inbox, id)) = self.inbox.clone().zip(self.done.front().cloned()) else { return };
        let (clock, timeout) = (Arc::clone(&self.clock), self.timeout);
        calls.start(Slot::Done, async move {
            let answer = ask(&*clock, timeout, inbox.done(&id)).await;
            Answer::Done(id, answer)
        });
    }

    fn send_decision(&self, calls: &mut Calls) {
        let Some((notifier, (seq, decision))) = self.notifier.clone().zip(self.telling.front().cloned()) else {
            return;
        };
        let (clock, timeout, rollout) = (Arc::clone(&self.clock), self.timeout, self.rollout.clone());
        calls.start(Slot::Notify, async move {
            Answer::Notify(seq, ask(&*clock, timeout, notifier.notify(&rollout, seq, &decision)).await)
        });
    }
}

/// What people want to be told: what moved, and what somebody should look at.
fn is_worth_telling(decision: &Decision<Move>) -> bool {
    decision.outcome != Move::Stay || decision.findings.iter().any(|finding| finding.severity > Severity::Info)
}
