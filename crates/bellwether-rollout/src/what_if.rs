use alloc::{collections::BTreeSet, vec::Vec};

use bellwether_core::{Arms, Decision, Finding, HookId, Route, StageId};
use serde::{Deserialize, Serialize};

use crate::{Event, Goal, Move, Place, State, Wake, goal, step, waiting_for};

/// What an event would do to a rollout, if it happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// What would be decided.
    pub decision: Decision<Move>,
    /// Where the rollout would stand, and where it stands.
    pub place: Changed<Place>,
    /// What the world should look like otherwise.
    pub goal: GoalDifference,
    /// What would be waited for then.
    pub waiting: Vec<Finding>,
}

/// What differs between two goals; what is absent is the same in both.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GoalDifference {
    /// Where traffic should go.
    pub route: Option<Changed<Route>>,
    /// How many units each arm should have.
    pub units: Option<Changed<Option<Arms<u32>>>>,
    /// The stage that evidence belongs to.
    pub stage: Option<Changed<Option<StageId>>>,
    /// When the machine wants to be asked again.
    pub wake: Option<Changed<Option<Wake>>>,
    /// What the host keeps in force.
    pub hooks: Option<Changed<BTreeSet<HookId>>>,
}

/// A value before and after.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Changed<T> {
    /// What it is.
    pub before: T,
    /// What it would be.
    pub after: T,
}

/// Says what an event would do, and does nothing: the state stays what it is and nothing is recorded.
///
/// The event is stepped alone, and nothing is observed after it: what follows from what the world then does is a matter of
/// [`simulate`](crate::simulate).
///
/// # Example: what an abort would do now
/// ```
/// use bellwether_core::{Arms, Level, Release, Target, Time, Version};
/// use bellwether_rollout::{Actor, Event, Kind, Place, start, what_if};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let state = start(for_level(Level::Medium).plan(&release, &Target::default())?.outcome, Time::default());
///
/// let by = Actor::Person("ada".parse()?);
/// let abort = Event { id: "1".parse()?, at: Time::default(), by, kind: Kind::Aborted { why: "wrong image".into() } };
/// let then = what_if(&state, &abort);
/// assert_eq!(then.place.after, Place::ShiftBack);
/// assert_eq!(then.goal.route, None, "nothing was exposed, so nothing is taken back");
/// assert_eq!(state.place(), then.place.before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn what_if(state: &State, event: &Event) -> WhatIf {
    let (after, decision) = step(state.clone(), event);
    WhatIf {
        decision,
        place: Changed { before: state.place(), after: after.place() },
        goal: GoalDifference::between(goal(state), goal(&after)),
        waiting: waiting_for(&after),
    }
}

impl GoalDifference {
    fn between(before: Goal, after: Goal) -> Self {
        Self {
            route: Changed::of(before.route, after.route),
            units: Changed::of(before.units, after.units),
            stage: Changed::of(before.stage, after.stage),
            wake: Changed::of(before.wake, after.wake),
            hooks: Changed::of(before.hooks, after.hooks),
        }
    }

    /// Whether the world should look the same.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let Self { route, units, stage, wake, hooks } = self;
        route.is_none() && units.is_none() && stage.is_none() && wake.is_none() && hooks.is_none()
    }
}

impl<T: PartialEq> Changed<T> {
    fn of(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self { before, after })
    }
}
