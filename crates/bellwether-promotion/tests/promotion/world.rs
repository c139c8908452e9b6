//! A graph with a log, written down minute by minute.

use std::collections::BTreeMap;

use bellwether_core::{ActorName, Decision, Duration, EnvironmentName, ReleaseId, Time, Verdict, Version};
use bellwether_promotion::{
    Ask, Cause, Ending, Entry, Event, Facts, GateAnswer, Goal, Graph, History, Journey, Kind, Made, Override, Pick,
    Return, Standing,
};

/// A graph, what happened in it, and the minute it is.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) log: Vec<Event>,
    pub(crate) answers: Vec<GateAnswer>,
    pub(crate) now: u64,
}

/// Names and digests are short here.
pub(crate) fn environment(name: &str) -> EnvironmentName {
    name.parse().unwrap()
}

pub(crate) fn release(name: &str) -> ReleaseId {
    name.parse().unwrap()
}

pub(crate) fn person(name: &str) -> ActorName {
    name.parse().unwrap()
}

/// A minute of the day on which everything happens.
pub(crate) fn minute(minute: u64) -> Time {
    "2026-03-03T00:00:00Z".parse::<Time>().unwrap().after(Duration::from_minutes(minute))
}

/// The digest of a release's image: its name in hexadecimal, as long as a digest is.
pub(crate) fn digest(name: &str) -> String {
    let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex:0>64}")
}

pub(crate) fn digests(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("image".to_owned(), digest(name))])
}

/// A release by the author `ann`.
pub(crate) fn made(name: &str) -> Made {
    Made::new(release(name), Version::named(name).with_digest("image", &digest(name))).with_author(person("ann"))
}

