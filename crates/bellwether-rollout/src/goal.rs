use alloc::collections::BTreeSet;
use core::fmt;

use bellwether_core::{Arms, Basis, HookId, Route, StageId, Time, Verdict};
use serde::{Deserialize, Serialize};

use crate::{BackSub, FinalSub, Observation, Phase, State, Stepping, Sub};

/// What the world should look like now. Effects are not emitted: the host closes the difference between this and what
/// it observes, and a lost, doubled or reordered effect is repaired by the next look.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Where traffic should go.
    pub route: Route,
    /// How many units each arm should have; absent when somebody else scales.
    pub units: Option<Arms<u32>>,
    /// The stage that the evidence of now belongs to.
    pub stage: Option<StageId>,
    /// When the machine wants to be asked again at the latest; absent at the end.
    pub wake: Option<Wake>,
    /// How often the wanted route changed: a command carries it, so that a late one is recognised.
    pub generation: u64,
    /// Whether traffic follows the units, so that there is no router to tell.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_units: bool,
    /// What the host keeps in force now.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hooks: BTreeSet<HookId>,
}

/// When the machine wants to be asked again, and why.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wake {
    /// When.
    pub at: Time,
    /// Why.
    pub why: WakeReason,
}

/// Why the machine wants to be asked again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WakeReason {
    /// A hold ends by itself.
    HoldEnds,
    /// Units or a route have taken too long.
    Deadline,
    /// The least bake is over.
    BakeMin,
    /// Inconclusive evidence is no longer waited for.
    BakeMax,
    /// Missing data is no longer waited for.
    NoData,
    /// The last requests have drained, or the standby is over.
    Drained,
    /// An exposure that no look shows is no longer waited for.
    Unseen,
}

/// What must be changed so that the world looks like the goal. Doing it twice changes nothing more.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The route that the router must be told.
    pub route: Option<Route>,
    /// The units that the workload must be told.
    pub units: Option<Arms<u32>>,
}

impl Difference {
    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.route.is_none() && self.units.is_none()
    }
}

/// What the world should look like now.
#[must_use]
pub fn goal(state: &State) -> Goal {
    Goal {
        route: state.route(),
        units: state.units(),
        stage: stage(state),
        // What was due is done, or waits for something else than time now.
        wake: wake(state).filter(|wake| wake.at > state.now()),
        generation: state.generation(),
        by_units: state.plan().exchange().is_some(),
        hooks: hooks(state),
    }
}

/// The hooks of the step whose exposure is asked for or in force: the one before until the step's own is asked for.
fn hooks(state: &State) -> BTreeSet<HookId> {
    let of_stage = |stage: &Option<StageId>| state.plan().step(stage.as_ref()?.step);
    let step = match state.phase() {
        Phase::Stepping(stepping) => match stepping.sub {
            Sub::Shift { .. } | Sub::Bake => state.step(),
            Sub::Gate { .. } | Sub::Scale { .. } => of_stage(&stepping.keep.stage),
        },
        Phase::Stuck(stuck) => of_stage(&stuck.keep.stage),
        Phase::Finalising(_)
        | Phase::RollingBack(_)
        | Phase::Completed { .. }
        | Phase::Kept { .. }
        | Phase::RolledBack { .. } => None,
    };
    step.map(|step| step.hooks.iter().cloned().collect()).unwrap_or_default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What must be changed in a world that looks like the observation.
///
/// A route that already looks right is told again when the router has not confirmed a command of this generation:
/// only a confirmed route counts as observed.
#[must_use]
pub fn difference(goal: &Goal, observation: &Observation) -> Difference {
    let told = observation.applied.is_some_and(|fence| fence.generation >= goal.generation);
    let shown = observation.route.as_ref() == Some(&goal.route);
    let wanted = observation.units.map(|units| units.map(|units| units.want));
    Difference {
        route: (!goal.by_units && (!told || !shown)).then(|| goal.route.clone()),
        units: goal.units.filter(|units| wanted.is_some_and(|wanted| wanted != *units)),
    }
}

fn stage(state: &State) -> Option<StageId> {
    match state.phase() {
        Phase::Stepping(stepping) => match stepping.sub {
            Sub::Bake => Some(state.stage(stepping)),
            Sub::Gate { .. } | Sub::Scale { .. } | Sub::Shift { .. } => stepping.keep.stage.clone(),
        },
        Phase::Finalising(finalising) => Some(finalising.stage.clone()),
        Phase::Stuck(stuck) => stuck.keep.stage.clone(),
        Phase::RollingBack(_) | Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. } => None,
    }
}

