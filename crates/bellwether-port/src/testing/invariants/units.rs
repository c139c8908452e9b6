//! What is asked of the units.

use bellwether_core::{Route, Weight};
use bellwether_rollout::{Goal, goal};

use super::{History, ensure};
use crate::testing::Transition;

pub(super) fn units_stay_within_what_can_be_asked_for(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Goal { route, units, .. } = transition.goal;
    let sum = u32::from(route.share.basis_points()) + u32::from(route.share.rest().basis_points());
    ensure(sum == 10_000, || format!("the split adds up to {sum}"))?;
    let (Some(units), Some(replicas)) = (units, transition.after.replicas()) else { return Ok(()) };
    let plan = transition.after.plan();
    let most = plan.steps().iter().map(|step| plan.candidate_units_of(step, replicas)).max();
    let observed = transition.after.observed().and_then(|observation| observation.units);
    let most = most.max(observed.map(|units| units.candidate.want)).max(Some(replicas)).unwrap_or(0);
    let shrinks = observed.map_or(0, |units| units.stable.want).max(replicas);
    ensure(units.stable <= shrinks && units.candidate <= most, || {
        format!("{units:?} units are wanted, a version has at most {most}")
    })
}

/// Without a router the wanted units stay within the bounds, wherever they were before.
pub(super) fn units_are_exchanged_within_their_bounds(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (after, seen) = (transition.after, transition.after.observed().and_then(|observation| observation.units));
    let (Some(exchange), Some(replicas), Some(wanted), Some(seen)) =
        (after.plan().exchange(), after.replicas(), transition.goal.units, seen)
    else {
        return Ok(());
    };
    let bounds = exchange.bounds(replicas);
    let before = seen.stable.want.saturating_add(seen.candidate.want);
    let sum = wanted.stable.saturating_add(wanted.candidate);
    let (least, most) = (bounds.least.min(before), bounds.most.max(before));
    ensure((least..=most).contains(&sum), || {
        format!("{wanted:?} units are wanted where {seen:?} are, outside of {least} to {most}")
    })?;
    let serving = |ready: u32, want: u32| ready.min(want);
    let ready =
        serving(seen.stable.ready, wanted.stable).saturating_add(serving(seen.candidate.ready, wanted.candidate));
    let all = seen.stable.ready.saturating_add(seen.candidate.ready);
    ensure(ready >= bounds.least.min(all), || {
        format!("{wanted:?} units leave {ready} ready of {all}, at least {} must be", bounds.least)
    })
}

pub(super) fn stable_keeps_the_units_that_its_traffic_needs(
    _: &History,
    transition: &Transition<'_>,
) -> Result<(), String> {
    let shown = transition.after.observed().and_then(|observation| observation.route.as_ref());
    let (Some(units), Some(shown), Some(replicas)) = (transition.goal.units, shown, routed_replicas(transition)) else {
        return Ok(());
    };
    let needed = naive_need(shown.share.rest(), replicas);
    ensure(u128::from(units.stable) >= needed, || {
        format!("stable serves {}, which needs {needed} units, and {} are wanted", shown.share.rest(), units.stable)
    })
}

pub(super) fn the_candidate_keeps_the_units_that_its_traffic_needs(
    _: &History,
    transition: &Transition<'_>,
) -> Result<(), String> {
    let shown = transition.after.observed().and_then(|observation| observation.route.as_ref());
    let shown = shown.map_or(Weight::ZERO, Route::exposure);
    let (Some(units), Some(replicas)) = (transition.goal.units, routed_replicas(transition)) else {
        return Ok(());
    };
    let most = shown.max(transition.goal.route.exposure());
    let needed = naive_need(most, replicas);
    ensure(u128::from(units.candidate) >= needed, || {
        format!("the candidate serves {shown}, {most} needs {needed} units, and {} are wanted", units.candidate)
    })
}

pub(super) fn share_falls_only_onto_ready_units(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (before, after) = (goal(transition.before).route.share, transition.goal.route.share);
    let observation = transition.after.observed();
    let shown = observation.and_then(|observation| observation.route.as_ref()).map(|route| route.share);
    let has_fallen = shown.is_some_and(|shown| shown <= after);
    let Some(replicas) = routed_replicas(transition).filter(|_| after < before && !has_fallen) else {
        return Ok(());
    };
    let ready = observation.and_then(|observation| observation.units).map_or(0, |units| units.stable.ready);
    let needed = naive_need(after.rest(), replicas);
    ensure(u128::from(ready) >= needed, || {
        format!("stable gets {}, which needs {needed} ready units, there are {ready}", after.rest())
    })
}

pub(super) fn share_rises_only_onto_ready_units(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (before, after) = (goal(transition.before).route.exposure(), transition.goal.route.exposure());
    let Some(replicas) = routed_replicas(transition).filter(|_| after > before) else { return Ok(()) };
    let ready = transition.after.observed().and_then(|observation| observation.units);
    let ready = ready.map_or(0, |units| units.candidate.ready);
    let needed = naive_need(after, replicas);
    ensure(u128::from(ready) >= needed, || {
        format!("{after} is wanted, it needs {needed} ready units, there are {ready}")
    })
}

/// The replicas of a plan with a router; without one traffic only goes where units are ready.
fn routed_replicas(transition: &Transition<'_>) -> Option<u32> {
    transition.after.replicas().filter(|_| !transition.goal.by_units)
}

/// The units that carry a share, in numbers that cannot overflow.
fn naive_need(share: Weight, replicas: u32) -> u128 {
    (u128::from(share.basis_points()) * u128::from(replicas)).div_ceil(10_000)
}

/// The last version that serves anybody keeps its units, except where an outage is planned.
pub(super) fn the_last_that_serves_stays(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let seen = transition.after.observed().and_then(|observation| observation.units);
    let (Some(wanted), Some(seen)) = (transition.goal.units, seen) else { return Ok(()) };
    let is_outage = transition.after.plan().exchange().is_some_and(|exchange| exchange.outage);
    if is_outage || transition.after.is_terminal() {
        return Ok(());
    }
    let stable_goes = seen.stable.ready > 0 && seen.candidate.ready == 0 && wanted.stable == 0;
    ensure(!stable_goes && (wanted.stable > 0 || wanted.candidate > 0), || {
        format!("{wanted:?} units are wanted where only {seen:?} are")
    })
}
