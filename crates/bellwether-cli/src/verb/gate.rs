//! `gate`: does what was measured meet what a gate demands, by bellwether's conditions or by Keptn's.

use bellwether_core::{Decision, Finding, GateName, Time, Verdict};
use bellwether_gate::{AllOf, Evidence, Gate as _, preset};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Question, Status},
    clock::system_time,
    command::{Gate, GateFormat, GatePreset, Options},
    complaint::Complaint,
    document,
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    look::{Look, Role},
    source::Source,
};

mod keptn;

pub(crate) use keptn::KeptnAnswer;

/// A thousand conditions, each with everything that one may have.
const SET_BYTES_MAX: usize = 1_024 * 1_024;
/// A measurement a metric, for more metrics than anybody reads.
const EVIDENCE_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Answers by the conditions that were given.
pub(crate) fn run(call: Gate, options: Options) -> Result<Status, Complaint> {
    let Gate { files, preset, at, format } = call;
    let mut files = files.into_iter();
    let (first, second) = (files.next(), files.next());
    if let Some(GateFormat::Keptn) = format {
        return keptn::run(first, second, options);
    }
    let now = at.map_or_else(system_time, Ok)?;
    let (set, evidence) = match (preset, second) {
        (Some(GatePreset::Seed000Metrics), None) => (preset::seed_000_metrics(), first),
        (Some(_), Some(second)) => {
            let message = format_args!("expected the evidence alone beside --preset, found {} too", second.display());
            return Err(Complaint::new("call", "", message));
        }
        (None, Some(second)) => (read_set(&Source::new(first), options)?, Some(second)),
        (None, None) => {
            let message = "expected conditions and evidence, or --preset and evidence, found one document";
            return Err(Complaint::new("call", "", message));
        }
    };
    frame::ask(&AskSet { set, now }, evidence, options)
}

fn read_set(source: &Source, options: Options) -> Result<AllOf, Complaint> {
    let node = document::read_node(source, SET_BYTES_MAX, options.input_of(source))?;
    document::typed(node).map_err(|complaint| complaint.of(source))
}

/// Asks a set of conditions.
#[derive(Debug)]
struct AskSet {
    set: AllOf,
    now: Time,
}

/// What a set of conditions says.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct GateAnswer {
    /// The set's name.
    gate: GateName,
    /// As of when.
    at: Time,
    /// The worst of its conditions that are enforced.
    outcome: Verdict,
    /// A line for the set, and then one for each condition in their order.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for AskSet {
    type Input = Evidence;
    type Answer = GateAnswer;

    const BYTES_MAX: usize = EVIDENCE_BYTES_MAX;

    /// A document that is about something else must not pass as evidence of nothing.
    const REQUIRED: &[&str] = &["measurements"];

    fn answer(&self, evidence: Evidence) -> Result<GateAnswer, Complaint> {
        let Decision { outcome, findings } = self.set.check(&evidence, self.now);
        Ok(GateAnswer { gate: self.set.name().clone(), at: self.now, outcome, findings })
    }
}

impl Answer for GateAnswer {
    fn status(&self) -> Status {
        match self.outcome {
            Verdict::Pass => Status::Pass,
            Verdict::Fail => Status::Fail,
            Verdict::Inconclusive | Verdict::NoData => Status::Inconclusive,
        }
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &format!("{}: {}", self.gate, self.outcome));
        let when = look.paint(Role::Quiet, &format!("as of {}", self.at));
        format!("{head} {when}{}", look.findings(&self.findings))
    }
}
