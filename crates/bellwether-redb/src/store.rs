//! The blocking half: tables, transactions and what their errors mean.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use bellwether_core::{Digest, RolloutId};
use bellwether_port::{AppendError, Chain, Fault, Head, PortError, ReadError, Record, RecordError};
use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable, StorageError, Table, TransactionError, WriteTransaction,
};

use crate::OpenError;
use crate::file::{HEADS, RECORDS, open, open_copy, open_or_create};
use crate::head::{HeadBytes, StoredHead};
use crate::queue::Append;

/// The file. Absent for the moment between closing a database that a failed commit has stopped and opening it again.
pub(crate) struct Store {
    path: PathBuf,
    open: Opener,
    database: RwLock<Option<Database>>,
}

/// Opens a journal's file that is there.
type Opener = fn(&Path) -> Result<Database, OpenError>;

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let database = RwLock::new(Some(open_or_create(path)?));
        Ok(Self { path: path.into(), open, database })
    }

    /// Opens a copy of the file.
    pub(crate) fn open_copy(path: &Path) -> Result<Self, OpenError> {
        let database = RwLock::new(Some(open_copy(path)?));
        Ok(Self { path: path.into(), open: open_copy, database })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends records of any rollouts by one commit. What fails for all fails for each; nobody is answered before
    /// everything is durable, because a record may follow one of the same commit.
    pub(crate) fn append_all(&self, appends: &[Append]) -> Vec<Result<(), AppendError>> {
        self.append_at_once(appends).unwrap_or_else(|error| vec![Err(error); appends.len()])
    }

    fn append_at_once(&self, appends: &[Append]) -> Result<Vec<Result<(), AppendError>>, AppendError> {
        let transaction = self.begin_write().map_err(AppendError::transient)?;
        let inserted = insert_all(&transaction, appends)?;
        if inserted.contains(&Ok(Inserted::Now)) {
            // From here on a failure may come after the records have become durable.
            transaction.commit().map_err(AppendError::transient)?;
        }
        Ok(inserted.into_iter().map(|answer| answer.map(drop)).collect())
    }

    pub(crate) fn read(&self, rollout: &RolloutId, from: u64) -> Result<Vec<Record>, ReadError> {
        let mut records = Vec::new();
        self.scan(rollout, from, |chain, bytes| {
            records.push(chain.read(bytes)?);
            Ok(())
        })?;
        Ok(records)
    }

    pub(crate) fn verify(&self, rollout: &RolloutId) -> Result<Option<Head>, ReadError> {
        let chain = self.scan(rollout, 0, Chain::verify)?;
        Ok(chain.head())
    }

    pub(crate) fn open_rollouts(&self) -> Result<Vec<RolloutId>, PortError> {
        self.list(|head| !head.closed)
    }

    pub(crate) fn rollouts(&self) -> Result<Vec<RolloutId>, PortError> {
        self.list(|_| true)
    }

    fn list(&self, is_wanted: impl Fn(&StoredHead) -> bool) -> Result<Vec<RolloutId>, PortError> {
        let damaged = |error: &dyn ToString| PortError::refused(format!("{}: {}", self.place(), error.to_string()));
        let transaction = self.begin_read().map_err(|error| damaged(&error))?;
        let heads = transaction.open_table(HEADS).map_err(|error| damaged(&error))?;
        let mut rollouts = Vec::new();
        for entry in heads.iter().map_err(|error| damaged(&error))? {
            let (name, head) = entry.map_err(|error| damaged(&error))?;
            let rollout = RolloutId::new(name.value()).map_err(|error| damaged(&error))?;
            let head =
                StoredHead::from_bytes(head.value()).ok_or_else(|| damaged(&"the head of a rollout is damaged"))?;
            if is_wanted(&head) {
                rollouts.push(rollout);
            }
        }
        Ok(rollouts)
    }

    pub(crate) fn close(&self, rollout: &RolloutId) -> Result<(), PortError> {
        let transaction = self.begin_write().map_err(PortError::transient)?;
        if mark_closed(&transaction, rollout).map_err(|error| PortError::refused(&error))? {
            transaction.commit().map_err(PortError::transient)?;
        }
        Ok(())
    }

    /// Walks the stored records of a rollout from a number on, and checks that they end where its head says.
    fn scan(
        &self,
        rollout: &RolloutId,
        from: u64,
        mut take: impl FnMut(&mut Chain, &[u8]) -> Result<(), RecordError>,
    ) -> Result<Chain, ReadError> {
        let transaction = self.begin_read()?;
        let records = transaction.open_table(RECORDS).map_err(|error| self.damaged(&error))?;
        let heads = transaction.open_table(HEADS).map_err(|error| self.damaged(&error))?;
        let head = stored_head(&heads, rollout).map_err(|error| self.damaged(&error))?;
        let mut chain = Chain::new(rollout.clone());
        if let Some(before) = from.checked_sub(1) {
            let Some(head) = head.filter(|head| before <= head.head.seq) else { return Ok(chain) };
            let bytes = records.get((rollout.as_str(), before)).map_err(|error| self.storage_error(&error))?;
            let bytes = bytes.ok_or_else(|| self.missing(rollout, before, head))?;
            let record = Record::from_bytes(rollout, before, bytes.value())?;
            chain = Chain::after(rollout.clone(), Head { seq: before, digest: record.digest() });
        }
        let range = (rollout.as_str(), from)..=(rollout.as_str(), u64::MAX);
        for entry in records.range(range).map_err(|error| self.storage_error(&error))? {
            let (_, bytes) = entry.map_err(|error| self.storage_error(&error))?;
            take(&mut chain, bytes.value())?;
        }
        chain.expect_head(head.map(|head| head.head))?;
        Ok(chain)
    }

    fn missing(&self, rollout: &RolloutId, seq: u64, head: StoredHead) -> ReadError {
        let fault = Fault::Gap { expected: seq, found: head.head.seq };
        RecordError::new(rollout.clone(), seq, fault).into()
    }

    fn begin_read(&self) -> Result<ReadTransaction, ReadError> {
        let transaction = self.with(Database::begin_read).map_err(ReadError::transient)?;
        transaction.map_err(|error| ReadError::transient(format!("{}: {error}", self.place())))
    }

    /// Begins to write, and opens the file anew first where a failed commit has stopped it.
    fn begin_write(&self) -> Result<WriteTransaction, String> {
        match self.with(Database::begin_write) {
            Ok(Ok(transaction)) => return Ok(transaction),
            Ok(Err(TransactionError::Storage(StorageError::PreviousIo))) | Err(_) => {}
            Ok(Err(error)) => return Err(format!("{}: {error}", self.place())),
        }
        self.reopen().map_err(|error| error.to_string())?;
        self.with(Database::begin_write)?.map_err(|error| format!("{}: {error}", self.place()))
    }

    fn with<T>(&self, function: impl FnOnce(&Database) -> T) -> Result<T, String> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let closed = || format!("{}: closed after a failed commit, and not opened again yet", self.place());
        database.as_ref().map(function).ok_or_else(closed)
    }

    /// Closes and opens the file: after a commit that failed, on a full disk for example, redb takes no other one.
    fn reopen(&self) -> Result<(), OpenError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        drop(database.take());
        *database = Some((self.open)(&self.path)?);
        Ok(())
    }

    fn storage_error(&self, error: &StorageError) -> ReadError {
        if let StorageError::Io(error) = error {
            return ReadError::transient(format!("{}: {error}", self.place()));
        }
        self.damaged(error)
    }

    fn damaged(&self, error: &dyn ToString) -> ReadError {
        ReadError::refused(format!("{}: the journal is damaged: {}", self.place(), error.to_string()))
    }

    fn place(&self) -> std::path::Display<'_> {
        self.path.display()
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Inserted {
    Now,
    Before,
}

