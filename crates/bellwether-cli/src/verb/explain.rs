use std::sync::Arc;

use bellwether_core::{Decision, Finding, RolloutId, Severity};
use bellwether_port::{Body, Course, RecordError};
use bellwether_rollout::{Event, Goal, Move, Place, State, Stepped, explain, goal, step, waiting_for};
use bellwether_strategy::Plan;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Status},
    command::Explain,
    complaint::Complaint,
    event_text::{by, evidence, moved, place, said},
    fault::one_line,
    finding_with_line::{DecisionWithLines, FindingWithLine, decision_with_lines, with_lines},
    history::{self, History},
    look::{Look, Role},
    source::Source,
};

mod what_if;

pub(crate) use what_if::EventDocument;

use what_if::WhatIfAnswer;

/// Why a rollout stands where it stands, and what it waits for.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct ExplainAnswer {
    rollout: RolloutId,
    /// The last record that was looked at.
    record: u64,
    /// Where the rollout stands after it.
    place: Place,
    /// What led there, oldest first.
    causes: Vec<Cause>,
    /// What is waited for, and what would make it go on. Empty at the end.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    waiting: Vec<Finding>,
    /// What the world should look like then.
    goal: Goal,
    /// What an event would do that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<WhatIfAnswer>,
    #[serde(skip)]
    plan: Arc<Plan>,
}

/// One event that led to where a rollout stands.
#[derive(Clone, Debug, JsonSchema, Serialize)]
struct Cause {
    /// The number of its record.
    record: u64,
    /// What happened.
    event: Event,
    /// What it brought as evidence: one line for each of its reasons.
    evidence: Vec<String>,
    /// What was decided on it.
    #[schemars(with = "DecisionWithLines<'static, Move>")]
    #[serde(serialize_with = "decision_with_lines")]
    decision: Decision<Move>,
}

/// Says why, from what a journal holds.
pub(crate) fn answer(call: Explain) -> Result<ExplainAnswer, Complaint> {
    let source = Source::new(call.file.journal);
    if source == Source::Standard && call.what_if.as_deref() == Some("-") {
        let message = "expected the journal or the event from standard input, found both";
        return Err(Complaint::new("call", "", message));
    }
    let history = history::read_one(&source, call.file.rollout.as_ref())?;
    explained(&history, (call.at, call.what_if.as_deref())).map_err(|complaint| complaint.of(&source))
}

fn explained(history: &History, (at, asked): (Option<u64>, Option<&str>)) -> Result<ExplainAnswer, Complaint> {
    let last = history.records.last().map_or(0, bellwether_port::Record::seq);
    let record = at.unwrap_or(last);
    if record > last {
        let message = format_args!("expected --at a record from 0 to {last}, found {record}");
        return Err(Complaint::new("call", "", message));
    }
    let log = Log::read(history, record).map_err(|error| Complaint::new("refused", "", error))?;
    let Some(log) = log else { return Err(history::missing(&history.rollout, "no record of it")) };
    let state = log.entries.iter().fold(log.beginning.clone(), |state, entry| step(state, &entry.event).0);
    let waiting = waiting_for(&state);
    Ok(ExplainAnswer {
        rollout: history.rollout.clone(),
        record,
        place: state.place(),
        causes: log.causes(),
        waiting,
        goal: goal(&state),
        what_if: asked.map(|asked| WhatIfAnswer::new(asked, &state)).transpose()?,
        plan: log.plan,
    })
}

/// The part of a history that one build's machine decided: since the rollout began, or was adopted.
struct Log {
    plan: Arc<Plan>,
    beginning: State,
    entries: Vec<Cause>,
}

