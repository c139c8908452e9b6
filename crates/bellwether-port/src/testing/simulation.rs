use std::fmt;

use bellwether_analysis::Sequential;
use bellwether_core::{Decision, Duration, EventId, Fence, Finding, GateName, RolloutId, Route, Time, Verdict};
use bellwether_rollout::{
    Actor, Difference, Event, Kind, Observation, Place, State, Stepped, difference, goal, sort_round,
};
use bellwether_strategy::Plan;
use rand::RngExt;

use crate::testing::must::must;
use crate::testing::{History, SimulatedWorld, Transition, Troubles, Violation, check_invariants, check_round};
use crate::{Body, Chain, Course, InForce, Observed, Opened, Origin, PortError, Record, SNAPSHOT_EVERY, load};

mod people;

/// After this many rounds the troubles stop, and people and gates let the rollout go on.
const TROUBLED_ROUNDS: u32 = 150;

/// Within this many more rounds it must end, beside those that only watch a step bake.
const CALM_ROUNDS: u32 = 50;

/// Within this many rounds, those included.
const ROUNDS: u32 = 1_500;

/// One rollout in a [`SimulatedWorld`]: a small driver without a runtime that checks every invariant after every step.
///
/// # Example: everything goes wrong, and no invariant breaks
/// ```
/// use bellwether_port::testing::{Simulation, Troubles, example_plan};
///
/// let simulation = Simulation::new(7, example_plan("checkout-42")).with_troubles(Troubles::all());
/// let end = simulation.run().map_err(|failure| failure.to_string())?;
/// assert!(end.state().is_terminal());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug)]
pub struct Simulation {
    seed: u64,
    world: SimulatedWorld,
    opened: Opened,
    course: Course,
    history: History,
    chain: Chain,
    records: Vec<Record>,
    since_snapshot: u64,
    token: u64,
    /// The last command, and when it returned: it shows what a router without fences has carried out.
    returned: Option<(Fence, Time)>,
    owes_catching_up: bool,
    sent: Vec<Event>,
    events: u64,
    round: u32,
    keeps_journal: bool,
}

/// Tells which seed breaks an invariant, and after which events.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What is broken.
    pub violation: Violation,
    /// The events up to it, each with what was decided: the shortest prefix that breaks it with this seed.
    pub prefix: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "seed {}: {}", self.seed, self.violation)?;
        self.prefix.iter().enumerate().try_for_each(|(index, line)| write!(formatter, "\n  {index:3} {line}"))
    }
}

impl std::error::Error for Failure {}

impl Simulation {
    /// A rollout by this plan in a world without troubles; the seed decides everything that is left to chance.
    #[must_use]
    pub fn new(seed: u64, plan: Plan) -> Self {
        let replicas = plan.capacity().map_or(0, |capacity| capacity.replicas);
        let mut world = SimulatedWorld::new(seed, replicas);
        world.traffic_follows_units = plan.exchange().is_some();
        world.route_lag = Duration::from_seconds(world.random.random_range(0..3));
        world.unit_delay = Duration::from_seconds(world.random.random_range(0..30));
        world.fencing = world.random.random_bool(0.5);
        Self::begin(seed, world, Opened::new(plan))
    }

    fn begin(seed: u64, world: SimulatedWorld, opened: Opened) -> Self {
        let chain = Chain::new(opened.plan.id().clone());
        Self {
            seed,
            course: Course::open(&opened, world.now()),
            history: History::new(opened.origin.predecessor.clone()),
            world,
            opened,
            chain,
            records: Vec::new(),
            since_snapshot: 0,
            token: 1,
            returned: None,
            owes_catching_up: false,
            sent: Vec::new(),
            events: 0,
            round: 0,
            keeps_journal: true,
        }
    }

    /// Sets what goes wrong.
    #[must_use]
    pub const fn with_troubles(mut self, troubles: Troubles) -> Self {
        self.world.troubles = troubles;
        self
    }

