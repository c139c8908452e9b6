use alloc::string::String;

use bellwether_core::{Duration, MetricName, Verdict};
use serde::{Deserialize, Serialize};

use crate::{Operator, Reading, Unit};

/// One typed demand on one metric.
///
/// It says everything that is needed to judge a number: the bound and whether it is inclusive, the unit, the window,
/// how old and how small the measurement may be, and what follows from a missing one. A condition is asked as a member
/// of an [`AllOf`](crate::AllOf) set, whose constructor checks it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What is measured.
    pub metric: MetricName,
    /// How it must stand to the bound.
    pub operator: Operator,
    /// The bound.
    pub bound: Reading,
    /// The unit of the bound; none for scores, counts and flags. A measurement must have a unit of the same kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The length of time that the measurement must sum up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// How far from the time of asking the measurement may have been made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Duration>,
    /// How many samples the measurement must rest on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples_min: Option<u64>,
    /// What follows from a missing measurement.
    #[serde(default)]
    pub on_missing: OnMissing,
    /// Whether the condition decides or only reports.
    #[serde(default)]
    pub enforcement: Enforcement,
}

impl Condition {
    /// A demand on a metric, enforced, of any age and any sample size.
    #[must_use]
    pub fn new(metric: MetricName, operator: Operator, bound: impl Into<Reading>) -> Self {
        Self {
            metric,
            operator,
            bound: bound.into(),
            unit: None,
            window: None,
            max_age: None,
            samples_min: None,
            on_missing: OnMissing::NoData,
            enforcement: Enforcement::Enforce,
        }
    }

    /// Sets the unit of the bound.
    #[must_use]
    pub const fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Sets the length of time that the measurement must sum up.
    #[must_use]
    pub const fn with_window(mut self, window: Duration) -> Self {
        self.window = Some(window);
        self
    }

    /// Sets how old the measurement may be.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Sets how many samples the measurement must rest on.
    #[must_use]
    pub const fn with_samples_min(mut self, samples: u64) -> Self {
        self.samples_min = Some(samples);
        self
    }

    /// Sets what follows from a missing measurement.
    #[must_use]
    pub fn with_on_missing(mut self, on_missing: OnMissing) -> Self {
        self.on_missing = on_missing;
        self
    }

    /// Sets whether the condition decides or only reports.
    #[must_use]
    pub const fn with_enforcement(mut self, enforcement: Enforcement) -> Self {
        self.enforcement = enforcement;
        self
    }
}

/// What follows when a measurement is missing, too old or of another artefact.
///
/// The last two leave the condition out of the decision. They never carry one: a set in which nothing enforced was
/// measured has no data, whatever its conditions excuse.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum OnMissing {
    /// There is no data: the rollout waits.
    #[default]
    NoData,
    /// A missing measurement is itself a fault.
    Fail,
    /// The question stays open: the rollout waits.
    Inconclusive,
    /// The condition is left out, with a warning.
    Warn,
    /// The condition is left out for a stated reason.
    Pass {
        /// Why it may be left out; shown with the decision.
        reason: String,
    },
}

impl OnMissing {
    /// The verdict of a condition whose measurement is missing; none when it is left out.
    pub(crate) const fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::NoData => Some(Verdict::NoData),
            Self::Fail => Some(Verdict::Fail),
            Self::Inconclusive => Some(Verdict::Inconclusive),
            Self::Warn | Self::Pass { .. } => None,
        }
    }
}

/// Whether a condition decides.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// Its verdict counts.
    #[default]
    Enforce,
    /// Its verdict is only reported, to see what it would have done.
    DryRun,
}
