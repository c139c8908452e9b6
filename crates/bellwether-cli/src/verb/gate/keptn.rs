use std::path::PathBuf;

use bellwether_core::{Finding, Value};
use bellwether_gate::keptn::{Evaluation, Indicator, Outcome, Question as Document, Refusal, SliValue, Slo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    answer::{Answer, Question, Status},
    command::Options,
    complaint::Complaint,
    document,
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    look::{Look, Role},
    source::Source,
    table::table,
};

/// Hundreds of indicators for dozens of earlier evaluations.
const QUESTION_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Evaluates a document that has everything, or an SLO file and a document of values.
pub(super) fn run(first: Option<PathBuf>, values: Option<PathBuf>, options: Options) -> Result<Status, Complaint> {
    let Some(values) = values else { return frame::ask(&AskKeptn, first, options) };
    if options.lines {
        let message = "expected everything in one document a line beside --lines, found an SLO file beside it";
        return Err(Complaint::new("call", "", message));
    }
    let (slo_file, source) = (Source::new(first), Source::new(Some(values)));
    let read = |source: &Source| document::read_node(source, QUESTION_BYTES_MAX, options.input_of(source));
    let slo: Slo = document::typed(read(&slo_file)?).map_err(|complaint| complaint.of(&slo_file))?;
    let Measured { values, previous } = document::typed(read(&source)?).map_err(|complaint| complaint.of(&source))?;
    let question = Document::new(slo, values).with_previous(previous);
    let evaluation = question.evaluate().map_err(|refusal| {
        let at = refusal.at.strip_prefix("slo").map_or_else(|| refusal.at.clone(), str::to_owned);
        Complaint::new("refused", format!("${at}"), said(&refusal)).of(&slo_file)
    })?;
    frame::show(&KeptnAnswer::from(evaluation), options)
}

/// What was measured, beside an SLO file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    values: Vec<SliValue>,
    #[serde(default)]
    previous: Vec<Vec<SliValue>>,
}

/// Asks what Keptn would say.
#[derive(Clone, Copy, Debug)]
struct AskKeptn;

/// What Keptn would say.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct KeptnAnswer {
    #[serde(flatten)]
    evaluation: Evaluation,
    /// Where Keptn passes by saying nothing, and what its reader may take for something else.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines", skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl From<Evaluation> for KeptnAnswer {
    fn from(mut evaluation: Evaluation) -> Self {
        let findings = std::mem::take(&mut evaluation.findings);
        Self { evaluation, findings }
    }
}

impl Question for AskKeptn {
    type Input = Document;
    type Answer = KeptnAnswer;

    const BYTES_MAX: usize = QUESTION_BYTES_MAX;

    /// Without objectives Keptn passes; whoever means that says `"slo": null`.
    const REQUIRED: &[&str] = &["slo", "values"];

    fn answer(&self, question: Document) -> Result<KeptnAnswer, Complaint> {
        let refused = |refusal: Refusal| Complaint::new("refused", format!("$.{}", refusal.at), said(&refusal));
        question.evaluate().map(KeptnAnswer::from).map_err(refused)
    }
}

/// Keptn's own words stand behind ours.
fn said(refusal: &Refusal) -> String {
    format!("expected {}, found {} (Keptn says: {})", refusal.expected, refusal.found, refusal.keptn)
}

impl Answer for KeptnAnswer {
    fn status(&self) -> Status {
        match self.evaluation.result {
            Outcome::Pass => Status::Pass,
            Outcome::Warning => Status::Inconclusive,
            Outcome::Fail => Status::Fail,
        }
    }

    fn text(&self, look: &Look) -> String {
        let Evaluation { result, score, key_sli_failed, indicators, .. } = &self.evaluation;
        let head = look.paint(Role::Outcome, &format!("{result}: score {}", short(*score)));
        let key = if *key_sli_failed { ", a key indicator failed" } else { "" };
        let mut rows = vec![["indicator", "value", "status", "score", "pass criteria"].map(str::to_owned)];
        rows.extend(indicators.iter().map(row));
        format!("{head}{key}\n{}{}", table(&rows).trim_end(), look.findings(&self.findings))
    }
}

fn row(indicator: &Indicator) -> [String; 5] {
    let target = |target: &bellwether_gate::keptn::Target| {
        let mark = if target.violated { "not met" } else { "met" };
        format!("{} ({}: {mark})", target.criteria, short(target.target_value))
    };
    let targets: Vec<String> = indicator.pass_targets.iter().map(target).collect();
    [
        indicator.sli.clone(),
        indicator.value.map_or("-".to_owned(), short),
        indicator.status.to_string(),
        short(indicator.score),
        if targets.is_empty() { "-".to_owned() } else { targets.join(", ") },
    ]
}

/// As many digits as people compare.
fn short(number: f64) -> String {
    Value::Ratio(number).to_string()
}
