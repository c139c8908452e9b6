use std::sync::Arc;

use bellwether_analysis::Sequential;
use bellwether_core::{Decision, Digest, Fence, RolloutId, Time};
use bellwether_rollout::{Event, Kind, Move, RULES};
use bellwether_strategy::Plan;

use crate::{Adopted, Body, BodyKind, Chain, Course, Fault, Opened, Origin, Record, RecordError, Stored};

/// After how many records a driver appends a snapshot, so that a journal is loaded by reading at most so many.
pub const SNAPSHOT_EVERY: u64 = 256;

/// A rollout as its journal gives it back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Loaded {
    /// How far it is.
    pub course: Course,
    /// The identity of the plan that it was opened with; another one may have taken its place.
    pub opened_as: Digest,
    /// Where it comes from.
    pub origin: Origin,
    /// The end of its chain, from which the next record is made.
    pub chain: Chain,
    /// The fence of the last record: the next owner's token must not be lower.
    pub fence: Fence,
    /// The time of the last record.
    pub at: Time,
    /// How many records stand after the last snapshot; at [`SNAPSHOT_EVERY`] another one is due.
    pub since_snapshot: u64,
    /// The rules that the last owner decided by.
    pub rules: u32,
}

impl Loaded {
    /// What must be appended before anything else when an older build decided so far: this one states how far the rollout
    /// is and goes on by its own rules. Absent when the rules are the same.
    #[must_use]
    pub fn adoption(&self) -> Option<Body> {
        (self.rules < RULES).then(|| Body::from(Adopted::new(self.course.stored())))
    }
}

/// Gives a rollout back from its journal: the last snapshot, and the fold of what follows it.
///
/// The records' bytes were verified when they were read; that they follow each other is checked here once more. The whole
/// journal is handed over, because the plan stands in its first record; only that one and what follows the last snapshot
/// is parsed.
///
/// # Errors
/// The record that is missing, does not follow, cannot be read, or was written by a newer build.
///
/// # Example: what was decided is there again
/// ```
/// use bellwether_core::{Arms, Fence, Level, Release, Target, Time, Version};
/// use bellwether_port::{Body, Chain, Course, Opened, load};
/// use bellwether_rollout::{Actor, Event, Kind};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
///
/// let (at, fence) = (Time::default(), Fence::default());
/// let mut chain = Chain::new(plan.id().clone());
/// let opened = Opened::new(plan);
/// let first = chain.next(at, fence, &Body::from(opened.clone()))?;
/// chain.push(&first)?;
///
/// let event = Event { id: "tick-1".parse()?, at, by: Actor::Driver, kind: Kind::Ticked };
/// let (course, decision) = Course::open(&opened, at).step(&event);
/// let second = chain.next(at, fence, &Body::event(event, decision))?;
/// chain.push(&second)?;
///
/// let loaded = load(chain.rollout(), &[first, second])?;
/// assert_eq!(loaded.course, course);
/// assert_eq!(loaded.chain, chain);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load(rollout: &RolloutId, records: &[Record]) -> Result<Loaded, RecordError> {
    let (first, last) = ends(rollout, records)?;
    let chain = link(rollout, records)?;
    let opened = read_opened(rollout, first)?;
    let is_stated = |record: &Record| matches!(record.kind(), Some(BodyKind::Snapshot | BodyKind::Adopted));
    let stated = records.iter().rposition(is_stated).unwrap_or(0);
    let adopted = records.iter().rev().find(|record| record.kind() == Some(BodyKind::Adopted));
    let mut fold = Fold::open(rollout, opened, first.at());
    if let Some(adopted) = adopted {
        fold.rules = read_adopted(rollout, adopted)?.rules;
    }
    let rest = records.get(stated.max(1)..).unwrap_or_default();
    let opened_as = fold.plan.digest();
    fold.plan = plan_of(rollout, &fold.plan, records.get(..=stated).unwrap_or_default())?;
    for record in rest {
        fold = fold.take(record)?;
    }
    Ok(Loaded {
        opened_as,
        course: fold.course,
        origin: fold.origin,
        chain,
        fence: last.fence(),
        at: last.at(),
        since_snapshot: u64::try_from(rest.len()).unwrap_or(u64::MAX),
        rules: fold.rules,
    })
}

fn ends<'a>(rollout: &RolloutId, records: &'a [Record]) -> Result<(&'a Record, &'a Record), RecordError> {
    let ends = records.first().zip(records.last());
    ends.ok_or_else(|| RecordError::new(rollout.clone(), 0, Fault::Empty))
}

/// The chain over all the records.
pub(crate) fn link(rollout: &RolloutId, records: &[Record]) -> Result<Chain, RecordError> {
    let mut chain = Chain::new(rollout.clone());
    records.iter().try_for_each(|record| chain.push(record))?;
    Ok(chain)
}

