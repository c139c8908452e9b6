use alloc::{string::ToString, vec::Vec};
use core::fmt;

use bellwether_core::{Basis, Decision, Finding, Value, Verdict};

use crate::{
    BackSub, Event, FinalSub, Hold, Kind, Move, Phase, State, Stepping, Stuck, StuckReason, Sub, replay::fold,
    waiting_for,
};

/// Why a decision was made: the events that led to it, each with its own decision, and what is waited for after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The entries of the log that led here, oldest first; the last one is the decision that was asked for.
    pub causes: Vec<Explained>,
    /// What the rollout waits for after it.
    pub waiting: Vec<Finding>,
}

/// One entry of a log with its decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Its index in the log.
    pub index: usize,
    /// The event.
    pub event: Event,
    /// What was decided.
    pub decision: Decision<Move>,
}

/// Explains one decision of a log: the chain of moves that brought the rollout to where it stood, the last word of the
/// judge and of each gate there, the decision itself, and what is waited for after it.
///
/// `None` when the log has no such entry.
#[must_use]
pub fn explain<'a>(state: State, events: impl IntoIterator<Item = &'a Event>, index: usize) -> Option<Explanation> {
    let events: Vec<&Event> = events.into_iter().take(index.saturating_add(1)).collect();
    let (after, decisions) = fold(state, events.iter().copied());
    if decisions.len() <= index {
        return None;
    }
    let entered = decisions.iter().take(index).rposition(|decision| matches!(decision.outcome, Move::Enter(_)));
    let causes = events.into_iter().zip(decisions).enumerate();
    let causes = causes.filter(|(at, (event, decision))| {
        *at == index || matters(event, decision) || entered.is_none_or(|entered| *at > entered) && is_evidence(event)
    });
    let causes = causes.map(|(index, (event, decision))| Explained { index, event: event.clone(), decision });
    Some(Explanation { causes: last_word_each(causes.collect()), waiting: waiting_for(&after) })
}

fn matters(event: &Event, decision: &Decision<Move>) -> bool {
    decision.outcome != Move::Stay || event.is_command()
}

fn is_evidence(event: &Event) -> bool {
    matches!(event.kind, Kind::Judged { .. } | Kind::GateChecked { .. } | Kind::PortFailed { .. })
}

/// Of evidence that changed nothing only the last word is kept.
fn last_word_each(causes: Vec<Explained>) -> Vec<Explained> {
    let mut kept: Vec<Explained> = Vec::new();
    for cause in causes {
        let same_source = |earlier: &Explained| match (&earlier.event.kind, &cause.event.kind) {
            (Kind::Judged { stage: left, .. }, Kind::Judged { stage: right, .. }) => left == right,
            (Kind::GateChecked { gate: left, .. }, Kind::GateChecked { gate: right, .. }) => left == right,
            (Kind::PortFailed { port: left, .. }, Kind::PortFailed { port: right, .. }) => left == right,
            _ => false,
        };
        kept.retain(|earlier| earlier.decision.outcome != Move::Stay || !same_source(earlier));
        kept.push(cause);
    }
    kept
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Explained { index, event, decision } in &self.causes {
            writeln!(formatter, "{index} {} {}: {decision}", event.at, event.kind.name())?;
        }
        for finding in &self.waiting {
            writeln!(formatter, "waiting: {}", finding.rendered())?;
        }
        Ok(())
    }
}

impl Kind {
    /// The event's name, as its JSON form has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::CaughtUp => "caught_up",
            Self::Ticked => "ticked",
            Self::Observed(_) => "observed",
            Self::Judged { .. } => "judged",
            Self::GateChecked { .. } => "gate_checked",
            Self::Responded { .. } => "responded",
            Self::Checked { .. } => "checked",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
            Self::PlanChanged { .. } => "plan_changed",
            Self::Rescaled { .. } => "rescaled",
            Self::Paused { .. } => "paused",
            Self::Unpaused => "unpaused",
            Self::Aborted { .. } => "aborted",
            Self::Skipped { .. } => "skipped",
            Self::AdvancedInFull { .. } => "advanced_in_full",
            Self::Superseded { .. } => "superseded",
            Self::PredecessorEnded { .. } => "predecessor_ended",
            Self::Alarmed { .. } => "alarmed",
            Self::PortFailed { .. } => "port_failed",
        }
    }
}

