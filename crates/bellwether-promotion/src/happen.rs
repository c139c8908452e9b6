//! What each event changes in the environment that it is about.

use alloc::{borrow::ToOwned, string::ToString};

use bellwether_core::{Finding, Time};

use crate::{
    Environment, Event, Graph, History, Kind, Override,
    artefact::difference,
    place::{Granted, Hold, Place, UnderWay, Word},
    rank::Rank,
    record::Judged,
};

/// One event about an environment of the graph.
pub(crate) struct Happening<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) environment: &'a Environment,
    pub(crate) event: &'a Event,
    pub(crate) index: u64,
    /// The release that it is about.
    pub(crate) rank: Option<Rank>,
}

impl Happening<'_> {
    /// Takes the event. Gives what is odd about it.
    pub(crate) fn happen(&self, history: &mut History) -> [Option<Finding>; 2] {
        let place = history.place_mut(&self.environment.name);
        let at = place.tick(self.event.at);
        let clock = (at != self.event.at).then(|| self.backwards(at));
        let odd = match self.rank {
            Some(rank) => self.of_release(history, rank, at),
            None => {
                self.of_environment(history.place_mut(&self.environment.name), at);
                None
            }
        };
        [clock, odd]
    }

    fn of_environment(&self, place: &mut Place, at: Time) {
        match &self.event.kind {
            Kind::Interrupted { .. } => place.interrupt(self.environment, at),
            Kind::Configured { settings, .. } => place.settings = Some(settings.clone()),
            Kind::Held { by, why, .. } => place.hold = Some(Hold { by: by.clone(), why: why.clone(), since: at }),
            Kind::Resumed { .. } => place.resume(),
            Kind::Made(_)
            | Kind::Withdrawn { .. }
            | Kind::Begun { .. }
            | Kind::Ended { .. }
            | Kind::Exposed { .. }
            | Kind::Verified { .. }
            | Kind::Approved { .. }
            | Kind::Declined { .. }
            | Kind::Overridden(_) => {}
        }
    }

    fn of_release(&self, history: &mut History, rank: Rank, at: Time) -> Option<Finding> {
        let known = history.ranked(rank)?;
        let floor = known.made.floor.clone();
        let seen = if let Kind::Exposed { digests, .. } = &self.event.kind {
            difference(&known.made.version, digests, &self.graph.draft().varies)
        } else {
            None
        };
        let environment = self.environment;
        let place = history.place_mut(&environment.name);
        match &self.event.kind {
            Kind::Begun { cause, .. } => {
                let next = UnderWay { rank, cause: *cause, since: at };
                let other = place.begin(environment, next, floor.as_deref())?;
                return Some(self.concurrent(history, other));
            }
            Kind::Ended { ending, .. } if !place.end(environment, (rank, *ending), at) => return Some(self.unbegun()),
            Kind::Exposed { .. } if !place.see(environment, (rank, at), seen) => return Some(self.unannounced()),
            Kind::Verified { verdict, .. } => place.judge(rank, Judged { verdict: *verdict, at }),
            Kind::Approved { by, digests, until, .. } => {
                place.say(rank, Word::Approved { by: by.clone(), digests: digests.clone(), until: *until });
            }
            Kind::Declined { by, why, .. } => place.say(rank, Word::Declined { by: by.clone(), why: why.clone() }),
            Kind::Overridden(leave) => {
                place.overrides.entry(rank).or_default().push(Granted { at, leave: leave.clone() });
                return self.beside_the_way(leave);
            }
            Kind::Made(_)
            | Kind::Withdrawn { .. }
            | Kind::Ended { .. }
            | Kind::Exposed { .. }
            | Kind::Interrupted { .. }
            | Kind::Configured { .. }
            | Kind::Held { .. }
            | Kind::Resumed { .. } => {}
        }
        None
    }

    fn odd(&self, rule: &'static str, text: &'static str) -> Finding {
        let finding = Finding::warning(rule, text).figure("event", self.index);
        let finding = finding.figure("environment", self.environment.name.as_str().to_owned());
        match self.event.kind.release() {
            Some(release) => finding.figure("release", release.as_str().to_owned()),
            None => finding,
        }
    }

    fn backwards(&self, last: Time) -> Finding {
        let text = "event {event} says {at}, before the last one of {environment} at {last}: it is read as {last}";
        self.odd("promotion.clock", text).figure("at", self.event.at).figure("last", last)
    }

    fn concurrent(&self, history: &History, other: Rank) -> Finding {
        let text = "event {event} begins {release} in {environment} beside {other}, which had not ended";
        let other = history.id(other).map(ToString::to_string).unwrap_or_default();
        self.odd("promotion.concurrent", text).figure("other", other)
    }

    /// An override of something that is not on the way is a slip that would be noticed too late.
    fn beside_the_way(&self, leave: &Override) -> Option<Finding> {
        let beside = leave.skips.iter().find(|name| !self.graph.comes_before(name, self.environment));
        let junction =
            leave.skips.iter().find(|name| self.graph.environment(name).is_some_and(Environment::is_junction));
        let (skipped, text) = match (beside, junction) {
            (None, None) => return None,
            (Some(beside), _) => {
                (beside, "event {event} lets {release} skip {skipped}, which does not come before {environment}")
            }
            (None, Some(junction)) => {
                (junction, "event {event} lets {release} skip {skipped}, a junction: name what is before it")
            }
        };
        Some(self.odd("promotion.override_void", text).figure("skipped", skipped.as_str().to_owned()))
    }

    fn unbegun(&self) -> Finding {
        self.odd("promotion.unannounced", "event {event} ends {release} in {environment}, which had not begun")
    }

    fn unannounced(&self) -> Finding {
        let text = "event {event} finds {release} in {environment}, which nobody had brought there";
        self.odd("promotion.unannounced", text)
    }
}
