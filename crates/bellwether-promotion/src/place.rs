use alloc::{collections::BTreeMap, string::String, vec::Vec};

use bellwether_core::{ActorName, Time, Verdict};

use crate::{
    Cause, Ending, Environment, OnOlder, Override, artefact::Difference, person::Person, rank::Rank, record::Judged,
    record::Record,
};

/// What is known of one environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// The latest event; time does not run backwards behind it.
    pub(crate) last: Option<Time>,
    /// Each release that was ever heard of here.
    pub(crate) records: BTreeMap<Rank, Record>,
    /// The releases that ran here, one after the other; the last one runs here now.
    pub(crate) line: Vec<Arrival>,
    /// The rollout that goes on.
    pub(crate) under_way: Option<UnderWay>,
    /// The newest release that ever began its way in.
    pub(crate) highest: Option<Rank>,
    /// Who stopped automatic promotion, if anybody.
    pub(crate) hold: Option<Hold>,
    /// Since when an older release is here than had been, where that holds automatic promotion.
    pub(crate) older_since: Option<Time>,
    /// What cannot be undone any more.
    pub(crate) floor: Option<Crossed>,
    /// The settings that were read.
    pub(crate) settings: Option<BTreeMap<String, String>>,
    /// The last word of each person about each release.
    pub(crate) words: BTreeMap<Rank, BTreeMap<Person, Word>>,
    /// The overrides for each release.
    pub(crate) overrides: BTreeMap<Rank, Vec<Granted>>,
}

/// A release found, or said to have arrived, where another one was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Arrival {
    pub(crate) rank: Rank,
    pub(crate) cause: Cause,
    pub(crate) at: Time,
}

/// A rollout that has begun and not ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct UnderWay {
    pub(crate) rank: Rank,
    pub(crate) cause: Cause,
    pub(crate) since: Time,
}

/// A stop to automatic promotion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Hold {
    pub(crate) by: ActorName,
    pub(crate) why: String,
    pub(crate) since: Time,
}

/// A rollout with something irreversible has begun.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Crossed {
    /// The arrivals before this one are behind it.
    pub(crate) from: usize,
    pub(crate) rank: Rank,
    pub(crate) why: String,
}

/// What a person said of a release.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Word {
    Approved { by: ActorName, digests: BTreeMap<String, String>, until: Option<Time> },
    Declined { by: ActorName, why: String },
}

/// An override and when it was given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Granted {
    pub(crate) at: Time,
    pub(crate) leave: Override,
}

/// A place that nothing was heard of.
pub(crate) static NOWHERE: Place = Place::new();

impl Place {
    const fn new() -> Self {
        Self {
            last: None,
            records: BTreeMap::new(),
            line: Vec::new(),
            under_way: None,
            highest: None,
            hold: None,
            older_since: None,
            floor: None,
            settings: None,
            words: BTreeMap::new(),
            overrides: BTreeMap::new(),
        }
    }

    /// What runs here.
    pub(crate) fn present(&self) -> Option<&Arrival> {
        self.line.last()
    }

    pub(crate) fn record(&self, rank: Rank) -> Option<&Record> {
        self.records.get(&rank)
    }

    /// Moves the place's time on and gives it back; an earlier one is read as the last.
    pub(crate) fn tick(&mut self, at: Time) -> Time {
        let Some(last) = self.last.filter(|last| at < *last) else {
            self.last = Some(at);
            return at;
        };
        let present = self.present().map(|arrival| arrival.rank);
        let stay = present.and_then(|rank| self.records.get_mut(&rank)).and_then(|record| record.stay.as_mut());
        if let Some(stay) = stay {
            stay.clock.distrust(last);
        }
        last
    }

    /// A rollout begins. Gives the one that was still under way.
    pub(crate) fn begin(&mut self, environment: &Environment, next: UnderWay, floor: Option<&str>) -> Option<Rank> {
        if self.under_way.is_some_and(|under_way| under_way.rank == next.rank) {
            // The same event once more.
            return None;
        }
        let present = self.present().map(|arrival| arrival.rank);
        if let Some(other) = present.filter(|rank| *rank != next.rank) {
            let record = self.records.entry(other).or_default();
            // From now on it shares the environment, until a look finds it alone again.
            record.interrupt(next.since, environment.silence);
            record.is_returned_from |= next.cause == Cause::Return;
        }
        if let Some(why) = floor {
            let again = usize::from(present == Some(next.rank));
            self.floor =
                Some(Crossed { from: self.line.len().saturating_sub(again), rank: next.rank, why: why.into() });
        }
        self.highest = self.highest.max(Some(next.rank));
        self.records.entry(next.rank).or_default();
        self.under_way.replace(next).map(|before| before.rank)
    }

