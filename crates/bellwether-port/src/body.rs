use std::collections::BTreeMap;

use bellwether_analysis::{Interval, MonitorState, Sequential};
use bellwether_core::{ActorName, Decision, Level, MetricName, RolloutId, Time};
use bellwether_rollout::{Event, Move, RULES, Snapshot, Stepped};
use bellwether_strategy::Plan;
use serde::{Deserialize, Serialize};

/// The version of the journal's records that this build writes, and the newest that it reads.
pub const SCHEMA: u32 = 1;

/// What a record says.
///
/// There are no records of intentions and none of outcomes: the intention is the event that changed the goal, the
/// outcome is the `Observed` event that confirms it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "whoever reads a journal decides on every kind of record")]
pub enum Body {
    /// The rollout began: always the first record, and only that.
    Opened(Box<Opened>),
    /// An event was stepped.
    Event(Box<Stepped>),
    /// A judge saw an interval.
    Interval(Box<Seen>),
    /// How far everything is; equals the fold of what stands before it.
    Snapshot(Box<Stored>),
    /// A build with newer rules took the rollout over: how far it is is stated here, not derived.
    Adopted(Box<Adopted>),
}

/// The rollout began.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The version of the records.
    pub schema: u32,
    /// The version of the machine's rules.
    pub rules: u32,
    /// The plan. Its digest is its identity, its id the journal's name.
    pub plan: Plan,
    /// The judge whose verdicts can be derived again from the intervals; absent when the verdicts come from elsewhere.
    pub judge: Option<Sequential>,
    /// Where the rollout comes from.
    pub origin: Origin,
}

/// Where a rollout comes from.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorName>,
    /// How risky the change was found to be, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Decision<Level>>,
    /// The rollout that it waits for: the machine starts in a hold until that one has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<RolloutId>,
    /// The rollout that it repairs, when it brings an earlier version back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repairs: Option<RolloutId>,
}

/// An interval that a judge saw.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "drivers build it field by field; a new field concerns them all")]
pub struct Seen {
    /// Of which metric.
    pub metric: MetricName,
    /// The interval; it names its stage.
    pub interval: Interval,
}

/// How far a rollout and its judge are.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "drivers build it field by field; a new field concerns them all")]
pub struct Stored {
    /// How far the machine is.
    pub state: Snapshot,
    /// How far the judge is; absent without one.
    pub monitor: Option<MonitorState>,
    /// The end of the last interval of each metric: what comes after has not been seen.
    pub measured: BTreeMap<MetricName, Time>,
}

/// A build with newer rules took over.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Adopted {
    /// The version of the records from here on.
    pub schema: u32,
    /// The version of the machine's rules from here on.
    pub rules: u32,
    /// How far the machine is.
    pub state: Snapshot,
    /// How far the judge is; absent without one.
    pub monitor: Option<MonitorState>,
    /// The end of the last interval of each metric: what comes after has not been seen.
    pub measured: BTreeMap<MetricName, Time>,
}

/// The kind of a [`Body`], which a record tells without being read in full.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "whoever reads a journal decides on every kind of record")]
pub enum BodyKind {
    /// [`Body::Opened`].
    Opened,
    /// [`Body::Event`].
    Event,
    /// [`Body::Interval`].
    Interval,
    /// [`Body::Snapshot`].
    Snapshot,
    /// [`Body::Adopted`].
    Adopted,
}

impl Opened {
    /// A rollout by this plan, with this build's schema and rules.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self { schema: SCHEMA, rules: RULES, plan, judge: None, origin: Origin::default() }
    }

    /// Sets the judge whose verdicts can be derived again.
    #[must_use]
    pub fn with_judge(mut self, judge: Sequential) -> Self {
        self.judge = Some(judge);
        self
    }

    /// Sets where the rollout comes from.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }
}

impl Origin {
    /// Sets who asked for it.
    #[must_use]
    pub fn with_by(mut self, by: ActorName) -> Self {
        self.by = Some(by);
        self
    }

    /// Sets how risky the change was found to be.
    #[must_use]
    pub fn with_risk(mut self, risk: Decision<Level>) -> Self {
        self.risk = Some(risk);
        self
    }

    /// Sets the rollout that it waits for.
    #[must_use]
    pub fn with_predecessor(mut self, predecessor: RolloutId) -> Self {
        self.predecessor = Some(predecessor);
        self
    }

    /// Sets the rollout that it repairs.
    #[must_use]
    pub fn with_repairs(mut self, repairs: RolloutId) -> Self {
        self.repairs = Some(repairs);
        self
    }
}

impl Adopted {
    pub(crate) fn new(stored: Stored) -> Self {
        let Stored { state, monitor, measured } = stored;
        Self { schema: SCHEMA, rules: RULES, state, monitor, measured }
    }
}

impl Body {
    /// An event and what the machine decided on it.
    #[must_use]
    pub fn event(event: Event, decision: Decision<Move>) -> Self {
        Self::Event(Box::new(Stepped { event, decision }))
    }

    /// An interval that the judge is about to see.
    #[must_use]
    pub fn interval(metric: MetricName, interval: Interval) -> Self {
        Self::Interval(Box::new(Seen { metric, interval }))
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> BodyKind {
        match self {
            Self::Opened(_) => BodyKind::Opened,
            Self::Event(_) => BodyKind::Event,
            Self::Interval(_) => BodyKind::Interval,
            Self::Snapshot(_) => BodyKind::Snapshot,
            Self::Adopted(_) => BodyKind::Adopted,
        }
    }
}

impl BodyKind {
    const ALL: [Self; 5] = [Self::Opened, Self::Event, Self::Interval, Self::Snapshot, Self::Adopted];

    /// Its name in the stored form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Event => "event",
            Self::Interval => "interval",
            Self::Snapshot => "snapshot",
            Self::Adopted => "adopted",
        }
    }

    /// Reads the kind off the beginning of canonical JSON.
    pub(crate) fn peek(json: &[u8]) -> Option<Self> {
        let rest = json.strip_prefix(b"{\"")?;
        Self::ALL
            .into_iter()
            .find(|kind| rest.strip_prefix(kind.name().as_bytes()).is_some_and(|rest| rest.starts_with(b"\":")))
    }
}

impl From<Opened> for Body {
    fn from(opened: Opened) -> Self {
        Self::Opened(Box::new(opened))
    }
}

impl From<Stored> for Body {
    fn from(stored: Stored) -> Self {
        Self::Snapshot(Box::new(stored))
    }
}

impl From<Adopted> for Body {
    fn from(adopted: Adopted) -> Self {
        Self::Adopted(Box::new(adopted))
    }
}
