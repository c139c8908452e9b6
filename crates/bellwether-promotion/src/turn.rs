use alloc::{borrow::ToOwned, string::String};

use bellwether_core::{Duration, Finding, ReleaseId, Time};

use crate::{
    Environment, Facts, Graph, OnNewer, Standing, Trigger, Verification,
    case::Case,
    notes::Notes,
    place::{Arrival, Place},
    rank::Rank,
    record::Record,
};

/// Whether it may be any release's turn in an environment, whichever it would be.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'a> {
    graph: &'a Graph,
    facts: &'a Facts<'a>,
    environment: &'a Environment,
    place: &'a Place,
}

/// A release that newer ones wait for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Occupant {
    pub(crate) rank: Rank,
    /// When it has soaked, or at the latest when it has had its time.
    until: Time,
    /// When it has had its time.
    deadline: Time,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(graph: &'a Graph, facts: &'a Facts<'a>, environment: &'a Environment) -> Self {
        Self { graph, facts, environment, place: facts.history.place(&environment.name) }
    }

    /// One rollout at a time, whoever asks.
    pub(crate) fn check_under_way(&self, notes: &mut Notes) {
        if let Some(other) = self.place.under_way {
            let text = "{other} is on its way into {environment} since {since}: one at a time";
            notes.wait(None, || {
                let finding = self.about(Finding::info("promotion.under_way", text));
                let finding = finding.figure("other", self.name(other.rank)).figure("since", other.since);
                finding.flips_when("the rollout of {other} had ended")
            });
        }
    }

    /// What keeps out everything that nobody asked for.
    pub(crate) fn check_automatic(&self, notes: &mut Notes) {
        if self.environment.trigger == Trigger::Person {
            let text = "a person brings releases into {environment}";
            notes.wait(None, || {
                self.about(Finding::info("promotion.person", text)).flips_when("a person asked for a release")
            });
        }
        self.check_hold(notes);
        notes.wake_at(self.occupant_changes());
        if let Some(occupant) = self.occupant() {
            let text =
                "{environment} is taken by {other}, which is being verified or soaks, until {deadline} at the latest";
            notes.wait(Some(occupant.until), || {
                let finding = self.about(Finding::info("promotion.occupied", text));
                let finding = finding.figure("other", self.name(occupant.rank)).figure("deadline", occupant.deadline);
                finding.figure("until", occupant.until).flips_when("{other} passed or failed, or it were {until}")
            });
        }
    }

    fn check_hold(&self, notes: &mut Notes) {
        if self.place.hold.is_some() {
            notes.wait(None, || self.held());
        }
        if let Some(since) = self.place.older_since {
            let text =
                "automatic promotion into {environment} is held since {since}: an older release was brought back";
            notes.wait(None, || {
                let finding = self.about(Finding::warning("promotion.hold", text)).figure("since", since);
                finding.flips_when("a person resumed it, or brought a newer release")
            });
        }
    }

    fn held(&self) -> Finding {
        let text = "{by} holds automatic promotion into {environment} since {since}: {why}";
        let finding = self.about(Finding::warning("promotion.hold", text));
        match &self.place.hold {
            None => finding,
            Some(hold) => finding
                .figure("by", hold.by.as_str().to_owned())
                .figure("since", hold.since)
                .figure("why", hold.why.clone())
                .flips_when("a person resumed it"),
        }
    }

    /// What a person who asks should know. None of it stops them.
    pub(crate) fn warn(&self, notes: &mut Notes) {
        if self.place.hold.is_some() {
            notes.tell(|| self.held());
        }
        if let Some(occupant) = self.occupant() {
            let text = "this ends the stay of {other} in {environment} before it was verified and had soaked";
            notes.tell(|| {
                self.about(Finding::warning("promotion.interrupts", text)).figure("other", self.name(occupant.rank))
            });
        }
    }

    /// The release that is there and has not had its time yet, if newer ones wait for it.
    fn occupant(&self) -> Option<Occupant> {
        let (present, record) = self.candidate()?;
        let silence = self.environment.silence;
        let settled = present.at.after(self.environment.settle);
        let is_shown =
            record.is_exposed && (self.environment.verification == Verification::None || record.is_verified());
        let shown = (!is_shown).then_some((settled, settled));
        let soak = self.wants(present, record).map(|(behind, _)| behind.soak).max();
        let soaks = soak.map(|soak: Duration| {
            let deadline = settled.after(soak);
            (record.soaks_until(soak, silence).unwrap_or(deadline).min(deadline), deadline)
        });
        let waits = [shown, soaks].into_iter().flatten().filter(|(_, deadline)| *deadline > self.facts.now);
        let (until, deadline) = waits.reduce(|(until, deadline), (next, end)| (until.min(next), deadline.max(end)))?;
        Some(Occupant { rank: present.rank, until, deadline })
    }

    /// When the environments behind may see the release that is there otherwise.
    fn occupant_changes(&self) -> Option<Time> {
        let (present, record) = self.candidate()?;
        self.wants(present, record).filter_map(|(_, upstream)| upstream.wake).min()
    }

    /// The release that is there, if anything is to be expected of it.
    fn candidate(&self) -> Option<(&'a Arrival, &'a Record)> {
        let present = self.place.present().filter(|_| self.environment.on_newer == OnNewer::Wait)?;
        let known = self.facts.history.ranked(present.rank).filter(|known| known.withdrawn.is_none())?;
        let record = self.place.record(known.rank)?;
        let is_lost = record.has_failed() || record.went_back.is_some() || record.moved.is_some();
        (!is_lost).then_some((present, record))
    }

    /// The environments behind that still ask the release to soak here, and could make use of it.
    fn wants(&self, present: &Arrival, record: &Record) -> impl Iterator<Item = (&'a Environment, Notes)> {
        let soaked = record.soaked(self.facts.now, self.environment.silence);
        let rank = present.rank;
        let known = self.facts.history.ranked(rank);
        let turn = *self;
        let behind = self.graph.deployed_behind(self.environment).into_iter();
        let behind = behind
            .filter(move |behind| behind.soak > soaked && turn.facts.history.place(&behind.name).highest < Some(rank));
        behind.filter_map(move |behind| {
            let mut upstream = Notes::silent(turn.facts.now);
            Case::new(turn.graph, turn.facts, behind, known?).check_upstream(&mut upstream);
            (upstream.standing == Standing::Wait).then_some((behind, upstream))
        })
    }

    fn about(&self, finding: Finding) -> Finding {
        finding.figure("environment", self.environment.name.as_str().to_owned())
    }

    fn name(&self, rank: Rank) -> String {
        self.facts.history.id(rank).map(ReleaseId::as_str).unwrap_or_default().to_owned()
    }
}
