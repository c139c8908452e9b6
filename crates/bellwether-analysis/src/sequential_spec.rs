use alloc::{collections::BTreeMap, format, string::String};
use core::fmt;

use bellwether_core::{Duration, MetricName};
use serde::{Deserialize, Serialize};

use crate::{MetricSpec, unique};

/// The configuration of a [`Sequential`](crate::Sequential) judge, unchecked.
///
/// # Example: two metrics, one of them critical
/// ```
/// use bellwether_analysis::{Sequential, SequentialSpec};
///
/// let spec: SequentialSpec = serde_json::from_str(r#"{
///     "schema": 1, "alpha": 0.001,
///     "metrics": {"errors": {"critical": true}, "timeouts": {"tolerance": 1.25, "dependence": {"bursts_up_to": 20}}}
/// }"#)?;
/// let judge = Sequential::new(spec)?;
/// assert_eq!(judge.spec().beta, 0.05, "what is not said has its default");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts write `SequentialSpec { alpha, ..Default::default() }`")]
pub struct SequentialSpec {
    /// The format: 1.
    pub schema: u32,
    /// The metrics, each with how it is judged; `{}` takes the defaults.
    #[serde(deserialize_with = "unique::map")]
    pub metrics: BTreeMap<MetricName, MetricSpec>,
    /// The largest probability of failing a candidate that is not worse than tolerated, over the whole rollout.
    #[serde(default = "alpha")]
    pub alpha: f64,
    /// The largest probability of passing a candidate that is harmful.
    #[serde(default = "beta")]
    pub beta: f64,
    /// The how-manieth attempt at this candidate it is, from 1: attempt j has alpha and beta times 2^(1 - j), so that
    /// all attempts together stay within twice of each.
    #[serde(default = "first")]
    pub attempt: u32,
    /// When the evidence of harm starts anew.
    #[serde(default)]
    pub schedule: Schedule,
    /// What a pass needs besides evidence.
    #[serde(default)]
    pub minimum: MinimumEvidence,
    /// What an outage looks like.
    #[serde(default)]
    pub guard: Guard,
}

fn alpha() -> f64 {
    0.01
}

fn beta() -> f64 {
    0.05
}

fn first() -> u32 {
    1
}

/// Judges one metric, `errors`, with the defaults.
impl Default for SequentialSpec {
    fn default() -> Self {
        let metrics = MetricName::new("errors").into_iter().map(|name| (name, MetricSpec::default())).collect();
        Self {
            schema: Self::SCHEMA,
            metrics,
            alpha: alpha(),
            beta: beta(),
            attempt: first(),
            schedule: Schedule::default(),
            minimum: MinimumEvidence::default(),
            guard: Guard::default(),
        }
    }
}

impl SequentialSpec {
    /// The format that this version writes and reads.
    pub const SCHEMA: u32 = 1;

    pub(crate) fn check(&self) -> Result<(), SpecError> {
        if self.schema != Self::SCHEMA {
            return Err(SpecError::number("schema", "1", f64::from(self.schema)));
        }
        if self.metrics.is_empty() {
            return Err(SpecError::number("metrics", "at least one metric", 0.0));
        }
        for (name, metric) in &self.metrics {
            metric.check().map_err(|error| error.within(&format!("metrics.{name}")))?;
        }
        check_probability("alpha", self.alpha)?;
        check_probability("beta", self.beta)?;
        if !(1..=100).contains(&self.attempt) {
            return Err(SpecError::number("attempt", "1 to 100", f64::from(self.attempt)));
        }
        self.schedule.check()?;
        self.guard.check()
    }
}

fn check_probability(field: &'static str, found: f64) -> Result<(), SpecError> {
    if (1e-12..=0.5).contains(&found) {
        return Ok(());
    }
    Err(SpecError::number(field, "a probability of 1e-12 to 0.5", found))
}

/// The plan as far as the evidence of harm needs it: half of the mass is bet at the start, a quarter at the starts of
/// the later steps and a quarter at the start of each hour.
///
/// It must be fixed before the data. A plan of another length than stated stays valid; it only finds late faults more
/// slowly.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Schedule {
    /// How many steps the plan has.
    pub steps: u32,
    /// How many hours its bakes last at most, together.
    pub hours: u32,
}

/// Four steps within a day.
impl Default for Schedule {
    fn default() -> Self {
        Self { steps: 4, hours: 24 }
    }
}

impl Schedule {
    fn check(self) -> Result<(), SpecError> {
        if self.steps == 0 {
            return Err(SpecError::number("schedule.steps", "at least 1", 0.0));
        }
        if self.hours == 0 {
            return Err(SpecError::number("schedule.hours", "at least 1", 0.0));
        }
        Ok(())
    }
}

/// What each metric must have seen at a stage before it can pass: the events of both arms or the requests of the
/// candidate, and the intervals.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct MinimumEvidence {
    /// Errors in both arms together.
    pub events: u64,
    /// Requests of the candidate, which do instead of errors.
    pub requests: u64,
    /// Intervals, which nothing does instead of.
    pub intervals: u64,
}

/// Five errors or 1,000 candidate requests, and five intervals.
impl Default for MinimumEvidence {
    fn default() -> Self {
        Self { events: 5, requests: 1_000, intervals: 5 }
    }
}

/// What an outage looks like: it fails at once and outside of alpha.
///
/// A test that allows for bursts takes an interval for one observation and needs several; nobody should wait for them
/// while a fifth of the candidate's requests fails.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Guard {
    /// The error rate that it takes at least.
    pub rate: f64,
    /// How many times the error rate of stable it takes at least.
    pub ratio: f64,
    /// How many errors of the candidate it takes at least within the window.
    pub errors: u64,
    /// The window. A longer interval is a window of its own.
    pub window: Duration,
}

/// More than 20 % and ten times stable's rate, with at least 20 errors within 30 s.
impl Default for Guard {
    fn default() -> Self {
        Self { rate: 0.2, ratio: 10.0, errors: 20, window: Duration::from_seconds(30) }
    }
}

impl Guard {
    fn check(&self) -> Result<(), SpecError> {
        if !(self.rate > 0.0 && self.rate <= 1.0) {
            return Err(SpecError::number("guard.rate", "a rate above 0 and at most 1", self.rate));
        }
        if !(self.ratio >= 1.0 && self.ratio <= 1e6) {
            return Err(SpecError::number("guard.ratio", "a ratio of 1 to 1e6", self.ratio));
        }
        if self.errors == 0 {
            return Err(SpecError::number("guard.errors", "at least 1", 0.0));
        }
        Ok(())
    }
}

/// Tells which field of a [`SequentialSpec`] no judge can be built from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpecError {
    /// The field's path, such as `metrics.errors.tolerance`.
    pub field: String,
    /// What would have been accepted.
    pub expected: &'static str,
    /// What was there.
    pub found: f64,
}

impl SpecError {
    pub(crate) fn number(field: &str, expected: &'static str, found: f64) -> Self {
        Self { field: field.into(), expected, found }
    }

    fn within(self, place: &str) -> Self {
        Self { field: format!("{place}.{}", self.field), ..self }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "use `{}`: expected {}, found {}", self.field, self.expected, self.found)
    }
}

impl core::error::Error for SpecError {}

impl From<bellwether_stats::SpecError> for SpecError {
    fn from(error: bellwether_stats::SpecError) -> Self {
        Self::number(error.field, error.expected, error.found)
    }
}
