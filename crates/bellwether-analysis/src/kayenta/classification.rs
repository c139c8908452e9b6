use core::fmt;

use serde::Serialize;

/// Says how one metric of the candidate compares; named as Kayenta writes it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "these are Kayenta's")]
pub enum Classification {
    /// No difference that matters was found.
    Pass,
    /// The candidate's values are larger than they may be.
    High,
    /// The candidate's values are smaller than they may be.
    Low,
    /// An arm has no values.
    Nodata,
    /// An arm has no values, and must have some.
    NodataFailMetric,
    /// The values cannot be compared.
    Error,
}

impl fmt::Display for Classification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "Pass",
            Self::High => "High",
            Self::Low => "Low",
            Self::Nodata => "Nodata",
            Self::NodataFailMetric => "NodataFailMetric",
            Self::Error => "Error",
        })
    }
}

/// Says what a score means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_enums, reason = "these are Kayenta's")]
pub enum ScoreClassification {
    /// At least the threshold to pass.
    Pass,
    /// Below it, and at least the marginal one.
    Marginal,
    /// Below both.
    Fail,
}

impl fmt::Display for ScoreClassification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "Pass",
            Self::Marginal => "Marginal",
            Self::Fail => "Fail",
        })
    }
}
