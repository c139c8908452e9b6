use alloc::{collections::BTreeMap, vec::Vec};

use bellwether_core::{Decision, EnvironmentName, ReleaseId, Time};
use serde::{Deserialize, Serialize};

use crate::{Environment, Facts, Graph, Trigger, Way, back::Failure};

/// What should happen everywhere without anybody asking.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Begin a rollout of these into these environments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub enter: BTreeMap<EnvironmentName, ReleaseId>,
    /// Return these environments to these releases.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub back: BTreeMap<EnvironmentName, ReleaseId>,
    /// These failed and cannot return: a person decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stuck: Vec<EnvironmentName>,
    /// When to ask again at the latest, where time alone changes the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Time>,
}

impl Goal {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.enter.is_empty() && self.back.is_empty() && self.stuck.is_empty()
    }

    fn wake_at(&mut self, at: Option<Time>) {
        self.wake = match (self.wake, at) {
            (Some(wake), Some(at)) => Some(wake.min(at)),
            (wake, at) => wake.or(at),
        };
    }
}

impl Graph {
    /// Says what should happen in every environment without anybody asking: which releases enter by themselves, and
    /// which environments return to their last good one.
    ///
    /// It says so until it has happened; a host compares it with the rollouts that it has begun, as often as it likes.
    ///
    /// # Example: a release enters the first environment as soon as it is made
    /// ```
    /// use bellwether_promotion::{Event, Facts, Graph, History};
    ///
    /// let graph: Graph = serde_json::from_str(r#"{"schema": 1, "environments": [
    ///     {"name": "development", "trigger": "automatic"},
    ///     {"name": "staging", "trigger": "automatic", "from": ["development"]}]}"#)?;
    /// let log: Vec<Event> = serde_json::from_str(r#"[{"at": "2026-03-03T09:00:00Z", "kind": {"made": {"release": "42",
    ///     "version": {"name": "42", "digests": {"git": "8f3a1c0de1b2a3948576675849302a1b2c3d4e5f"}}}}}]"#)?;
    /// let history = History::of(&graph, &log);
    /// let goal = graph.goal(&Facts::new(&history, "2026-03-03T09:01:00Z".parse()?)).outcome;
    /// assert_eq!(goal.enter.get("development").map(|release| release.as_str()), Some("42"));
    /// assert_eq!(goal.enter.get("staging"), None, "it was never exposed in development");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn goal(&self, facts: &Facts<'_>) -> Decision<Goal> {
        let mut decision = Decision { outcome: Goal::default(), findings: facts.history.findings() };
        for environment in self.environments().filter(|environment| !environment.is_junction()) {
            self.want(facts, environment, &mut decision);
        }
        decision
    }

    fn want(&self, facts: &Facts<'_>, environment: &Environment, decision: &mut Decision<Goal>) {
        let back = Failure::decide(facts, environment);
        decision.outcome.wake_at(back.outcome.wake);
        decision.findings.extend(back.findings);
        match back.outcome.way {
            Way::Back { to } => {
                decision.outcome.back.insert(environment.name.clone(), to);
                return;
            }
            Way::Stuck => decision.outcome.stuck.push(environment.name.clone()),
            Way::Stay => {}
        }
        if environment.trigger == Trigger::Person {
            return;
        }
        let pick = self.pick_for(facts, environment);
        decision.outcome.wake_at(pick.outcome.wake);
        decision.findings.extend(pick.findings);
        if let Some(release) = pick.outcome.enter {
            decision.outcome.enter.insert(environment.name.clone(), release);
        }
    }
}
