//! What people and other systems send to a simulated rollout.

use bellwether_core::{
    ActorName, CheckName, Decision, Digest, Duration, Finding, Method, Response, RolloutId, Verdict,
};
use bellwether_rollout::{Actor, Event, HoldReason, Kind, Phase};
use bellwether_strategy::Plan;
use rand::RngExt;

use super::{Simulation, TROUBLED_ROUNDS};
use crate::testing::invariants::is_held_for;
use crate::testing::must::must;

impl Simulation {
    pub(super) fn command(&mut self, events: &mut Vec<Event>) {
        if self.world.happens(self.world.troubles.repeated_commands)
            && let Some(index) = self.sent.len().checked_sub(1)
        {
            let index = self.world.random.random_range(0..=index);
            events.extend(self.sent.get(index).cloned());
        }
        let kind = if self.world.happens(self.world.troubles.commands) {
            Some(self.draw_command())
        } else if self.round > TROUBLED_ROUNDS {
            self.help()
        } else if is_held_for(self.state(), |why| matches!(why, HoldReason::Approval { .. })) && self.world.happens(0.2)
        {
            self.approve()
        } else {
            self.end_predecessor()
        };
        let Some(kind) = kind else { return };
        let name = if self.round.is_multiple_of(2) { "ada" } else { "bob" };
        let by = Actor::Person(must(ActorName::new(name), "a person has a name"));
        let event = Event { by, ..self.event(kind) };
        self.sent.push(event.clone());
        events.push(event);
    }

    fn draw_command(&mut self) -> Kind {
        let why = String::from("drawn");
        match self.world.random.random_range(0..17) {
            0 => Kind::Aborted { why },
            1 => Kind::Alarmed { name: "smoke".into(), why },
            2 => Kind::Superseded { by: must(RolloutId::new("successor"), "a rollout has a name") },
            3 => Kind::Responded { decision: Decision::new(Response::RollBack { method: Method::Traffic, to: None }) },
            4 => Kind::Responded { decision: Decision::new(Response::Hold { until: None }) },
            5 | 6 => Kind::Responded { decision: Decision::new(Response::Continue) },
            7 => Kind::Paused { why },
            8 | 9 => Kind::Unpaused,
            10 => Kind::Skipped { why },
            11 => Kind::AdvancedInFull { why },
            12 => self.refuse(),
            13 => Kind::PlanChanged { plan: Box::new(self.changed_plan()) },
            14 => Kind::Rescaled { replicas: self.world.random.random_range(0..14) },
            15 => self.check(Verdict::Fail),
            _ => self.check(Verdict::Pass),
        }
    }

    fn check(&self, verdict: Verdict) -> Kind {
        let decision = Decision::new(verdict).because(Finding::info("simulated.check", "drawn"));
        Kind::Checked { check: must(CheckName::new("probe"), "a check has a name"), decision }
    }

    /// A refusal of the step of now, or of another plan.
    fn refuse(&mut self) -> Kind {
        let digest = if self.world.happens(0.5) { self.state().digest() } else { Digest::ZERO };
        let step = self.state().step().or(self.state().plan().steps().last());
        let step = must(step.map(|step| step.id.clone()).ok_or("none"), "a plan has a step");
        Kind::Refused { digest, step, why: "drawn".into() }
    }

    /// The plan with one step that bakes longer or shorter: easier ones are refused where it is under way.
    fn changed_plan(&mut self) -> Plan {
        let mut draft = self.state().plan().draft();
        let index = self.world.random.random_range(0..draft.steps.len());
        let minutes = self.world.random.random_range(0..5);
        if let Some(step) = draft.steps.get_mut(index) {
            step.bake.min = Duration::from_minutes(minutes);
            step.bake.max = step.bake.max.max(step.bake.min);
        }
        must(Plan::try_from(draft), "a plan stays one")
    }

    /// The approval that is asked for.
    fn approve(&self) -> Option<Kind> {
        let step = self.state().step()?.id.clone();
        Some(Kind::Approved { digest: self.state().digest(), step })
    }

    /// What people do once everything is calm: they answer what the rollout waits for.
    fn help(&mut self) -> Option<Kind> {
        let held = |why: fn(&HoldReason) -> bool| is_held_for(self.course.state(), why);
        match self.state().phase() {
            Phase::Stuck(_) => Some(Kind::Skipped { why: "nothing else helps".into() }),
            Phase::Stepping(_) if held(|why| matches!(why, HoldReason::Approval { .. })) => self.approve(),
            Phase::Stepping(_) if held(|why| *why == HoldReason::Human) => Some(Kind::Unpaused),
            Phase::Stepping(_) if held(|why| *why == HoldReason::Policy) => {
                Some(Kind::Responded { decision: Decision::new(Response::Continue) })
            }
            Phase::Stepping(_) if held(|why| matches!(why, HoldReason::Inconclusive | HoldReason::NoData)) => {
                Some(Kind::Aborted { why: "nobody can tell".into() })
            }
            Phase::Stepping(_)
            | Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. } => self.end_predecessor(),
        }
    }

    fn end_predecessor(&mut self) -> Option<Kind> {
        let rollout = self.opened.origin.predecessor.clone()?;
        let waits = is_held_for(self.state(), |why| matches!(why, HoldReason::Queue(_)));
        (waits && self.world.happens(0.1)).then_some(Kind::PredecessorEnded { rollout })
    }
}