pub(crate) fn held(hold: &Hold) -> Finding {
    Finding::info("rollout.held", "forward moves wait for {why} until {deadline}, then: {then}")
        .figure("why", hold.why.to_string())
        .figure("deadline", hold.deadline)
        .figure("then", then(hold))
}

fn then(hold: &Hold) -> &'static str {
    if hold.asks_a_person() { "a person is asked" } else { "the rollout goes back" }
}

/// The one thing that is waited for first.
pub(crate) fn waiting(state: &State) -> Finding {
    state.holds().first().map_or_else(|| waiting_in_phase(state), held)
}

/// What is waited for whatever holds the rollout beside it.
pub(crate) fn waiting_in_phase(state: &State) -> Finding {
    match state.phase() {
        Phase::Stepping(stepping) => waiting_in_step(state, stepping),
        Phase::Finalising(finalising) => match finalising.sub {
            FinalSub::Standby { until } => wait("the old version stands by until {until}").figure("until", until),
            FinalSub::Shrink => wait("the old version's units are taken away"),
        },
        Phase::RollingBack(back) => match back.sub {
            BackSub::Shift { deadline } => {
                let by_units = "the units must all be stable's again, somebody is called at {deadline}";
                let by_router = "the router must show that stable has everything, somebody is called at {deadline}";
                wait(if state.exchanging().is_some() { by_units } else { by_router }).figure("deadline", deadline)
            }
            BackSub::Drain { until } => wait("the candidate's last requests have until {until}").figure("until", until),
            BackSub::Shrink => wait("the candidate's units are taken away"),
        },
        Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. } => {
            wait("nothing: the rollout has ended")
        }
        Phase::Stuck(stuck) => waiting_stuck(stuck),
    }
}

fn waiting_in_step(state: &State, stepping: &Stepping) -> Finding {
    match stepping.sub {
        Sub::Gate { .. } => wait("the step's gates"),
        Sub::Scale { deadline } => {
            wait("ready units until {deadline}, then the rollout goes back").figure("deadline", deadline)
        }
        Sub::Shift { deadline } => {
            let by_units = "the units must be exchanged further until {deadline}, then the rollout goes back";
            let by_router = "the router must show the step's route until {deadline}, then the rollout goes back";
            wait(if state.exchanging().is_some() { by_units } else { by_router }).figure("deadline", deadline)
        }
        Sub::Bake => waiting_in_bake(state, stepping),
    }
}

fn waiting_in_bake(state: &State, stepping: &Stepping) -> Finding {
    let Some(step) = state.plan().step(stepping.step) else { return wait("the step") };
    let bake = &stepping.bake;
    let evidence = match (step.evidence, bake.verdict) {
        (Basis::Time, _) => "nothing but time",
        (_, Some(Verdict::Pass)) => "no more evidence",
        (_, Some(Verdict::Inconclusive)) => "more evidence",
        (_, Some(Verdict::NoData | Verdict::Fail) | None) => "data",
    };
    wait("{baked} of {min} baked; {evidence} is waited for")
        .figure("baked", bake.total)
        .figure("min", step.bake.min)
        .figure("evidence", Value::from(evidence))
}

fn waiting_stuck(stuck: &Stuck) -> Finding {
    match &stuck.why {
        StuckReason::Floor { alternatives } => wait("a person: going back is impossible, instead: {alternatives}")
            .figure("alternatives", alternatives.join(", ")),
        StuckReason::NothingReady => wait("a person: neither version has a ready unit"),
    }
}

fn wait(text: &'static str) -> Finding {
    Finding::info("rollout.waiting", text)
}
