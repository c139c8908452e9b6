use std::fmt;

use bellwether_port::Head;
use bellwether_rollout::{Cause, Phase, State};
use serde::{Deserialize, Serialize};

/// How a driver's work ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct End {
    /// Why it ended.
    pub outcome: Outcome,
    /// The last state.
    pub state: State,
    /// The end of the journal. Kept elsewhere, it shows later whether records are missing.
    pub head: Option<Head>,
}

/// Why a driver's work ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "hosts decide on every outcome")]
pub enum Outcome {
    /// The candidate has replaced stable.
    Completed,
    /// An experiment ended without a reason to change anything; stable has everything.
    Kept,
    /// Stable has everything back.
    RolledBack {
        /// Why.
        cause: Cause,
    },
    /// Only a person can go on; the exposure is kept.
    Stuck,
    /// Somebody stopped the driver. The rollout has not ended.
    Stopped,
}

impl Outcome {
    /// The outcome that a state is, if it is one.
    pub(crate) const fn of(state: &State) -> Option<Self> {
        match state.phase() {
            Phase::Completed { .. } => Some(Self::Completed),
            Phase::Kept { .. } => Some(Self::Kept),
            Phase::RolledBack { cause, .. } => Some(Self::RolledBack { cause: *cause }),
            Phase::Stuck(_) => Some(Self::Stuck),
            Phase::Stepping(_) | Phase::Finalising(_) | Phase::RollingBack(_) => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => formatter.write_str("completed"),
            Self::Kept => formatter.write_str("kept"),
            Self::RolledBack { cause } => write!(formatter, "rolled back: {cause}"),
            Self::Stuck => formatter.write_str("stuck"),
            Self::Stopped => formatter.write_str("stopped"),
        }
    }
}
