use bellwether_core::{
    ActorName, Arms, CheckName, Decision, Digest, Duration, EventId, Fence, Finding, Method, Response, Route, StageId,
    StepId, Time, Verdict, Weight,
};
use bellwether_rollout::{
    Actor, Event, Kind, Move, Observation, Phase, Place, Snapshot, State, Stepped, StuckReason, Units, difference,
    explain, goal, replay, step, waiting_for,
};
use bellwether_strategy::Plan;

use crate::decision::{check_decision, check_stored};
use crate::script::{Script, gate, rollout};

/// More events than a script has; what follows is left out.
const EVENTS_MAX: usize = 400;

/// Steps a script of events through the machine and checks after each that it kept its promises: see [`Transition`].
pub fn events(data: &[u8]) -> bool {
    let mut script = Script::new(data);
    let Some(first) = script.start() else { return false };
    let mut world = World { state: first.clone(), log: Vec::new(), id: String::from("e-0"), at: first.now() };
    while world.log.len() < EVENTS_MAX {
        let Some(letter) = script.next() else { break };
        if let Some(kind) = world.kind(letter, &mut script) {
            world.happens(kind);
        }
    }
    world.end(first);
    true
}

/// The machine and what was said to it.
struct World {
    state: State,
    log: Vec<Stepped>,
    /// The name of the next event.
    id: String,
    /// The time of the next event, which may run backwards.
    at: Time,
}

impl World {
    /// The event of a letter; none for time that passes and for a letter without a meaning.
    fn kind(&mut self, letter: u8, script: &mut Script<'_>) -> Option<Kind> {
        let why = String::from("because");
        Some(match letter {
            b'o' => Kind::Observed(self.as_wanted()),
            b'O' => Kind::Observed(script.observation(&self.state)),
            b'P' => self.judged(Verdict::Pass, 0),
            b'F' => self.judged(Verdict::Fail, 0),
            b'I' => self.judged(Verdict::Inconclusive, 0),
            b'N' => self.judged(Verdict::NoData, 0),
            b'V' => self.judged(verdict(script.digit()), script.digit()),
            b'g' => self.gate_checked(verdict(script.digit()), script.digit()),
            b'C' => Kind::Responded { decision: decided(Response::Continue) },
            b'H' => {
                Kind::Responded { decision: decided(Response::Hold { until: hold_until(self.at, script.digit()) }) }
            }
            b'B' => Kind::Responded { decision: decided(Response::RollBack { method: Method::Traffic, to: None }) },
            b'p' => Kind::Paused { why },
            b'u' => Kind::Unpaused,
            b'a' => Kind::Aborted { why },
            b's' => Kind::Skipped { why },
            b'A' => Kind::AdvancedInFull { why },
            b'S' => Kind::Superseded { by: rollout("after") },
            b'e' => Kind::PredecessorEnded { rollout: rollout("before") },
            b'!' => Kind::Alarmed { name: "pager".into(), why },
            b'K' => Kind::Checked {
                check: CheckName::new("probe").unwrap_or_else(|error| panic!("{error}")),
                decision: decided(verdict(script.digit())),
            },
            b'y' => self.approved(script.digit()),
            b'n' => self.refused(script.digit()),
            b'w' => self.plan_changed(script.digit()),
            b'R' => Kind::Rescaled { replicas: u32::try_from(script.digit()).unwrap_or(0) },
            b'E' => Kind::PortFailed { port: "router".into(), error: why },
            b'r' => Kind::Resumed,
            b'c' => Kind::CaughtUp,
            b't' => Kind::Ticked,
            _ => {
                self.pass_time(letter);
                return None;
            }
        })
    }

