use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use bellwether_core::{Decision, Duration, EnvironmentName, Finding, ReleaseId, Time, Verdict};
use serde::{Deserialize, Serialize};

use crate::{
    Cause, Environment, Facts, Graph, ReturnRule,
    entry::no_environment,
    notes::Notes,
    place::{Arrival, Place},
    rank::Rank,
};

/// Whether an environment returns to its last good release by itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// The answer.
    pub way: Way,
    /// When to ask again at the latest, where time alone changes the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Time>,
}

/// What becomes of what runs in an environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Way {
    /// It stays.
    Stay,
    /// It failed, and the last good release comes back. No window, approval or hold is asked.
    Back {
        /// To which.
        to: ReleaseId,
    },
    /// It failed, and there is nothing to return to, or the return was tried: a person decides.
    Stuck,
}

impl fmt::Display for Return {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.way {
            Way::Stay => formatter.write_str("stays"),
            Way::Back { to } => write!(formatter, "returns to {to}"),
            Way::Stuck => formatter.write_str("is stuck"),
        }
    }
}

impl Graph {
    /// Says whether an environment returns to its last good release now.
    ///
    /// It does when its [`ReturnRule`] says so, what runs there failed its last verification during this stay, the
    /// failure is young enough, no rollout is under way, and what runs there did not come by a return itself. A return
    /// is tried once; it is never followed by another one.
    ///
    /// # Example: a failure, and no way back that was not there before
    /// ```
    /// use bellwether_promotion::{Event, Facts, Graph, History, Way};
    ///
    /// let graph: Graph = serde_json::from_str(
    ///     r#"{"schema": 1, "environments": [{"name": "production", "return": {"within": "20m"}}]}"#)?;
    /// let log: Vec<Event> = serde_json::from_str(r#"[
    ///     {"at": "2026-03-03T09:00:00Z", "kind": {"made": {"release": "42", "version": {"name": "42"}}}},
    ///     {"at": "2026-03-03T10:00:00Z", "kind": {"ended":
    ///         {"environment": "production", "release": "42", "ending": "arrived"}}},
    ///     {"at": "2026-03-03T10:05:00Z", "kind": {"verified":
    ///         {"environment": "production", "release": "42", "verdict": "fail"}}}
    /// ]"#)?;
    /// let history = History::of(&graph, &log);
    /// let facts = Facts::new(&history, "2026-03-03T10:06:00Z".parse()?);
    /// let decision = graph.back(&facts, &"production".parse()?);
    /// assert_eq!(decision.outcome.way, Way::Stuck, "nothing was ever verified here");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn back(&self, facts: &Facts<'_>, environment: &EnvironmentName) -> Decision<Return> {
        match self.environment(environment) {
            Some(environment) => Failure::decide(facts, environment),
            None => Decision::new(Return { way: Way::Stay, wake: None }).because(no_environment(environment)),
        }
    }
}

/// What runs in an environment failed there.
pub(crate) struct Failure<'a> {
    facts: &'a Facts<'a>,
    environment: &'a Environment,
    place: &'a Place,
    present: Arrival,
    at: Time,
}

impl<'a> Failure<'a> {
    pub(crate) fn decide(facts: &'a Facts<'a>, environment: &'a Environment) -> Decision<Return> {
        let mut notes = Notes::told(facts.now);
        let way = match (environment.back, Self::of(facts, environment)) {
            (_, None) => Way::Stay,
            (None, Some(failure)) => {
                let text = "{release} failed in {environment}, which returns to nothing by itself";
                notes.tell(|| failure.finding(Finding::warning("promotion.no_return", text)));
                Way::Stay
            }
            (Some(rule), Some(failure)) => failure.way(rule, &mut notes),
        };
        Decision { outcome: Return { way, wake: notes.wake }, findings: notes.findings }
    }

    fn of(facts: &'a Facts<'a>, environment: &'a Environment) -> Option<Self> {
        let place = facts.history.place(&environment.name);
        let present = *place.present()?;
        let judged = place.record(present.rank)?.verdict?;
        let has_failed = judged.verdict == Verdict::Fail && judged.at >= present.at;
        has_failed.then_some(Self { facts, environment, place, present, at: judged.at })
    }