fn wake(state: &State) -> Option<Wake> {
    let wake = |at, why| Some(Wake { at, why });
    match state.phase() {
        Phase::Stepping(stepping) => wake_of_step(state, stepping),
        Phase::Finalising(finalising) => match finalising.sub {
            FinalSub::Standby { until } if until > state.now() => wake(until, WakeReason::Drained),
            FinalSub::Standby { .. } | FinalSub::Shrink => wake_to_call(finalising.call),
        },
        Phase::RollingBack(back) => match back.sub {
            BackSub::Shift { deadline } => wake(deadline, WakeReason::Deadline),
            BackSub::Drain { until } => wake(until, WakeReason::Drained),
            BackSub::Shrink => wake_to_call(back.call),
        },
        Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. } | Phase::Stuck(_) => None,
    }
}

fn wake_to_call(call: Option<Time>) -> Option<Wake> {
    call.map(|at| Wake { at, why: WakeReason::Deadline })
}

fn wake_of_step(state: &State, stepping: &Stepping) -> Option<Wake> {
    let hold = stepping.holds.iter().map(|hold| Wake { at: hold.deadline, why: WakeReason::HoldEnds });
    let own = match stepping.sub {
        Sub::Gate { .. } => [None; 3],
        // Units that nobody may use yet are not late.
        Sub::Scale { .. } if !stepping.holds.is_empty() => [None; 3],
        Sub::Scale { deadline } | Sub::Shift { deadline } => {
            [Some(Wake { at: deadline, why: WakeReason::Deadline }), None, None]
        }
        Sub::Bake => wakes_of_bake(state, stepping),
    };
    hold.chain(own.into_iter().flatten()).filter(|wake| wake.at > state.now()).min_by_key(|wake| wake.at)
}

fn wakes_of_bake(state: &State, stepping: &Stepping) -> [Option<Wake>; 3] {
    let (bake, no_data) = (&stepping.bake, state.plan().conduct().no_data);
    let Some(step) = state.plan().step(stepping.step) else { return [None; 3] };
    let rest = step.bake.min.saturating_sub(bake.total);
    let min =
        bake.confirmed.filter(|_| !rest.is_zero()).map(|at| Wake { at: at.after(rest), why: WakeReason::BakeMin });
    let late = match bake.verdict {
        _ if step.evidence == Basis::Time => None,
        Some(Verdict::Inconclusive) => {
            bake.since.map(|at| Wake { at: at.after(step.bake.max), why: WakeReason::BakeMax })
        }
        Some(Verdict::NoData) | None => {
            bake.missing.map(|at| Wake { at: at.after(no_data.until), why: WakeReason::NoData })
        }
        Some(Verdict::Pass | Verdict::Fail) => None,
    };
    let unseen = bake.out_of_sight(step, no_data).map(|at| Wake { at, why: WakeReason::Unseen });
    [min, late, unseen]
}

impl fmt::Display for WakeReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::HoldEnds => "a hold ends",
            Self::Deadline => "the deadline",
            Self::BakeMin => "the least bake is over",
            Self::BakeMax => "inconclusive evidence is no longer waited for",
            Self::NoData => "missing data is no longer waited for",
            Self::Drained => "the last requests have drained",
            Self::Unseen => "an exposure that no look shows is no longer waited for",
        })
    }
}
