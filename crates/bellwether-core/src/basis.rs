use core::fmt;

use serde::{Deserialize, Serialize};

/// What lets a step go forward.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Both arms carry live traffic of the same kind and a judge compares them.
    #[default]
    Compare,
    /// There is no control arm (at 100 %, hidden, an unmatched cohort): absolute limits on the candidate stay quiet.
    Guard,
    /// Nothing but time without a failure or an alarm. Never chosen without a finding.
    Time,
}

impl fmt::Display for Basis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Compare => "compare",
            Self::Guard => "guard",
            Self::Time => "time",
        })
    }
}
