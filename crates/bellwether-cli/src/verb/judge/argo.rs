use std::collections::BTreeMap;

use bellwether_analysis::argo::{AnalysisRun, AnalysisSpec, ArgoError, Measured, MetricRun, Run};
use bellwether_analysis::threshold::Phase;
use bellwether_core::{Finding, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status;
use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    table::table,
};

/// A template and its measurements may have this many bytes.
const ARGO_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Asks what an `AnalysisRun` would say.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskArgo;

/// An analysis and what its providers answered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnalysisDocument {
    /// The `spec` of an AnalysisTemplate or an AnalysisRun.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    spec: Option<AnalysisSpec>,
    /// The whole manifest instead.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    template: Option<Manifest>,
    /// What each metric's provider answered, in the order of time: a number, a list, a map, or `{"error": "..."}`.
    #[schemars(with = "BTreeMap<String, Vec<serde_json::Value>>")]
    measurements: BTreeMap<String, Vec<Measured>>,
    /// Whether the run was ended from outside after the last of them.
    #[serde(default)]
    terminated: bool,
}

/// A manifest, of which only the specification is looked at.
#[derive(Debug, Deserialize)]
struct Manifest {
    spec: AnalysisSpec,
}

/// What an `AnalysisRun` would say.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct AnalysisAnswer {
    /// What all metrics together are.
    phase: Phase,
    /// Why, if it is not a success.
    message: Option<String>,
    /// What the phase means where four values are asked for.
    outcome: Verdict,
    /// Each metric, with its counters.
    #[schemars(with = "Vec<serde_json::Value>")]
    metrics: Vec<MetricRun>,
    /// Where the answer is not what its reader may take it for.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for AskArgo {
    type Input = AnalysisDocument;
    type Answer = AnalysisAnswer;

    const BYTES_MAX: usize = ARGO_BYTES_MAX;

    fn answer(&self, document: AnalysisDocument) -> Result<AnalysisAnswer, Complaint> {
        let AnalysisDocument { spec, template, measurements, terminated } = document;
        let spec = match (spec, template) {
            (Some(spec), None) => spec,
            (None, Some(manifest)) => manifest.spec,
            (None, None) => return Err(wrong_spec("none")),
            (Some(_), Some(_)) => return Err(wrong_spec("both")),
        };
        let run = AnalysisRun::new(spec).and_then(|run| run.run(&measurements, terminated)).map_err(|it| wrong(&it))?;
        let outcome = run.verdict().outcome;
        let Run { phase, message, metrics, findings } = run;
        Ok(AnalysisAnswer { phase, message, outcome, metrics, findings })
    }
}

fn wrong_spec(found: &str) -> Complaint {
    Complaint::new("invalid", "$", format_args!("expected either a field `spec` or a field `template`, found {found}"))
}

fn wrong(error: &ArgoError) -> Complaint {
    let message = format_args!("expected {}, found {} (metric and field: {})", error.expected, error.found, error.at);
    Complaint::new("invalid", "$", message)
}

impl Answer for AnalysisAnswer {
    fn status(&self) -> Status {
        status(self.outcome)
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &self.phase.to_string());
        let message = self.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        let names = ["metric", "phase", "measured", "successful", "failed", "inconclusive", "error"];
        let mut rows = vec![names.map(str::to_owned)];
        rows.extend(self.metrics.iter().map(row));
        format!("{head}{message}\n{}{}", table(&rows), look.findings(&self.findings))
    }
}

fn row(metric: &MetricRun) -> [String; 7] {
    let dry = if metric.dry_run { " (dry run)" } else { "" };
    let tally = metric.tally;
    let counts =
        [tally.count, tally.successful, tally.failed, tally.inconclusive, tally.error].map(|it| it.to_string());
    let [count, successful, failed, inconclusive, error] = counts;
    [format!("{}{dry}", metric.name), metric.phase.to_string(), count, successful, failed, inconclusive, error]
}
