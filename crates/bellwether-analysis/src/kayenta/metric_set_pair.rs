use alloc::string::String;

use serde::Deserialize;

use super::points::Points;

/// Holds the values of one metric in both arms: Kayenta's own document, of which fields that no judgement needs are
/// passed over.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "Kayenta's document, as far as it is judged")]
pub struct MetricSetPair {
    /// The name of the metric, which the configuration has too.
    pub name: String,
    /// The values of both arms.
    pub values: PairValues,
}

/// Holds the values of both arms.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "Kayenta's document, as far as it is judged")]
pub struct PairValues {
    /// What runs today.
    pub control: Points,
    /// The candidate.
    pub experiment: Points,
}