    fn pass_time(&mut self, letter: u8) {
        self.at = match letter {
            b'0' => self.at.after(Duration::from_millis(1)),
            b'1' => self.at.after(Duration::from_seconds(1)),
            b'2' => self.at.after(Duration::from_seconds(5)),
            b'3' => self.at.after(Duration::from_seconds(30)),
            b'4' => self.at.after(Duration::from_minutes(1)),
            b'5' => self.at.after(Duration::from_minutes(10)),
            b'6' => self.at.after(Duration::from_hours(1)),
            b'7' => self.at.after(Duration::from_hours(72)),
            b'8' => goal(&self.state).wake.map_or(self.at, |wake| wake.at),
            b'9' => self.at.after(Duration::from_hours(24 * 365)),
            b'<' => self.at.before(Duration::from_hours(1)),
            b'>' => Time::MAX,
            _ => return,
        };
    }

    /// The world as the machine wants it.
    fn as_wanted(&self) -> Observation {
        let wanted = goal(&self.state);
        let units = wanted.units.map(|units| units.map(|count| Units { want: count, exist: count, ready: count }));
        let applied = Some(Fence { token: 1, generation: wanted.generation });
        Observation { as_of: self.at, route: Some(wanted.route), units, applied }
    }

    /// A verdict on the stage of now, on one before or after it, or on another rollout's.
    fn judged(&self, verdict: Verdict, which: usize) -> Kind {
        let first = StageId { rollout: self.state.plan().id().clone(), step: 0, entry: 0 };
        let mut stage = goal(&self.state).stage.unwrap_or(first);
        match which {
            1 => stage.step = stage.step.saturating_add(1),
            2 => stage.step = stage.step.saturating_sub(1),
            3 => stage.entry = stage.entry.saturating_add(1),
            4 => stage.rollout = rollout("other"),
            _ => {}
        }
        Kind::Judged { stage, decision: decided(verdict) }
    }

    fn gate_checked(&self, verdict: Verdict, which: usize) -> Kind {
        let name = ["window", "approval", "unknown"].into_iter().cycle().nth(which).unwrap_or("window");
        let valid = if which > 5 { Duration::ZERO } else { Duration::from_hours(1) };
        Kind::GateChecked { gate: gate(name), decision: decided(verdict), valid_until: self.at.after(valid) }
    }

    /// An answer about the step of that index, to this plan or to another one.
    fn asked(&self, which: usize) -> (Digest, StepId) {
        let steps = self.state.plan().steps();
        let step = steps.get(which % steps.len()).unwrap_or_else(|| panic!("a plan has a step"));
        let digest = if which > 7 { Digest::ZERO } else { self.state.digest() };
        (digest, step.id.clone())
    }

    fn approved(&self, which: usize) -> Kind {
        let (digest, step) = self.asked(which);
        Kind::Approved { digest, step }
    }

    fn refused(&self, which: usize) -> Kind {
        let (digest, step) = self.asked(which);
        Kind::Refused { digest, step, why: "because".into() }
    }

    /// The plan with a step that bakes for so many minutes.
    fn plan_changed(&self, minutes: usize) -> Kind {
        let mut draft = self.state.plan().draft();
        let index = self.log.len() % draft.steps.len();
        if let Some(step) = draft.steps.get_mut(index) {
            step.bake.min = Duration::from_minutes(u64::try_from(minutes).unwrap_or(0));
            step.bake.max = step.bake.max.max(step.bake.min);
        }
        let plan = Plan::try_from(draft).unwrap_or_else(|error| panic!("{error}"));
        Kind::PlanChanged { plan: Box::new(plan) }
    }

    fn happens(&mut self, kind: Kind) {
        let by = if matches!(kind, Kind::Approved { .. }) {
            Actor::Person(ActorName::new("ada").unwrap_or_else(|error| panic!("{error}")))
        } else {
            Actor::Driver
        };
        let id = EventId::new(&self.id).unwrap_or_else(|error| panic!("{error}"));
        // Every eighth event has the name of the one before, as a command that is delivered twice.
        if self.log.len() % 8 != 6 {
            self.id = format!("e-{}", self.log.len() + 1);
        }
        let event = Event { id, at: self.at, by, kind };
        let was = self.state.clone();
        let (is, decision) = step(was.clone(), &event);
        Transition { was, is: is.clone(), event: &event, decision: &decision }.check();
        self.state = is;
        self.log.push(Stepped { event, decision });
    }

