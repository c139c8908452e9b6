use bellwether_core::{Digest, Fence, RolloutId, Time};

use crate::record::{Frame, Header};
use crate::{Body, Fault, Record, RecordError};

/// The end of a journal's chain: makes the next record, and checks that a record is the next one.
///
/// # Example: writing and verifying
/// ```
/// use bellwether_core::{Arms, Fence, Level, Release, Target, Time, Version};
/// use bellwether_port::{Body, Chain, Opened};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
///
/// let mut chain = Chain::new(plan.id().clone());
/// let mut verified = chain.clone();
/// let record = chain.next(Time::default(), Fence::default(), &Body::from(Opened::new(plan)))?;
/// chain.push(&record)?; // once the journal has it
/// verified.verify(&record.to_bytes())?; // another process, from raw bytes
/// assert_eq!(verified.head(), chain.head());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chain {
    rollout: RolloutId,
    head: Option<Head>,
}

/// The last record of a journal. Kept elsewhere, it shows whether the end of a journal is missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a number and a digest are all that a link is")]
pub struct Head {
    /// Its number.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
}

impl Chain {
    /// The chain of an empty journal.
    #[must_use]
    pub const fn new(rollout: RolloutId) -> Self {
        Self { rollout, head: None }
    }

    /// The chain of a journal whose last record is known.
    #[must_use]
    pub const fn after(rollout: RolloutId, head: Head) -> Self {
        Self { rollout, head: Some(head) }
    }

    /// The journal's rollout.
    #[must_use]
    pub const fn rollout(&self) -> &RolloutId {
        &self.rollout
    }

    /// The last record; absent while there is none.
    #[must_use]
    pub const fn head(&self) -> Option<Head> {
        self.head
    }

    /// The number of the next record.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        match self.head {
            Some(head) => head.seq.saturating_add(1),
            None => 0,
        }
    }

    /// Makes the next record. The chain stays as it is until the record is [pushed](Chain::push), so that a record that
    /// may or may not be stored can be appended again.
    ///
    /// # Errors
    /// The place of a float in the body that has no JSON form.
    pub fn next(&self, at: Time, fence: Fence, body: &Body) -> Result<Record, RecordError> {
        let header = Header { seq: self.next_seq(), at, fence, previous: self.previous() };
        Record::seal(&self.rollout, header, body).map_err(|error| self.fail(header.seq, error.into()))
    }

    /// Goes on to a record that is stored.
    ///
    /// # Errors
    /// It is not the next one.
    pub fn push(&mut self, record: &Record) -> Result<(), RecordError> {
        self.link(Head { seq: record.seq(), digest: record.digest() }, record.previous())
    }

    /// Goes on to a record by its stored bytes, without parsing its body.
    ///
    /// # Errors
    /// The bytes are not those that were written, or it is not the next record.
    pub fn verify(&mut self, bytes: &[u8]) -> Result<(), RecordError> {
        let frame = Frame::verified(&self.rollout, self.next_seq(), bytes)?;
        self.link(Head { seq: frame.header.seq, digest: frame.digest }, frame.header.previous)
    }

    /// Goes on to a record by its stored bytes, and gives it.
    ///
    /// # Errors
    /// The bytes are not those that were written, or it is not the next record.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Record, RecordError> {
        let record = Record::from_bytes(&self.rollout, self.next_seq(), bytes)?;
        self.push(&record)?;
        Ok(record)
    }

    /// Checks that the journal ends here.
    ///
    /// # Errors
    /// The end is missing, or the last record is another one.
    pub fn expect_head(&self, expected: Option<Head>) -> Result<(), RecordError> {
        match (self.head, expected) {
            (head, expected) if head == expected => Ok(()),
            (Some(head), Some(expected)) if head.seq == expected.seq => {
                let fault = Fault::Altered { expected: expected.digest, found: head.digest };
                Err(self.fail(head.seq, fault))
            }
            (Some(head), Some(expected)) if head.seq < expected.seq => {
                Err(self.fail(head.seq, Fault::Truncated { expected: expected.seq }))
            }
            (None, Some(expected)) => Err(self.fail(0, Fault::Truncated { expected: expected.seq })),
            (head, expected) => {
                let after = expected.map_or(0, |expected| expected.seq.saturating_add(1));
                let found = format!("record {}", head.map_or(0, |head| head.seq));
                Err(self.fail(after, Fault::Misplaced { expected: "the end of the journal", found }))
            }
        }
    }

    fn link(&mut self, head: Head, previous: Digest) -> Result<(), RecordError> {
        let (seq, expected) = (self.next_seq(), self.previous());
        if head.seq != seq {
            return Err(self.fail(seq, Fault::Gap { expected: seq, found: head.seq }));
        }
        if previous != expected {
            return Err(self.fail(seq, Fault::Unlinked { expected, found: previous }));
        }
        self.head = Some(head);
        Ok(())
    }

    fn previous(&self) -> Digest {
        self.head.map_or(Digest::ZERO, |head| head.digest)
    }

    fn fail(&self, seq: u64, fault: Fault) -> RecordError {
        RecordError::new(self.rollout.clone(), seq, fault)
    }
}
