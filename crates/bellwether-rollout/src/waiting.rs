//! What a rollout waits for, and what would make it go on.

use alloc::{vec, vec::Vec};

use bellwether_core::{Basis, Duration, Finding, Time, Verdict, Weight};
use bellwether_strategy::{OnDeadline, Step};

use crate::{
    BackSub, FinalSub, HoldReason, Phase, Place, RollingBack, State, Stepping, Stuck, StuckReason, Sub,
    explain::{held, waiting_in_phase},
};

/// Everything that a rollout waits for, each with what would make it go on ([`Finding::flips_when`]). Empty at the end.
///
/// What only time can bring has no such condition.
///
/// # Example: a rollout that somebody paused
/// ```
/// use bellwether_core::{Arms, Level, Release, Target, Time, Version};
/// use bellwether_rollout::{Actor, Event, Kind, start, step, waiting_for};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(Level::Medium).plan(&release, &Target::default())?.outcome;
/// let by = Actor::Person("ada".parse()?);
/// let paused = Event { id: "1".parse()?, at: Time::default(), by, kind: Kind::Paused { why: "lunch".into() } };
/// let (state, _) = step(start(plan, Time::default()), &paused);
/// assert_eq!(waiting_for(&state)[0].rendered_flip().as_deref(), Some("somebody let it go on"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn waiting_for(state: &State) -> Vec<Finding> {
    if state.is_terminal() {
        return vec![];
    }
    let holds = state.holds().iter().map(|hold| ended_by(&hold.why, held(hold)));
    let bakes = matches!(state.place(), Place::Bake(_));
    let own = (state.holds().is_empty() || bakes).then(|| goes_on(state, waiting_in_phase(state)));
    holds.chain(own).chain(unconfirmed(state)).chain(given_up(state)).chain(out_of_sight(state)).collect()
}

/// What ends a hold before its deadline.
fn ended_by(why: &HoldReason, finding: Finding) -> Finding {
    finding.flips_when(match why {
        HoldReason::Approval { .. } => "enough people had approved the step of this plan",
        HoldReason::Gate(_) => "{why} passed, or somebody skipped it",
        HoldReason::Human => "somebody let it go on",
        HoldReason::Inconclusive => "the judge passed the step at this exposure, or somebody skipped it",
        HoldReason::NoData => "there was data to judge by, or somebody skipped the step",
        HoldReason::Policy => "the rollback policy said to go on",
        HoldReason::Queue(_) => "that rollout ended, and its candidate's share was seen to be 0 %",
        HoldReason::Unjudged => "they were read and judged, or somebody skipped them",
        HoldReason::Unseen => "the exposure was seen, or somebody skipped the step",
    })
}

fn goes_on(state: &State, finding: Finding) -> Finding {
    match state.phase() {
        Phase::Stepping(stepping) => goes_on_in_step(state, stepping, finding),
        Phase::Finalising(finalising) => match finalising.sub {
            FinalSub::Standby { until } if until > state.now() => finding,
            FinalSub::Standby { .. } | FinalSub::Shrink if state.exchanging().is_some() => finding
                .flips_when("the candidate's ready units carried everything and none of the old version was left"),
            FinalSub::Standby { .. } => {
                finding.flips_when("the router showed 100 % and the candidate's ready units carried it")
            }
            FinalSub::Shrink => finding.flips_when("no unit of the old version was left and the router showed 100 %"),
        },
        Phase::RollingBack(back) => goes_on_back(state, back, finding),
        Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. } => finding,
        Phase::Stuck(stuck) => goes_on_from_stuck(stuck, finding),
    }
}

fn goes_on_in_step(state: &State, stepping: &Stepping, finding: Finding) -> Finding {
    let Some(step) = state.plan().step(stepping.step) else { return finding };
    let share = step.route.exposure();
    match stepping.sub {
        Sub::Gate { .. } => finding,
        Sub::Scale { .. } => {
            let Some(replicas) = state.replicas() else { return finding };
            let candidate = state.plan().candidate_units_of(step, replicas).max(share.of(replicas));
            let stable = step.route.share.rest().of(replicas);
            let ready = state.observed().and_then(|seen| seen.units).map(|units| units.map(|units| units.ready));
            let text = match ready {
                Some(_) => {
                    "the ready units were {candidate} of the candidate and {stable} of stable, not {candidate_ready} \
                     and {stable_ready}"
                }
                None => "the ready units were seen to be {candidate} of the candidate and {stable} of stable",
            };
            let finding = finding.figure("candidate", candidate).figure("stable", stable).flips_when(text);
            match ready {
                Some(ready) => finding.figure("candidate_ready", ready.candidate).figure("stable_ready", ready.stable),
                None => finding,
            }
        }
        Sub::Shift { .. } if state.exchanging().is_some() => {
            finding.figure("share", share).flips_when("the units were exchanged as far as {share}")
        }
        Sub::Shift { .. } => finding.figure("share", share).flips_when("the router showed {share}"),
        Sub::Bake => goes_on_in_bake(step, stepping, finding),
    }
}

