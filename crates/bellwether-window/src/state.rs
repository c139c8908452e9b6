use std::fmt;

use serde::{Deserialize, Serialize};

/// What a rule makes of a time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A good time.
    Open,
    /// Nobody said that it is a good time, or somebody said that it is not the best one.
    Discouraged,
    /// Not a time to go forward.
    Closed,
}

/// What a calendar says of a time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A good time to go forward.
    Open,
    /// Neither open nor closed: a person may decide.
    Discouraged,
    /// Not a time to go forward.
    Closed,
    /// The calendar cannot tell: it does not know the holidays of that time, or the zone data does not reach so far.
    Unknown,
}

impl Effect {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Discouraged => "discouraged",
            Self::Closed => "closed",
        }
    }
}

impl From<Effect> for State {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Open => Self::Open,
            Effect::Discouraged => Self::Discouraged,
            Effect::Closed => Self::Closed,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Open => "open",
            Self::Discouraged => "discouraged",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        })
    }
}
