//! What is asked of holds, of the point of no return and of a plan that is changed under way.

use bellwether_core::Basis;
use bellwether_rollout::{Kind, Phase, Sub, goal};
use bellwether_strategy::Step;

use super::{History, ensure};
use crate::testing::Transition;

/// As long as anything is held, by a window or by somebody, no exposure rises; going back is as it was.
pub(super) fn what_is_held_is_not_raised(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let held = transition.before.holds().iter().find(|hold| transition.after.holds().contains(hold));
    let (before, after) = (goal(transition.before).route.exposure(), transition.goal.route.exposure());
    let raised = |why: &dyn std::fmt::Display| format!("{after} is wanted after {before}, and it is held for {why}");
    match held {
        Some(hold) if is_before_its_shift(transition) => ensure(after <= before, || raised(&hold.why)),
        Some(_) | None => Ok(()),
    }
}

/// What was asked for already is repaired, held or not.
fn is_before_its_shift(transition: &Transition<'_>) -> bool {
    let Phase::Stepping(stepping) = transition.before.phase() else { return false };
    matches!(stepping.sub, Sub::Gate { .. } | Sub::Scale { .. }) && !stepping.asked
}

/// A rollout whose exposure was asked for past the point of no return never goes back by itself.
pub(super) fn past_the_floor_nothing_goes_back(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Phase::Stepping(stepping) = transition.before.phase() else { return Ok(()) };
    let floor = transition.before.plan().floor_index();
    let is_past = floor.is_some_and(|floor| floor < stepping.step || (floor == stepping.step && stepping.asked));
    let goes_back = matches!(transition.after.phase(), Phase::RollingBack(_));
    ensure(!is_past || !goes_back, || format!("step {} is past the point of no return", stepping.step))
}

/// A plan that was taken asks at least as much of the current step, and leaves the finished ones as they were.
pub(super) fn a_changed_plan_is_no_easier(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    if transition.before.digest() == transition.after.digest() {
        return Ok(());
    }
    let is_change = matches!(transition.event.kind, Kind::PlanChanged { .. });
    ensure(is_change, || format!("{:?} changed the plan", transition.event.kind))?;
    let Phase::Stepping(stepping) = transition.before.phase() else { return Err("it is too late for a change".into()) };
    let (was, is) = (transition.before.plan().steps(), transition.after.plan().steps());
    let current = usize::try_from(stepping.step).unwrap_or(usize::MAX);
    ensure(was.iter().take(current).eq(is.iter().take(current)), || "a finished step is another one".into())?;
    let (Some(was), Some(is)) = (was.get(current), is.get(current)) else { return Err("the step is gone".into()) };
    ensure(asks_as_much(was, is), || format!("{was:?} became {is:?}"))
}

fn asks_as_much(was: &Step, is: &Step) -> bool {
    let weight = |basis| match basis {
        Basis::Time => 0,
        Basis::Guard => 1,
        Basis::Compare => 2,
    };
    is.route == was.route
        && weight(is.evidence) >= weight(was.evidence)
        && is.bake.min >= was.bake.min
        && is.approvals >= was.approvals
        && was.gates.iter().all(|gate| is.gates.contains(gate))
}
