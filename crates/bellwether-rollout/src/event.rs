use alloc::{boxed::Box, string::String};

use bellwether_core::{
    ActorName, CheckName, Decision, Digest, EventId, GateName, Response, RolloutId, StageId, StepId, Time, Verdict,
};
use bellwether_strategy::Plan;
use serde::{Deserialize, Serialize};

use crate::Observation;

/// A fact, in the past tense: the only thing that changes a rollout.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name; the same command delivered twice is taken once.
    pub id: EventId,
    /// When it happened. Time that runs backwards is cut to the latest time seen.
    pub at: Time,
    /// Who says so.
    pub by: Actor,
    /// What happened.
    pub kind: Kind,
}

/// Who says that something happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The driver that carries the rollout out.
    Driver,
    /// Another system.
    System(ActorName),
    /// A person.
    Person(ActorName),
}

/// What happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Kind {
    /// The driver took the rollout up from its journal, or has its journal back after a time without.
    Resumed,
    /// Every interval that was missed before the last `Resumed` has been read and judged.
    CaughtUp,
    /// Time passed.
    Ticked,
    /// The world was looked at.
    Observed(Observation),
    /// A judge gave a verdict on a stage.
    Judged {
        /// The stage that was judged.
        stage: StageId,
        /// The verdict and its reasons.
        decision: Decision<Verdict>,
    },
    /// A gate was checked.
    GateChecked {
        /// The gate.
        gate: GateName,
        /// The verdict and its reasons.
        decision: Decision<Verdict>,
        /// Until when a pass may be used.
        valid_until: Time,
    },
    /// A rollback policy answered.
    Responded {
        /// The answer and its reasons.
        decision: Decision<Response>,
    },
    /// A soft check, a threshold or a probe, gave a verdict. It takes several failures to go back.
    Checked {
        /// The check.
        check: CheckName,
        /// The verdict and its reasons.
        decision: Decision<Verdict>,
    },
    /// Somebody approved a step of this very plan.
    Approved {
        /// The plan's identity.
        digest: Digest,
        /// The step.
        step: StepId,
    },
    /// Somebody refused a step of this very plan.
    Refused {
        /// The plan's identity.
        digest: Digest,
        /// The step.
        step: StepId,
        /// Why.
        why: String,
    },
    /// Somebody stopped all forward moves.
    Paused {
        /// Why.
        why: String,
    },
    /// Somebody let the rollout go on.
    Unpaused,
    /// Somebody sent the rollout back.
    Aborted {
        /// Why.
        why: String,
    },
    /// Somebody let the step go without its evidence. Readiness is never skipped.
    Skipped {
        /// Why.
        why: String,
    },
    /// Somebody sent the rollout to its last step. Readiness is never skipped.
    AdvancedInFull {
        /// Why.
        why: String,
    },
    /// A newer rollout of the same service wants to start.
    Superseded {
        /// The newer one.
        by: RolloutId,
    },
    /// The rollout that this one waits for has ended and its candidate's share was observed to be zero.
    PredecessorEnded {
        /// The rollout that ended.
        rollout: RolloutId,
    },
    /// Somebody changed the plan under way. It is taken when it is no easier than the one before, and refused otherwise.
    PlanChanged {
        /// The whole new plan.
        #[cfg_attr(feature = "schema", schemars(with = "bellwether_strategy::PlanDraft"))]
        plan: Box<Plan>,
    },
    /// The service has another number of units by now.
    Rescaled {
        /// The units that carry the whole traffic.
        replicas: u32,
    },
    /// An alarm went off.
    Alarmed {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// A port did not do what it was asked.
    PortFailed {
        /// Which one.
        port: String,
        /// Its error.
        error: String,
    },
}

impl Event {
    /// Where the event stands among the events of one round: what goes back comes first, time comes last.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match &self.kind {
            Kind::Resumed => 0,
            Kind::Aborted { .. } | Kind::Refused { .. } => 1,
            Kind::Alarmed { .. } => 2,
            Kind::Judged { decision, .. } | Kind::Checked { decision, .. } => match decision.outcome {
                Verdict::Fail => 2,
                Verdict::Pass | Verdict::Inconclusive | Verdict::NoData => 5,
            },
            Kind::Responded { decision } => match decision.outcome {
                Response::RollBack { .. } => 2,
                Response::Continue | Response::Hold { .. } => 5,
            },
            Kind::Paused { .. } | Kind::Superseded { .. } | Kind::PlanChanged { .. } | Kind::Rescaled { .. } => 3,
            Kind::Observed(_) => 4,
            Kind::CaughtUp | Kind::GateChecked { .. } | Kind::PredecessorEnded { .. } | Kind::PortFailed { .. } => 5,
            Kind::Approved { .. } | Kind::Unpaused | Kind::Skipped { .. } | Kind::AdvancedInFull { .. } => 6,
            Kind::Ticked => 7,
        }
    }

    /// Whether somebody outside said so, so that a second delivery must be recognised.
    #[must_use]
    pub const fn is_command(&self) -> bool {
        match &self.kind {
            Kind::Checked { .. }
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
            | Kind::Alarmed { .. } => true,
            Kind::Resumed
            | Kind::CaughtUp
            | Kind::Ticked
            | Kind::Observed(_)
            | Kind::Judged { .. }
            | Kind::GateChecked { .. }
            | Kind::Responded { .. }
            | Kind::PortFailed { .. } => false,
        }
    }
}

/// Puts the events of one round into the order in which they are stepped, whatever the order of their arrival.
pub fn sort_round(events: &mut [Event]) {
    events.sort_by(|left, right| (left.rank(), &left.id).cmp(&(right.rank(), &right.id)));
}