fn goes_on_in_bake(step: &Step, stepping: &Stepping, finding: Finding) -> Finding {
    let rest = step.bake.min.saturating_sub(stepping.bake.total);
    let is_judged = step.evidence == Basis::Time || stepping.bake.verdict == Some(Verdict::Pass);
    match (rest.is_zero(), is_judged) {
        (true, true) => finding,
        (true, false) => finding.flips_when("the judge passed the step at this exposure"),
        (false, true) => finding.figure("rest", rest).flips_when("it had baked {rest} longer"),
        (false, false) => finding
            .figure("rest", rest)
            .flips_when("it had baked {rest} longer and the judge passed the step at this exposure"),
    }
}

fn goes_on_back(state: &State, back: &RollingBack, finding: Finding) -> Finding {
    if state.exchanging().is_some() && !matches!(back.sub, BackSub::Drain { .. }) {
        return finding.flips_when("stable's ready units carried everything and no unit of the candidate was left");
    }
    match (back.sub, state.replicas()) {
        (BackSub::Shift { .. }, Some(replicas)) if back.ceiling != Weight::ZERO => finding
            .figure("replicas", replicas)
            .flips_when("more of stable's {replicas} units were ready to carry what the candidate still has"),
        (BackSub::Shift { .. }, _) => finding.flips_when("the router showed 0 %"),
        (BackSub::Drain { .. }, _) => finding,
        (BackSub::Shrink, _) => finding.flips_when("no unit of the candidate was left and the router showed 0 %"),
    }
}

fn goes_on_from_stuck(stuck: &Stuck, finding: Finding) -> Finding {
    finding.flips_when(match stuck.why {
        StuckReason::Floor { .. } => "somebody skipped the step, so that it goes forward",
        StuckReason::NothingReady => "somebody sent it back, or forward by skipping the step",
    })
}

/// A bake does not go on while nobody knows whether its exposure is still there.
fn unconfirmed(state: &State) -> Option<Finding> {
    let Phase::Stepping(Stepping { sub: Sub::Bake, bake, .. }) = state.phase() else { return None };
    if bake.confirmed.is_some() {
        return None;
    }
    let finding = if state.exchanging().is_some() {
        let text = "the units have not shown {share} at the last look, so the bake stands still";
        Finding::warning("rollout.unconfirmed", text).flips_when("they were seen and showed {share}")
    } else {
        let text = "the router has not shown {share} at the last look, so the bake stands still";
        Finding::warning("rollout.unconfirmed", text).flips_when("the router answered and showed {share}")
    };
    Some(finding.figure("share", state.route().exposure()))
}

/// When evidence is no longer waited for, and what happens then.
fn given_up(state: &State) -> Option<Finding> {
    let Phase::Stepping(stepping) = state.phase() else { return None };
    let step = state.plan().step(stepping.step).filter(|step| step.evidence != Basis::Time)?;
    let (no_data, bake) = (state.plan().conduct().no_data, &stepping.bake);
    let (what, until, then, why) = match bake.verdict {
        _ if stepping.sub != Sub::Bake => return None,
        Some(Verdict::Inconclusive) => {
            ("inconclusive evidence", end(bake.since?, step.bake.max), step.on_inconclusive, HoldReason::Inconclusive)
        }
        Some(Verdict::NoData) | None => {
            ("missing data", end(bake.missing?, no_data.until), no_data.then, HoldReason::NoData)
        }
        Some(Verdict::Pass | Verdict::Fail) => return None,
    };
    // Once somebody was asked the hold says until when.
    (!stepping.is_held_for(&why)).then(|| waits_until(what, until, then))
}

/// When an exposure that no look shows is no longer waited for, and what happens then.
fn out_of_sight(state: &State) -> Option<Finding> {
    let Phase::Stepping(stepping) = state.phase() else { return None };
    let (no_data, bake) = (state.plan().conduct().no_data, &stepping.bake);
    let end = bake.out_of_sight(state.step()?, no_data).filter(|_| bake.unseen.is_some())?;
    let is_open = stepping.sub == Sub::Bake && !stepping.is_held_for(&HoldReason::Unseen);
    is_open.then(|| waits_until("the exposure", end, no_data.then))
}

fn waits_until(what: &'static str, until: Time, then: OnDeadline) -> Finding {
    let then = match then {
        OnDeadline::RollBack => "the rollout goes back",
        OnDeadline::Human => "a person is asked",
        OnDeadline::ProceedUncertified => "it goes on without a certificate",
        OnDeadline::Keep => "stable is kept",
    };
    let finding = Finding::info("rollout.waits_until", "{what} is waited for until {until}, then: {then}");
    finding.figure("what", what).figure("until", until).figure("then", then)
}

const fn end(since: Time, wait: Duration) -> Time {
    since.after(wait)
}
