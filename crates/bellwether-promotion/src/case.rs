use alloc::{borrow::ToOwned, collections::BTreeMap, string::String};

use bellwether_core::{Finding, ReleaseId};

use crate::{
    Environment, Facts, Graph, Standing, Trigger,
    artefact::{Mutable, difference},
    history::Known,
    notes::Notes,
    place::Place,
    rank::Rank,
    turn::Turn,
};

/// One release before one environment.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) environment: &'a Environment,
    pub(crate) place: &'a Place,
    pub(crate) known: &'a Known,
}

impl<'a> Case<'a> {
    pub(crate) fn new(graph: &'a Graph, facts: &'a Facts<'a>, environment: &'a Environment, known: &'a Known) -> Self {
        Self { graph, facts, environment, place: facts.history.place(&environment.name), known }
    }

    /// Looks at everything that lets the release in or keeps it out.
    pub(crate) fn examine(&self, by: Trigger, digests: Option<&BTreeMap<String, String>>, notes: &mut Notes) {
        if self.environment.is_junction() {
            let text = "{environment} is a junction: nothing runs there, releases pass through";
            return notes.refuse(|| self.critical("promotion.junction", text));
        }
        if self.is_there(notes) || self.is_past(by, notes) {
            return;
        }
        self.check_asked(digests, notes);
        self.check_release(notes);
        let turn = Turn::new(self.graph, self.facts, self.environment);
        turn.check_under_way(notes);
        match by {
            Trigger::Automatic => turn.check_automatic(notes),
            Trigger::Person => {
                self.warn(notes);
                turn.warn(notes);
            }
        }
        if notes.standing == Standing::Enter {
            notes.tell(|| self.may_enter());
        }
    }

    /// What lets this release in or keeps it out, whatever else is there.
    pub(crate) fn check_release(&self, notes: &mut Notes) {
        self.check_bytes(notes);
        self.check_source(notes);
        self.check_floor(notes);
        if notes.standing == Standing::Refuse && !notes.is_told() {
            return;
        }
        self.check_upstream(notes);
        self.check_settings(notes);
        self.check_approvals(notes);
        self.check_gates(notes);
    }

    pub(crate) fn may_enter(&self) -> Finding {
        self.info("promotion.enter", "{release} may enter {environment}")
    }

    pub(crate) fn rank(&self) -> Rank {
        self.known.rank
    }

    /// Whether the release runs here, or is on its way in: there is nothing more to ask.
    pub(crate) fn is_there(&self, notes: &mut Notes) -> bool {
        if let Some(under_way) = self.place.under_way.filter(|under_way| under_way.rank == self.rank()) {
            let text = "{release} is on its way into {environment} since {since}";
            notes.wait(None, || {
                let finding = self.info("promotion.under_way", text).figure("since", under_way.since);
                finding.flips_when("its rollout had ended")
            });
            return true;
        }
        let present = self.place.present().filter(|arrival| arrival.rank == self.rank());
        let Some((arrival, record)) = present.zip(self.place.record(self.rank())) else { return false };
        if let Some(other) = &record.moved {
            let text = "what runs in {environment} as {release} has the {kind} {seen}, it was made with {made}";
            notes.tell(|| {
                let finding = self.critical("promotion.other_artefact", text).figure("kind", other.kind.clone());
                let seen = other.seen.clone().unwrap_or_else(|| "nobody looked at".to_owned());
                finding.figure("seen", seen).figure("made", other.made.clone())
            });
            return false;
        }
        notes.standing = Standing::Present;
        let text = "{release} is in {environment} since {since}";
        notes.tell(|| self.info("promotion.present", text).figure("since", arrival.at));
        if record.has_failed() {
            let text = "{release} is in {environment}, and failed its last verification there";
            notes.tell(|| self.warning("promotion.failed_here", text));
        }
        if self.known.withdrawn.is_some() {
            notes.tell(|| self.withdrawn(Finding::warning("promotion.withdrawn", "{by} withdrew {release}: {why}")));
        }
        true
    }

    fn withdrawn(&self, finding: Finding) -> Finding {
        let (by, why) = self.known.withdrawn.as_ref().map_or(("", ""), |(by, why)| (by.as_str(), why.as_str()));
        self.about(finding).figure("by", by.to_owned()).figure("why", why.to_owned())
    }

    /// Whether it does not go there by itself any more.
    pub(crate) fn is_past(&self, by: Trigger, notes: &mut Notes) -> bool {
        let Some(highest) = self.place.highest.filter(|highest| by == Trigger::Automatic && *highest >= self.rank())
        else {
            return false;
        };
        notes.standing = Standing::Past;
        notes.tell(|| {
            if highest == self.rank() {
                let text = "{release} was brought into {environment} before and is not brought again by itself";
                return self.info("promotion.past", text).flips_when("a person asked for it");
            }
            let text = "{release} is superseded in {environment} by {other}, which is newer";
            let finding = self.info("promotion.superseded", text).figure("other", self.name(highest));
            finding.flips_when("a person asked for {release}")
        });
        true
    }

