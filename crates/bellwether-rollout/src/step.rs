use alloc::{string::ToString, vec::Vec};

use bellwether_core::{Decision, Finding, Route, Time, Value};
use bellwether_strategy::Step;

use crate::{
    Cause, Event, Exposure, Hold, Kind, Move, Observation, Phase, Place, State, Stepping, Sub, explain::waiting,
};

mod back;
mod change;
mod consent;
mod forward;
mod take;

/// Takes one event: the next state, and what changed with every reason.
///
/// Total: every event is taken in every state, and what cannot be done is a finding. The events of one round are put
/// into order first ([`sort_round`](crate::sort_round)).
///
/// # Example: an abort sends everything back in the same transition
/// ```
/// use bellwether_core::{Arms, Level, Release, Target, Time, Version, Weight};
/// use bellwether_rollout::{Actor, Event, Kind, Move, Place, goal, start, step};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(Level::Medium).plan(&release, &Target::default())?.outcome;
/// let at: Time = "2026-03-03T10:00:00Z".parse()?;
///
/// let state = start(plan, at);
/// let by = Actor::Person("ada".parse()?);
/// let abort = Event { id: "1".parse()?, at, by, kind: Kind::Aborted { why: "wrong image".into() } };
/// let (state, decision) = step(state, &abort);
/// assert_eq!(decision.outcome, Move::Enter(Place::ShiftBack), "{decision}");
/// assert_eq!(goal(&state).route.share, Weight::ZERO);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn step(state: State, event: &Event) -> (State, Decision<Move>) {
    let mut transition = Transition::new(state);
    transition.take(event);
    transition.settle();
    transition.finish()
}

/// One event on its way through the machine.
struct Transition {
    state: State,
    findings: Vec<Finding>,
    place_before: Place,
    holds_before: usize,
    route: Route,
}

impl Transition {
    fn new(state: State) -> Self {
        Self {
            findings: Vec::new(),
            place_before: state.place(),
            holds_before: state.holds().len(),
            route: state.route(),
            state,
        }
    }

    fn take(&mut self, event: &Event) {
        self.advance_clock(event.at);
        self.state.progress.events = self.state.progress.events.saturating_add(1);
        if self.state.is_terminal() {
            return self.note(Finding::info("rollout.ended", "the rollout has ended, nothing changes"));
        }
        if event.is_command() && self.state.is_repeated(&event.id) {
            return self.note(
                Finding::info("rollout.repeated", "command {id} was taken before").figure("id", event.id.to_string()),
            );
        }
        self.take_kind(event);
        self.count_route();
    }

    fn take_kind(&mut self, event: &Event) {
        match &event.kind {
            Kind::Resumed => self.resumed(),
            Kind::CaughtUp => self.caught_up(),
            Kind::Ticked => {}
            Kind::Observed(observation) => self.observed(observation),
            Kind::Judged { stage, decision } => self.judged(stage, decision),
            Kind::GateChecked { gate, decision, valid_until } => self.gate_checked(gate, decision, *valid_until),
            Kind::Responded { decision } => self.responded(decision),
            Kind::Checked { check, decision } => self.checked(check, decision),
            Kind::Approved { digest, step } => self.approved(&event.by, *digest, step),
            Kind::Refused { digest, step, why } => self.refused(*digest, step, why),
            Kind::PlanChanged { plan } => self.plan_changed(plan),
            Kind::Rescaled { replicas } => self.rescaled(*replicas),
            Kind::Paused { why } => self.paused(why),
            Kind::Unpaused => self.unpaused(),
            Kind::Aborted { why } => {
                let text = "somebody sent the rollout back: {why}";
                self.go_back(Cause::Aborted, Finding::critical("rollout.aborted", text).figure("why", why.clone()));
            }
            Kind::Skipped { why } => self.skipped(why),
            Kind::AdvancedInFull { why } => self.advanced_in_full(why),
            Kind::Superseded { by } => self.superseded(by),
            Kind::PredecessorEnded { rollout } => self.predecessor_ended(rollout),
            Kind::Alarmed { name, why } => {
                let finding = Finding::critical("rollout.alarm", "alarm {name} went off: {why}");
                self.go_back(Cause::Alarm, finding.figure("name", name.clone()).figure("why", why.clone()));
            }
            Kind::PortFailed { port, error } => {
                let finding = Finding::warning("rollout.port_failed", "{port} failed: {error}");
                self.note(finding.figure("port", port.clone()).figure("error", error.clone()));
            }
        }
    }

    /// Makes every transition that is possible now, one after the other.
    fn settle(&mut self) {
        while self.advance() {
            self.count_route();
        }
        self.count_route();
    }

    fn advance(&mut self) -> bool {
        match &self.state.progress.phase {
            Phase::Stepping(_) => self.advance_step(),
            Phase::Finalising(_) => self.advance_finalising(),
            Phase::RollingBack(_) => self.advance_back(),
            Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. } | Phase::Stuck(_) => false,
        }
    }

    fn finish(mut self) -> (State, Decision<Move>) {
        let (place, holds) = (self.state.place(), self.state.holds().len());
        let outcome = if place != self.place_before {
            Move::Enter(place)
        } else if holds > self.holds_before {
            Move::Hold
        } else if holds < self.holds_before {
            Move::Release
        } else {
            Move::Stay
        };
        if self.findings.is_empty() {
            self.findings.push(waiting(&self.state));
        }
        (self.state, Decision { outcome, findings: self.findings })
    }

    fn advance_clock(&mut self, at: Time) {
        let now = &mut self.state.progress.now;
        if at < *now {
            let finding =
                Finding::warning("rollout.clock", "the event's time {at} was cut to {now}: time ran backwards");
            self.findings.push(finding.figure("at", at).figure("now", *now));
            return;
        }
        *now = at;
    }

    /// Counts a change of the wanted route, so that a command of before can be told from one of now.
    fn count_route(&mut self) {
        let route = self.state.route();
        if route != self.route {
            self.state.progress.generation = self.state.progress.generation.saturating_add(1);
            self.route = route;
            // On the way back it only falls, by what was seen there.
            let is_back = matches!(self.state.progress.phase, Phase::RollingBack(_));
            self.state.progress.unseen |= !is_back && self.state.exchanging().is_some();
        }
    }

    fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn now(&self) -> Time {
        self.state.progress.now
    }

    fn enter(&mut self, phase: Phase) {
        self.state.progress.phase = phase;
    }

    fn stepping(&mut self) -> Option<&mut Stepping> {
        match &mut self.state.progress.phase {
            Phase::Stepping(stepping) => Some(stepping),
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => None,
        }
    }

    fn set_sub(&mut self, sub: Sub) {
        if let Some(stepping) = self.stepping() {
            stepping.sub = sub;
        }
    }

    fn hold(&mut self, hold: Hold) {
        if let Some(stepping) = self.stepping() {
            stepping.hold(hold);
        }
    }

    fn deadline(&self) -> Time {
        self.now().after(self.state.plan().conduct().deadline)
    }

    fn carries(&self, route: &Route) -> bool {
        let replicas = self.state.replicas();
        let carried = |observation: &Observation| observation.carries(route, replicas);
        self.state.observed().map_or(replicas.is_none(), carried)
    }

    /// The exposure of now and the stage whose evidence it gives.
    fn exposure(&self) -> Exposure {
        let goal = crate::goal(&self.state);
        Exposure { route: goal.route, stage: goal.stage }
    }
}

fn step_name(step: &Step) -> Value {
    step.id.to_string().into()
}
