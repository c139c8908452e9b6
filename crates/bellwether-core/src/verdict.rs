use core::fmt;

use serde::{Deserialize, Serialize};

/// What a gate or a judge answers. Four values, none of which is ever rounded into another.
///
/// Exhaustive on purpose: whoever decides on a verdict says what each of the four means to them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is evidence that it is good enough.
    Pass,
    /// There is evidence that it is not.
    Fail,
    /// There is evidence, but not enough of it either way.
    Inconclusive,
    /// There is nothing to judge by. Never good, never bad.
    NoData,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::NoData => "no data",
        })
    }
}