/// The first record's body, which must open this rollout.
pub(crate) fn read_opened(rollout: &RolloutId, first: &Record) -> Result<Opened, RecordError> {
    let fail = |fault| RecordError::new(rollout.clone(), first.seq(), fault);
    match first.body(rollout)? {
        Body::Opened(opened) if opened.plan.id() == rollout => Ok(*opened),
        Body::Opened(opened) => {
            Err(fail(Fault::Foreign(format!("the plan: expected one of {rollout}, found one of {}", opened.plan.id()))))
        }
        other @ (Body::Event(_) | Body::Interval(_) | Body::Snapshot(_) | Body::Adopted(_)) => {
            Err(fail(Fault::Misplaced { expected: "the opening of the rollout", found: other.kind().name().into() }))
        }
    }
}

/// The plan that the last of these records, a snapshot, is of: the opened one, or the last that took its place.
fn plan_of(rollout: &RolloutId, opened: &Arc<Plan>, records: &[Record]) -> Result<Arc<Plan>, RecordError> {
    let Some((stated, before)) = records.split_last() else { return Ok(Arc::clone(opened)) };
    let wanted = match stated.body(rollout)? {
        Body::Snapshot(stored) => stored.state.plan(),
        Body::Adopted(adopted) => adopted.state.plan(),
        Body::Opened(_) | Body::Event(_) | Body::Interval(_) => return Ok(Arc::clone(opened)),
    };
    if wanted == opened.digest() {
        return Ok(Arc::clone(opened));
    }
    for record in before.iter().rev().filter(|record| record.kind() == Some(BodyKind::Event)) {
        if let Body::Event(stepped) = record.body(rollout)?
            && let Kind::PlanChanged { plan } = stepped.event.kind
            && plan.digest() == wanted
        {
            return Ok(Arc::from(plan));
        }
    }
    // The snapshot says itself that it is of another plan.
    Ok(Arc::clone(opened))
}

fn read_adopted(rollout: &RolloutId, record: &Record) -> Result<Adopted, RecordError> {
    match record.body(rollout)? {
        Body::Adopted(adopted) => Ok(*adopted),
        other @ (Body::Opened(_) | Body::Event(_) | Body::Interval(_) | Body::Snapshot(_)) => {
            let fault = Fault::Misplaced { expected: "adopted", found: other.kind().name().into() };
            Err(RecordError::new(rollout.clone(), record.seq(), fault))
        }
    }
}

/// A journal on its way through its records.
pub(crate) struct Fold<'a> {
    rollout: &'a RolloutId,
    plan: Arc<Plan>,
    judge: Option<Sequential>,
    pub(crate) origin: Origin,
    pub(crate) course: Course,
    pub(crate) rules: u32,
}

impl<'a> Fold<'a> {
    pub(crate) fn open(rollout: &'a RolloutId, opened: Opened, at: Time) -> Self {
        let course = Course::open(&opened, at);
        let Opened { rules, plan, judge, origin, .. } = opened;
        Self { rollout, plan: plan.into(), judge, origin, course, rules }
    }

    fn take(mut self, record: &Record) -> Result<Self, RecordError> {
        match record.body(self.rollout)? {
            Body::Event(stepped) => return Ok(self.step(&stepped.event).0),
            Body::Interval(seen) => self.course.see(&seen.metric, &seen.interval),
            Body::Snapshot(stored) => self.state(record, *stored)?,
            Body::Adopted(adopted) => self.adopt(record, *adopted)?,
            Body::Opened(_) => return Err(self.opened_twice(record)),
        }
        Ok(self)
    }

    pub(crate) fn step(self, event: &Event) -> (Self, Decision<Move>) {
        let (course, decision) = self.course.step(event);
        let is_change = matches!(event.kind, Kind::PlanChanged { .. });
        let plan = if is_change { course.state().shared_plan() } else { self.plan };
        (Self { course, plan, ..self }, decision)
    }

    /// Goes on from a snapshot.
    pub(crate) fn state(&mut self, record: &Record, stored: Stored) -> Result<(), RecordError> {
        let course = Course::restore(self.plan.clone(), self.judge.as_ref(), stored);
        self.course = course.map_err(|error| self.fail(record, Fault::Foreign(error)))?;
        Ok(())
    }

    /// Goes on by the rules of a newer build.
    pub(crate) fn adopt(&mut self, record: &Record, adopted: Adopted) -> Result<(), RecordError> {
        let Adopted { rules, state, monitor, measured, .. } = adopted;
        self.state(record, Stored { state, monitor, measured })?;
        self.rules = rules;
        Ok(())
    }

    pub(crate) fn opened_twice(&self, record: &Record) -> RecordError {
        self.fail(record, Fault::Misplaced { expected: "anything but an opening", found: "opened".into() })
    }

    pub(crate) fn fail(&self, record: &Record, fault: Fault) -> RecordError {
        RecordError::new(self.rollout.clone(), record.seq(), fault)
    }
}
