use alloc::{collections::BTreeMap, collections::VecDeque, format, sync::Arc, vec::Vec};

use bellwether_core::{Decision, Duration, EventId, Fence, Finding, GateName, StageId, Time, Verdict};
use bellwether_strategy::Plan;
use serde::{Deserialize, Serialize};

use crate::{Actor, Event, Kind, Phase, State, Stepped, Sub, difference, goal, sort_round, start, step};

mod scenario;
mod scenario_error;
mod world;

pub use scenario::{After, Command, Scenario, WorldFault};
pub use scenario_error::ScenarioError;

use world::{Latency, World};

/// As many events are stepped at most: a script may ask for years of heartbeats.
const STEPS_MAX: u64 = 1_000_000;

/// What a simulation did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Simulated {
    /// Every event with its decision, in order.
    pub log: Vec<Stepped>,
    /// How the rollout stands at the end.
    pub state: State,
    /// Why it went no further.
    pub end: SimulationEnd,
}

/// Why a simulation went no further.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SimulationEnd {
    /// The rollout has ended.
    Ended,
    /// Nothing will happen any more unless somebody says something.
    Quiet,
    /// The scenario's time is up.
    TimeUp,
    /// So many events happened that nobody would read them: a million.
    TooLong,
}

/// Carries a plan out in a scripted world, jumping from one thing that happens to the next. Days take milliseconds.
///
/// # Example: a canary whose second step is bad
/// ```
/// use bellwether_core::{Arms, Level, Release, Target, Time, Verdict, Version};
/// use bellwether_rollout::{After, Place, Scenario, simulate};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(Level::Medium).plan(&release, &Target::default())?.outcome;
///
/// let mut scenario = Scenario::default();
/// scenario.verdicts.insert("canary-50".parse()?, vec![After { after: "3h".parse()?, what: Verdict::Fail }]);
/// let simulated = simulate(plan, Time::default(), &scenario);
/// assert_eq!(simulated.state.place(), Place::RolledBack);
/// assert!(simulated.state.now() < Time::default().after("6h".parse()?), "three hours after the two at 10 %");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn simulate(plan: impl Into<Arc<Plan>>, at: Time, scenario: &Scenario) -> Simulated {
    let mut log = Vec::new();
    let (state, end) = simulate_each(plan, at, scenario, |_, stepped| log.push(stepped));
    Simulated { log, state, end }
}

/// Carries a plan out in a scripted world and shows every event with its decision, and the state after it, as it happens:
/// for who keeps only some of a long simulation. Otherwise as [`simulate`].
pub fn simulate_each(
    plan: impl Into<Arc<Plan>>,
    at: Time,
    scenario: &Scenario,
    see: impl FnMut(&State, Stepped),
) -> (State, SimulationEnd) {
    let mut simulation = Simulation::new(start(plan, at), scenario, see);
    let end = loop {
        if let Some(end) = simulation.round() {
            break end;
        }
    };
    (simulation.state, end)
}

struct Simulation<'a, See> {
    scenario: &'a Scenario,
    see: See,
    began: Time,
    now: Time,
    state: State,
    steps: u64,
    world: World,
    faults: VecDeque<&'a After<WorldFault>>,
    commands: VecDeque<&'a Command>,
    /// Ports that began to fail and were not reported yet.
    failed: Vec<&'static str>,
    /// The last verdict that was said, so that it is said once.
    judged: Option<(StageId, Verdict)>,
    gates: BTreeMap<GateName, Verdict>,
    asleep_until: Option<Time>,
    /// Something was told to the world, so it is looked at again at once.
    told: bool,
}

