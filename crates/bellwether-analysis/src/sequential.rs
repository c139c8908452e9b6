use alloc::collections::BTreeMap;

use bellwether_core::MetricName;
use serde::{Deserialize, Serialize};

use crate::{MetricSpec, SequentialSpec, SpecError};

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
}

impl Sequential {
    /// Checks a configuration.
    ///
    /// # Errors
    /// The path of the first field that no judge can be built from.
    pub fn new(spec: SequentialSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self { spec })
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
        let Some(spec) = self.spec.metrics.get(metric) else { return 0.0 };
        let of_class = |critical| self.spec.metrics.values().filter(move |other| other.critical == critical);
        let total: f64 = of_class(spec.critical).map(|other| other.weight).sum();
        let classes = if of_class(!spec.critical).next().is_some() { 2.0 } else { 1.0 };
        spec.weight / total / classes
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

    fn attempt_factor(&self) -> f64 {
        libm::exp2(1.0 - f64::from(self.spec.attempt))
    }
}

/// Judges one metric, `errors`, with the defaults.
impl Default for Sequential {
    fn default() -> Self {
        Self { spec: SequentialSpec::default() }
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
