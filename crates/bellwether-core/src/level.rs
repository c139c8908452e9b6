use core::fmt;

use serde::{Deserialize, Serialize};

/// How risky a change is: the four levels of the deployment decision matrix.
///
/// Levels are ordered, and the level of a change is the maximum over everything that was found.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing that runs in production changes: tests, documents, code behind a flag that is off.
    Zero,
    /// New code that nothing calls yet.
    Low,
    /// Behaviour changes and can be taken back: middleware, interfaces, compatible migrations.
    Medium,
    /// Who gets in, what is paid, what is written, or what cannot be taken back.
    High,
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Zero => "zero",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}