    /// The bytes that enter are known for good.
    fn check_bytes(&self, notes: &mut Notes) {
        if self.known.is_contested {
            let text = "{release} was said to be made of two different things";
            notes.refuse(|| self.critical("promotion.contested", text).flips_when("each thing had its own release"));
        }
        let digest = "each artefact were named by its digest";
        match &self.known.mutable {
            None => {}
            Some(Mutable::Unnamed) => notes.refuse(|| {
                self.critical("promotion.mutable", "{release} names no digest of what it consists of")
                    .flips_when(digest)
            }),
            Some(Mutable::Moves { kind, found }) => notes.refuse(|| {
                let text = "the {kind} of {release} is {found}, which can be moved to other bytes";
                let finding = self.critical("promotion.mutable", text).figure("kind", kind.clone());
                finding.figure("found", found.clone()).flips_when(digest)
            }),
        }
    }

    /// What is about to be deployed is what was made.
    fn check_asked(&self, digests: Option<&BTreeMap<String, String>>, notes: &mut Notes) {
        let varies = &self.graph.draft().varies;
        let asked = digests.and_then(|digests| difference(&self.known.made.version, digests, varies));
        if let Some(other) = asked {
            let text = "what is about to enter as {release} has the {kind} {seen}, it was made with {made}";
            notes.refuse(|| {
                let finding = self.critical("promotion.other_artefact", text).figure("kind", other.kind);
                let finding = finding.figure("seen", other.seen.unwrap_or_else(|| "nobody looked at".to_owned()));
                finding.figure("made", other.made).flips_when("the same bytes entered that were made")
            });
        }
    }

    /// It was not recalled, was not made in the future, and was made of a branch that goes here.
    fn check_source(&self, notes: &mut Notes) {
        if self.known.withdrawn.is_some() {
            notes.refuse(|| self.withdrawn(Finding::critical("promotion.withdrawn", "{by} withdrew {release}: {why}")));
        }
        let made = self.rank().made;
        if made > notes.now {
            // Once it were in, everything made until then would be older.
            let text = "{release} was made at {made}, which is still to come: nothing newer could follow it";
            notes.wait(Some(made), || self.warning("promotion.clock", text).figure("made", made));
        }
        let branch = self.known.made.branch.as_deref();
        if !self.environment.takes_branch(branch) {
            notes.refuse(|| {
                let text = "{release} was made of {branch}, {environment} takes {branches}";
                let branch = branch.map_or_else(|| "no known branch".to_owned(), ToOwned::to_owned);
                let finding = self.critical("promotion.branch", text).figure("branch", branch);
                finding.figure("branches", self.environment.branches.join(", "))
            });
        }
    }

    /// Nothing older enters after what cannot be undone.
    fn check_floor(&self, notes: &mut Notes) {
        if let Some(floor) = self.place.floor.as_ref().filter(|floor| self.rank() < floor.rank) {
            let text = "{release} is older than {other}, after which {environment} cannot go back: {why}";
            notes.refuse(|| {
                let finding = self.critical("promotion.floor", text).figure("other", self.name(floor.rank));
                finding.figure("why", floor.why.clone()).flips_when("a newer release repaired what is wrong")
            });
        }
    }

    /// What a person who asks should know. None of it stops them.
    fn warn(&self, notes: &mut Notes) {
        let rank = self.rank();
        if let Some(present) = self.place.present().filter(|present| rank < present.rank) {
            let text = "{release} is older than {other}, which is in {environment}";
            notes.tell(|| self.warning("promotion.older", text).figure("other", self.name(present.rank)));
        }
        let record = self.place.record(rank);
        if record.is_some_and(|record| record.has_failed() || record.went_back.is_some()) {
            let text = "{release} failed in {environment} before";
            notes.tell(|| self.warning("promotion.failed_here", text));
        }
    }

    pub(crate) fn info(&self, rule: &'static str, text: &'static str) -> Finding {
        self.about(Finding::info(rule, text))
    }

    pub(crate) fn warning(&self, rule: &'static str, text: &'static str) -> Finding {
        self.about(Finding::warning(rule, text))
    }

    pub(crate) fn critical(&self, rule: &'static str, text: &'static str) -> Finding {
        self.about(Finding::critical(rule, text))
    }

    fn about(&self, finding: Finding) -> Finding {
        let finding = finding.figure("release", self.known.made.release.as_str().to_owned());
        finding.figure("environment", self.environment.name.as_str().to_owned())
    }

    /// The name of another release.
    pub(crate) fn name(&self, rank: Rank) -> String {
        self.facts.history.id(rank).map(ReleaseId::as_str).unwrap_or_default().to_owned()
    }
}
