use std::fmt;

use crate::{RecordError, port_error::cut};

/// Tells why a journal could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// What is stored is not what was written: hold this rollout and tell somebody. Never taken for an empty history.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It may work next time.
    #[error("transient: {0}")]
    Transient(String),
    /// It will not work next time either.
    #[error("refused: {0}")]
    Refused(String),
}

impl ReadError {
    /// An error after which reading again makes sense. A text of more than 256 bytes is cut.
    #[must_use]
    pub fn transient(text: impl fmt::Display) -> Self {
        Self::Transient(cut(&text))
    }

    /// An error that stays. A text of more than 256 bytes is cut.
    #[must_use]
    pub fn refused(text: impl fmt::Display) -> Self {
        Self::Refused(cut(&text))
    }

    /// Whether reading again makes sense.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}
