use async_trait::async_trait;
use bellwether_core::RolloutId;

use crate::{AppendError, PortError, ReadError, Record};

/// Keeps what happened: one chain of records for each rollout, written before anything acts on it.
///
/// # Contract
/// The caller appends each record of a rollout in order, takes it from a [`Chain`](crate::Chain), acts on it only after
/// `Ok`, and after [`AppendError::Transient`] or a time-out appends **the same record** again before any other.
///
/// The implementer's `Ok` means durable: no crash and no loss of power loses the record. `append` is idempotent by
/// rollout, number and digest: the same record again is `Ok`, another one with a number that is taken, or one that does
/// not follow the last record, is [`AppendError::Conflict`]. A record with a lower token than the last one's is
/// [`AppendError::Superseded`]. A record is stored whole or not at all. `read` gives what was written, digest by digest
/// and linked to the record before, or an error: **never less, and never an empty history for a damaged one**.
///
/// A time-out or a dropped `append` may have stored the record, and so may a crash between commit and answer: that is
/// the normal case.
///
/// # Example: appending twice is appending once
/// ```
/// # #[cfg(feature = "testing")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bellwether_core::{Arms, Fence, Level, Release, Target, Time, Version};
/// use bellwether_port::testing::FakeJournal;
/// use bellwether_port::{Body, Chain, Journal, Opened};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
/// let chain = Chain::new(plan.id().clone());
/// let record = chain.next(Time::default(), Fence::default(), &Body::from(Opened::new(plan)))?;
///
/// let journal: Box<dyn Journal> = Box::new(FakeJournal::default());
/// journal.append(chain.rollout(), &record).await?;
/// journal.append(chain.rollout(), &record).await?;
/// assert_eq!(journal.read(chain.rollout(), 0).await?, [record]);
/// assert_eq!(journal.open_rollouts().await?, [chain.rollout().clone()]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
#[async_trait]
pub trait Journal: Send + Sync {
    /// Stores the next record of a rollout.
    ///
    /// # Errors
    /// See [`AppendError`]: only after [`AppendError::Transient`] may the record be stored all the same.
    async fn append(&self, rollout: &RolloutId, record: &Record) -> Result<(), AppendError>;

    /// The records of a rollout from that number on, in order, verified; none for a rollout that was never opened.
    ///
    /// # Errors
    /// See [`ReadError`]. Damage anywhere in what was asked for is an error.
    async fn read(&self, rollout: &RolloutId, from: u64) -> Result<Vec<Record>, ReadError>;

    /// The rollouts whose journals have not been [closed](Journal::close), in the order of their names.
    ///
    /// # Errors
    /// The store did not answer.
    async fn open_rollouts(&self) -> Result<Vec<RolloutId>, PortError>;

    /// Leaves a rollout that has ended out of [`open_rollouts`](Journal::open_rollouts). Its records stay. Idempotent,
    /// and no promise: a rollout that was not closed before a crash is listed again, is loaded, and has ended.
    ///
    /// # Errors
    /// The store did not answer.
    async fn close(&self, rollout: &RolloutId) -> Result<(), PortError>;
}
