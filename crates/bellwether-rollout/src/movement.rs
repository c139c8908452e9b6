use core::fmt;

use serde::{Deserialize, Serialize};

use crate::Place;

/// What an event changed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Nothing that a person would notice.
    Stay,
    /// Forward moves are stopped, for one more reason.
    Hold,
    /// A reason that stopped forward moves is gone.
    Release,
    /// The rollout stands somewhere else now.
    Enter(Place),
}

impl fmt::Display for Move {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stay => formatter.write_str("stay"),
            Self::Hold => formatter.write_str("hold"),
            Self::Release => formatter.write_str("release"),
            Self::Enter(place) => write!(formatter, "enter {place}"),
        }
    }
}
