use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_core::RolloutId;

use crate::{AppendError, Journal, PortError, ReadError, Record};

/// A journal in memory, which fails when it is told to. Clones share what is stored, as two processes share a store.
///
/// # Example: a crash between commit and answer
/// ```
/// use bellwether_core::{Fence, Time};
/// use bellwether_port::testing::{FakeJournal, JournalFault, example_plan};
/// use bellwether_port::{Body, Chain, Journal, Opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plan = example_plan("checkout-42");
/// let chain = Chain::new(plan.id().clone());
/// let record = chain.next(Time::default(), Fence::default(), &Body::from(Opened::new(plan)))?;
///
/// let journal = FakeJournal::default();
/// journal.fail_next(JournalFault::AfterCommit);
/// let error = journal.append(chain.rollout(), &record).await.unwrap_err();
/// assert!(error.may_be_stored());
/// journal.append(chain.rollout(), &record).await?;
/// assert_eq!(journal.records(chain.rollout()), [record], "once");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeJournal(Arc<Mutex<Stored>>);

#[derive(Debug, Default)]
struct Stored {
    records: BTreeMap<RolloutId, Vec<Record>>,
    closed: BTreeSet<RolloutId>,
    faults: VecDeque<JournalFault>,
    is_full: bool,
    is_down: bool,
}

/// How an append of a [`FakeJournal`] goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JournalFault {
    /// Nothing is stored, and the caller cannot know.
    BeforeCommit,
    /// The record is stored, and the caller cannot know.
    AfterCommit,
    /// Somebody else was faster.
    Conflict,
    /// Somebody else owns the rollout.
    Superseded,
}

impl FakeJournal {
    /// Lets the next append that nothing else is planned for go wrong.
    pub fn fail_next(&self, fault: JournalFault) {
        self.lock().faults.push_back(fault);
    }

    /// Fills the disk, or makes room again: appends are refused, reads go on.
    pub fn set_full(&self, is_full: bool) {
        self.lock().is_full = is_full;
    }

    /// Takes the store away, or brings it back: everything is transient.
    pub fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    /// What is stored, whatever fails.
    #[must_use]
    pub fn records(&self, rollout: &RolloutId) -> Vec<Record> {
        self.lock().records.get(rollout).cloned().unwrap_or_default()
    }

    /// Puts records in the place of what is stored, as somebody would who edits the file.
    pub fn replace(&self, rollout: &RolloutId, records: Vec<Record>) {
        self.lock().records.insert(rollout.clone(), records);
    }

    fn lock(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn append(&mut self, rollout: &RolloutId, record: &Record) -> Result<(), AppendError> {
        let records = self.records.entry(rollout.clone()).or_default();
        let seq = usize::try_from(record.seq()).unwrap_or(usize::MAX);
        if records.get(seq).is_some_and(|stored| stored.digest() == record.digest()) {
            return Ok(());
        }
        let last = records.last();
        let head = last.map(Record::seq);
        if last.is_some_and(|last| record.fence().token < last.fence().token) {
            return Err(AppendError::Superseded);
        }
        let follows = last.map_or(bellwether_core::Digest::ZERO, Record::digest) == record.previous();
        if seq != records.len() || !follows {
            return Err(AppendError::Conflict { head });
        }
        records.push(record.clone());
        Ok(())
    }

    fn answer(&self) -> Result<(), PortError> {
        if self.is_down { Err(PortError::transient("the journal is down")) } else { Ok(()) }
    }
}

#[async_trait]
impl Journal for FakeJournal {
    async fn append(&self, rollout: &RolloutId, record: &Record) -> Result<(), AppendError> {
        let mut stored = self.lock();
        if stored.is_down {
            return Err(AppendError::transient("the journal is down"));
        }
        if stored.is_full {
            return Err(AppendError::refused("no space left on the device"));
        }
        match stored.faults.pop_front() {
            None => stored.append(rollout, record),
            Some(JournalFault::BeforeCommit) => Err(AppendError::transient("lost before the commit")),
            Some(JournalFault::AfterCommit) => {
                stored.append(rollout, record)?;
                Err(AppendError::transient("lost after the commit"))
            }
            Some(JournalFault::Conflict) => {
                let head = stored.records.get(rollout).and_then(|records| records.last()).map(Record::seq);
                Err(AppendError::Conflict { head })
            }
            Some(JournalFault::Superseded) => Err(AppendError::Superseded),
        }
    }

    async fn read(&self, rollout: &RolloutId, from: u64) -> Result<Vec<Record>, ReadError> {
        let stored = self.lock();
        if stored.is_down {
            return Err(ReadError::transient("the journal is down"));
        }
        let records = stored.records.get(rollout).map(Vec::as_slice).unwrap_or_default();
        crate::load::link(rollout, records)?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(records.get(from..).unwrap_or_default().to_vec())
    }

    async fn open_rollouts(&self) -> Result<Vec<RolloutId>, PortError> {
        let stored = self.lock();
        stored.answer()?;
        Ok(stored.records.keys().filter(|rollout| !stored.closed.contains(*rollout)).cloned().collect())
    }

    async fn close(&self, rollout: &RolloutId) -> Result<(), PortError> {
        let mut stored = self.lock();
        stored.answer()?;
        stored.closed.insert(rollout.clone());
        Ok(())
    }
}
