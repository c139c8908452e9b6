use bellwether_core::{Digest, RolloutId};

use crate::NotFinite;

/// Tells which record of which journal is wrong, and how.
///
/// # Example: what a person reads
/// ```
/// use bellwether_port::{Fault, RecordError};
///
/// let error = RecordError::new("checkout-42".parse()?, 7, Fault::Torn { expected: 900, found: 512 });
/// assert_eq!(error.to_string(), "journal checkout-42, record 7: expected 900 bytes, found 512: the record is cut off");
/// assert!(error.is_corrupt());
/// # Ok::<(), bellwether_core::ParseIdentifierError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("journal {rollout}, record {seq}: {fault}")]
pub struct RecordError {
    /// The journal.
    pub rollout: RolloutId,
    /// The record's number, from 0.
    pub seq: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The journal has no record at all.
    #[error("expected a first record, found none")]
    Empty,
    /// The record ends too early: a torn write or a truncation.
    #[error("expected {expected} bytes, found {found}: the record is cut off")]
    Torn {
        /// How long it should be.
        expected: usize,
        /// How long it is.
        found: usize,
    },
    /// The record goes on after its end.
    #[error("expected {expected} bytes, found {found}: the record goes on after its end")]
    Trailing {
        /// How long it should be.
        expected: usize,
        /// How long it is.
        found: usize,
    },
    /// A stored form that this build does not know.
    #[error("expected stored form {expected}, found {found}")]
    Form {
        /// The form that this build reads.
        expected: u8,
        /// The form found.
        found: u8,
    },
    /// The bytes are not those that were written, or belong to another journal.
    #[error("expected digest {expected} as stored, found {found} by computing it: its bytes were changed")]
    Altered {
        /// The stored digest.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// A record is missing or doubled.
    #[error("expected record {expected}, found record {found}")]
    Gap {
        /// The next number.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// The record follows another one than stands before it.
    #[error("expected previous digest {expected}, found {found}: it does not follow the record before")]
    Unlinked {
        /// The digest of the record before.
        expected: Digest,
        /// The digest that the record names.
        found: Digest,
    },
    /// The end of the journal is missing.
    #[error("expected this to be followed up to record {expected}, found nothing more: the end is missing")]
    Truncated {
        /// The number of the last record.
        expected: u64,
    },
    /// The bytes are those that were written, and mean nothing to this build.
    #[error("at {at}: {error}")]
    Unreadable {
        /// The place within the record's body, such as `$.event.decision.outcome`.
        at: String,
        /// What was expected and found there.
        error: String,
    },
    /// A value that cannot be stored.
    #[error(transparent)]
    Unwritable(#[from] NotFinite),
    /// The journal was written by a newer build.
    #[error("expected journal schema {expected}, found {found}: a newer build wrote it")]
    NewerSchema {
        /// The newest schema that this build reads.
        expected: u32,
        /// The schema found.
        found: u32,
    },
    /// The rollout was decided by a newer machine, whose decisions this build cannot go on with.
    #[error("expected machine rules {expected} or older, found {found}: a newer build owns this rollout")]
    NewerRules {
        /// The rules of this build.
        expected: u32,
        /// The rules found.
        found: u32,
    },
    /// A record that cannot stand where it stands.
    #[error("expected {expected}, found {found}")]
    Misplaced {
        /// What can stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A snapshot or a plan that belongs to something else.
    #[error("{0}")]
    Foreign(String),
}

impl RecordError {
    /// Names the record.
    #[must_use]
    pub const fn new(rollout: RolloutId, seq: u64, fault: Fault) -> Self {
        Self { rollout, seq, fault }
    }

    /// Whether a newer build is needed: nothing is lost.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self.fault, Fault::Form { .. } | Fault::NewerSchema { .. } | Fault::NewerRules { .. })
    }

    /// Whether what is stored is not what was written.
    #[must_use]
    pub const fn is_corrupt(&self) -> bool {
        !self.is_newer() && !matches!(self.fault, Fault::Unwritable(_))
    }
}
