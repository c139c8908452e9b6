use bellwether_core::Duration;
use bellwether_stats::{Dependence, HarmSpec, PassSpec};
use serde::{Deserialize, Serialize};

use crate::SpecError;

/// How one metric is judged.
///
/// The defaults hold for an error rate of which nothing is known yet:
/// errors may come in bursts, up to 1.5 times the rate of stable is tolerated, twice the rate is harm.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts write `MetricSpec { tolerance: 1.25, ..Default::default() }`")]
pub struct MetricSpec {
    /// Up to how many times stable's rate the candidate is not called worse.
    pub tolerance: f64,
    /// How many times stable's rate must not pass; at least the tolerance.
    pub harm: f64,
    /// The candidate's own rate up to which it passes whatever the ratio.
    pub acceptable: f64,
    /// The candidate's own rate up to which it never fails.
    pub floor: f64,
    /// Whether it is critical: critical metrics together hold half of the evidence, the others the other half.
    pub critical: bool,
    /// Its weight among the metrics of its class.
    pub weight: f64,
    /// How its errors may depend on each other.
    pub dependence: Dependence,
    /// The length of its intervals. Bursts must end within one, so a shorter interval needs a calibration.
    pub interval: Duration,
    /// How old the last interval may be; the larger of three intervals and 15 s where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_for: Option<Duration>,
}

impl Default for MetricSpec {
    fn default() -> Self {
        Self {
            tolerance: 1.5,
            harm: 2.0,
            acceptable: 0.005,
            floor: 1e-4,
            critical: false,
            weight: 1.0,
            dependence: Dependence::Clustered,
            interval: Duration::from_seconds(60),
            fresh_for: None,
        }
    }
}

impl MetricSpec {
    /// How old the last interval may be.
    #[must_use]
    pub fn freshness(&self) -> Duration {
        let usual = self.interval.saturating_mul(3).max(Duration::from_seconds(15));
        self.fresh_for.unwrap_or(usual)
    }

    pub(crate) fn harm_spec(&self) -> HarmSpec {
        HarmSpec { dependence: self.dependence, tolerance: self.tolerance, floor: self.floor }
    }

    pub(crate) fn pass_spec(&self) -> PassSpec {
        PassSpec { dependence: self.dependence, harm: self.harm, acceptable: self.acceptable }
    }

    pub(crate) fn check(&self) -> Result<(), SpecError> {
        self.harm_spec().check()?;
        self.pass_spec().check()?;
        if self.harm < self.tolerance {
            return Err(SpecError::number("harm", "at least the tolerance", self.harm));
        }
        if !(self.weight > 0.0 && self.weight <= 1e6) {
            return Err(SpecError::number("weight", "a weight above 0 and at most 1e6", self.weight));
        }
        if self.interval.is_zero() {
            return Err(SpecError::number("interval", "a length above zero", 0.0));
        }
        if self.fresh_for.is_some_and(|limit| limit < self.interval) {
            return Err(SpecError::number("fresh_for", "at least the interval", 0.0));
        }
        Ok(())
    }
}
