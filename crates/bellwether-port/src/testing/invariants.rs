//! The machine's invariants, each checked after every step by what the events alone say.
//!
//! A check does not ask the machine how it came to its state: what must have happened before is kept in [`History`],
//! from the events.

use std::fmt;

use bellwether_core::{Basis, Decision, Fence, Route, Time, Verdict, Weight};
use bellwether_rollout::{
    Actor, Event, Goal, HoldReason, Kind, Move, Observation, Phase, State, Stepping, StuckReason, Sub, difference,
    goal, step,
};
use bellwether_strategy::OnDeadline;

use crate::testing::history::History;

mod plans;
mod units;

/// One step of the machine, and the goal after it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests build it field by field")]
pub struct Transition<'a> {
    /// The state before.
    pub before: &'a State,
    /// What happened.
    pub event: &'a Event,
    /// The state after.
    pub after: &'a State,
    /// What was decided.
    pub decision: &'a Decision<Move>,
    /// The goal after.
    pub goal: &'a Goal,
}

/// Tells which invariant a transition breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// The invariant's number, such as `I4`.
    pub invariant: &'static str,
    /// What is wrong.
    pub text: String,
}

impl Violation {
    pub(crate) const fn new(invariant: &'static str, text: String) -> Self {
        Self { invariant, text }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.invariant, self.text)
    }
}

type Check = fn(&History, &Transition<'_>) -> Result<(), String>;

const CHECKS: [(&str, Check); 30] = [
    ("I1", units::units_stay_within_what_can_be_asked_for),
    ("I2", units::stable_keeps_the_units_that_its_traffic_needs),
    ("I3", units::the_candidate_keeps_the_units_that_its_traffic_needs),
    ("I4", units::share_rises_only_onto_ready_units),
    ("I5", units::share_falls_only_onto_ready_units),
    ("I6", abort_goes_back_at_once),
    ("I7", going_back_only_goes_back),
    ("I8", abort_takes_all_traffic_back_where_stable_is_ready),
    ("I9", completed_means_observed),
    ("I10", rolled_back_means_observed),
    ("I11", steps_are_left_by_their_own_evidence),
    ("I12", a_successor_waits_for_its_predecessor),
    ("I13", no_step_is_skipped),
    ("I14", the_difference_done_twice_is_done_once),
    ("I15", the_goal_follows_from_the_state),
    ("I16", drift_is_corrected),
    ("I17", bake_accrues_only_at_the_observed_exposure),
    ("I18", a_stored_state_goes_on_as_if_nothing_was),
    ("I19", the_same_event_gives_the_same_decision),
    ("I21", units::units_are_exchanged_within_their_bounds),
    ("I24", exposure_stays_within_the_step),
    ("I25", plans::what_is_held_is_not_raised),
    ("I27", plans::past_the_floor_nothing_goes_back),
    ("I28", units::the_last_that_serves_stays),
    ("I29", plans::a_changed_plan_is_no_easier),
    ("I30", an_alarm_goes_back_at_once),
    ("I32", time_never_runs_backwards),
    ("I33", decisions_and_holds_say_why),
    ("I34", nothing_is_raised_unjudged),
    ("L6", waiting_has_an_end),
];

/// The numbers of the invariants that [`check_invariants`] checks.
pub fn invariants() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(invariant, _)| *invariant)
}

/// Checks every invariant that one transition can break, and remembers what later ones need.
///
/// I31 concerns a round, not a step: see [`check_round`].
#[must_use]
pub fn check_invariants(history: &mut History, transition: &Transition<'_>) -> Vec<Violation> {
    history.take(transition);
    let broken = CHECKS.iter().filter_map(|(invariant, check)| {
        let text = check(history, transition).err()?;
        Some(Violation { invariant, text })
    });
    let broken = broken.collect();
    history.end(transition);
    broken
}

/// Checks I31: events that were sorted must give the same outcome as the same events, come in another order and sorted.
///
/// # Errors
/// The outcome of the round depends on the order of arrival.
pub fn check_round(state: &State, round: &[Event]) -> Result<(), Violation> {
    let fold = |events: &[Event]| events.iter().fold(state.clone(), |state, event| step(state, event).0);
    let mut arrived: Vec<Event> = round.iter().rev().cloned().collect();
    bellwether_rollout::sort_round(&mut arrived);
    if arrived == round || fold(round) == fold(&arrived) {
        return Ok(());
    }
    let text = "the outcome of the round depends on the order in which its events arrived".into();
    Err(Violation { invariant: "I31", text })
}

