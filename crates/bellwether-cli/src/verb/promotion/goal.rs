use bellwether_core::{Finding, Severity, Time};
use bellwether_promotion::{Goal, Graph};
use schemars::JsonSchema;
use serde::Serialize;

use super::facts::{FACTS_BYTES_MAX, FACTS_REQUIRED, FactsDocument};
use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    table::table,
};

/// Asks what should happen everywhere.
#[derive(Debug)]
pub(crate) struct AskGoal {
    pub(crate) graph: Graph,
    pub(crate) at: Option<Time>,
}

/// What should happen everywhere without anybody asking.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct GoalAnswer {
    /// When it was asked.
    at: Time,
    /// What should happen.
    outcome: Goal,
    /// Why, and why not.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for AskGoal {
    type Input = FactsDocument;
    type Answer = GoalAnswer;

    const BYTES_MAX: usize = FACTS_BYTES_MAX;
    const REQUIRED: &[&str] = FACTS_REQUIRED;

    fn answer(&self, document: FactsDocument) -> Result<GoalAnswer, Complaint> {
        let asked = document.asked(&self.graph, self.at)?;
        let decision = self.graph.goal(&asked.facts());
        Ok(GoalAnswer { at: asked.now, outcome: decision.outcome, findings: decision.findings })
    }
}

impl Answer for GoalAnswer {
    fn status(&self) -> Status {
        if !self.outcome.back.is_empty() || !self.outcome.stuck.is_empty() {
            return Status::Fail;
        }
        if self.outcome.enter.is_empty() { Status::Inconclusive } else { Status::Pass }
    }

    fn text(&self, look: &Look) -> String {
        let row = |name: &str, what: String| [name.to_owned(), what];
        let Goal { enter, back, stuck, wake } = &self.outcome;
        let mut rows: Vec<[String; 2]> = Vec::new();
        rows.extend(back.iter().map(|(name, to)| row(name.as_str(), format!("returns to {to}"))));
        rows.extend(stuck.iter().map(|name| row(name.as_str(), "is stuck: a person decides".into())));
        rows.extend(enter.iter().map(|(name, release)| row(name.as_str(), format!("is entered by {release}"))));
        let head = match rows.is_empty() {
            true => look.paint(Role::Outcome, "nothing is to be done"),
            false => table(&rows),
        };
        let at = look.paint(Role::Quiet, &format!("at {}", self.at));
        let wake = wake.map(|wake| format!(", ask again at {wake}")).unwrap_or_default();
        let told = |finding: &&Finding| look.explain || rows.is_empty() || finding.severity > Severity::Info;
        format!("{head}\n{at}{wake}{}", look.findings(self.findings.iter().filter(told)))
    }
}
