use alloc::{collections::BTreeMap, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::scalar::{Flag, Number, Word};

/// Holds what Kayenta's judge is configured with: its own document, of which fields that no judgement needs are passed
/// over.
///
/// # Example: one metric
///
/// ```
/// use bellwether_analysis::kayenta::CanaryConfig;
///
/// let config: CanaryConfig = serde_json::from_str(r#"{
///     "name": "checkout",
///     "metrics": [{"name": "latency", "groups": ["system"], "analysisConfigurations": {"canary": {
///         "direction": "increase", "effectSize": {"allowedIncrease": 1.1}
///     }}}],
///     "classifier": {"groupWeights": {"system": 100}}
/// }"#)?;
/// assert_eq!(config.metric_names().collect::<Vec<_>>(), ["latency"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CanaryConfig {
    pub(super) metrics: Vec<MetricConfig>,
    pub(super) classifier: ClassifierConfig,
    #[serde(default)]
    judge: Option<JudgeConfig>,
}

/// Says from which score on a canary passes, and from which on it is not a failure yet.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "Kayenta's document has these two")]
pub struct Thresholds {
    /// From this score on it passes.
    pub pass: f64,
    /// From this score on it is marginal.
    pub marginal: f64,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetricConfig {
    pub(super) name: String,
    #[serde(default)]
    groups: Option<Vec<String>>,
    #[serde(default)]
    analysis_configurations: Option<AnalysisConfigurations>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
struct AnalysisConfigurations {
    #[serde(default)]
    canary: Option<CanaryAnalysis>,
}

/// What is configured for one metric.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CanaryAnalysis {
    pub(super) direction: Option<Word>,
    pub(super) nan_strategy: Option<Word>,
    pub(super) outliers: Option<Outliers>,
    pub(super) effect_size: Option<EffectSize>,
    critical: Option<Flag>,
    must_have_data: Option<Flag>,
    muted: Option<Flag>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Outliers {
    pub(super) strategy: Option<Word>,
    pub(super) outlier_factor: Option<Number>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EffectSize {
    pub(super) measure: Option<Word>,
    pub(super) allowed_increase: Option<Number>,
    pub(super) allowed_decrease: Option<Number>,
    pub(super) critical_increase: Option<Number>,
    pub(super) critical_decrease: Option<Number>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClassifierConfig {
    #[serde(default)]
    group_weights: Option<BTreeMap<String, Number>>,
    #[serde(default)]
    score_thresholds: Option<Thresholds>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct JudgeConfig {
    judge_configurations: Option<JudgeConfigurations>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct JudgeConfigurations {
    tolerance: Option<Number>,
    conf_level: Option<Number>,
}

/// The width of the band around zero, in parts of the estimated shift.
const TOLERANCE: f64 = 0.25;

/// The confidence of the interval.
const CONFIDENCE: f64 = 0.98;

impl CanaryConfig {
    /// The names of the metrics that it knows.
    pub fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|metric| metric.name.as_str())
    }

    /// The thresholds that older configurations carry themselves.
    #[must_use]
    pub fn thresholds(&self) -> Option<Thresholds> {
        self.classifier.score_thresholds
    }

    pub(super) fn metric(&self, name: &str) -> Option<&MetricConfig> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    pub(super) fn tolerance(&self) -> f64 {
        self.judge_configurations().and_then(|it| it.tolerance).map_or(TOLERANCE, |number| number.0)
    }

    pub(super) fn confidence(&self) -> f64 {
        self.judge_configurations().and_then(|it| it.conf_level).map_or(CONFIDENCE, |number| number.0)
    }

    fn judge_configurations(&self) -> Option<&JudgeConfigurations> {
        self.judge.as_ref()?.judge_configurations.as_ref()
    }
}

impl ClassifierConfig {
    pub(super) fn weights(&self) -> impl Iterator<Item = (&str, f64)> {
        self.group_weights.iter().flatten().map(|(name, weight)| (name.as_str(), weight.0))
    }
}

impl MetricConfig {
    pub(super) fn groups(&self) -> &[String] {
        self.groups.as_deref().unwrap_or_default()
    }

    pub(super) fn canary(&self) -> Option<&CanaryAnalysis> {
        self.analysis_configurations.as_ref()?.canary.as_ref()
    }
}

impl CanaryAnalysis {
    pub(super) fn is_critical(&self) -> bool {
        self.critical.is_some_and(|flag| flag.0)
    }

    pub(super) fn must_have_data(&self) -> bool {
        self.must_have_data.is_some_and(|flag| flag.0)
    }

    pub(super) fn is_muted(&self) -> bool {
        self.muted.is_some_and(|flag| flag.0)
    }
}
