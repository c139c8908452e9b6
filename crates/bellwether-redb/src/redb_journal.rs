use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bellwether_core::RolloutId;
use bellwether_port::{AppendError, Head, Journal, PortError, ReadError, Record};
use tokio::task::spawn_blocking;

use crate::OpenError;
use crate::queue::{Append, Queue};
use crate::store::Store;

/// The journal in one file.
///
/// The file is locked while it is open: a second driver, also one of the same process, is refused. An append is durable
/// when it returns. Reading verifies every record's digest and that each follows the one before, up to the last one that
/// was appended. After a commit that failed, on a full disk for example, the next append opens the file anew.
///
/// Clones share the file. The work is done on tokio's threads for blocking work, so the methods need its runtime. Appends
/// that come while another one is written are written by one commit after it, so many rollouts wait hardly longer than
/// one.
///
/// # Example: what was appended is there again
/// ```
/// use bellwether_core::{Arms, Fence, Level, Release, Target, Time, Version};
/// use bellwether_port::{Body, Chain, Journal, Opened};
/// use bellwether_redb::{OpenError, RedbJournal};
/// # use bellwether_port::testing::example_plan;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("rollouts.redb");
/// # let plan = example_plan("checkout-42");
/// let mut chain = Chain::new(plan.id().clone());
/// let record = chain.next(Time::default(), Fence::default(), &Body::from(Opened::new(plan)))?;
///
/// let journal = RedbJournal::open(&path)?;
/// journal.append(chain.rollout(), &record).await?;
/// chain.push(&record)?;
/// assert!(matches!(RedbJournal::open(&path), Err(OpenError::Locked { .. })), "one driver at a time");
///
/// drop(journal);
/// let journal = RedbJournal::open(&path)?;
/// assert_eq!(journal.verify(chain.rollout()).await?, chain.head());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedbJournal {
    store: Arc<Store>,
    queue: Arc<Queue>,
    access: Access,
}

/// What may be done with the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    Write,
    /// What is read is a copy, so nothing that is written would be kept.
    Read,
}

impl RedbJournal {
    /// Opens a journal's file, or makes it. Every page of the file is checked, so this takes as long as reading it; call
    /// it before the runtime starts or where blocking does no harm.
    ///
    /// # Errors
    /// The [`OpenError`] names the file. A file that is empty, cut off or damaged is an error, never an empty journal.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self::new(Store::open(path.as_ref())?, Access::Write))
    }

    /// Opens a copy of a journal's file, which is read into memory whole. The file stays as it is, and permission to read
    /// it is enough, also after a crash: what has to be repaired is repaired in the copy. Appending is refused.
    ///
    /// # Errors
    /// The [`OpenError`] names the file; a missing one is an error too. A journal that a driver has open is locked.
    ///
    /// # Example: looking at a journal that is kept
    /// ```
    /// use bellwether_port::{Journal, testing::example_plan};
    /// use bellwether_redb::RedbJournal;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("rollouts.redb");
    /// drop(RedbJournal::open(&path)?);
    /// let before = std::fs::read(&path)?;
    /// let journal = RedbJournal::open_read_only(&path)?;
    /// assert!(journal.rollouts().await?.is_empty());
    /// assert!(journal.close(example_plan("checkout-42").id()).await.is_err(), "nothing can be written");
    /// assert_eq!(std::fs::read(&path)?, before);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self::new(Store::open_copy(path.as_ref())?, Access::Read))
    }

    fn new(store: Store, access: Access) -> Self {
        Self { store: Arc::new(store), queue: Arc::default(), access }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.store.path().to_owned()
    }

    /// Every rollout that the journal has a record of, by name, also those that have ended.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rollouts(&self) -> Result<Vec<RolloutId>, PortError> {
        let store = Arc::clone(&self.store);
        spawn_blocking(move || store.rollouts()).await.map_err(PortError::refused)?
    }

    /// Verifies the whole chain of a rollout by its stored bytes, without parsing them, and gives its last record.
    ///
    /// # Errors
    /// The first record that is not what was written.
    pub async fn verify(&self, rollout: &RolloutId) -> Result<Option<Head>, ReadError> {
        let (store, rollout) = (Arc::clone(&self.store), rollout.clone());
        spawn_blocking(move || store.verify(&rollout)).await.map_err(ReadError::refused)?
    }

    fn check_access(&self) -> Result<(), String> {
        match self.access {
            Access::Write => Ok(()),
            Access::Read => {
                let path = self.store.path().display();
                Err(format!("{path}: expected a journal that was opened to write, found one that was opened to read"))
            }
        }
    }
}

#[async_trait]
impl Journal for RedbJournal {
    async fn append(&self, rollout: &RolloutId, record: &Record) -> Result<(), AppendError> {
        self.check_access().map_err(AppendError::refused)?;
        let (append, answer) = Append::new(rollout, record);
        if let Some(writer) = self.queue.push(&self.store, append) {
            spawn_blocking(|| writer.run());
        }
        let stopped = || format!("{}: the writer was stopped", self.store.path().display());
        answer.await.map_err(|_| AppendError::transient(stopped()))?
    }

    async fn read(&self, rollout: &RolloutId, from: u64) -> Result<Vec<Record>, ReadError> {
        let (store, rollout) = (Arc::clone(&self.store), rollout.clone());
        spawn_blocking(move || store.read(&rollout, from)).await.map_err(ReadError::refused)?
    }

    async fn open_rollouts(&self) -> Result<Vec<RolloutId>, PortError> {
        let store = Arc::clone(&self.store);
        spawn_blocking(move || store.open_rollouts()).await.map_err(PortError::refused)?
    }

    async fn close(&self, rollout: &RolloutId) -> Result<(), PortError> {
        self.check_access().map_err(PortError::refused)?;
        let (store, rollout) = (Arc::clone(&self.store), rollout.clone());
        spawn_blocking(move || store.close(&rollout)).await.map_err(PortError::transient)?
    }
}
