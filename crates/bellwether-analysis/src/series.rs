use alloc::{collections::BTreeMap, string::String, vec::Vec};

use bellwether_core::{Basis, MetricName, StageId};
use serde::{Deserialize, Serialize};

use crate::measurement::Measured;
use crate::{Interval, MetricSpec, Missing, Sequential, SeriesError, unique};

/// Everything that was measured of a rollout so far: what a [`Judge`](crate::Judge) answers on.
///
/// It holds the intervals of earlier stages as well: evidence of harm accumulates over the whole rollout, evidence of
/// no harm belongs to the current stage.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Series {
    /// The stage that is judged.
    pub stage: StageId,
    /// What the stage may pass by.
    #[serde(default)]
    pub basis: Basis,
    /// The intervals of each metric, in any order.
    #[serde(deserialize_with = "unique::map")]
    pub metrics: BTreeMap<MetricName, Vec<Interval>>,
}

impl Series {
    /// Builds a series without any interval yet.
    #[must_use]
    pub fn new(stage: StageId) -> Self {
        Self { stage, basis: Basis::Compare, metrics: BTreeMap::new() }
    }

    /// Checks that a judge can take all of it for evidence, for those who read it from somewhere: a judge itself answers
    /// to every series, and what is wrong is no evidence to it.
    ///
    /// # Errors
    /// The first place that is wrong: nothing measured, a metric that is not judged or was not measured, intervals that
    /// overlap or stand twice, of another rollout or a later step, or a sample that its metric cannot be judged by.
    ///
    /// # Example: a file about another metric
    /// ```
    /// use bellwether_analysis::{Sequential, Series};
    ///
    /// let series: Series = serde_json::from_str(
    ///     r#"{"stage": {"rollout": "checkout-41", "step": 0, "entry": 0}, "metrics": {"latency": []}}"#,
    /// )?;
    /// let error = series.check(&Sequential::default()).expect_err("only `errors` is judged");
    /// assert_eq!(error.to_string(), "metrics.latency: expected a metric that is judged, found another one");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn check(&self, judge: &Sequential) -> Result<(), SeriesError> {
        for (metric, intervals) in &self.metrics {
            let Some(spec) = judge.metrics().get(metric) else {
                return Err(SeriesError::UnknownMetric { metric: metric.clone() });
            };
            self.check_order(metric, intervals)?;
            for (index, interval) in intervals.iter().enumerate() {
                self.check_stage(metric, index, interval)?;
                check_sample(interval, spec).map_err(|found| SeriesError::Sample {
                    metric: metric.clone(),
                    index,
                    found,
                })?;
            }
        }
        if self.metrics.values().all(Vec::is_empty) {
            return Err(SeriesError::Empty);
        }
        let has_none = |metric: &&MetricName| self.metrics.get(*metric).is_none_or(Vec::is_empty);
        match judge.metrics().keys().find(has_none) {
            Some(metric) => Err(SeriesError::NoSeries { metric: metric.clone() }),
            None => Ok(()),
        }
    }

    fn check_order(&self, metric: &MetricName, intervals: &[Interval]) -> Result<(), SeriesError> {
        let pairs = intervals.iter().zip(intervals.iter().skip(1)).enumerate();
        for (before, (one, two)) in pairs {
            let (metric, index, found) = (metric.clone(), before + 1, two.start);
            if (one.start, one.end) == (two.start, two.end) {
                return Err(SeriesError::Duplicate { metric, index, found });
            }
            if found < one.end {
                return Err(SeriesError::Overlap { metric, index, expected: one.end, found });
            }
        }
        Ok(())
    }

    fn check_stage(&self, metric: &MetricName, index: usize, interval: &Interval) -> Result<(), SeriesError> {
        let (expected, found) = (&self.stage, &interval.stage);
        if expected.rollout != found.rollout {
            let (expected, found) = (expected.rollout.clone(), found.rollout.clone());
            return Err(SeriesError::OtherRollout { metric: metric.clone(), index, expected, found });
        }
        if found.step > expected.step {
            let (expected, found) = (expected.step, found.step);
            return Err(SeriesError::LaterStep { metric: metric.clone(), index, expected, found });
        }
        Ok(())
    }
}

/// Instances that are not warm yet are nothing wrong.
fn check_sample(interval: &Interval, spec: &MetricSpec) -> Result<(), String> {
    let measured = Measured::new(interval, spec).and_then(|measured| measured.warm);
    let found = match measured {
        Ok(_) | Err(Missing::WarmingUp) => return Ok(()),
        Err(Missing::Impossible) => "more errors than requests",
        Err(Missing::NonFinite) => "something that is not a number",
        Err(Missing::NoTraffic) => "no instances",
        Err(Missing::WrongKind | Missing::NoSeries | Missing::Stale | Missing::Unsettled | Missing::ProviderError) => {
            "a sample of another kind, or histograms that do not merge"
        }
    };
    Err(found.into())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_metric_that_is_there_twice_is_refused() {
        let text = r#"{"stage":{"rollout":"r","step":0,"entry":0},"metrics":{"errors":[],"errors":[]}}"#;
        let error = serde_json::from_str::<Series>(text).unwrap_err().to_string();
        assert!(error.contains("expected each name once, found \"errors\" twice"), "{error}");
    }
}
