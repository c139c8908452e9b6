use alloc::{collections::BTreeMap, format, vec::Vec};

use bellwether_core::{Duration, MetricName};
use serde::{Deserialize, Serialize};

use super::comparison::Comparison;
use super::limits::Limits;
use super::quantity::Quantity;
use crate::{SpecError, unique};

/// The configuration of a [`Threshold`](super::Threshold) judge, unchecked.
///
/// # Example: Flagger's rule of a range and five failed checks
///
/// ```
/// use bellwether_analysis::threshold::{Threshold, ThresholdSpec};
///
/// let spec: ThresholdSpec = serde_json::from_str(r#"{"schema": 1, "metrics": {"errors": {
///     "success": [{"at_least": 0}, {"at_most": 0.01}], "limits": {"failure_limit": 4, "count": 10}
/// }}}"#)?;
/// Threshold::new(spec)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct ThresholdSpec {
    /// The format: 1.
    pub schema: u32,
    /// The metrics, each with its thresholds.
    #[serde(deserialize_with = "unique::map")]
    pub metrics: BTreeMap<MetricName, MetricThreshold>,
}

/// Says what is expected of one metric.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts write `MetricThreshold { success, ..Default::default() }`")]
pub struct MetricThreshold {
    /// Which number is compared.
    pub of: Quantity,
    /// An interval succeeds if all of these hold.
    pub success: Vec<Comparison>,
    /// An interval fails if one of these holds, whatever the others say.
    pub failure: Vec<Comparison>,
    /// An interval with fewer candidate requests says nothing.
    pub requests_min: u64,
    /// How many intervals may end how.
    pub limits: Limits,
    /// Whether it is measured and decides nothing.
    pub dry_run: bool,
    /// How old the last interval may be.
    pub fresh_for: Duration,
}

impl Default for MetricThreshold {
    fn default() -> Self {
        Self {
            of: Quantity::Rate,
            success: Vec::new(),
            failure: Vec::new(),
            requests_min: 1,
            limits: Limits::default(),
            dry_run: false,
            fresh_for: Duration::from_minutes(3),
        }
    }
}

impl ThresholdSpec {
    /// The format that this version writes and reads.
    pub const SCHEMA: u32 = 1;

    pub(super) fn check(&self) -> Result<(), SpecError> {
        if self.schema != Self::SCHEMA {
            return Err(SpecError::number("schema", "1", f64::from(self.schema)));
        }
        if self.metrics.values().all(|metric| metric.dry_run) {
            return Err(SpecError::number("metrics", "at least one metric that decides", 0.0));
        }
        for (name, metric) in &self.metrics {
            metric.check().map_err(|error| error.within(&format!("metrics.{name}")))?;
        }
        Ok(())
    }
}

impl MetricThreshold {
    fn check(&self) -> Result<(), SpecError> {
        if self.success.is_empty() && self.failure.is_empty() {
            return Err(SpecError::number("success", "a comparison here or as `failure`", 0.0));
        }
        for (field, comparisons) in [("success", &self.success), ("failure", &self.failure)] {
            for (index, comparison) in comparisons.iter().enumerate() {
                comparison.check(&format!("{field}[{index}]"))?;
            }
        }
        self.limits.check().map_err(|error| error.within("limits"))
    }
}
