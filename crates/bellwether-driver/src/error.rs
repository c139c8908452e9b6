use bellwether_core::{Digest, GateName, RolloutId};
use bellwether_port::{AppendError, PortError, ReadError, RecordError};

/// Tells why a driver cannot begin or go on. The rollout stays at the exposure that it has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The journal cannot be read, is damaged, or was written by a newer build.
    #[error("read the journal: {0}")]
    Read(#[from] ReadError),
    /// The first records cannot be written.
    #[error("write the journal: {0}")]
    Append(#[from] AppendError),
    /// A router that keeps tokens did not say which it has obeyed, and a new rollout must have higher ones.
    #[error("ask the router which commands it has obeyed: {0}")]
    Router(#[from] PortError),
    /// A record cannot be made.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The rollout has another plan: one that is under way is only changed by an event.
    #[error("rollout {rollout}: expected plan {expected} as opened, found {found}")]
    OtherPlan {
        /// The rollout.
        rollout: RolloutId,
        /// The digest of the plan in the journal.
        expected: Digest,
        /// The digest of the plan that was given.
        found: Digest,
    },
    /// Nobody provides what splits traffic, or what keeps the plan's hooks in force.
    #[error("port {0}: expected one, because the plan cannot be carried out without, found none")]
    NoPort(&'static str),
    /// The plan names a gate that nobody provides.
    #[error("gate {0}: expected one of that name, found none")]
    NoGate(GateName),
    /// The lease token is not higher than the journal's.
    #[error("lease token: expected more than {journal}, found {found}")]
    Token {
        /// The highest token in the journal.
        journal: u64,
        /// The token that was given.
        found: u64,
    },
    /// Somebody else owns the rollout now.
    #[error("superseded: somebody else owns the rollout now")]
    Superseded,
    /// The journal went on differently, again and again.
    #[error("the journal went on differently {0} times in a row")]
    Conflict(u32),
}

impl DriverError {
    /// Whether taking the rollout over again later makes sense.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Read(error) => error.is_transient(),
            Self::Append(error) => error.is_transient(),
            Self::Router(error) => error.is_transient(),
            Self::Conflict(_) => true,
            Self::Record(_)
            | Self::OtherPlan { .. }
            | Self::NoPort(_)
            | Self::NoGate(_)
            | Self::Token { .. }
            | Self::Superseded => false,
        }
    }

    /// Whether somebody else owns the rollout now.
    #[must_use]
    pub const fn is_superseded(&self) -> bool {
        matches!(self, Self::Superseded)
    }
}
