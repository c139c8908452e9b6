use std::fmt;

use crate::port_error::cut;

/// Tells why a record is not in the journal, or may not be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The journal goes on differently: load it and decide again. The record is not in it.
    #[error("conflict: the journal's last record is {}, which this one does not follow", Seq(*head))]
    Conflict {
        /// The number of the journal's last record; absent while it is empty.
        head: Option<u64>,
    },
    /// Somebody with a higher token has written: stop at once. The record is not in it.
    #[error("superseded: somebody else owns the rollout now")]
    Superseded,
    /// It may work next time: append the same record again. Whether it is in the journal is unknown.
    #[error("transient: {0}")]
    Transient(String),
    /// It will not work next time either: hold, and tell somebody. The record is not in it.
    #[error("refused: {0}")]
    Refused(String),
}

impl AppendError {
    /// An error after which the same record is appended again. A text of more than 256 bytes is cut.
    #[must_use]
    pub fn transient(text: impl fmt::Display) -> Self {
        Self::Transient(cut(&text))
    }

    /// An error that stays. A text of more than 256 bytes is cut.
    #[must_use]
    pub fn refused(text: impl fmt::Display) -> Self {
        Self::Refused(cut(&text))
    }

    /// Whether appending the same record again makes sense.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }

    /// Whether the record may be in the journal all the same.
    #[must_use]
    pub const fn may_be_stored(&self) -> bool {
        self.is_transient()
    }
}

struct Seq(Option<u64>);

impl fmt::Display for Seq {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(seq) => write!(formatter, "{seq}"),
            None => formatter.write_str("none"),
        }
    }
}
