use alloc::{collections::BTreeMap, vec::Vec};

use bellwether_core::{Decision, MetricName, Time, Verdict};
use serde::{Deserialize, Serialize};

use crate::metric_state::MetricState;
use crate::{Interval, Judge, MetricSpec, Monitor, SequentialSpec, Series, SpecError};

/// The default judge: tests that stay honest although they are asked after every interval.
///
/// - **Fail**: a candidate that is not worse than tolerated fails with a probability of at most `alpha`, over all
///   stages, looks, metrics and extensions of the rollout together.
/// - **Pass**: a candidate that was harmful at this exposure passes with a probability of at most `beta`; every metric
///   needs its own evidence at this stage.
/// - **Inconclusive** says what is missing, **NoData** says why.
///
/// It is checked when it is built, and reads and writes as its [`SequentialSpec`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "SequentialSpec", try_from = "SequentialSpec")]
pub struct Sequential {
    spec: SequentialSpec,
    /// The part of the evidence that each metric holds, in the order of the metrics.
    weights: Vec<f64>,
    /// Each metric before its first interval.
    fresh: BTreeMap<MetricName, MetricState>,
}

impl Sequential {
    /// Checks a configuration.
    ///
    /// # Errors
    /// The path of the first field that no judge can be built from.
    pub fn new(spec: SequentialSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self::build(spec))
    }

    /// Builds a judge from what was checked: every metric has its tests then.
    fn build(spec: SequentialSpec) -> Self {
        let weights = spec.metrics.values().map(|metric| weight(&spec, metric)).collect();
        let state = |metric| MetricState::new(metric, spec.schedule).ok();
        let fresh = spec.metrics.iter().filter_map(|(name, metric)| Some((name.clone(), state(metric)?))).collect();
        Self { spec, weights, fresh }
    }

    /// The configuration.
    #[must_use]
    pub fn spec(&self) -> &SequentialSpec {
        &self.spec
    }

    /// The metrics that it judges.
    #[must_use]
    pub fn metrics(&self) -> &BTreeMap<MetricName, MetricSpec> {
        &self.spec.metrics
    }

    /// The part of the evidence that a metric holds: critical metrics share half, the others half, and where there is
    /// only one class it has everything. Zero for a metric that is not judged.
    #[must_use]
    pub fn weight(&self, metric: &MetricName) -> f64 {
        self.spec.metrics.get(metric).map_or(0.0, |metric| weight(&self.spec, metric))
    }

    /// The largest probability of failing a candidate that is not worse than tolerated, in this attempt.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.spec.alpha * self.attempt_factor()
    }

    /// The largest probability of passing a harmful candidate, in this attempt.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.spec.beta * self.attempt_factor()
    }

    pub(crate) fn log_needed_to_fail(&self) -> f64 {
        -libm::log(self.alpha())
    }

    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }

    pub(crate) fn fresh(&self) -> &BTreeMap<MetricName, MetricState> {
        &self.fresh
    }

    fn attempt_factor(&self) -> f64 {
        libm::exp2(1.0 - f64::from(self.spec.attempt))
    }
}

/// A series is judged as if its intervals had arrived one by one, in the order of their ends.
impl Judge for Sequential {
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict> {
        let mut intervals: Vec<(&MetricName, &Interval)> = Vec::new();
        for (metric, of_metric) in &series.metrics {
            intervals.extend(of_metric.iter().map(|interval| (metric, interval)));
        }
        let key = |metric, interval: &Interval| (interval.end, metric, interval.start);
        intervals.sort_by(|a, b| key(a.0, a.1).cmp(&key(b.0, b.1)));
        let mut monitor = Monitor::new(self);
        monitor.enter(&series.stage, series.basis);
        for (metric, interval) in intervals {
            monitor.push(metric, interval);
        }
        monitor.verdict(now)
    }
}

/// What is only reported holds no evidence.
fn weight(spec: &SequentialSpec, metric: &MetricSpec) -> f64 {
    if metric.advisory {
        return 0.0;
    }
    let judged = || spec.metrics.values().filter(|other| !other.advisory);
    let of_class = |critical| judged().filter(move |other| other.critical == critical);
    let total: f64 = of_class(metric.critical).map(|other| other.weight).sum();
    let classes = if of_class(!metric.critical).next().is_some() { 2.0 } else { 1.0 };
    metric.weight / total / classes
}

/// Judges one metric, `errors`, with the defaults.
impl Default for Sequential {
    fn default() -> Self {
        Self::build(SequentialSpec::default())
    }
}

impl From<Sequential> for SequentialSpec {
    fn from(judge: Sequential) -> Self {
        judge.spec
    }
}

impl TryFrom<SequentialSpec> for Sequential {
    type Error = SpecError;

    fn try_from(spec: SequentialSpec) -> Result<Self, SpecError> {
        Self::new(spec)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Sequential {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Sequential".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <SequentialSpec as schemars::JsonSchema>::json_schema(generator)
    }
}