impl<'a, See: FnMut(&State, Stepped)> Simulation<'a, See> {
    fn new(state: State, scenario: &'a Scenario, see: See) -> Self {
        let now = state.now();
        let mut faults: Vec<_> = scenario.faults.iter().collect();
        faults.sort_by_key(|fault| fault.after);
        let mut commands: Vec<_> = scenario.commands.iter().collect();
        commands.sort_by_key(|command| command.after);
        Self {
            scenario,
            see,
            began: now,
            now,
            world: World::new(state.replicas(), now),
            state,
            steps: 0,
            faults: faults.into(),
            commands: commands.into(),
            failed: Vec::new(),
            judged: None,
            gates: BTreeMap::new(),
            asleep_until: None,
            told: false,
        }
    }

    /// One look at the world and what follows from it; why not another one, at the end.
    fn round(&mut self) -> Option<SimulationEnd> {
        self.break_things();
        self.world.obey(self.now);
        self.told = false;
        let wakes_up = self.asleep_until.is_some_and(|until| until <= self.now);
        if wakes_up {
            self.asleep_until = None;
        }
        if self.asleep_until.is_none() {
            let mut events = self.happened();
            if wakes_up {
                events.extend([Kind::Resumed, Kind::CaughtUp].map(|kind| (Actor::Driver, kind)));
            }
            self.step_all(events);
            self.close();
        }
        self.jump()
    }

    fn happened(&mut self) -> Vec<(Actor, Kind)> {
        let mut kinds = Vec::from([Kind::Observed(self.world.observation(self.now)), Kind::Ticked]);
        kinds.extend(core::mem::take(&mut self.failed).into_iter().map(port_failed));
        kinds.extend(self.judge());
        kinds.extend(self.check_gates());
        let elapsed = self.now.since(self.began);
        let mut said: Vec<_> = kinds.into_iter().map(|kind| (Actor::Driver, kind)).collect();
        while let Some(command) = self.commands.front().filter(|command| command.after <= elapsed) {
            said.push((command.by.clone(), command.what.clone()));
            self.commands.pop_front();
        }
        said
    }

    fn step_all(&mut self, kinds: Vec<(Actor, Kind)>) {
        let name = |number: usize| EventId::new(format!("{}-{number}", self.steps)).ok();
        let named = kinds.into_iter().enumerate().filter_map(|(number, kind)| Some((name(number)?, kind)));
        let mut events: Vec<Event> = named.map(|(id, (by, kind))| Event { id, at: self.now, by, kind }).collect();
        sort_round(&mut events);
        for event in events {
            let (state, decision) = step(self.state.clone(), &event);
            self.state = state;
            self.steps = self.steps.saturating_add(1);
            (self.see)(&self.state, Stepped { event, decision });
        }
    }

    /// The judge's word on the current stage, when it is another one than before.
    fn judge(&mut self) -> Option<Kind> {
        let Phase::Stepping(stepping) = self.state.phase() else { return None };
        let (Sub::Bake, Some(since)) = (&stepping.sub, stepping.bake.since) else { return None };
        let stage = goal(&self.state).stage?;
        let script = self.state.plan().step(stepping.step).and_then(|step| self.scenario.verdicts.get(&step.id));
        let verdict = said(script, self.now.since(since));
        if self.judged.as_ref() == Some(&(stage.clone(), verdict)) {
            return None;
        }
        self.judged = Some((stage.clone(), verdict));
        Some(Kind::Judged { stage, decision: scripted(verdict) })
    }

    fn check_gates(&mut self) -> Vec<Kind> {
        let Phase::Stepping(stepping) = self.state.phase() else { return Vec::new() };
        if !matches!(stepping.sub, Sub::Gate { .. }) {
            self.gates.clear();
            return Vec::new();
        }
        let gates = self.state.plan().step(stepping.step).map(|step| step.gates.clone()).unwrap_or_default();
        let elapsed = self.now.since(self.began);
        let mut kinds = Vec::new();
        for gate in gates {
            let verdict = said(self.scenario.gates.get(&gate), elapsed);
            if self.gates.insert(gate.clone(), verdict) != Some(verdict) {
                kinds.push(Kind::GateChecked { gate, decision: scripted(verdict), valid_until: Time::MAX });
            }
        }
        kinds
    }

