use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use bellwether_core::{Decision, Duration, Fence, Finding, RolloutId, Time};
use bellwether_port::{AppendError, Body, Chain, Clock, Head, Journal, Record, RecordError, SNAPSHOT_EVERY};
use bellwether_rollout::{Event, Move};

use crate::backoff::Backoff;
use crate::calls::{Answer, Calls, Slot};
use crate::setup::Setup;
use crate::within::within;

/// Beyond this many owed records nothing more is measured until the journal is back; it is read later then.
const OWED_MAX: usize = 4_096;

/// The driver's end of the journal: appends, and remembers what it owes while the journal does not answer.
///
/// Owed records are chained on like stored ones and appended in their order before anything else, each as the very
/// bytes that may be stored already.
pub(crate) struct Log {
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    patience: Duration,
    /// The end of the chain with everything that is owed.
    chain: Chain,
    /// The end of the chain that is surely stored.
    stored: Option<Head>,
    token: u64,
    owed: VecDeque<Entry>,
    retry: Backoff,
    /// Whether the journal has failed since it took everything, and was not only slow.
    was_away: bool,
    since_snapshot: u64,
}

/// An append that is under way, and goes on whatever else happens.
type Appending = Pin<Box<dyn Future<Output = Result<(), AppendError>> + Send>>;

/// A record on its way into the journal, and what is done once it is there.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    /// The command that it holds, which must not be lost.
    pub(crate) command: Option<Event>,
    /// The decision that it holds, to be told.
    pub(crate) decision: Option<Decision<Move>>,
}

/// Why nothing more may be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Halt {
    /// The journal goes on differently: load it and decide again.
    Conflict,
    /// Somebody else owns the rollout.
    Superseded,
}

impl Log {
    pub(crate) fn new(setup: &Setup, chain: Chain, token: u64) -> Self {
        Self {
            journal: Arc::clone(&setup.ports.journal),
            clock: Arc::clone(&setup.ports.clock),
            timeout: setup.options.port_timeout,
            patience: setup.options.patience,
            stored: chain.head(),
            chain,
            token,
            owed: VecDeque::new(),
            retry: Backoff::default(),
            was_away: false,
            since_snapshot: 0,
        }
    }

    pub(crate) fn with_since_snapshot(mut self, records: u64) -> Self {
        self.since_snapshot = records;
        self
    }

    pub(crate) const fn rollout(&self) -> &RolloutId {
        self.chain.rollout()
    }

    pub(crate) const fn token(&self) -> u64 {
        self.token
    }

    pub(crate) const fn next_seq(&self) -> u64 {
        self.chain.next_seq()
    }

    /// The end of what is surely stored.
    pub(crate) const fn stored(&self) -> Option<Head> {
        self.stored
    }

    pub(crate) fn owed(&self) -> u64 {
        u64::try_from(self.owed.len()).unwrap_or(u64::MAX)
    }

    /// The reasons of the owed decisions that moved the rollout.
    pub(crate) fn owed_reasons(&self) -> Vec<Finding> {
        let decisions = self.owed.iter().filter_map(|entry| entry.decision.as_ref());
        let moved = decisions.filter(|decision| matches!(decision.outcome, Move::Enter(_)));
        moved.flat_map(|decision| &decision.findings).cloned().collect()
    }

