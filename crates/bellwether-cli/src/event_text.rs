//! Events, places and moves of a rollout in the words that people read.

use bellwether_core::Finding;
use bellwether_rollout::{Actor, Kind, Move, Place};
use bellwether_strategy::Plan;

/// What happened, with the word that matters.
pub(crate) fn said(kind: &Kind) -> String {
    match kind {
        Kind::Judged { decision, .. } => format!("judged {}", decision.outcome),
        Kind::GateChecked { gate, decision, .. } => format!("gate {gate} checked, {}", decision.outcome),
        Kind::PortFailed { port, .. } => format!("{port} failed"),
        Kind::Checked { check, decision } => format!("check {check} said {}", decision.outcome),
        Kind::Approved { step, .. } => format!("step {step} approved"),
        Kind::Refused { step, .. } => format!("step {step} refused"),
        Kind::Rescaled { replicas } => format!("rescaled to {replicas}"),
        Kind::Resumed
        | Kind::CaughtUp
        | Kind::Ticked
        | Kind::Observed(_)
        | Kind::PlanChanged { .. }
        | Kind::Responded { .. }
        | Kind::Paused { .. }
        | Kind::Unpaused
        | Kind::Aborted { .. }
        | Kind::Skipped { .. }
        | Kind::AdvancedInFull { .. }
        | Kind::Superseded { .. }
        | Kind::PredecessorEnded { .. }
        | Kind::Alarmed { .. } => kind.name().replace('_', " "),
    }
}

/// Who said so, unless it was the driver.
pub(crate) fn by(actor: &Actor) -> String {
    match actor {
        Actor::Driver => String::new(),
        Actor::System(name) | Actor::Person(name) => format!(" by {name}"),
    }
}

/// The reasons that an event brought with it; the first one is the one that decided.
pub(crate) fn evidence(kind: &Kind) -> &[Finding] {
    match kind {
        Kind::Judged { decision, .. } | Kind::GateChecked { decision, .. } | Kind::Checked { decision, .. } => {
            &decision.findings
        }
        Kind::Responded { decision } => &decision.findings,
        Kind::Resumed
        | Kind::CaughtUp
        | Kind::Ticked
        | Kind::Observed(_)
        | Kind::Approved { .. }
        | Kind::Refused { .. }
        | Kind::PlanChanged { .. }
        | Kind::Rescaled { .. }
        | Kind::Paused { .. }
        | Kind::Unpaused
        | Kind::Aborted { .. }
        | Kind::Skipped { .. }
        | Kind::AdvancedInFull { .. }
        | Kind::Superseded { .. }
        | Kind::PredecessorEnded { .. }
        | Kind::Alarmed { .. }
        | Kind::PortFailed { .. } => &[],
    }
}

/// Where a rollout stands, with the name of the step that the plan gives it.
pub(crate) fn place(place: Place, plan: &Plan) -> String {
    let of = |what: &str, index: u32| {
        let name = plan.step(index).map(|step| step.id.to_string());
        format!("{what} of {}", name.unwrap_or_else(|| format!("step {index}")))
    };
    match place {
        Place::Gate(step) => of("gate", step),
        Place::Scale(step) => of("scale", step),
        Place::Shift(step) => of("shift", step),
        Place::Bake(step) => of("bake", step),
        Place::Standby
        | Place::ShrinkStable
        | Place::ShiftBack
        | Place::Drain
        | Place::ShrinkCandidate
        | Place::Completed
        | Place::Kept
        | Place::RolledBack
        | Place::Stuck => place.to_string(),
    }
}

/// What an event changed.
pub(crate) fn moved(outcome: Move, plan: &Plan) -> String {
    match outcome {
        Move::Enter(to) => format!("enter {}", place(to, plan)),
        Move::Stay | Move::Hold | Move::Release => outcome.to_string(),
    }
}