fn abort_goes_back_at_once(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    if matches!(transition.event.kind, Kind::Aborted { .. }) { goes_back(transition) } else { Ok(()) }
}

fn an_alarm_goes_back_at_once(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    if matches!(transition.event.kind, Kind::Alarmed { .. }) { goes_back(transition) } else { Ok(()) }
}

fn goes_back(transition: &Transition<'_>) -> Result<(), String> {
    if transition.before.is_terminal() || says(transition.decision, "rollout.repeated") {
        return Ok(());
    }
    ensure(is_back(transition.after), || format!("{} after it", transition.after.place()))
}

fn is_back(state: &State) -> bool {
    match state.phase() {
        Phase::RollingBack(_) | Phase::Kept { .. } | Phase::RolledBack { .. } => true,
        Phase::Stuck(stuck) => matches!(stuck.why, StuckReason::Floor { .. }),
        Phase::Stepping(_) | Phase::Finalising(_) | Phase::Completed { .. } => false,
    }
}

fn going_back_only_goes_back(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    if !matches!(transition.before.phase(), Phase::RollingBack(_)) {
        return Ok(());
    }
    let place = transition.after.place();
    let leads_back = is_back(transition.after) || matches!(transition.after.phase(), Phase::Stuck(_));
    ensure(leads_back, || format!("going back led to {place}"))?;
    let (before, after) = (goal(transition.before).route, &transition.goal.route);
    ensure(after.share <= before.share && after.mirror == Weight::ZERO && after.cohort.is_none(), || {
        format!("{before:?} became {after:?} on the way back")
    })
}

fn abort_takes_all_traffic_back_where_stable_is_ready(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let is_abort = matches!(transition.event.kind, Kind::Aborted { .. });
    let went_back = matches!(transition.after.phase(), Phase::RollingBack(_));
    let was_back = matches!(transition.before.phase(), Phase::RollingBack(_));
    if !is_abort || !went_back || was_back {
        return Ok(());
    }
    let ready = transition.after.observed().and_then(|observation| observation.units);
    let carried =
        transition.after.replicas().is_none_or(|replicas| ready.is_some_and(|units| units.stable.ready >= replicas));
    // Where traffic follows the units, those of before are not acted on: the next look decides.
    let looks_first = transition.goal.by_units && transition.goal.units.is_none();
    let share = transition.goal.route.share;
    ensure(!carried || looks_first || share == Weight::ZERO, || format!("stable is ready, and {share} is still wanted"))
}

fn completed_means_observed(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    if transition.before.is_terminal() || !matches!(transition.after.phase(), Phase::Completed { .. }) {
        return Ok(());
    }
    let shown = transition.after.observed().and_then(|observation| observation.route.as_ref());
    let share = shown.map(|route| route.share);
    ensure(share == Some(Weight::FULL) && is_told(transition.after), || format!("completed at {share:?}"))
}

fn rolled_back_means_observed(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    if transition.before.is_terminal()
        || !matches!(transition.after.phase(), Phase::Kept { .. } | Phase::RolledBack { .. })
    {
        return Ok(());
    }
    let shown = transition.after.observed().and_then(|observation| observation.route.as_ref());
    let is_stable = shown == Some(&Route::STABLE);
    ensure(is_stable && is_told(transition.after), || format!("rolled back at {shown:?}"))
}

/// Whether the latest observation was made after the latest command was carried out.
fn is_told(state: &State) -> bool {
    let applied = state.observed().and_then(|observation| observation.applied);
    applied.is_some_and(|fence| fence.generation >= state.generation())
}

fn steps_are_left_by_their_own_evidence(history: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Phase::Stepping(before) = transition.before.phase() else { return Ok(()) };
    let last = match transition.after.phase() {
        Phase::Stepping(after) => after.step,
        Phase::Finalising(_) | Phase::Completed { .. } => u32::MAX,
        Phase::RollingBack(_) | Phase::Kept { .. } | Phase::RolledBack { .. } | Phase::Stuck(_) => return Ok(()),
    };
    let is_explicit = matches!(transition.event.kind, Kind::Skipped { .. } | Kind::AdvancedInFull { .. })
        && !matches!(transition.event.by, Actor::Driver);
    if last <= before.step || is_explicit {
        return Ok(());
    }
    ensure(is_licensed(history, transition, before), || {
        format!("step {} was left by {:?}", before.step, transition.event.kind)
    })
}

