use alloc::{collections::BTreeMap, format, vec::Vec};

use bellwether_core::{Duration, MetricName};
use serde::{Deserialize, Serialize};

use crate::{SpecError, unique};

/// The configuration of a [`BurnRate`](super::BurnRate) judge, unchecked.
///
/// # Example: three nines, with the alerts of the SRE workbook
///
/// ```
/// use bellwether_analysis::burn_rate::{BurnRate, BurnRateSpec};
///
/// let spec: BurnRateSpec = serde_json::from_str(r#"{"schema": 1, "metrics": {"errors": {"objective": 0.999}}}"#)?;
/// let judge = BurnRate::new(spec)?;
/// assert_eq!(judge.spec().metrics.values().next().map(|objective| objective.alerts.len()), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct BurnRateSpec {
    /// The format: 1.
    pub schema: u32,
    /// The metrics, each with its objective.
    #[serde(deserialize_with = "unique::map")]
    pub metrics: BTreeMap<MetricName, Objective>,
}

/// Says which part of the requests is to succeed, and how fast the rest may be used up.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Objective {
    /// The part of the requests that is to succeed, above 0 and below 1.
    pub objective: f64,
    /// Each alone is enough to fail.
    #[serde(default = "workbook")]
    pub alerts: Vec<Alert>,
    /// How many candidate requests the long window must have before it says anything.
    #[serde(default = "requests_min")]
    pub requests_min: u64,
    /// How old the last interval may be.
    #[serde(default = "fresh_for")]
    pub fresh_for: Duration,
}

/// Says how fast is too fast: in a long window, so that it matters, and in a short one, so that it still goes on.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Alert {
    /// The long window.
    pub long: Duration,
    /// The short window.
    pub short: Duration,
    /// How many times as fast as the budget allows is too fast.
    pub burn: f64,
}

/// The two alerts that wake a person (Google 2018, *The Site Reliability Workbook*, table 5-8): 2 % of a month's budget in
/// an hour, 5 % in six.
fn workbook() -> Vec<Alert> {
    let alert = |hours, minutes, burn| Alert {
        long: Duration::from_hours(hours),
        short: Duration::from_minutes(minutes),
        burn,
    };
    Vec::from([alert(1, 5, 14.4), alert(6, 30, 6.0)])
}

fn requests_min() -> u64 {
    100
}

fn fresh_for() -> Duration {
    Duration::from_minutes(3)
}

impl BurnRateSpec {
    /// The format that this version writes and reads.
    pub const SCHEMA: u32 = 1;

    pub(super) fn check(&self) -> Result<(), SpecError> {
        if self.schema != Self::SCHEMA {
            return Err(SpecError::number("schema", "1", f64::from(self.schema)));
        }
        if self.metrics.is_empty() {
            return Err(SpecError::number("metrics", "at least one metric", 0.0));
        }
        for (name, objective) in &self.metrics {
            objective.check().map_err(|error| error.within(&format!("metrics.{name}")))?;
        }
        Ok(())
    }
}

impl Objective {
    fn check(&self) -> Result<(), SpecError> {
        if !(self.objective > 0.0 && self.objective < 1.0) {
            return Err(SpecError::number("objective", "above 0 and below 1", self.objective));
        }
        if self.alerts.is_empty() {
            return Err(SpecError::number("alerts", "at least one alert", 0.0));
        }
        for (index, alert) in self.alerts.iter().enumerate() {
            alert.check().map_err(|error| error.within(&format!("alerts[{index}]")))?;
        }
        Ok(())
    }
}

impl Alert {
    fn check(&self) -> Result<(), SpecError> {
        if self.short.is_zero() || self.long < self.short {
            let found = self.short.as_millis() as f64;
            return Err(SpecError::number("short", "above zero and at most the long window, in ms", found));
        }
        if self.burn >= 1.0 && self.burn.is_finite() {
            return Ok(());
        }
        Err(SpecError::number("burn", "at least 1", self.burn))
    }
}
