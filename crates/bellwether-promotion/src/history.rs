use alloc::{borrow::ToOwned, collections::BTreeMap, string::String, vec::Vec};

use bellwether_core::{ActorName, EnvironmentName, Finding, ReleaseId, Time};

use crate::{
    Event, Graph, Kind, Made,
    artefact::{Mutable, mutable},
    happen::Happening,
    place::{NOWHERE, Place},
    rank::Rank,
};

/// As many odd events are told one by one; more are counted.
const TOLD_MAX: usize = 20;

/// What a log of events comes to: the state that decisions look at.
///
/// It is a cache: the log is what is stored, and folding it again gives the same state. An event that makes no sense
/// (of an unknown environment or release, out of order, of two rollouts at once) is told in the findings of each
/// decision, and never stops the others from being read.
///
/// # Example: a log of two events
/// ```
/// use bellwether_promotion::{Event, Graph, History};
///
/// let graph: Graph = serde_json::from_str(r#"{"schema": 1, "environments": [{"name": "staging"}]}"#)?;
/// let log: Vec<Event> = serde_json::from_str(r#"[
///     {"at": "2026-03-03T10:00:00Z", "kind": {"made": {"release": "checkout-42", "version": {"name": "42"}}}},
///     {"at": "2026-03-03T10:05:00Z", "kind": {"held": {"environment": "stagin", "by": "ann", "why": "load test"}}}
/// ]"#)?;
/// let history = History::of(&graph, &log);
/// assert_eq!(history.findings()[0].rendered(), "event 1 is about stagin, which the graph does not have");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct History {
    releases: BTreeMap<Rank, Known>,
    ranks: BTreeMap<ReleaseId, Rank>,
    places: BTreeMap<EnvironmentName, Place>,
    odd: Vec<Finding>,
    untold: u64,
    events: u64,
}

/// A release that was made.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) rank: Rank,
    pub(crate) made: Made,
    /// What of it could be moved to other bytes.
    pub(crate) mutable: Option<Mutable>,
    /// It was said to be made of two different things.
    pub(crate) is_contested: bool,
    pub(crate) withdrawn: Option<(ActorName, String)>,
}

impl History {
    /// The state after a whole log. What was made is taken first, wherever it stands in the log.
    #[must_use]
    pub fn of<'a>(graph: &Graph, log: impl IntoIterator<Item = &'a Event> + Clone) -> Self {
        let mut history = Self::default();
        let is_made = |event: &Event| matches!(event.kind, Kind::Made(_));
        for (index, event) in (0..).zip(log.clone()).filter(|(_, event)| is_made(event)) {
            history.take(graph, index, event);
        }
        for (index, event) in (0..).zip(log).filter(|(_, event)| !is_made(event)) {
            history.take(graph, index, event);
        }
        history
    }

    /// Takes one more event. The graph is the one that the events before were taken with.
    pub fn push(&mut self, graph: &Graph, event: &Event) {
        self.take(graph, self.events, event);
    }

    /// What was odd about the events; the first twenty one by one.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let rest = (self.untold > 0).then(|| {
            let text = "{count} more events make no sense either";
            Finding::warning("promotion.odd_events", text).figure("count", self.untold)
        });
        self.odd.iter().cloned().chain(rest).collect()
    }

    /// The releases that were made, the oldest first.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = &Made> {
        self.releases.values().map(|known| &known.made)
    }

    /// What runs in an environment, as far as is known.
    #[must_use]
    pub fn present(&self, environment: &EnvironmentName) -> Option<&ReleaseId> {
        self.place(environment).present().map(|arrival| self.id(arrival.rank))?
    }

    pub(crate) fn place(&self, environment: &EnvironmentName) -> &Place {
        self.places.get(environment).unwrap_or(&NOWHERE)
    }

    pub(crate) fn place_mut(&mut self, environment: &EnvironmentName) -> &mut Place {
        self.places.entry(environment.clone()).or_default()
    }

    pub(crate) fn known(&self, release: &ReleaseId) -> Option<&Known> {
        self.releases.get(self.ranks.get(release)?)
    }

    pub(crate) fn ranked(&self, rank: Rank) -> Option<&Known> {
        self.releases.get(&rank)
    }

    pub(crate) fn id(&self, rank: Rank) -> Option<&ReleaseId> {
        self.ranked(rank).map(|known| &known.made.release)
    }

    /// The releases that are newer than one, the oldest first; all of them when there is none.
    pub(crate) fn newer(&self, than: Option<Rank>) -> impl DoubleEndedIterator<Item = &Known> {
        let from = than.map_or(core::ops::Bound::Unbounded, core::ops::Bound::Excluded);
        self.releases.range((from, core::ops::Bound::Unbounded)).map(|(_, known)| known)
    }

    fn tell(&mut self, finding: impl FnOnce() -> Finding) {
        if self.odd.len() < TOLD_MAX {
            self.odd.push(finding());
        } else {
            self.untold = self.untold.saturating_add(1);
        }
    }

    fn take(&mut self, graph: &Graph, index: u64, event: &Event) {
        self.events = self.events.saturating_add(1);
        let odd = |rule: &'static str, text: &'static str| Finding::warning(rule, text).figure("event", index);
        if let Kind::Made(made) = &event.kind {
            return self.make(graph, (index, event.at), made);
        }
        let release = event.kind.release();
        let rank = release.and_then(|release| self.ranks.get(release)).copied();
        if let (Some(release), None) = (release, rank) {
            let text = "event {event} is about the release {release}, which was never made";
            return self.tell(|| odd("promotion.unknown_release", text).figure("release", release.as_str().to_owned()));
        }
        if let (Kind::Withdrawn { by, why, .. }, Some(known)) =
            (&event.kind, rank.and_then(|rank| self.releases.get_mut(&rank)))
        {
            known.withdrawn = Some((by.clone(), why.clone()));
            return;
        }
        let Some(name) = event.kind.environment() else { return };
        let Some(environment) = graph.environment(name) else {
            let text = "event {event} is about {environment}, which the graph does not have";
            return self
                .tell(|| odd("promotion.unknown_environment", text).figure("environment", name.as_str().to_owned()));
        };
        if environment.is_junction() {
            let text = "event {event} is about {environment}, which is a junction: nothing runs there";
            return self.tell(|| odd("promotion.junction", text).figure("environment", name.as_str().to_owned()));
        }
        let happening = Happening { graph, environment, event, index, rank };
        for finding in happening.happen(self).into_iter().flatten() {
            self.tell(|| finding);
        }
    }

    fn make(&mut self, graph: &Graph, (index, at): (u64, Time), made: &Made) {
        let before = self.ranks.get(&made.release).and_then(|rank| self.releases.get_mut(rank));
        if let Some(known) = before {
            if known.made != *made {
                known.is_contested = true;
                let release = made.release.as_str().to_owned();
                self.tell(|| {
                    let text = "event {event} says that {release} was made of something else than before";
                    Finding::critical("promotion.contested", text).figure("event", index).figure("release", release)
                });
            }
            return;
        }
        let seq = u32::try_from(self.releases.len()).unwrap_or(u32::MAX);
        let rank = Rank { made: at, seq };
        let mutable = mutable(&made.version, &graph.draft().varies);
        self.ranks.insert(made.release.clone(), rank);
        self.releases.insert(rank, Known { rank, made: made.clone(), mutable, is_contested: false, withdrawn: None });
    }
}
