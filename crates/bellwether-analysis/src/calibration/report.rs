use alloc::vec::Vec;

use bellwether_core::Duration;
use bellwether_stats::Dependence;
use serde::{Deserialize, Serialize};

use crate::MetricSpec;

/// What a host's own past says of one metric.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Calibration {
    /// How often nothing would have failed, by tolerance: part of the instances against the others, on the past itself.
    pub false_alarms: Vec<FalseAlarms>,
    /// The variance of the events in an hour over what independent events would have: 1 where they are independent.
    pub dispersion: Option<f64>,
    /// How much an instance's surplus of events in one interval says of the next, by the number of intervals between:
    /// 0 is nothing, 1 is everything. Beyond a few hundredths bursts do not end within the interval.
    pub autocorrelation: Vec<f64>,
    /// How much instances differ for ever: the standard deviation of the logarithms of their rates, or of the value
    /// that half of theirs are at most.
    pub spread: Option<f64>,
    /// The most events that one instance had in an interval beyond those that it usually has.
    pub largest_burst: u64,
    /// How many instances were seen, and in how many intervals.
    pub instances: u64,
    /// In how many intervals.
    pub intervals: u64,
    /// What to judge by.
    pub proposal: Proposal,
}

/// How often a tolerance would have failed what was not changed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FalseAlarms {
    /// The ratio of rates, or of the odds of a value beyond an edge.
    pub tolerance: f64,
    /// The part of itself by which a value may be worse; zero for rates.
    pub value_tolerance: f64,
    /// How many of the replayed rollouts failed.
    pub alarms: u32,
    /// How many were replayed.
    pub runs: u32,
}

/// What to judge a metric by.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Proposal {
    /// The smallest tolerance that keeps alpha on the past; absent where none does, and a longer interval, more instances
    /// or a metric that is less noisy are needed.
    pub tolerance: Option<f64>,
    /// The smallest tolerance on values that does, and is at least twice the spread between instances over the square
    /// root of those that the candidate has.
    pub value_tolerance: Option<f64>,
    /// The shortest interval in which bursts end.
    pub interval: Option<Duration>,
    /// How large a burst may be, for [`Dependence::BurstsUpTo`].
    pub burst: u32,
}

impl Calibration {
    /// The metric as it was asked for, with what is proposed; what is not proposed stays.
    #[must_use]
    pub fn applied(&self, spec: &MetricSpec) -> MetricSpec {
        let tolerance = self.proposal.tolerance.unwrap_or(spec.tolerance);
        MetricSpec {
            tolerance,
            harm: spec.harm.max(tolerance),
            value_tolerance: self.proposal.value_tolerance.unwrap_or(spec.value_tolerance),
            interval: self.proposal.interval.unwrap_or(spec.interval),
            dependence: match spec.dependence {
                Dependence::BurstsUpTo(bound) => Dependence::BurstsUpTo(bound.max(self.proposal.burst)),
                Dependence::Clustered | Dependence::Independent => spec.dependence,
            },
            ..*spec
        }
    }
}