    fn break_things(&mut self) {
        let elapsed = self.now.since(self.began);
        while let Some(After { what, .. }) = self.faults.front().filter(|fault| fault.after <= elapsed) {
            self.faults.pop_front();
            match what {
                WorldFault::DriverSleeps(length) => self.asleep_until = Some(self.now.after(*length)),
                WorldFault::RouterFails => self.failed.push("router"),
                WorldFault::WorkloadFails => self.failed.push("workload"),
                WorldFault::RouterForgets
                | WorldFault::RouterIsChanged(_)
                | WorldFault::RouterRecovers
                | WorldFault::WorkloadRecovers
                | WorldFault::CandidateCrashes(_)
                | WorldFault::StableCrashes(_)
                | WorldFault::CandidateFails
                | WorldFault::CandidateRecovers
                | WorldFault::StableFails
                | WorldFault::StableRecovers => {}
            }
            self.world.suffer(*what, (self.now, self.latency()));
        }
    }

    const fn latency(&self) -> Latency {
        Latency { router: self.scenario.router_latency, unit: self.scenario.unit_latency }
    }

    /// Closes the difference, as a driver does.
    fn close(&mut self) {
        let wanted = goal(&self.state);
        let fence = Fence { token: 1, generation: wanted.generation };
        let difference = difference(&wanted, &self.world.observation(self.now));
        self.told = self.world.take(difference, fence, (self.now, self.latency()));
    }

    /// Goes to the next instant at which anything happens.
    fn jump(&mut self) -> Option<SimulationEnd> {
        let limit = self.began.after(self.scenario.until);
        if self.state.is_terminal() {
            return Some(SimulationEnd::Ended);
        }
        if self.now >= limit {
            return Some(SimulationEnd::TimeUp);
        }
        if self.steps >= STEPS_MAX {
            return Some(SimulationEnd::TooLong);
        }
        let next = self.instants().into_iter().filter(|at| *at > self.now).min();
        let Some(next) = next else { return Some(SimulationEnd::Quiet) };
        self.now = next.min(limit);
        None
    }

    fn instants(&self) -> Vec<Time> {
        let mut instants: Vec<Time> = self.asleep_until.into_iter().collect();
        instants.extend(self.faults.front().map(|fault| self.began.after(fault.after)));
        instants.extend(self.commands.front().map(|command| self.began.after(command.after)));
        instants.extend(self.scenario.gates.values().flatten().map(|said| self.began.after(said.after)));
        instants.extend(self.told.then(|| self.now.after(Duration::from_millis(1))));
        instants.extend(self.world.instants());
        if self.asleep_until.is_none() {
            instants.extend(goal(&self.state).wake.map(|wake| wake.at));
            instants.extend(self.instants_of_bake());
        }
        instants
    }

    /// While a step bakes it is looked at once a heartbeat, and whenever the judge has another word.
    fn instants_of_bake(&self) -> Vec<Time> {
        let Phase::Stepping(stepping) = self.state.phase() else { return Vec::new() };
        let (Some(since), Some(step)) = (stepping.bake.since, self.state.step()) else { return Vec::new() };
        let words = self.scenario.verdicts.get(&step.id).into_iter().flatten().map(|said| since.after(said.after));
        words.chain([self.now.after(step.bake.heartbeat())]).collect()
    }
}

/// What a script says by then. Without a script it is a pass; before its first word there is no data.
fn said(script: Option<&Vec<After<Verdict>>>, elapsed: Duration) -> Verdict {
    let Some(script) = script else { return Verdict::Pass };
    let due = script.iter().filter(|said| said.after <= elapsed);
    due.max_by_key(|said| said.after).map_or(Verdict::NoData, |said| said.what)
}

fn scripted(verdict: Verdict) -> Decision<Verdict> {
    Decision::new(verdict).because(Finding::info("simulation.scripted", "the scenario says so"))
}

fn port_failed(port: &str) -> Kind {
    Kind::PortFailed { port: port.into(), error: "the scenario says so".into() }
}
