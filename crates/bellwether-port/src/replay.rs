use std::fmt;

use bellwether_core::{RolloutId, Verdict};
use bellwether_rollout::{Actor, Event, Kind, RULES, Stepped};
use serde::Serialize;

use crate::load::{Fold, link, read_opened};
use crate::{Body, Course, Fault, Record, RecordError, Stored, canonical_json};

/// What a replay derived again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Replayed {
    /// How far the rollout is after the last record.
    pub course: Course,
    /// How many decisions of the machine were derived again, byte by byte.
    pub decisions: u64,
    /// How many verdicts of the judge were derived again, byte by byte.
    pub verdicts: u64,
    /// What was taken as it was written.
    pub not_derived: Vec<Part>,
}

/// Records that were taken as they were written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "two ends and a reason")]
pub struct Part {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// Why.
    pub why: NotDerived,
}

/// Why records were taken as they were written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NotDerived {
    /// Older rules decided, which this build does not have.
    OlderRules,
    /// A newer build took over and stated how far the rollout was.
    Adopted,
    /// A verdict of a rollout whose judge is not in the journal.
    NoJudge,
    /// A verdict that somebody else than the driver gave.
    Outside,
    /// A verdict on a stage that the rollout had left by then: it moves nothing, unless it is a fail.
    OtherStage,
    /// No data, because the source did not answer: that is not in the journal, and moves nothing forward or back.
    SourceFailed,
}

/// Tells why a journal could not be derived again.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The journal itself is wrong.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Everything can be read, and this build decides otherwise.
    #[error(transparent)]
    Divergence(#[from] Divergence),
}

/// Tells which record this build would have written otherwise.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("journal {rollout}, record {seq}: {what} differs:\n  journal: {expected}\n  derived: {found}")]
#[non_exhaustive]
pub struct Divergence {
    /// The journal.
    pub rollout: RolloutId,
    /// The record.
    pub seq: u64,
    /// What differs.
    pub what: &'static str,
    /// What the journal says, as canonical JSON.
    pub expected: String,
    /// What was derived, as canonical JSON.
    pub found: String,
}

/// Decides everything again, from the first record to the last, and compares bytes.
///
/// Every decision of the machine, every verdict of the judge and every snapshot is derived from the records before it.
/// What cannot be derived is listed in [`Replayed::not_derived`]: what older rules decided, verdicts of a judge that the
/// journal does not hold or that came from outside, reports that a metric source failed (findings
/// `judge.no_data.provider_error` and `judge.no_data.non_finite` of a `NoData`), and verdicts that an earlier event of
/// their round had overtaken.
///
/// # Errors
/// The first record that is wrong in itself, or that this build would have written otherwise.
///
/// # Example: a decision that the machine does not make
/// ```
/// use bellwether_core::{Arms, Decision, Fence, Level, Release, Target, Time, Version};
/// use bellwether_port::{Body, Chain, Opened, replay};
/// use bellwether_rollout::{Actor, Event, Kind, Move, Place};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
///
/// let (at, fence) = (Time::default(), Fence::default());
/// let mut chain = Chain::new(plan.id().clone());
/// let first = chain.next(at, fence, &Body::from(Opened::new(plan)))?;
/// chain.push(&first)?;
/// let event = Event { id: "tick-1".parse()?, at, by: Actor::Driver, kind: Kind::Ticked };
/// let second = chain.next(at, fence, &Body::event(event, Decision::new(Move::Enter(Place::Completed))))?;
///
/// let error = replay(chain.rollout(), &[first, second]).unwrap_err().to_string();
/// assert!(error.starts_with("journal checkout-42, record 1: the decision differs:"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replay(rollout: &RolloutId, records: &[Record]) -> Result<Replayed, ReplayError> {
    link(rollout, records)?;
    let Some((first, rest)) = records.split_first() else {
        return Err(RecordError::new(rollout.clone(), 0, Fault::Empty).into());
    };
    let opened = read_opened(rollout, first)?;
    let fold = Fold::open(rollout, opened, first.at());
    let mut replay = Replay { rollout, fold, decisions: 0, verdicts: 0, not_derived: Vec::new() };
    for record in rest {
        replay = replay.take(record)?;
    }
    let Replay { fold, decisions, verdicts, not_derived, .. } = replay;
    Ok(Replayed { course: fold.course, decisions, verdicts, not_derived })
}

struct Replay<'a> {
    rollout: &'a RolloutId,
    fold: Fold<'a>,
    decisions: u64,
    verdicts: u64,
    not_derived: Vec<Part>,
}