    fn way(&self, rule: ReturnRule, notes: &mut Notes) -> Way {
        if self.is_unsettled(notes) || self.is_old(rule, notes) {
            return Way::Stay;
        }
        if self.is_tried(notes) {
            return Way::Stuck;
        }
        let Some((index, good)) = self.last_good() else {
            let text = "{release} failed in {environment}, and no release before was verified there";
            notes.tell(|| {
                let finding = self.finding(Finding::critical("promotion.no_last_good", text));
                finding.flips_when("a release before had passed there")
            });
            return Way::Stuck;
        };
        if self.is_behind_floor(index, good, notes) {
            return Way::Stuck;
        }
        let Some(to) = self.facts.history.id(good) else { return Way::Stuck };
        let text = "{release} failed in {environment} {ago} ago: back to {good}, which passed there";
        notes.tell(|| {
            let ago = Duration::from_seconds(self.facts.now.since(self.at).as_millis() / 1_000);
            let finding = self.finding(Finding::critical("promotion.return", text)).figure("ago", ago);
            finding.figure("good", to.as_str().to_owned()).flips_when("it were verified again and passed")
        });
        Way::Back { to: to.clone() }
    }

    /// One thing at a time: a rollout that goes on changes what is there anyway.
    fn is_unsettled(&self, notes: &mut Notes) -> bool {
        let Some(other) = self.place.under_way else { return false };
        let text = "{release} failed in {environment}; {other} is on its way in since {since}";
        notes.tell(|| {
            let finding = self.finding(Finding::warning("promotion.unsettled", text));
            let finding = finding.figure("other", self.name(other.rank)).figure("since", other.since);
            finding.flips_when("the rollout of {other} had ended")
        });
        true
    }

    fn is_old(&self, rule: ReturnRule, notes: &mut Notes) -> bool {
        let lapses = self.at.after(rule.within);
        if notes.now < lapses {
            notes.wake_at(Some(lapses));
            return false;
        }
        let text = "{release} failed in {environment} at {at}, longer ago than {within}: a person decides";
        notes.tell(|| {
            let finding = self.finding(Finding::warning("promotion.failure_old", text)).figure("within", rule.within);
            finding.flips_when("it had been asked within {within}, or verification failed again")
        });
        true
    }

    /// A return is never followed by a return.
    fn is_tried(&self, notes: &mut Notes) -> bool {
        if self.present.cause == Cause::Return {
            let text = "{release} failed in {environment}, and came by a return itself: a person decides";
            notes.tell(|| self.finding(Finding::critical("promotion.return_of_return", text)));
            return true;
        }
        if self.place.record(self.present.rank).is_some_and(|record| record.is_returned_from) {
            let text = "{release} failed in {environment}, and a return from it went back: a person decides";
            notes.tell(|| self.finding(Finding::critical("promotion.return_of_return", text)));
            return true;
        }
        false
    }

    /// The last release before that passed here and has not failed since, and where it stands in the line.
    fn last_good(&self) -> Option<(usize, Rank)> {
        let is_good = |arrival: &Arrival| {
            let record = self.place.record(arrival.rank);
            let known = self.facts.history.ranked(arrival.rank);
            arrival.rank != self.present.rank
                && record.is_some_and(|record| record.has_passed && !record.has_failed() && record.moved.is_none())
                && known
                    .is_some_and(|known| known.withdrawn.is_none() && known.mutable.is_none() && !known.is_contested)
        };
        let found = self.place.line.iter().enumerate().rev().find(|(_, arrival)| is_good(arrival));
        found.map(|(index, arrival)| (index, arrival.rank))
    }

    fn is_behind_floor(&self, index: usize, good: Rank, notes: &mut Notes) -> bool {
        let Some(floor) = self.place.floor.as_ref().filter(|floor| index < floor.from) else { return false };
        let text = "{release} failed in {environment}, and {other} cannot be undone: {why}; {good} was before it";
        notes.tell(|| {
            let finding = self.finding(Finding::critical("promotion.floor", text));
            let finding = finding.figure("other", self.name(floor.rank)).figure("why", floor.why.clone());
            finding.figure("good", self.name(good)).flips_when("a newer release repaired what is wrong")
        });
        true
    }

    fn finding(&self, finding: Finding) -> Finding {
        let finding = finding.figure("release", self.name(self.present.rank));
        finding.figure("environment", self.environment.name.as_str().to_owned()).figure("at", self.at)
    }

    fn name(&self, rank: Rank) -> String {
        self.facts.history.id(rank).map(ReleaseId::as_str).unwrap_or_default().to_owned()
    }
}
