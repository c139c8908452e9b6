use alloc::borrow::ToOwned;

use bellwether_core::{Decision, EnvironmentName, Finding, ReleaseId, Time};
use serde::{Deserialize, Serialize};

use crate::{
    Environment, Facts, Graph, Order, Standing, Trigger, case::Case, entry::no_environment, history::Known,
    notes::Notes, turn::Turn,
};

/// As many releases that must wait are told one by one.
const TOLD_MAX: usize = 3;

/// Which release enters an environment by itself now.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// The release, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter: Option<ReleaseId>,
    /// When to ask again at the latest, where time alone changes the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Time>,
}

impl Graph {
    /// Says which release enters an environment by itself now: of those that may, the newest or the oldest, as the
    /// environment wants it.
    ///
    /// A release that waits holds up no other, and one that is older than what has been there is never picked.
    pub fn pick(&self, facts: &Facts<'_>, environment: &EnvironmentName) -> Decision<Pick> {
        match self.environment(environment) {
            Some(environment) => self.pick_for(facts, environment),
            None => Decision::new(Pick::default()).because(no_environment(environment)),
        }
    }

    pub(crate) fn pick_for(&self, facts: &Facts<'_>, environment: &Environment) -> Decision<Pick> {
        if environment.is_junction() || environment.trigger == Trigger::Person {
            let text = "nothing enters {environment} by itself";
            let name = environment.name.as_str().to_owned();
            return Decision::new(Pick::default())
                .because(Finding::info("promotion.person", text).figure("environment", name));
        }
        let mut notes = Notes::told(facts.now);
        let turn = Turn::new(self, facts, environment);
        turn.check_under_way(&mut notes);
        turn.check_automatic(&mut notes);
        if notes.standing != Standing::Enter {
            return Decision { outcome: Pick { enter: None, wake: notes.wake }, findings: notes.findings };
        }
        let newer = facts.history.newer(facts.history.place(&environment.name).highest);
        let picked = match environment.order {
            Order::Newest => self.first((facts, environment), newer.rev(), &mut notes),
            Order::Oldest => self.first((facts, environment), newer, &mut notes),
        };
        let enter = picked.map(|known| known.made.release.clone());
        if let Some(known) = picked {
            Case::new(self, facts, environment, known).check_release(&mut notes);
            notes.tell(|| Case::new(self, facts, environment, known).may_enter());
        }
        Decision { outcome: Pick { enter, wake: notes.wake }, findings: notes.findings }
    }

    /// The first release that may enter. Those before it that may not are told, as far as anybody reads it.
    fn first<'a>(
        &self,
        (facts, environment): (&Facts<'_>, &Environment),
        releases: impl Iterator<Item = &'a Known>,
        notes: &mut Notes,
    ) -> Option<&'a Known> {
        let mut told = 0;
        for known in releases {
            let case = Case::new(self, facts, environment, known);
            let mut glance = Notes::silent(facts.now);
            case.check_release(&mut glance);
            if glance.standing == Standing::Enter {
                return Some(known);
            }
            notes.wake_at(glance.wake);
            if glance.standing == Standing::Wait && told < TOLD_MAX {
                told += 1;
                let mut why = Notes::told(facts.now);
                case.check_release(&mut why);
                notes.findings.extend(why.findings);
            }
        }
        None
    }
}
