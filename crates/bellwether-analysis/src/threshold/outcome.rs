use core::fmt;

use serde::{Deserialize, Serialize};

/// Says how one measurement ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "whoever counts them decides on each")]
pub enum Outcome {
    /// It is as it should be.
    Successful,
    /// It is not.
    Failed,
    /// Neither condition holds.
    Inconclusive,
    /// There is nothing to compare: no traffic, no answer, no number.
    Error,
}

/// Says where the measurements of one metric, or of all, stand.
///
/// Ordered as Argo Rollouts does it: of several metrics the largest is what all of them are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "whoever reads it decides on each")]
pub enum Phase {
    /// It ended well.
    Successful,
    /// It has been measured, and goes on.
    Running,
    /// It has not been measured yet.
    Pending,
    /// It ended, and nobody can say how.
    Inconclusive,
    /// It ended because nothing could be measured.
    Error,
    /// It ended badly.
    Failed,
}

impl Phase {
    /// Whether nothing changes it any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Successful | Self::Inconclusive | Self::Error | Self::Failed => true,
            Self::Running | Self::Pending => false,
        }
    }

    /// Whether it ends the whole run.
    #[must_use]
    pub const fn ends_run(self) -> bool {
        match self {
            Self::Inconclusive | Self::Error | Self::Failed => true,
            Self::Successful | Self::Running | Self::Pending => false,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Successful => "Successful",
            Self::Running => "Running",
            Self::Pending => "Pending",
            Self::Inconclusive => "Inconclusive",
            Self::Error => "Error",
            Self::Failed => "Failed",
        })
    }
}
