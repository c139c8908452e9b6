use alloc::{format, string::String, vec::Vec};

use bellwether_core::{Finding, Value};

use super::classification::ScoreClassification;
use super::classify::Rules;
use super::config::{CanaryConfig, Thresholds};
use super::judgement::{Judgement, MetricResult};
use super::metric_set_pair::MetricSetPair;
use super::score::{self, Score};

/// Judges as Kayenta's `NetflixACAJudge-v1.0` does.
///
/// # Example: one metric that is half as large again
///
/// ```
/// use bellwether_analysis::kayenta::{CanaryConfig, Classification, Kayenta, MetricSetPair, Thresholds};
///
/// let config: CanaryConfig = serde_json::from_str(r#"{
///     "metrics": [{"name": "latency", "groups": ["system"]}], "classifier": {"groupWeights": {"system": 100}}
/// }"#)?;
/// let pair: MetricSetPair = serde_json::from_str(r#"{"name": "latency", "values": {
///     "control": [10, 11, 12, 13, 14, 15, 16, 17], "experiment": [21, 22, 23, 24, 25, 26, 27, "NaN"]
/// }}"#)?;
/// let judge = Kayenta::new(config, Thresholds { pass: 95.0, marginal: 75.0 })?;
/// let judgement = judge.judge(&[pair])?;
/// assert_eq!(judgement.results[0].classification, Classification::High);
/// assert_eq!(judgement.score, 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Kayenta {
    config: CanaryConfig,
    thresholds: Thresholds,
}

/// Tells why a canary cannot be judged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("judge the canary by `{at}`: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct KayentaError {
    /// The place in the configuration, such as `config.judge.judgeConfigurations.tolerance`, or in the pairs, such as
    /// `metrics[2].name`.
    pub at: String,
    /// What would have been accepted.
    pub expected: &'static str,
    /// What was there.
    pub found: String,
}

impl Kayenta {
    /// Checks a configuration.
    ///
    /// # Errors
    ///
    /// The first number that nothing can be judged by.
    pub fn new(config: CanaryConfig, thresholds: Thresholds) -> Result<Self, KayentaError> {
        let (tolerance, confidence) = (config.tolerance(), config.confidence());
        if tolerance < 0.0 {
            return Err(KayentaError::number(JUDGE, "tolerance", "at least 0", tolerance));
        }
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(KayentaError::number(JUDGE, "confLevel", "above 0 and below 1", confidence));
        }
        for (index, metric) in config.metrics.iter().enumerate() {
            if let Some(factor) = metric.impossible_outlier_factor() {
                let metric = format!("config.metrics[{index}].analysisConfigurations.canary.outliers");
                return Err(KayentaError::number(&metric, "outlierFactor", "above 0", factor));
            }
        }
        for (field, found) in [("pass", thresholds.pass), ("marginal", thresholds.marginal)] {
            if !found.is_finite() {
                return Err(KayentaError::number("thresholds", field, "a finite number", found));
            }
        }
        Ok(Self { config, thresholds })
    }

    /// Judges all metrics that there are values of.
    ///
    /// # Errors
    ///
    /// A pair that the configuration has no metric for.
    pub fn judge(&self, pairs: &[MetricSetPair]) -> Result<Judgement, KayentaError> {
        let mut findings = Vec::new();
        let mut results = Vec::with_capacity(pairs.len());
        for (index, pair) in pairs.iter().enumerate() {
            let metric = self.config.metric(&pair.name).ok_or_else(|| KayentaError::unknown(index, pair))?;
            let rules = Rules::new(metric, self.config.tolerance(), self.config.confidence());
            results.push(rules.classify(pair, &mut findings));
        }
        let Score { groups, score, reason } = Score::of(&results, &self.config.classifier);
        findings.extend(score::doubts(&groups, &self.config.classifier));
        findings.extend(nothing_judged(&results));
        findings.extend(self.unjudged(pairs));
        findings.extend(self.configured_twice());
        findings.extend(self.passed_over());
        Ok(Judgement { results, groups, score, classification: self.classify(score), reason, findings })
    }

    fn classify(&self, score: f64) -> ScoreClassification {
        if score >= self.thresholds.pass {
            ScoreClassification::Pass
        } else if score >= self.thresholds.marginal {
            ScoreClassification::Marginal
        } else {
            ScoreClassification::Fail
        }
    }

    /// Metrics that nobody sent values of.
    fn unjudged(&self, pairs: &[MetricSetPair]) -> impl Iterator<Item = Finding> {
        let names = self.config.metric_names().filter(|name| !pairs.iter().any(|pair| pair.name == *name));
        let text = "{metric} is configured and there is no pair for it: the score is without it";
        names.map(move |name| Finding::warning("kayenta.no_pair", text).figure("metric", String::from(name)))
    }

    /// Metrics that are there again: Kayenta takes the first of a name.
    fn configured_twice(&self) -> impl Iterator<Item = Finding> {
        let names: Vec<&str> = self.config.metric_names().collect();
        let text = "{metric} is configured twice, and Kayenta goes by the first: the other one says nothing";
        let is_again = |index: usize, name: &str| names.iter().take(index).any(|before| *before == name);
        let again: Vec<String> = names
            .iter()
            .enumerate()
            .filter(|(index, name)| is_again(*index, name))
            .map(|(_, name)| String::from(*name))
            .collect();
        again.into_iter().map(move |name| Finding::warning("kayenta.configured_twice", text).figure("metric", name))
    }

    /// Words that say nothing to Kayenta.
    fn passed_over(&self) -> impl Iterator<Item = Finding> {
        let words = |metric: &super::config::MetricConfig| {
            let name = metric.name.clone();
            let finding = move |(field, word, instead): (&'static str, String, &'static str)| {
                let text = "{field} of {metric} is {word}, which Kayenta does not know: it takes {instead}";
                Finding::warning("kayenta.unknown_word", text)
                    .figure("field", field)
                    .figure("metric", name.clone())
                    .figure("word", Value::Text(word.into()))
                    .figure("instead", instead)
            };
            metric.unknown_words().into_iter().map(finding).collect::<Vec<_>>()
        };
        self.config.metrics.iter().flat_map(words)
    }
}

/// A score of zero that says nothing of the candidate.
fn nothing_judged(results: &[MetricResult]) -> Option<Finding> {
    let text = "no metric counts for the score: it is 0 because nothing was judged, not because anything is worse";
    results.iter().all(|result| result.is_muted).then(|| Finding::warning("kayenta.nothing_judged", text))
}

const JUDGE: &str = "config.judge.judgeConfigurations";

impl KayentaError {
    fn number(place: &str, field: &str, expected: &'static str, found: f64) -> Self {
        Self { at: format!("{place}.{field}"), expected, found: format!("{found}") }
    }

    fn unknown(index: usize, pair: &MetricSetPair) -> Self {
        let expected = "the name of a metric of the configuration";
        Self { at: format!("metrics[{index}].name"), expected, found: format!("{:?}", pair.name) }
    }
}