    /// Lets a judge give the verdicts, by the traffic of the world, instead of chance.
    #[must_use]
    pub fn with_judge(self, judge: Sequential) -> Self {
        let keeps_journal = self.keeps_journal;
        Self { keeps_journal, ..Self::begin(self.seed, self.world, self.opened.with_judge(judge)) }
    }

    /// Lets it wait for an earlier rollout of the same service.
    #[must_use]
    pub fn after(self, predecessor: RolloutId) -> Self {
        let origin = Origin::default().with_predecessor(predecessor);
        let keeps_journal = self.keeps_journal;
        Self { keeps_journal, ..Self::begin(self.seed, self.world, self.opened.with_origin(origin)) }
    }

    /// Lets it keep no journal, which costs as much as everything else: a process that takes over begins with the state
    /// that the dead one had.
    #[must_use]
    pub const fn without_journal(mut self) -> Self {
        self.keeps_journal = false;
        self
    }

    /// The world, to change what is in it.
    pub fn world(&mut self) -> &mut SimulatedWorld {
        &mut self.world
    }

    /// Where the rollout stands.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.course.state()
    }

    /// Its journal so far.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Runs until the rollout has ended; after a while the troubles stop, and it must end then.
    ///
    /// # Errors
    /// The first invariant that is broken, with the seed and the events that led to it.
    pub fn run(mut self) -> Result<Self, Box<Failure>> {
        let body = Body::from(self.opened.clone());
        self.append(&body);
        let mut calm = 0_u32;
        while !self.state().is_terminal() {
            if self.round == TROUBLED_ROUNDS {
                self.world.troubles = Troubles::default();
            }
            if calm > CALM_ROUNDS || self.round > ROUNDS {
                let text = format!("the troubles are over, and it stands at {}", self.state().place());
                return Err(self.fail(Violation::new("L3", text)));
            }
            self.round = self.round.saturating_add(1);
            let watches = matches!(self.state().place(), Place::Bake(_));
            calm += u32::from(self.round > TROUBLED_ROUNDS && !watches);
            self.play_round()?;
        }
        Ok(self)
    }

    fn play_round(&mut self) -> Result<(), Box<Failure>> {
        self.world.stir();
        let mut events = Vec::new();
        if self.world.happens(self.world.troubles.process_crashes) {
            events.push(self.take_over());
        }
        let observation = self.observe(&mut events);
        self.measure();
        self.judge(&mut events);
        self.check_gates(&mut events);
        self.command(&mut events);
        events.push(self.event(Kind::Ticked));
        self.delay_some(&mut events);
        sort_round(&mut events);
        check_round(self.state(), &events).map_err(|violation| self.fail(violation))?;
        for event in events {
            self.step(event)?;
        }
        if let Some(observation) = observation {
            self.close_difference(&observation);
        }
        if self.since_snapshot >= SNAPSHOT_EVERY {
            self.append(&Body::from(self.course.stored()));
            self.since_snapshot = 0;
        }
        self.wait();
        Ok(())
    }

    /// A process died; another one loads the journal. Meanwhile somebody may have gone back by hand.
    fn take_over(&mut self) -> Event {
        let pause = Duration::from_millis(self.world.random.random_range(1_000..600_000));
        self.world.advance_to(self.world.now().after(pause));
        if self.world.happens(self.world.troubles.hand_rollbacks) {
            self.world.drift(Route::STABLE);
        }
        if self.world.happens(self.world.troubles.late_commands) {
            let goal = goal(self.state());
            let fence = Fence { token: self.token, generation: goal.generation };
            // It comes from a process that nobody asks any more, so its answer is nobody's.
            let _ = self.world.apply_route(&goal.route, fence);
        }
        self.token = self.token.saturating_add(1);
        self.returned = None;
        self.owes_catching_up = true;
        if self.keeps_journal {
            let loaded = must(load(self.chain.rollout(), &self.records), "what a driver wrote can be loaded");
            must(if loaded.course == self.course { Ok(()) } else { Err("another state") }, "a loaded rollout goes on");
            self.course = loaded.course;
        }
        self.event(Kind::Resumed)
    }

    fn observe(&mut self, events: &mut Vec<Event>) -> Option<Observation> {
        match self.look() {
            Ok(observation) => {
                events.push(self.event(Kind::Observed(observation.clone())));
                Some(observation)
            }
            Err(error) => {
                events.push(self.event(Kind::PortFailed { port: "world".into(), error: error.to_string() }));
                None
            }
        }
    }

    fn look(&mut self) -> Result<Observation, PortError> {
        if self.state().plan().exchange().is_some() {
            let units = self.world.observe_units()?;
            return Ok(Observation { as_of: units.as_of(), route: None, units: Some(units.value), applied: None });
        }
        let route: Observed<Route> = self.world.observe_route()?;
        let units = match self.state().plan().capacity() {
            Some(_) => Some(self.world.observe_units()?.value),
            None => None,
        };
        let as_of = route.as_of();
        let seen_after = self.returned.filter(|(_, at)| as_of >= *at).map(|(fence, _)| fence);
        let applied = if self.world.fencing { route.applied } else { seen_after };
        Ok(Observation { as_of, route: Some(route.value), units, applied })
    }

    /// Journals the new intervals and shows them to the judge.
    fn measure(&mut self) {
        let Some(metric) = self.course.monitor().and_then(|monitor| monitor.judge().metrics().keys().next().cloned())
        else {
            return;
        };
        let after = self.course.measured_until(&metric).unwrap_or(Time::MIN);
        let Ok(intervals) = self.world.intervals(after, self.world.now()) else { return };
        for measured in intervals {
            let goal = goal(self.state());
            let Some(stage) = goal.stage else { continue };
            let interval = measured.into_interval(stage, &goal.route, &InForce::Unknown);
            self.append(&Body::interval(metric.clone(), interval.clone()));
            self.course.see(&metric, &interval);
        }
    }

    fn judge(&mut self, events: &mut Vec<Event>) {
        if self.owes_catching_up && self.world.happens(0.5) {
            self.owes_catching_up = false;
            events.push(self.event(Kind::CaughtUp));
        }
        let Some(stage) = goal(self.state()).stage else { return };
        let decision = match self.course.verdict(self.world.now()) {
            Some(decision) => decision,
            None if self.world.happens(0.3) => self.draw_verdict(),
            None => return,
        };
        events.push(self.event(Kind::Judged { stage, decision }));
    }

    fn draw_verdict(&mut self) -> Decision<Verdict> {
        let verdict = if self.world.happens(self.world.troubles.bad_verdicts) {
            let bad = [Verdict::Inconclusive, Verdict::NoData, Verdict::Inconclusive, Verdict::NoData, Verdict::Fail];
            let index = self.world.random.random_range(0..bad.len());
            bad.get(index).copied().unwrap_or(Verdict::NoData)
        } else {
            Verdict::Pass
        };
        Decision::new(verdict).because(Finding::info("simulated.verdict", "drawn"))
    }

    fn check_gates(&mut self, events: &mut Vec<Event>) {
        let gates: Vec<GateName> = self.state().step().map(|step| step.gates.clone()).unwrap_or_default();
        for gate in gates {
            let passes = !self.world.happens(self.world.troubles.closed_gates);
            let decision = Decision::new(if passes { Verdict::Pass } else { Verdict::Inconclusive });
            let valid_until = self.world.now().after(Duration::from_seconds(60));
            events.push(self.event(Kind::GateChecked { gate, decision, valid_until }));
        }
    }

    /// Lets some events carry a time that is over, and an observation come after newer ones.
    fn delay_some(&mut self, events: &mut [Event]) {
        for event in events {
            if !self.world.happens(self.world.troubles.late_events) {
                continue;
            }
            let late = Duration::from_millis(self.world.random.random_range(0..120_000));
            event.at = event.at.before(late);
            if let Kind::Observed(observation) = &mut event.kind {
                observation.as_of = observation.as_of.before(late);
            }
        }
    }

    /// Whether an earlier event of the round has ended the stage that the judge was asked about.
    fn is_overtaken(&self, event: &Event) -> bool {
        let Kind::Judged { stage, .. } = &event.kind else { return false };
        self.course.monitor().is_some_and(|monitor| monitor.state().stage() != Some(stage))
    }

    fn step(&mut self, event: Event) -> Result<(), Box<Failure>> {
        if self.is_overtaken(&event) {
            return Ok(());
        }
        let before = self.state().clone();
        let (course, decision) = self.course.clone().step(&event);
        let goal = goal(course.state());
        let transition =
            Transition { before: &before, event: &event, after: course.state(), decision: &decision, goal: &goal };
        let broken = check_invariants(&mut self.history, &transition);
        self.append(&Body::event(event, decision));
        self.course = course;
        match broken.into_iter().next() {
            Some(violation) => Err(self.fail(violation)),
            None => Ok(()),
        }
    }

    fn append(&mut self, body: &Body) {
        if !self.keeps_journal {
            return;
        }
        let fence = Fence { token: self.token, generation: self.state().generation() };
        let record = must(self.chain.next(self.world.now(), fence, body), "a record has a stored form");
        must(self.chain.push(&record), "a record follows the one before");
        self.records.push(record);
        self.since_snapshot = self.since_snapshot.saturating_add(1);
    }

    /// Applies what differs; a command may be lost, fail, or fail after it had its effect.
    fn close_difference(&mut self, observation: &Observation) {
        let goal = goal(self.state());
        let Difference { route, units } = difference(&goal, observation);
        let fence = Fence { token: self.token, generation: goal.generation };
        if let Some(route) = route
            && self.world.apply_route(&route, fence).is_ok()
        {
            self.returned = Some((fence, self.world.now()));
        }
        if let Some(units) = units {
            // What was lost is seen in the next round.
            let _ = self.world.apply_units(&units);
        }
    }

    /// Lets time go on to the next thing that happens, by itself or in the machine.
    fn wait(&mut self) {
        let now = self.world.now();
        let wake = goal(self.state()).wake.map_or(Time::MAX, |wake| wake.at);
        let look = if self.round > TROUBLED_ROUNDS { self.latest_look() } else { self.next_look() };
        let next = wake.min(self.world.next_change()).min(look);
        let next = if matches!(self.state().place(), Place::Gate(_)) && self.world.happens(0.02) {
            now.after(Duration::from_hours(24))
        } else {
            next
        };
        self.world.advance_to(next);
    }

    /// When a driver looks again that is a little early or late.
    fn next_look(&mut self) -> Time {
        let usual = self.state().step().map_or(Duration::from_seconds(3), |step| step.bake.heartbeat());
        let most = usual.as_millis().saturating_mul(4) / 3;
        self.world.now().after(Duration::from_millis(self.world.random.random_range(500..=most.max(501))))
    }

    /// When a driver must look at the latest, so that nothing it bakes is lost.
    fn latest_look(&self) -> Time {
        let baking = self.state().step().filter(|_| matches!(self.state().place(), Place::Bake(_)));
        baking.map_or(Time::MAX, |step| self.world.now().after(step.bake.heartbeat().saturating_mul(2)))
    }

    fn event(&mut self, kind: Kind) -> Event {
        self.events = self.events.saturating_add(1);
        let id = must(EventId::new(format!("event-{}", self.events)), "an event has a name");
        Event { id, at: self.world.now(), by: Actor::Driver, kind }
    }

    fn fail(&self, violation: Violation) -> Box<Failure> {
        let shown = |record: &Record| match record.body(self.chain.rollout()) {
            Ok(Body::Event(stepped)) => {
                let Stepped { event, decision } = *stepped;
                Some(format!("{} {:?} {:?}: {}", event.at, event.by, event.kind, decision.outcome))
            }
            Ok(Body::Opened(_) | Body::Interval(_) | Body::Snapshot(_) | Body::Adopted(_)) | Err(_) => None,
        };
        let prefix = self.records.iter().filter_map(shown).collect();
        Box::new(Failure { seed: self.seed, violation, prefix })
    }
}
