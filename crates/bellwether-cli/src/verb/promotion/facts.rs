use std::collections::BTreeMap;

use bellwether_core::{ReleaseId, Time};
use bellwether_promotion::{Event, Facts, GateAnswer, Graph, History};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{clock::system_time, complaint::Complaint};

/// A log of years: a thousand releases through five environments come to about four megabytes.
pub(crate) const FACTS_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Fields without which nothing can be said.
pub(crate) const FACTS_REQUIRED: &[&str] = &["events"];

/// A release, and everything that happened.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Promotion")]
#[serde(deny_unknown_fields)]
pub(crate) struct FactsDocument {
    /// The release that is asked about; `--goal` asks about none.
    #[serde(default)]
    release: Option<ReleaseId>,
    /// The digests of what is about to be deployed, where that was looked up; beside `--environment`.
    #[serde(default)]
    pub(crate) digests: Option<BTreeMap<String, String>>,
    /// When it is asked; `--at` outranks it.
    #[serde(default)]
    now: Option<Time>,
    /// What happened.
    events: Vec<Event>,
    /// What the gates of the environments answered.
    #[serde(default)]
    answers: Vec<GateAnswer>,
}

/// The same, ready to be asked about.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) history: History,
    pub(crate) answers: Vec<GateAnswer>,
    pub(crate) now: Time,
}

impl FactsDocument {
    pub(crate) fn asked(self, graph: &Graph, at: Option<Time>) -> Result<Asked, Complaint> {
        for (index, answer) in self.answers.iter().enumerate() {
            let Some(environment) = graph.environment(&answer.environment) else {
                let message = format_args!("expected an environment of the graph, found {}", answer.environment);
                return Err(Complaint::new("invalid", format!("$.answers[{index}].environment"), message));
            };
            if !environment.gates.contains(&answer.gate) {
                let message = format_args!("expected a gate of {}, found {}", answer.environment, answer.gate);
                return Err(Complaint::new("invalid", format!("$.answers[{index}].gate"), message));
            }
        }
        let now = at.or(self.now).map_or_else(system_time, Ok)?;
        Ok(Asked { history: History::of(graph, &self.events), answers: self.answers, now })
    }

    /// The release that is asked about, which must have been made.
    pub(crate) fn release(&self) -> Result<ReleaseId, Complaint> {
        let Some(release) = self.release.clone() else {
            return Err(Complaint::new("invalid", "$", "expected a field `release`, or --goal, found neither"));
        };
        let is_it =
            |event: &Event| matches!(&event.kind, bellwether_promotion::Kind::Made(made) if made.release == release);
        if self.events.iter().any(is_it) {
            return Ok(release);
        }
        let message = format_args!("expected a release that an event says was made, found {release}");
        Err(Complaint::new("invalid", "$.release", message))
    }
}

impl Asked {
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts::new(&self.history, self.now).with_answers(&self.answers)
    }
}
