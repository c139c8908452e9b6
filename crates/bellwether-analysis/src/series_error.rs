use alloc::string::String;

use bellwether_core::{MetricName, RolloutId, Time};

/// Tells what is wrong with what was measured, and where.
///
/// A judge answers all the same: what is wrong is no evidence to it. Whoever reads a series from a file or a metrics
/// system wants to know before.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// Nothing was measured.
    #[error("metrics: expected at least one interval, found none")]
    Empty,
    /// A metric that is not judged.
    #[error("metrics.{metric}: expected a metric that is judged, found another one")]
    UnknownMetric {
        /// Which.
        metric: MetricName,
    },
    /// A metric that is judged and was not measured.
    #[error("metrics: expected intervals of {metric}, found none")]
    NoSeries {
        /// Which.
        metric: MetricName,
    },
    /// An interval that begins before the one before has ended.
    #[error("metrics.{metric}[{index}].start: expected {expected} or later, found {found}")]
    Overlap {
        /// Of which metric.
        metric: MetricName,
        /// The interval's place.
        index: usize,
        /// The end of the one before.
        expected: Time,
        /// Its start.
        found: Time,
    },
    /// The same interval twice.
    #[error("metrics.{metric}[{index}]: expected each interval once, found the one that starts at {found} again")]
    Duplicate {
        /// Of which metric.
        metric: MetricName,
        /// The interval's place.
        index: usize,
        /// Its start.
        found: Time,
    },
    /// An interval of another rollout, which is about another candidate.
    #[error("metrics.{metric}[{index}].stage.rollout: expected {expected}, found {found}")]
    OtherRollout {
        /// Of which metric.
        metric: MetricName,
        /// The interval's place.
        index: usize,
        /// The rollout that is judged.
        expected: RolloutId,
        /// The interval's.
        found: RolloutId,
    },
    /// An interval of a step that comes after the one that is judged.
    #[error("metrics.{metric}[{index}].stage: expected step {expected} or one before, found {found}")]
    LaterStep {
        /// Of which metric.
        metric: MetricName,
        /// The interval's place.
        index: usize,
        /// The step that is judged.
        expected: u32,
        /// The interval's.
        found: u32,
    },
    /// A sample that the metric cannot be judged by.
    #[error("metrics.{metric}[{index}]: expected what a metric of its kind is judged by, found {found}")]
    Sample {
        /// Of which metric.
        metric: MetricName,
        /// The interval's place.
        index: usize,
        /// What is wrong with it.
        found: String,
    },
}
