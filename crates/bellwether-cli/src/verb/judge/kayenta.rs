use bellwether_analysis::kayenta::{
    CanaryConfig, GroupScore, Judgement, Kayenta, KayentaError, MetricResult, MetricSetPair, ScoreClassification,
    Thresholds,
};
use bellwether_core::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    table::table,
};

/// Hundreds of metrics with a value for each minute of a day, in both arms.
const CANARY_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Asks what Kayenta would say.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskKayenta;

/// Kayenta's own documents, together in one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Canary {
    /// A canary configuration.
    #[schemars(with = "serde_json::Value")]
    config: CanaryConfig,
    /// Metric set pairs; a missing value is `"NaN"` or null.
    #[schemars(with = "Vec<serde_json::Value>")]
    metrics: Vec<MetricSetPair>,
    /// From which scores on it passes and is marginal; those of `classifier.scoreThresholds` where it is not said.
    #[serde(default)]
    thresholds: Option<Thresholds>,
}

/// What Kayenta would say.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct KayentaAnswer {
    /// Each metric: its class, whether it fails the canary alone, the mean ratio and the shift.
    #[schemars(with = "Vec<serde_json::Value>")]
    results: Vec<MetricResult>,
    /// The score of each group.
    #[schemars(with = "Vec<serde_json::Value>")]
    groups: Vec<GroupScore>,
    /// The score of the canary.
    score: f64,
    /// What the score means.
    classification: ScoreClassification,
    /// Why the score is zero whatever the groups say, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Where the answer is not what its reader may take it for.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for AskKayenta {
    type Input = Canary;
    type Answer = KayentaAnswer;

    const BYTES_MAX: usize = CANARY_BYTES_MAX;

    fn answer(&self, canary: Canary) -> Result<KayentaAnswer, Complaint> {
        let Canary { config, metrics, thresholds } = canary;
        let Some(thresholds) = thresholds.or_else(|| config.thresholds()) else {
            let message = "expected a field `thresholds`, or `config.classifier.scoreThresholds`, found none";
            return Err(Complaint::new("invalid", "$", message));
        };
        let judgement =
            Kayenta::new(config, thresholds).and_then(|judge| judge.judge(&metrics)).map_err(|it| wrong(&it))?;
        let Judgement { results, groups, score, classification, reason, findings } = judgement;
        Ok(KayentaAnswer { results, groups, score, classification, reason, findings })
    }
}

fn wrong(error: &KayentaError) -> Complaint {
    let message = format_args!("expected {}, found {}", error.expected, error.found);
    Complaint::new("invalid", format!("$.{}", error.at), message)
}

impl Answer for KayentaAnswer {
    fn status(&self) -> Status {
        match self.classification {
            ScoreClassification::Pass => Status::Pass,
            ScoreClassification::Marginal => Status::Inconclusive,
            ScoreClassification::Fail => Status::Fail,
        }
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &format!("{}: score {}", self.classification, self.score));
        let reason = self.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
        let mut rows = vec![["metric", "class", "mean ratio", "shift", "interval", "groups"].map(str::to_owned)];
        rows.extend(self.results.iter().map(row));
        let groups = self.groups.iter().map(|group| format!("\n  {} {}", group.name, short(group.score)));
        let groups: String = groups.collect();
        let findings = look.findings(&self.findings);
        format!("{head}{reason}\n{}\ngroups{groups}{findings}", table(&rows).trim_end())
    }
}

fn row(result: &MetricResult) -> [String; 6] {
    let class = result.classification.to_string();
    let marks = [(result.critical, " (critical)"), (result.is_muted, " (muted)")];
    let marks: String = marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| mark).collect();
    let interval = result.interval.map_or("-".to_owned(), |it| format!("{} to {}", short(it.low), short(it.high)));
    [
        result.name.clone(),
        class + &marks,
        result.deviation.map_or("-".to_owned(), short),
        result.interval.map_or("-".to_owned(), |interval| short(interval.estimate)),
        interval,
        result.groups.join(", "),
    ]
}

/// As many digits as people compare.
fn short(number: f64) -> String {
    bellwether_core::Value::Ratio(number).to_string()
}
