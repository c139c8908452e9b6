use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, Visitor},
};

/// Everything that Keptn evaluates by.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The service level objectives; without any Keptn passes.
    #[serde(default)]
    pub slo: Option<Slo>,
    /// What was measured now.
    #[serde(default)]
    pub values: Vec<SliValue>,
    /// What was measured for earlier evaluations, newest first, filtered and cut as `comparison` says.
    #[serde(default)]
    pub previous: Vec<Vec<SliValue>>,
}

impl Question {
    /// What was measured, to be evaluated without earlier evaluations.
    #[must_use]
    pub const fn new(slo: Slo, values: Vec<SliValue>) -> Self {
        Self { slo: Some(slo), values, previous: Vec::new() }
    }

    /// Sets what was measured for earlier evaluations, newest first, filtered and cut as `comparison` says.
    #[must_use]
    pub fn with_previous(mut self, previous: Vec<Vec<SliValue>>) -> Self {
        self.previous = previous;
        self
    }
}

/// A Keptn `slo.yaml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "the document of another system, which no longer changes")]
pub struct Slo {
    /// The version of the document's form.
    #[serde(default)]
    pub spec_version: Option<String>,
    /// What to compare with.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// Which measurements are asked for; the caller has done so.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<BTreeMap<String, String>>"))]
    pub filter: Option<BTreeMap<String, IgnoredAny>>,
    /// What must be so.
    #[serde(default)]
    pub objectives: Option<Vec<Objective>>,
    /// From which score on it passes.
    #[serde(default)]
    pub total_score: Option<TotalScore>,
    /// Fields that Keptn does not know and passes over.
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub other: BTreeMap<String, IgnoredAny>,
}

/// Which earlier evaluations a relative criterion means.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "the document of another system, which no longer changes")]
pub struct Comparison {
    /// `single_result` or `several_results`.
    #[serde(default)]
    pub compare_with: Option<String>,
    /// How many of several.
    #[serde(default)]
    pub number_of_comparison_results: Option<i64>,
    /// `pass`, `pass_or_warn` or `all`.
    #[serde(default)]
    pub include_result_with_score: Option<String>,
    /// `avg`, `p50`, `p90` or `p95`; `avg` where it is not said.
    #[serde(default)]
    pub aggregate_function: Option<String>,
}

/// What one indicator must be.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "the document of another system, which no longer changes")]
pub struct Objective {
    /// The indicator.
    pub sli: String,
    /// What people call it.
    #[serde(default, rename = "displayName")]
    pub display_name: Option<String>,
    /// Passes where one of these sets is met. Without any the indicator is shown and counts for nothing.
    #[serde(default)]
    pub pass: Option<Vec<CriteriaSet>>,
    /// Counts half where one of these sets is met.
    #[serde(default)]
    pub warning: Option<Vec<CriteriaSet>>,
    /// What it counts; 1 where it is 0 or not said.
    #[serde(default)]
    pub weight: Option<i64>,
    /// Whether nothing passes without it.
    #[serde(default)]
    pub key_sli: Option<bool>,
    /// Fields that Keptn does not know and passes over.
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub other: BTreeMap<String, IgnoredAny>,
}

/// Criteria that must all be met.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "the document of another system, which no longer changes")]
pub struct CriteriaSet {
    /// Such as `<=+10%` or `<600`.
    #[serde(default)]
    pub criteria: Option<Vec<String>>,
}

/// From which score on it passes.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "the document of another system, which no longer changes")]
pub struct TotalScore {
    /// From this on it passes.
    #[serde(default)]
    pub pass: Option<Percentage>,
    /// From this on it is a warning.
    #[serde(default)]
    pub warning: Option<Percentage>,
}

/// A number of percent, as it is written: `"90%"`, `"90"` or 90.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub struct Percentage(pub(crate) String);

/// One measurement of one indicator.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "the document of another system, which no longer changes")]
pub struct SliValue {
    /// The indicator.
    pub metric: String,
    /// Whether it could be measured.
    #[serde(default)]
    pub success: bool,
    /// What was measured.
    #[serde(default)]
    pub value: f64,
    /// What its source says beside it.
    #[serde(default)]
    pub message: Option<String>,
}

impl<'de> Deserialize<'de> for Percentage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Takes a scalar as the text that a YAML reader takes it for.
struct Written;

impl Visitor<'_> for Written {
    type Value = Percentage;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of percent such as \"90%\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Percentage, E> {
        Ok(Percentage(text.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Percentage, E> {
        Ok(Percentage(format!("{number}")))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Percentage, E> {
        Ok(Percentage(format!("{number}")))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Percentage, E> {
        Ok(Percentage(format!("{number}")))
    }
}
