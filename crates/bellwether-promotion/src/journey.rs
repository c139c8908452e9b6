use alloc::{borrow::ToOwned, vec::Vec};

use bellwether_core::{Decision, EnvironmentName, Finding, ReleaseId, Time};
use serde::{Deserialize, Serialize};

use crate::{
    Entry, Environment, Facts, Graph, Standing, Trigger, case::Case, entry::no_release, history::Known, notes::Notes,
};

/// How one release stands before every environment.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// The environments, each after all of those before it; junctions are left out.
    pub stops: Vec<Stop>,
    /// When to ask again at the latest, where time alone changes an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Time>,
}

/// How a release stands before one environment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The environment.
    pub environment: EnvironmentName,
    /// The answer, and why.
    pub decision: Decision<Entry>,
}

impl Journey {
    /// The environments that the release may enter now.
    pub fn enter(&self) -> impl Iterator<Item = &EnvironmentName> {
        let enter = |stop: &&Stop| stop.decision.outcome.standing == Standing::Enter;
        self.stops.iter().filter(enter).map(|stop| &stop.environment)
    }

    /// How the release stands as a whole: it may enter somewhere; else it waits somewhere; else something refuses it;
    /// else it is somewhere; else it is past.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let order = [Standing::Enter, Standing::Wait, Standing::Refuse, Standing::Present];
        let has = |standing: &Standing| self.stops.iter().any(|stop| stop.decision.outcome.standing == *standing);
        let none = if self.stops.is_empty() { Standing::Refuse } else { Standing::Past };
        order.into_iter().find(has).unwrap_or(none)
    }
}

impl Graph {
    /// Says for every environment whether a release may enter it next, and why not.
    ///
    /// Where releases enter by themselves it says whether it is this one's turn; where a person brings them, whether a
    /// person could. What has been passed by is told as past, although a person may still ask for it by
    /// [`Graph::entry`].
    pub fn journey(&self, facts: &Facts<'_>, release: &ReleaseId) -> Decision<Journey> {
        let mut journey = Journey::default();
        let mut findings = facts.history.findings();
        let Some(known) = facts.history.known(release) else {
            findings.insert(0, no_release(release));
            return Decision { outcome: journey, findings };
        };
        for environment in self.environments().filter(|environment| !environment.is_junction()) {
            let decision = self.stop(facts, environment, known);
            journey.wake = match (journey.wake, decision.outcome.wake) {
                (Some(wake), Some(next)) => Some(wake.min(next)),
                (wake, next) => wake.or(next),
            };
            journey.stops.push(Stop { environment: environment.name.clone(), decision });
        }
        Decision { outcome: journey, findings }
    }

    fn stop(&self, facts: &Facts<'_>, environment: &Environment, known: &Known) -> Decision<Entry> {
        let case = Case::new(self, facts, environment, known);
        let mut notes = Notes::told(facts.now);
        // A release that is past has nothing to wait for, whoever would bring it.
        if !case.is_there(&mut notes) && !case.is_past(Trigger::Automatic, &mut notes) {
            case.examine(environment.trigger, None, &mut notes);
            if environment.trigger == Trigger::Automatic {
                self.yield_turn(&case, &mut notes);
            }
        }
        notes.decide()
    }

    /// It is one release's turn at a time.
    fn yield_turn(&self, case: &Case<'_>, notes: &mut Notes) {
        if notes.standing != Standing::Enter {
            return;
        }
        let pick = self.pick_for(case.facts, case.environment).outcome;
        let Some(other) = pick.enter.filter(|other| *other != case.known.made.release) else { return };
        // The finding that it may enter is the last one.
        notes.findings.pop();
        let text = "it is the turn of {other} in {environment}, before {release}";
        notes.wait(pick.wake, || {
            let finding: Finding = case.info("promotion.turn", text).figure("other", other.as_str().to_owned());
            finding.flips_when("{other} had entered, or could not")
        });
    }
}