/// The table of the records and that of the heads.
type Tables<'a> = (Table<'a, (&'static str, u64), &'static [u8]>, Table<'a, &'static str, HeadBytes>);

/// Inserts what follows its rollout's last record. An error that is not one record's own is everybody's.
fn insert_all(
    transaction: &WriteTransaction,
    appends: &[Append],
) -> Result<Vec<Result<Inserted, AppendError>>, AppendError> {
    let records = transaction.open_table(RECORDS).map_err(AppendError::transient)?;
    let mut tables = (records, transaction.open_table(HEADS).map_err(AppendError::transient)?);
    let inserted = appends.iter().map(|append| match insert(&mut tables, &append.rollout, &append.record) {
        Err(error) if error.is_transient() => Err(error),
        own => Ok(own),
    });
    inserted.collect()
}

fn insert((records, heads): &mut Tables<'_>, rollout: &RolloutId, record: &Record) -> Result<Inserted, AppendError> {
    let key = (rollout.as_str(), record.seq());
    let head = stored_head(heads, rollout).map_err(AppendError::refused)?;
    let bytes = record.to_bytes();
    if head.is_some_and(|head| record.seq() <= head.head.seq) {
        let stored = records.get(key).map_err(AppendError::transient)?;
        if stored.is_some_and(|stored| stored.value() == bytes) {
            return Ok(Inserted::Before);
        }
    }
    if head.is_none() && records.get((rollout.as_str(), 0)).map_err(AppendError::transient)?.is_some() {
        return Err(AppendError::refused(format!("the head of {rollout} is missing: the journal is damaged")));
    }
    check_follows(head, record)?;
    records.insert(key, bytes.as_slice()).map_err(AppendError::transient)?;
    heads.insert(rollout.as_str(), StoredHead::of(record).to_bytes()).map_err(AppendError::transient)?;
    Ok(Inserted::Now)
}

fn check_follows(head: Option<StoredHead>, record: &Record) -> Result<(), AppendError> {
    if head.is_some_and(|head| record.fence().token < head.token) {
        return Err(AppendError::Superseded);
    }
    let (seq, previous) = match head {
        Some(StoredHead { head, .. }) => (head.seq.saturating_add(1), head.digest),
        None => (0, Digest::ZERO),
    };
    if record.seq() == seq && record.previous() == previous {
        return Ok(());
    }
    Err(AppendError::Conflict { head: head.map(|head| head.head.seq) })
}

/// Notes that a rollout has ended; false when there is nothing to note.
fn mark_closed(transaction: &WriteTransaction, rollout: &RolloutId) -> Result<bool, String> {
    let mut heads = transaction.open_table(HEADS).map_err(|error| error.to_string())?;
    let Some(head) = stored_head(&heads, rollout)?.filter(|head| !head.closed) else { return Ok(false) };
    let closed = StoredHead { closed: true, ..head }.to_bytes();
    heads.insert(rollout.as_str(), closed).map_err(|error| error.to_string())?;
    Ok(true)
}

fn stored_head(
    heads: &impl ReadableTable<&'static str, HeadBytes>,
    rollout: &RolloutId,
) -> Result<Option<StoredHead>, String> {
    let Some(bytes) = heads.get(rollout.as_str()).map_err(|error| error.to_string())? else { return Ok(None) };
    match StoredHead::from_bytes(bytes.value()) {
        Some(head) => Ok(Some(head)),
        None => Err(format!("the head of {rollout} is damaged")),
    }
}

#[cfg(test)]
#[path = "store/tests.rs"]
mod tests;