fn is_licensed(history: &History, transition: &Transition<'_>, before: &Stepping) -> bool {
    let Some(step) = transition.before.plan().step(before.step) else { return false };
    let bake = history.bake(before.step, before.entry);
    let baked = bake.total >= step.bake.min;
    let verdict = bake.verdict;
    let overdue = bake.since.is_some_and(|since| since.after(step.bake.max) <= transition.after.now());
    match step.evidence {
        Basis::Time => baked,
        Basis::Compare | Basis::Guard => match verdict {
            Some(Verdict::Pass) => baked,
            Some(Verdict::Inconclusive) => baked && overdue && step.on_inconclusive == OnDeadline::ProceedUncertified,
            Some(Verdict::Fail | Verdict::NoData) | None => false,
        },
    }
}

fn a_successor_waits_for_its_predecessor(history: &History, transition: &Transition<'_>) -> Result<(), String> {
    let exposure = transition.goal.route.exposure();
    ensure(!history.waits_for_predecessor || exposure == Weight::ZERO, || {
        format!("{exposure} is wanted before the predecessor has ended")
    })
}

fn no_step_is_skipped(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (Phase::Stepping(before), Phase::Stepping(after)) = (transition.before.phase(), transition.after.phase())
    else {
        return Ok(());
    };
    ensure(after.step >= before.step, || format!("step {} was followed by step {}", before.step, after.step))?;
    let steps = transition.before.plan().steps();
    let exposed = |index: u32| {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        steps.get(index).is_some_and(|step| step.route.exposure() != Weight::ZERO)
    };
    let skipped = (before.step.saturating_add(1)..after.step).find(|index| exposed(*index));
    let is_explicit = matches!(transition.event.kind, Kind::AdvancedInFull { .. });
    ensure(is_explicit || skipped.is_none(), || format!("step {skipped:?} was skipped"))
}

fn the_difference_done_twice_is_done_once(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Some(observation) = transition.after.observed() else { return Ok(()) };
    let goal = transition.goal;
    let first = difference(goal, observation);
    let mut done = Observation { route: Some(goal.route.clone()), ..observation.clone() };
    let generation = transition.after.generation();
    done.applied = Some(Fence { token: u64::MAX, generation });
    if let (Some(units), Some(wanted)) = (&mut done.units, first.units) {
        units.stable.want = wanted.stable;
        units.candidate.want = wanted.candidate;
    }
    let again = difference(goal, &done);
    ensure(again.is_empty(), || format!("{first:?} was done, and {again:?} is still to do"))
}

fn the_goal_follows_from_the_state(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let again = goal(transition.after);
    ensure(again == *transition.goal, || format!("{:?} is wanted, then {again:?}", transition.goal))?;
    let Some(observation) = transition.after.observed() else { return Ok(()) };
    let (first, second) = (difference(&again, observation), difference(&again, observation));
    ensure(first == second, || format!("the difference is {first:?}, then {second:?}"))
}

fn drift_is_corrected(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Some(observation) = transition.after.observed() else { return Ok(()) };
    let wanted = &goal(transition.after).route;
    if transition.goal.by_units {
        return Ok(());
    }
    let correction = difference(transition.goal, observation).route;
    let is_right = observation.route.as_ref() == Some(wanted) && is_told(transition.after);
    ensure(is_right || correction.as_ref() == Some(wanted), || {
        format!("{:?} is observed, {wanted:?} wanted, and {correction:?} would be told", observation.route)
    })
}

fn bake_accrues_only_at_the_observed_exposure(history: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Phase::Stepping(after) = transition.after.phase() else { return Ok(()) };
    let naive = history.bake(after.step, after.entry).total;
    let found = after.bake.total;
    ensure(found <= naive, || format!("{found} of bake is counted, {naive} was observed"))
}

/// The bytes that a stored state has at most.
const STORED_MAX: usize = 8 * 1024;

