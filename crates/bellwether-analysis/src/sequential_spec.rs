use alloc::{collections::BTreeMap, format};

use bellwether_core::{Duration, MetricName};
use serde::{Deserialize, Serialize};

use crate::{Guard, MetricSpec, MinimumEvidence, Schedule, SpecError, unique};

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
    /// How long evidence of no harm is worth something; then it is gathered anew, each time with half of beta, while the
    /// stage goes on. At least the longest bake of a step.
    #[serde(default = "day", skip_serializing_if = "is_day")]
    pub certificate_ttl: Duration,
}

fn day() -> Duration {
    Duration::from_hours(24)
}

fn is_day(duration: &Duration) -> bool {
    *duration == day()
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
            certificate_ttl: day(),
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
        if self.certificate_ttl.is_zero() {
            return Err(SpecError::number("certificate_ttl", "a length above zero", 0.0));
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
