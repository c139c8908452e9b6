use std::fmt;

use bellwether_core::{Duration, Weight};
use serde::{Deserialize, Serialize};

/// How a change of one level reaches everybody, as a deployment guide states it.
///
/// It is for people to read beside a level; a strategy makes the plan that is carried out.
///
/// # Example: what a medium change asks for
/// ```
/// use bellwether_core::Level;
/// use bellwether_risk::preset;
///
/// assert_eq!(
///     preset::seed_003_matrix().approach(Level::Medium).to_string(),
///     "canary: 10 % (2h to 4h) → 50 % (4h to 8h) → 100 %; watch error rate, latency, success rate"
/// );
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approach {
    /// What it is called.
    pub name: String,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// What is watched at every stage.
    pub monitor: String,
}

impl Approach {
    /// The least time from the first stage to the end of the last.
    #[must_use]
    pub fn shortest(&self) -> Duration {
        self.stages.iter().fold(Duration::ZERO, |total, stage| total.saturating_add(stage.wait.min))
    }
}

impl fmt::Display for Approach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.name)?;
        for (index, stage) in self.stages.iter().enumerate() {
            write!(formatter, "{} {stage}", if index == 0 { "" } else { " →" })?;
        }
        write!(formatter, "; watch {}", self.monitor)
    }
}

/// One stage of an approach.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The share of users who get the change, in basis points; nobody while its flag is off.
    pub share: Span<Weight>,
    /// How long the stage lasts.
    pub wait: Span<Duration>,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.share.max {
            Weight::ZERO => formatter.write_str("flag off")?,
            _ => write!(formatter, "{}", self.share)?,
        }
        if self.wait.max.is_zero() { Ok(()) } else { write!(formatter, " ({})", self.wait) }
    }
}

/// From the least to the most, both included.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Span<T> {
    /// The least.
    pub min: T,
    /// The most.
    pub max: T,
}

impl<T: fmt::Display + PartialEq> fmt::Display for Span<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max {
            return write!(formatter, "{}", self.min);
        }
        write!(formatter, "{} to {}", self.min, self.max)
    }
}