fn a_stored_state_goes_on_as_if_nothing_was(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    // Storing costs more than all the other checks together, so a part of the states is checked: over many rollouts
    // those of every place.
    if !transition.after.events().is_multiple_of(8) {
        return Ok(());
    }
    let stored = serde_json::to_vec(&transition.after.snapshot()).map_err(|error| error.to_string())?;
    ensure(stored.len() <= STORED_MAX, || format!("the stored state has {} bytes", stored.len()))?;
    let read = serde_json::from_slice(&stored).map_err(|error| error.to_string())?;
    let plan = transition.after.shared_plan();
    let again = State::restore(plan, read).map_err(|error| error.to_string())?;
    ensure(again == *transition.after && goal(&again) == *transition.goal, || "the stored state is another one".into())
}

fn the_same_event_gives_the_same_decision(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (after, decision) = step(transition.before.clone(), transition.event);
    ensure(after == *transition.after && decision == *transition.decision, || {
        format!("{:?} was decided, then {:?}", transition.decision.outcome, decision.outcome)
    })
}

fn exposure_stays_within_the_step(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (before, after) = (goal(transition.before).route.exposure(), transition.goal.route.exposure());
    let limit = match transition.after.phase() {
        Phase::Stepping(stepping) => {
            let step = transition.after.plan().step(stepping.step);
            let limit = step.map_or(Weight::ZERO, |step| step.route.exposure());
            match stepping.sub {
                // The step's own exposure is asked for by its shift, and by nothing before it.
                Sub::Gate { .. } | Sub::Scale { .. } => limit.min(before),
                Sub::Shift { .. } | Sub::Bake => limit,
            }
        }
        Phase::Finalising(_) | Phase::Completed { .. } => Weight::FULL,
        Phase::RollingBack(_) | Phase::Kept { .. } | Phase::RolledBack { .. } | Phase::Stuck(_) => before,
    };
    ensure(after <= limit, || format!("{after} is wanted where at most {limit} may be"))
}

fn time_never_runs_backwards(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let (before, after) = (transition.before.now(), transition.after.now());
    let at = transition.event.at;
    ensure(after == before.max(at), || format!("{at} came after {before}, and it is {after}"))?;
    ensure(at >= before || says(transition.decision, "rollout.clock"), || format!("{at} was cut to {before} silently"))
}

fn decisions_and_holds_say_why(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    ensure(!transition.decision.findings.is_empty(), || "a decision without a finding".into())?;
    let late = transition.after.holds().iter().find(|hold| hold.deadline < hold.since);
    ensure(late.is_none(), || format!("a hold ends before it begins: {late:?}"))
}

fn nothing_is_raised_unjudged(history: &History, transition: &Transition<'_>) -> Result<(), String> {
    let Some(limit) = history.unjudged_limit() else { return Ok(()) };
    let exposure = transition.goal.route.exposure();
    ensure(exposure <= limit, || {
        format!("{limit} was found after the rollout was taken up again, {exposure} is wanted before it is judged")
    })
}

fn waiting_has_an_end(_: &History, transition: &Transition<'_>) -> Result<(), String> {
    let state = transition.after;
    let waits_for_a_person = matches!(state.phase(), Phase::Stuck(_));
    let has_end = transition.goal.wake.is_some() || !state.holds().is_empty() || state.now() == Time::MAX;
    let is_over = state.is_terminal() || waits_for_a_person;
    ensure(has_end || is_over, || format!("nothing ends the wait at {}", state.place()))?;
    // A driver sleeps until the wake: one that is over would never let it sleep.
    let over = transition.goal.wake.filter(|wake| wake.at <= state.now() && state.now() < Time::MAX);
    ensure(over.is_none(), || format!("{} waits for {over:?}, which is over", state.place()))
}

/// Whether a decision has a finding of a rule.
fn says(decision: &Decision<Move>, rule: &str) -> bool {
    decision.findings.iter().any(|finding| finding.rule == rule)
}

/// Whether forward moves are held for a reason.
pub(crate) fn is_held_for(state: &State, why: impl Fn(&HoldReason) -> bool) -> bool {
    state.holds().iter().any(|hold| why(&hold.why))
}

fn ensure(holds: bool, text: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(text()) }
}