    /// The whole log gives the same end again, and every entry can be explained.
    fn end(self, first: State) {
        let replayed = replay(first.clone(), &self.log).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(replayed, self.state, "the log gives the same end");
        let last = self.log.len().saturating_sub(1);
        let explained = explain(first, self.log.iter().map(|entry| &entry.event), last);
        assert_eq!(explained.is_some(), !self.log.is_empty(), "every event can be explained");
        assert!(explained.is_none_or(|explanation| !explanation.to_string().is_empty()));
    }
}

/// One step of the machine: what was, what happened, what is, and what was said about it.
struct Transition<'a> {
    was: State,
    is: State,
    event: &'a Event,
    decision: &'a Decision<Move>,
}

impl Transition<'_> {
    fn check(&self) {
        check_decision(self.decision);
        check_stored(&goal(&self.is));
        self.check_counts();
        self.check_floor();
        self.check_snapshot();
        self.check_end();
        self.check_back();
        self.check_exposure();
        self.check_units();
        self.check_difference();
    }

    /// Time, events and generations only grow, and a changed route has a new generation.
    fn check_counts(&self) {
        let (was, is) = (&self.was, &self.is);
        assert!(is.now() >= was.now() && is.generation() >= was.generation());
        assert_eq!(is.events(), was.events() + 1);
        let same = goal(was).route == goal(is).route;
        assert!(same || is.generation() > was.generation(), "another route has another generation");
        assert!(goal(is).wake.is_none_or(|wake| wake.at > is.now()), "a wake-up is still to come");
        assert!(is.is_terminal() == waiting_for(is).is_empty(), "what is not at its end waits for something");
    }

    /// Whose exposure was asked for past the point of no return does not go back.
    fn check_floor(&self) {
        let Phase::Stepping(stepping) = self.was.phase() else { return };
        let is_past = self.was.plan().floor_index().is_some_and(|floor| floor <= stepping.step) && stepping.asked;
        assert!(!is_past || !matches!(self.is.phase(), Phase::RollingBack(_)), "going back is impossible");
    }

    fn check_snapshot(&self) {
        check_stored(&self.is.snapshot());
        let text = serde_json::to_vec(&self.is.snapshot()).unwrap_or_else(|error| panic!("{error}"));
        let snapshot: Snapshot = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}"));
        let restored = State::restore(self.is.plan().clone(), snapshot).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(restored, self.is, "a restored snapshot is the state");
    }

    /// An end was observed, and nothing follows it.
    fn check_end(&self) {
        if self.was.is_terminal() {
            assert_eq!(self.was.phase(), self.is.phase(), "an end is an end");
            return;
        }
        let seen = self.is.observed().and_then(|observation| observation.route.as_ref());
        match self.is.place() {
            Place::Completed => assert_eq!(seen, Some(&Route::share(Weight::FULL)), "completed was seen"),
            Place::Kept | Place::RolledBack => assert_eq!(seen, Some(&Route::STABLE), "rolled back was seen"),
            Place::Gate(_)
            | Place::Scale(_)
            | Place::Shift(_)
            | Place::Bake(_)
            | Place::Standby
            | Place::ShrinkStable
            | Place::ShiftBack
            | Place::Drain
            | Place::ShrinkCandidate
            | Place::Stuck => {}
        }
    }

    /// Whoever says that the rollout must go back is obeyed at once, and the way back only goes down.
    fn check_back(&self) {
        if self.was.is_terminal() {
            return;
        }
        let is_repeated = self.decision.findings.iter().any(|finding| finding.rule == "rollout.repeated");
        let is_going_back = matches!(self.was.phase(), Phase::RollingBack(_));
        if (self.sends_back() && !is_repeated) || is_going_back {
            let is_back = match self.is.phase() {
                Phase::RollingBack(_) | Phase::Kept { .. } | Phase::RolledBack { .. } => true,
                Phase::Stuck(stuck) => matches!(stuck.why, StuckReason::Floor { .. }) && !is_going_back,
                Phase::Stepping(_) | Phase::Finalising(_) | Phase::Completed { .. } => false,
            };
            assert!(is_back, "{:?} was not obeyed: {:?}", self.event.kind, self.is.phase());
            let (before, after) = (goal(&self.was).route, goal(&self.is).route);
            assert!(after.exposure() <= before.exposure(), "going back raised {before:?} to {after:?}");
        }
    }

    fn sends_back(&self) -> bool {
        match &self.event.kind {
            Kind::Aborted { .. } | Kind::Alarmed { .. } => true,
            Kind::Judged { stage, decision } => {
                stage.rollout == *self.was.plan().id() && decision.outcome == Verdict::Fail
            }
            Kind::Responded { decision } => matches!(decision.outcome, Response::RollBack { .. }),
            Kind::Resumed
            | Kind::CaughtUp
            | Kind::Ticked
            | Kind::Observed(_)
            | Kind::GateChecked { .. }
            | Kind::Checked { .. }
            | Kind::Approved { .. }
            | Kind::Refused { .. }
            | Kind::PlanChanged { .. }
            | Kind::Rescaled { .. }
            | Kind::Paused { .. }
            | Kind::Unpaused
            | Kind::Skipped { .. }
            | Kind::AdvancedInFull { .. }
            | Kind::Superseded { .. }
            | Kind::PredecessorEnded { .. }
            | Kind::PortFailed { .. } => false,
        }
    }

    /// Nobody meets the candidate beyond what the plan allows up to here.
    fn check_exposure(&self) {
        let steps = self.is.plan().steps();
        let reached = match self.is.phase() {
            Phase::Stepping(stepping) => stepping.step,
            // It may stand in front of a step and keep the part of its exposure that had been reached.
            Phase::Stuck(stuck) => stuck.step.saturating_add(1),
            Phase::RollingBack(_)
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Finalising(_)
            | Phase::Completed { .. } => return,
        };
        let allowed = steps.iter().zip(0..=reached).map(|(step, _)| step.route.exposure()).max();
        let wanted = goal(&self.is).route.exposure();
        assert!(Some(wanted) <= allowed, "{wanted} is wanted at step {reached}, where {allowed:?} is allowed");
    }

    /// Somebody serves, and stable is not scaled beyond the plan's capacity: what somebody else asked for may stay.
    fn check_units(&self) {
        let Some(Arms { stable, candidate }) = goal(&self.is).units else { return };
        let Some(replicas) = self.is.replicas() else { panic!("units without a capacity") };
        assert!(stable > 0 || candidate > 0, "nobody serves");
        let there = self.is.observed().and_then(|observation| observation.units).map_or(0, |units| units.stable.want);
        assert!(stable <= replicas.max(there), "{stable} units of {replicas}");
    }

    /// A world that is as wanted needs nothing, any other is repaired.
    fn check_difference(&self) {
        let wanted = goal(&self.is);
        let Some(observation) = self.is.observed() else { return };
        let repair = difference(&wanted, observation).route;
        let is_shown = observation.route.as_ref() == Some(&wanted.route);
        assert!(is_shown || repair.as_ref() == Some(&wanted.route), "a drift stays");
    }
}

fn decided<T>(outcome: T) -> Decision<T> {
    Decision::new(outcome).because(Finding::info("script", "the script says so"))
}

fn verdict(digit: usize) -> Verdict {
    match digit {
        0..=4 => Verdict::Pass,
        5 | 6 => Verdict::Fail,
        7 | 8 => Verdict::Inconclusive,
        _ => Verdict::NoData,
    }
}

fn hold_until(now: Time, digit: usize) -> Option<Time> {
    match digit {
        0..=4 => None,
        5 => Some(Time::MIN),
        6 => Some(Time::MAX),
        _ => Some(now.after(Duration::from_minutes(10))),
    }
}