impl World {
    /// The environments as JSON, without the brackets around them.
    pub(crate) fn new(environments: &str) -> Self {
        let text = format!(r#"{{"schema": 1, "environments": [{environments}]}}"#);
        let graph = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        Self { graph, log: Vec::new(), answers: Vec::new(), now: 0 }
    }

    /// From staging to production, which asks for an hour of soak.
    pub(crate) fn pair() -> Self {
        Self::new(r#"{"name": "staging"}, {"name": "production", "from": ["staging"], "soak": "1h"}"#)
    }

    pub(crate) fn at(&mut self, now: u64) -> &mut Self {
        self.now = now;
        self
    }

    pub(crate) fn happens(&mut self, kind: Kind) -> &mut Self {
        self.log.push(Event { at: minute(self.now), kind });
        self
    }

    pub(crate) fn makes(&mut self, name: &str) -> &mut Self {
        self.happens(Kind::Made(made(name)))
    }

    pub(crate) fn begins(&mut self, place: &str, name: &str, cause: Cause) -> &mut Self {
        self.happens(Kind::Begun { environment: environment(place), release: release(name), cause })
    }

    pub(crate) fn ends(&mut self, place: &str, name: &str, ending: Ending) -> &mut Self {
        self.happens(Kind::Ended { environment: environment(place), release: release(name), ending })
    }

    pub(crate) fn exposes(&mut self, place: &str, name: &str) -> &mut Self {
        let kind = Kind::Exposed { environment: environment(place), release: release(name), digests: digests(name) };
        self.happens(kind)
    }

    pub(crate) fn interrupts(&mut self, place: &str) -> &mut Self {
        self.happens(Kind::Interrupted { environment: environment(place), why: "restart".into() })
    }

    pub(crate) fn verifies(&mut self, place: &str, name: &str, verdict: Verdict) -> &mut Self {
        self.happens(Kind::Verified { environment: environment(place), release: release(name), verdict })
    }

    pub(crate) fn passes(&mut self, place: &str, name: &str) -> &mut Self {
        self.verifies(place, name, Verdict::Pass)
    }

    pub(crate) fn fails(&mut self, place: &str, name: &str) -> &mut Self {
        self.verifies(place, name, Verdict::Fail)
    }

    /// A whole rollout in one minute: begun, fully exposed, ended.
    pub(crate) fn brings(&mut self, place: &str, name: &str, cause: Cause) -> &mut Self {
        self.begins(place, name, cause).exposes(place, name).ends(place, name, Ending::Arrived)
    }

    /// Brought by a person and verified at once.
    pub(crate) fn settles(&mut self, place: &str, name: &str) -> &mut Self {
        self.brings(place, name, Cause::Person).passes(place, name)
    }

    pub(crate) fn approves(&mut self, place: &str, name: &str, by: &str) -> &mut Self {
        let (environment, by) = (environment(place), person(by));
        let kind = Kind::Approved { environment, release: release(name), digests: digests(name), by, until: None };
        self.happens(kind)
    }

    pub(crate) fn holds(&mut self, place: &str) -> &mut Self {
        self.happens(Kind::Held { environment: environment(place), by: person("bob"), why: "load test".into() })
    }

    pub(crate) fn resumes(&mut self, place: &str) -> &mut Self {
        self.happens(Kind::Resumed { environment: environment(place), by: person("bob") })
    }

    pub(crate) fn overrides(&mut self, change: impl FnOnce(&mut Override)) -> &mut Self {
        let mut leave = Override {
            environment: environment("production"),
            skips: [environment("staging")].into(),
            release: release("r1"),
            digests: digests("r1"),
            by: person("boss"),
            why: "the shop is down".into(),
            until: minute(self.now + 60),
        };
        change(&mut leave);
        self.happens(Kind::Overridden(leave))
    }

    fn history(&self) -> History {
        History::of(&self.graph, &self.log)
    }

    fn ask<T>(&self, question: impl FnOnce(&Graph, &Facts<'_>) -> T) -> T {
        let history = self.history();
        question(&self.graph, &Facts::new(&history, minute(self.now)).with_answers(&self.answers))
    }

    pub(crate) fn entry_of(&self, ask: &Ask) -> Decision<Entry> {
        self.ask(|graph, facts| graph.entry(facts, ask))
    }

    /// May a person bring it there?
    pub(crate) fn entry(&self, place: &str, name: &str) -> Decision<Entry> {
        self.entry_of(&Ask::by_person(release(name), environment(place)))
    }

    /// Is it its turn there?
    pub(crate) fn turn(&self, place: &str, name: &str) -> Decision<Entry> {
        self.entry_of(&Ask::automatic(release(name), environment(place)))
    }

    pub(crate) fn standing(&self, place: &str, name: &str) -> Standing {
        self.entry(place, name).outcome.standing
    }

    pub(crate) fn pick(&self, place: &str) -> Decision<Pick> {
        self.ask(|graph, facts| graph.pick(facts, &environment(place)))
    }

    pub(crate) fn back(&self, place: &str) -> Decision<Return> {
        self.ask(|graph, facts| graph.back(facts, &environment(place)))
    }

    pub(crate) fn goal(&self) -> Decision<Goal> {
        self.ask(|graph, facts| graph.goal(facts))
    }

    pub(crate) fn journey(&self, name: &str) -> Decision<Journey> {
        self.ask(|graph, facts| graph.journey(facts, &release(name)))
    }

    /// What is odd about the log.
    pub(crate) fn oddities(&self) -> Vec<String> {
        self.history().findings().iter().map(|finding| finding.rendered()).collect()
    }

    /// Which release enters an environment by itself now.
    pub(crate) fn next(&self, place: &str) -> Option<String> {
        self.pick(place).outcome.enter.map(|release| release.to_string())
    }
}

/// The rules that were used.
pub(crate) fn rules<T>(decision: &Decision<T>) -> Vec<&str> {
    decision.findings.iter().map(|finding| finding.rule.as_ref()).collect()
}

/// The text of one rule's finding, with what would have changed the outcome.
#[track_caller]
pub(crate) fn told<T>(decision: &Decision<T>, rule: &str) -> String {
    let finding = decision.findings.iter().find(|finding| finding.rule == rule);
    let finding = finding.unwrap_or_else(|| panic!("{rule} is not among {:?}", rules(decision)));
    let flip = finding.rendered_flip().map(|flip| format!(" | {flip}")).unwrap_or_default();
    finding.rendered() + &flip
}
