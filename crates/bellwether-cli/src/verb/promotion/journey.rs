use bellwether_core::{EnvironmentName, Finding, ReleaseId, Severity, Time};
use bellwether_promotion::{Ask, Graph, Journey, Standing, Stop, Trigger};
use schemars::JsonSchema;
use serde::Serialize;

use super::facts::{FACTS_BYTES_MAX, FACTS_REQUIRED, FactsDocument};
use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
};

/// Asks which environment a release may enter next.
#[derive(Debug)]
pub(crate) struct AskJourney {
    pub(crate) graph: Graph,
    pub(crate) at: Option<Time>,
    /// The one that is asked about, if one is.
    pub(crate) environment: Option<EnvironmentName>,
    pub(crate) by: Trigger,
}

/// Which environment a release may enter next, and why not.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct PromotionAnswer {
    /// The release.
    release: ReleaseId,
    /// When it was asked.
    at: Time,
    /// How the release stands: it may enter somewhere; else it waits somewhere; else something refuses it; else it is
    /// somewhere; else it is past.
    outcome: Standing,
    /// The environments that it may enter now.
    enter: Vec<EnvironmentName>,
    /// When to ask again at the latest, where time alone changes an answer.
    wake: Option<Time>,
    /// Each environment that was asked about, after all of those before it.
    stops: Vec<StopAnswer>,
    /// What is odd about the events.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

/// How a release stands before one environment.
#[derive(Debug, JsonSchema, Serialize)]
struct StopAnswer {
    /// The environment.
    environment: EnvironmentName,
    /// The answer.
    standing: Standing,
    /// When to ask again at the latest, where time alone changes it.
    wake: Option<Time>,
    /// Why.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for AskJourney {
    type Input = FactsDocument;
    type Answer = PromotionAnswer;

    const BYTES_MAX: usize = FACTS_BYTES_MAX;
    const REQUIRED: &[&str] = FACTS_REQUIRED;

    fn answer(&self, mut document: FactsDocument) -> Result<PromotionAnswer, Complaint> {
        let release = document.release()?;
        let digests = document.digests.take();
        let asked = document.asked(&self.graph, self.at)?;
        let facts = asked.facts();
        let (journey, findings) = match (&self.environment, digests) {
            (None, Some(_)) => {
                return Err(Complaint::new("invalid", "$.digests", "expected --environment beside it, found none"));
            }
            (None, None) => {
                let journey = self.graph.journey(&facts, &release);
                (journey.outcome, journey.findings)
            }
            (Some(environment), digests) => {
                let mut ask = Ask::by_person(release.clone(), environment.clone());
                (ask.by, ask.digests) = (self.by, digests);
                let decision = self.graph.entry(&facts, &ask);
                let wake = decision.outcome.wake;
                let stops = vec![Stop { environment: environment.clone(), decision }];
                (Journey { stops, wake }, asked.history.findings())
            }
        };
        let (outcome, enter, wake) = (journey.standing(), journey.enter().cloned().collect(), journey.wake);
        let stops = journey.stops.into_iter().map(StopAnswer::from).collect();
        Ok(PromotionAnswer { release, at: asked.now, outcome, enter, wake, stops, findings })
    }
}

impl From<Stop> for StopAnswer {
    fn from(Stop { environment, decision }: Stop) -> Self {
        let entry = decision.outcome;
        Self { environment, standing: entry.standing, wake: entry.wake, findings: decision.findings }
    }
}

impl StopAnswer {
    /// One line, and the reasons that somebody wants who did not ask for all of them.
    fn text(&self, width: usize, look: &Look) -> String {
        let role = match self.standing {
            Standing::Enter => Role::Outcome,
            Standing::Wait => Role::Warning,
            Standing::Refuse => Role::Critical,
            Standing::Present | Standing::Past => Role::Quiet,
        };
        let wake = self.wake.map(|wake| format!(", ask again at {wake}")).unwrap_or_default();
        let is_open = matches!(self.standing, Standing::Wait | Standing::Refuse);
        let told = |finding: &&Finding| look.explain || is_open || finding.severity > Severity::Info;
        let reasons = look.findings(self.findings.iter().filter(told));
        format!("{:<width$}  {}{wake}{reasons}", self.environment, look.paint(role, &self.standing.to_string()))
    }
}

impl Answer for PromotionAnswer {
    fn status(&self) -> Status {
        match self.outcome {
            Standing::Enter | Standing::Present => Status::Pass,
            Standing::Wait => Status::Inconclusive,
            Standing::Refuse | Standing::Past => Status::Fail,
        }
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &format!("{}: {}", self.release, self.outcome));
        let at = look.paint(Role::Quiet, &format!("at {}", self.at));
        let width = self.stops.iter().map(|stop| stop.environment.as_str().chars().count()).max().unwrap_or_default();
        let stops: String = self.stops.iter().map(|stop| format!("\n{}", stop.text(width, look))).collect();
        format!("{head} {at}{stops}{}", look.findings(&self.findings))
    }
}
