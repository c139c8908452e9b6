use bellwether_core::Duration;
use bellwether_stats::Counts;
use serde::{Deserialize, Serialize};

use crate::SpecError;
use crate::taken::rate;

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
    pub(crate) fn check(&self) -> Result<(), SpecError> {
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

    /// Whether an arm is in an outage, compared with a rate that is usual.
    pub(crate) fn trips(&self, counts: Counts, reference: f64) -> bool {
        counts.events >= self.errors && rate(counts) > self.rate.max(self.ratio * reference)
    }
}