impl Log {
    /// The log up to a record; none without a record that opens it.
    fn read(history: &History, last: u64) -> Result<Option<Self>, RecordError> {
        let mut log: Option<Self> = None;
        for record in history.records.iter().take_while(|record| record.seq() <= last) {
            match (record.body(&history.rollout)?, &mut log) {
                (Body::Opened(opened), log) => {
                    let beginning = Course::open(&opened, record.at()).state().clone();
                    *log = Some(Self { plan: opened.plan.into(), beginning, entries: Vec::new() });
                }
                (Body::Event(stepped), Some(log)) => {
                    log.entries.push(Cause::new(record.seq(), *stepped));
                }
                (Body::Adopted(adopted), Some(log)) => {
                    let beginning = State::restore(Arc::clone(&log.plan), adopted.state).map_err(|error| {
                        let fault = bellwether_port::Fault::Foreign(error.to_string());
                        RecordError::new(history.rollout.clone(), record.seq(), fault)
                    })?;
                    log.beginning = beginning;
                    log.entries.clear();
                }
                (Body::Event(_) | Body::Adopted(_), None) | (Body::Interval(_) | Body::Snapshot(_), _) => {}
            }
        }
        Ok(log)
    }

    /// What led to the last entry. The decisions are those that were written down, whoever made them.
    fn causes(&self) -> Vec<Cause> {
        let Some(last) = self.entries.len().checked_sub(1) else { return Vec::new() };
        let explanation = explain(self.beginning.clone(), self.entries.iter().map(|entry| &entry.event), last);
        let causes = explanation.map(|explanation| explanation.causes).unwrap_or_default();
        let entries = causes.iter().filter_map(|cause| self.entries.get(cause.index));
        entries.cloned().collect()
    }
}

impl Answer for ExplainAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    /// What somebody should know of every decision that led here, and everything of the last one.
    fn text(&self, look: &Look) -> String {
        let place = place(self.place, &self.plan);
        let head = look.paint(Role::Outcome, &format!("{} at record {}: {place}", self.rollout, self.record));
        let last = self.causes.len().saturating_sub(1);
        let causes = self.causes.iter().enumerate();
        let causes: String =
            causes.map(|(index, cause)| cause.text(&self.plan, look, look.explain || index == last)).collect();
        let route = &self.goal.route;
        let wake =
            self.goal.wake.map(|wake| format!(", looks again at {} ({})", wake.at, wake.why)).unwrap_or_default();
        let asked = self.what_if.as_ref().map(|asked| format!("\n{}", asked.text(&self.plan, look)));
        let waiting = waiting(&self.waiting);
        format!(
            "{head}{causes}{waiting}\ngoal: {} to the candidate{wake}{}",
            route.exposure(),
            asked.unwrap_or_default()
        )
    }
}

/// What is waited for, a line each, with what would make it go on.
pub(super) fn waiting(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let flip = finding.rendered_flip().map(|flip| format!("; it would go on if {}", one_line(&flip)));
        format!("\nwaiting: {}{}", one_line(&finding.rendered()), flip.unwrap_or_default())
    };
    findings.iter().map(line).collect()
}

impl Cause {
    fn new(record: u64, Stepped { event, decision }: Stepped) -> Self {
        let evidence = evidence(&event.kind).iter().map(|finding| one_line(&finding.to_string())).collect();
        Self { record, event, evidence, decision }
    }

    fn text(&self, plan: &Plan, look: &Look, with_everything: bool) -> String {
        let when = look.paint(Role::Quiet, &format!("{} {}", self.record, self.event.at));
        // A decision repeats the evidence that moved it.
        let decided = &self.decision.findings;
        let evidence = evidence(&self.event.kind).iter().filter(|finding| !decided.contains(finding));
        let evidence = evidence.take(if with_everything { usize::MAX } else { 1 });
        let shown = decided.iter().filter(|finding| with_everything || finding.severity > Severity::Info);
        let reasons = look.findings(evidence.chain(shown)).replace('\n', "\n  ");
        format!(
            "\n  {when} {}{}: {}{reasons}",
            said(&self.event.kind),
            by(&self.event.by),
            moved(self.decision.outcome, plan)
        )
    }
}