    /// Whether there are records that the journal does not have, for all that is known.
    pub(crate) fn is_behind(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Whether nothing more should be measured until the journal is back.
    pub(crate) fn is_full(&self) -> bool {
        self.owed.len() >= OWED_MAX
    }

    pub(crate) fn wants_snapshot(&self) -> bool {
        self.since_snapshot >= SNAPSHOT_EVERY && !self.is_behind()
    }

    /// Makes the next record.
    ///
    /// # Errors
    /// The place of a float in the body that has no JSON form.
    pub(crate) fn seal(&self, generation: u64, body: &Body) -> Result<Record, RecordError> {
        self.chain.next(self.clock.now(), Fence { token: self.token, generation }, body)
    }

    /// Appends a record, or owes it when the journal does not take it, or not soon. Gives it back once it is stored.
    pub(crate) async fn append(&mut self, calls: &mut Calls, entry: Entry) -> Result<Option<Entry>, Halt> {
        if self.is_behind() {
            self.owe(entry);
            return Ok(None);
        }
        let mut appending = self.appending(&entry.record);
        match within(&*self.clock, self.patience, &mut appending).await {
            Ok(Ok(())) => {
                self.advance(&entry.record);
                self.stored = self.chain.head();
                Ok(Some(entry))
            }
            Ok(Err(error)) => {
                halt(&error)?;
                tracing::error!(rollout = %self.rollout(), %error, "the journal does not answer: nothing goes forward");
                self.failed();
                self.owe(entry);
                Ok(None)
            }
            Err(elapsed) => {
                tracing::warn!(rollout = %self.rollout(), %elapsed, "the journal is slow: nothing goes forward");
                self.owe(entry);
                calls.start(Slot::Journal, async { Answer::Journal(appending.await) });
                Ok(None)
            }
        }
    }

    /// Appends the first owed record again, when it is time.
    pub(crate) fn repay(&mut self, calls: &mut Calls) {
        if calls.is_under_way(&Slot::Journal) || !self.retry.is_over(self.clock.now()) {
            return;
        }
        let Some(entry) = self.owed.front() else { return };
        let appending = self.appending(&entry.record);
        calls.start(Slot::Journal, async { Answer::Journal(appending.await) });
    }

    fn appending(&self, record: &Record) -> Appending {
        let (journal, rollout) = (Arc::clone(&self.journal), self.chain.rollout().clone());
        let (clock, timeout, record) = (Arc::clone(&self.clock), self.timeout, record.clone());
        Box::pin(async move {
            let answer = within(&*clock, timeout, journal.append(&rollout, &record)).await;
            answer.unwrap_or_else(|elapsed| Err(AppendError::transient(elapsed)))
        })
    }

    fn failed(&mut self) {
        self.was_away = true;
        self.retry.failed(self.clock.now());
    }

    /// Takes the answer to [`Log::repay`]; gives the record back once it is stored.
    pub(crate) fn repaid(&mut self, answer: &Result<(), AppendError>) -> Result<Option<Entry>, Halt> {
        match answer {
            Ok(()) => {
                self.retry = Backoff::default();
                let entry = self.owed.pop_front();
                if let Some(entry) = &entry {
                    self.stored = Some(Head { seq: entry.record.seq(), digest: entry.record.digest() });
                }
                Ok(entry)
            }
            Err(error) => {
                halt(error)?;
                self.failed();
                Ok(None)
            }
        }
    }

    /// Whether the journal has failed before it took everything. Asking forgets it.
    pub(crate) const fn take_absence(&mut self) -> bool {
        std::mem::replace(&mut self.was_away, false)
    }

    /// When the journal is asked again.
    pub(crate) fn retry_at(&self) -> Option<Time> {
        self.retry.next().filter(|_| self.is_behind())
    }

    /// The commands that are owed, to be decided again.
    pub(crate) fn take_commands(&mut self) -> Vec<Event> {
        self.owed.drain(..).filter_map(|entry| entry.command).collect()
    }

    fn owe(&mut self, entry: Entry) {
        self.advance(&entry.record);
        self.owed.push_back(entry);
    }

    fn advance(&mut self, record: &Record) {
        // The record was sealed on this very chain, so it is the next one.
        let linked = self.chain.push(record);
        debug_assert!(linked.is_ok(), "{linked:?}");
        let is_stated =
            matches!(record.kind(), Some(bellwether_port::BodyKind::Snapshot | bellwether_port::BodyKind::Adopted));
        self.since_snapshot = if is_stated { 0 } else { self.since_snapshot.saturating_add(1) };
    }
}

impl Entry {
    /// A record of which nothing is to be done later.
    pub(crate) const fn new(record: Record) -> Self {
        Self { record, command: None, decision: None }
    }
}

const fn halt(error: &AppendError) -> Result<(), Halt> {
    match error {
        AppendError::Conflict { .. } => Err(Halt::Conflict),
        AppendError::Superseded => Err(Halt::Superseded),
        AppendError::Transient(_) | AppendError::Refused(_) | _ => Ok(()),
    }
}