impl Replay<'_> {
    fn take(mut self, record: &Record) -> Result<Self, ReplayError> {
        match record.body(self.rollout)? {
            Body::Event(stepped) => return self.step(record, *stepped),
            Body::Interval(seen) => self.fold.course.see(&seen.metric, &seen.interval),
            Body::Snapshot(stored) => self.compare_snapshot(record, *stored)?,
            Body::Adopted(adopted) => {
                self.skip(record, NotDerived::Adopted);
                self.fold.adopt(record, *adopted)?;
            }
            Body::Opened(_) => return Err(self.fold.opened_twice(record).into()),
        }
        Ok(self)
    }

    fn step(mut self, record: &Record, stepped: Stepped) -> Result<Self, ReplayError> {
        self.judge(record, &stepped.event)?;
        let (fold, decision) = self.fold.step(&stepped.event);
        self = Self { fold, ..self };
        if self.fold.rules != RULES {
            self.skip(record, NotDerived::OlderRules);
            return Ok(self);
        }
        // The whole record is written again: its bytes hold the event as well as the decision.
        let derived = canonical_json(&Body::event(stepped.event, decision));
        let derived = derived.map_err(|error| self.fold.fail(record, error.into()))?;
        self.compare(record, "the decision", Bytes { journal: record.json(), derived: &derived })?;
        self.decisions = self.decisions.saturating_add(1);
        Ok(self)
    }

    /// Asks the judge again when the event is a verdict of it.
    fn judge(&mut self, record: &Record, event: &Event) -> Result<(), ReplayError> {
        let Kind::Judged { stage, decision } = &event.kind else { return Ok(()) };
        let failed = ["judge.no_data.provider_error", "judge.no_data.non_finite"];
        let source_failed = decision.outcome == Verdict::NoData
            && decision.findings.iter().any(|finding| failed.contains(&finding.rule.as_ref()));
        let current = self.fold.course.monitor().and_then(|monitor| monitor.state().stage());
        let is_other = current != Some(stage) && decision.outcome != Verdict::Fail;
        let why = match (self.fold.course.verdict(event.at), &event.by) {
            _ if self.fold.rules != RULES => NotDerived::OlderRules,
            (_, Actor::System(_) | Actor::Person(_)) => NotDerived::Outside,
            (None, Actor::Driver) => NotDerived::NoJudge,
            (Some(_), Actor::Driver) if source_failed => NotDerived::SourceFailed,
            (Some(_), Actor::Driver) if is_other => NotDerived::OtherStage,
            (Some(verdict), Actor::Driver) => {
                self.compare_values(record, "the verdict", (decision, &verdict))?;
                self.verdicts = self.verdicts.saturating_add(1);
                return Ok(());
            }
        };
        self.skip(record, why);
        Ok(())
    }

    fn compare_snapshot(&mut self, record: &Record, stored: Stored) -> Result<(), ReplayError> {
        if self.fold.rules != RULES {
            self.skip(record, NotDerived::OlderRules);
            return Ok(self.fold.state(record, stored)?);
        }
        self.compare_values(record, "the snapshot", (&stored, &self.fold.course.stored()))
    }

    fn compare_values<T: Serialize>(
        &self,
        record: &Record,
        what: &'static str,
        (journal, derived): (&T, &T),
    ) -> Result<(), ReplayError> {
        let write = |value: &T| canonical_json(value).map_err(|error| self.fold.fail(record, error.into()));
        self.compare(record, what, Bytes { journal: &write(journal)?, derived: &write(derived)? })
    }

    fn compare(&self, record: &Record, what: &'static str, bytes: Bytes<'_>) -> Result<(), ReplayError> {
        if bytes.journal == bytes.derived {
            return Ok(());
        }
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (expected, found) = (text(bytes.journal), text(bytes.derived));
        Err(Divergence { rollout: self.rollout.clone(), seq: record.seq(), what, expected, found }.into())
    }

    /// Notes a record that is taken as it was written; neighbours with the same reason are one part.
    fn skip(&mut self, record: &Record, why: NotDerived) {
        let seq = record.seq();
        match self.not_derived.last_mut() {
            Some(part) if part.why == why && part.last.saturating_add(1) >= seq => part.last = seq,
            Some(_) | None => self.not_derived.push(Part { first: seq, last: seq, why }),
        }
    }
}

#[derive(Clone, Copy)]
struct Bytes<'a> {
    journal: &'a [u8],
    derived: &'a [u8],
}

impl fmt::Display for NotDerived {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::OlderRules => "older rules decided",
            Self::Adopted => "a newer build took over",
            Self::NoJudge => "the judge is not in the journal",
            Self::Outside => "the verdict came from outside",
            Self::OtherStage => "the verdict was on a stage that had been left",
            Self::SourceFailed => "the metric source failed",
        })
    }
}
