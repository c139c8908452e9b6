use alloc::{string::String, vec::Vec};

use bellwether_core::Finding;
use serde::{Serialize, Serializer};

use super::classification::{Classification, ScoreClassification};
use super::shift::ShiftInterval;

/// Holds what Kayenta would say of a canary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct Judgement {
    /// Each metric, in the order of the pairs.
    pub results: Vec<MetricResult>,
    /// Each group that has a metric, in the order in which they are named.
    pub groups: Vec<GroupScore>,
    /// The score, 0 to 100 unless the weights say otherwise.
    pub score: f64,
    /// What the score means.
    pub classification: ScoreClassification,
    /// Why the score is zero whatever the groups say, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the answer is not what its reader may take it for.
    pub findings: Vec<Finding>,
}

/// Holds what Kayenta would say of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct MetricResult {
    /// The metric.
    pub name: String,
    /// How it compares.
    pub classification: Classification,
    /// Whether it fails the canary whatever the others say.
    pub critical: bool,
    /// The candidate's mean in parts of the baseline's; 1 where nothing was compared, not a number where a mean is
    /// zero, nothing where the comparison failed.
    #[serde(serialize_with = "optional_number")]
    pub deviation: Option<f64>,
    /// The shift, where there was something to compare.
    #[serde(serialize_with = "interval")]
    pub interval: Option<ShiftInterval>,
    /// Kayenta's own words.
    pub reason: Option<String>,
    /// The groups that it counts in.
    #[serde(skip)]
    pub groups: Vec<String>,
    /// Whether it leaves the score.
    #[serde(skip)]
    pub is_muted: bool,
    /// Whether both arms have values.
    #[serde(skip)]
    pub has_data: bool,
}

/// Holds the score of a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct GroupScore {
    /// The group.
    pub name: String,
    /// How many of its metrics pass, in percent; 0 where none could be compared.
    pub score: f64,
    /// Whether one could be.
    #[serde(skip)]
    pub has_data: bool,
}

/// A number as Kayenta writes it: what JSON has no number for is a word.
fn number<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        _ if number.is_nan() => serializer.serialize_str("NaN"),
        f64::INFINITY => serializer.serialize_str("Infinity"),
        f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
        _ => serializer.serialize_f64(number),
    }
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn optional_number<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => number(*value, serializer),
        None => serializer.serialize_none(),
    }
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn interval<S: Serializer>(interval: &Option<ShiftInterval>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Interval {
        #[serde(serialize_with = "by_value")]
        low: f64,
        #[serde(serialize_with = "by_value")]
        high: f64,
        #[serde(serialize_with = "by_value")]
        estimate: f64,
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference to the field")]
    fn by_value<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        number(*value, serializer)
    }

    interval.map(|ShiftInterval { low, high, estimate }| Interval { low, high, estimate }).serialize(serializer)
}