    /// A rollout ends. Gives false when nobody had said that it began.
    pub(crate) fn end(&mut self, environment: &Environment, (rank, ending): (Rank, Ending), at: Time) -> bool {
        let ended = self.under_way.take_if(|under_way| under_way.rank == rank);
        match ending {
            Ending::Arrived => {
                let is_present = self.present().is_some_and(|arrival| arrival.rank == rank);
                self.arrive(environment, Arrival { rank, cause: ended.map_or(Cause::Person, |it| it.cause), at });
                ended.is_some() || is_present
            }
            Ending::WentBack => {
                let is_told = self.go_back(environment, (rank, ended), at);
                ended.is_some() || is_told
            }
        }
    }

    /// Gives whether that was known already.
    fn go_back(&mut self, environment: &Environment, (rank, ended): (Rank, Option<UnderWay>), at: Time) -> bool {
        let record = self.records.entry(rank).or_default();
        let is_told = record.went_back.replace(at).is_some();
        // A release that was there before its rollout began is what was gone back to.
        let came = |arrival: &Arrival| match ended {
            Some(ended) => arrival.at >= ended.since,
            None => !is_told,
        };
        if self.line.pop_if(|arrival| arrival.rank == rank && came(arrival)).is_some() {
            record.leave(at, environment.silence);
        }
        is_told
    }

    /// A look finds a release alone and fully exposed. Gives false when nobody had said that it was coming.
    pub(crate) fn see(
        &mut self,
        environment: &Environment,
        (rank, at): (Rank, Time),
        seen: Option<Difference>,
    ) -> bool {
        self.take_back(environment, (rank, at));
        let is_present = self.present().is_some_and(|arrival| arrival.rank == rank);
        let coming = self.under_way.filter(|under_way| under_way.rank == rank);
        self.arrive(environment, Arrival { rank, cause: coming.map_or(Cause::Person, |it| it.cause), at });
        let record = self.records.entry(rank).or_default();
        match seen {
            Some(difference) => record.move_to(difference),
            None if record.moved.is_some() => {
                *record = Record::default();
                record.see(at, environment.silence);
            }
            None => record.see(at, environment.silence),
        }
        is_present || coming.is_some()
    }

    /// A rollout that was fully exposed gives way to what was there before: it has not ended yet, and nobody brought
    /// anything older back.
    fn take_back(&mut self, environment: &Environment, (seen, at): (Rank, Time)) {
        let Some(under_way) = self.under_way else { return };
        let [.., before, last] = self.line.as_slice() else { return };
        if before.rank != seen || last.rank != under_way.rank || last.at < under_way.since {
            return;
        }
        if let Some(record) = self.records.get_mut(&under_way.rank) {
            record.leave(at, environment.silence);
        }
        self.line.pop();
    }

    fn arrive(&mut self, environment: &Environment, arrival: Arrival) {
        let present = self.present().map(|present| present.rank);
        let record = self.records.entry(arrival.rank).or_default();
        record.went_back = None;
        if present == Some(arrival.rank) {
            return;
        }
        record.is_returned_from = false;
        if let Some(replaced) = present.and_then(|rank| self.records.get_mut(&rank)) {
            replaced.leave(arrival.at, environment.silence);
        }
        let is_older = self.highest > Some(arrival.rank);
        self.older_since = Some(arrival.at).filter(|_| is_older && environment.on_older == OnOlder::Hold);
        self.highest = self.highest.max(Some(arrival.rank));
        self.line.push(arrival);
    }

    pub(crate) fn interrupt(&mut self, environment: &Environment, at: Time) {
        let present = self.present().map(|arrival| arrival.rank);
        if let Some(record) = present.and_then(|rank| self.records.get_mut(&rank)) {
            record.interrupt(at, environment.silence);
        }
    }

    pub(crate) fn judge(&mut self, rank: Rank, judged: Judged) {
        let record = self.records.entry(rank).or_default();
        if record.moved.is_none() {
            record.verdict = Some(judged);
            record.has_passed |= judged.verdict == Verdict::Pass;
        }
    }

    pub(crate) fn say(&mut self, rank: Rank, word: Word) {
        let (Word::Approved { by, .. } | Word::Declined { by, .. }) = &word;
        self.words.entry(rank).or_default().insert(Person::of(by), word);
    }

    pub(crate) fn resume(&mut self) {
        self.hold = None;
        self.older_since = None;
    }
}
