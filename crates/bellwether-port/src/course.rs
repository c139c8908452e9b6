use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_analysis::{Interval, Monitor, Sequential};
use bellwether_core::{Basis, Decision, MetricName, Time, Verdict};
use bellwether_rollout::{Event, Move, State, goal, start, start_after, step};
use bellwether_strategy::Plan;

use crate::{Opened, Stored};

/// How far a rollout is: its machine and its judge, moved by the same two calls when it runs and when it is replayed.
///
/// # Contract
/// This is what makes a journal replayable. For each event the driver [steps](Course::step) first (pure), appends event
/// and decision as one record, and goes on with the new course only then. For each interval it appends first and
/// [sees](Course::see) it then. A verdict is asked for ([`Course::verdict`]) only of what is already in the journal, and
/// becomes a `Judged` event by the driver with **that decision and that time**, so that a replay that saw the same
/// records gives the same bytes. A verdict whose stage an earlier event of the same round has ended is dropped: the judge
/// stands at another stage by then, and is asked again.
///
/// Entering a stage is not the driver's business: a step that changes the goal's stage tells the judge.
///
/// # Example: a rollout's first event
/// ```
/// use bellwether_core::{Arms, Level, Release, Target, Time, Version};
/// use bellwether_port::{Course, Opened};
/// use bellwether_rollout::{Actor, Event, Kind};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
/// let course = Course::open(&Opened::new(plan), Time::default());
/// let event = Event { id: "tick-1".parse()?, at: Time::default(), by: Actor::Driver, kind: Kind::Ticked };
/// let (course, decision) = course.step(&event);
/// assert_eq!(course.state().events(), 1, "decided: {decision}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    state: State,
    monitor: Option<Monitor>,
    measured: BTreeMap<MetricName, Time>,
}

impl Course {
    /// The beginning, at the time of the record that opens the journal.
    #[must_use]
    pub fn open(opened: &Opened, at: Time) -> Self {
        let plan = opened.plan.clone();
        let state = match &opened.origin.predecessor {
            Some(predecessor) => start_after(plan, predecessor.clone(), at),
            None => start(plan, at),
        };
        let monitor = opened.judge.as_ref().map(Monitor::new);
        Self { state, monitor, measured: BTreeMap::new() }
    }

    /// Goes on from a snapshot.
    ///
    /// # Errors
    /// The snapshot is of another plan or another judge.
    pub(crate) fn restore(plan: Arc<Plan>, judge: Option<&Sequential>, stored: Stored) -> Result<Self, String> {
        let Stored { state, monitor, measured } = stored;
        let state = State::restore(plan, state).map_err(|error| error.to_string())?;
        let monitor = match (judge, monitor) {
            (Some(judge), Some(state)) => Some(Monitor::restore(judge, state).map_err(|error| error.to_string())?),
            (None, None) => None,
            (Some(_), None) => return Err("the snapshot: expected the state of the judge, found none".into()),
            (None, Some(_)) => return Err("the snapshot: expected no judge, found the state of one".into()),
        };
        Ok(Self { state, monitor, measured })
    }

    /// Steps the machine, and tells the judge when the goal's stage is another one then.
    pub fn step(self, event: &Event) -> (Self, Decision<Move>) {
        let Self { state, mut monitor, measured } = self;
        let (state, decision) = step(state, event);
        if let (Some(monitor), Some(stage)) = (&mut monitor, goal(&state).stage) {
            let basis = state.plan().step(stage.step).map_or(Basis::Guard, |step| step.evidence);
            monitor.enter(&stage, basis);
        }
        (Self { state, monitor, measured }, decision)
    }

    /// Shows the judge an interval.
    pub fn see(&mut self, metric: &MetricName, interval: &Interval) {
        if let Some(monitor) = &mut self.monitor {
            monitor.push(metric, interval);
        }
        let end = self.measured.entry(metric.clone()).or_insert(interval.end);
        *end = interval.end.max(*end);
    }

    /// What the judge says now about everything it has seen; absent without a judge.
    #[must_use]
    pub fn verdict(&self, now: Time) -> Option<Decision<Verdict>> {
        Some(self.monitor.as_ref()?.verdict(now))
    }

    /// How far the machine is.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The judge, where verdicts can be derived again.
    #[must_use]
    pub const fn monitor(&self) -> Option<&Monitor> {
        self.monitor.as_ref()
    }

    /// The end of the last interval of a metric that the journal holds; what comes after has not been judged.
    #[must_use]
    pub fn measured_until(&self, metric: &MetricName) -> Option<Time> {
        self.measured.get(metric).copied()
    }

    /// How far everything is, for a snapshot.
    #[must_use]
    pub fn stored(&self) -> Stored {
        Stored {
            state: self.state.snapshot(),
            monitor: self.monitor.as_ref().map(|monitor| monitor.state().clone()),
            measured: self.measured.clone(),
        }
    }
}
