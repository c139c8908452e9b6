use alloc::{collections::BTreeMap, collections::VecDeque, format, sync::Arc, vec::Vec};

use bellwether_core::{
    Arms, Decision, Duration, EventId, Fence, Finding, GateName, Route, StepId, Time, Verdict, Weight,
};
use bellwether_strategy::Plan;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Difference, Event, Kind, Observation, Phase, State, Stepped, Sub, Units, difference, goal, sort_round,
    start, step,
};

/// A scripted world for [`simulate`]: how fast it is, what it says and what goes wrong in it, and when.
///
/// Everything has a default: a world that obeys at once and whose judge and gates pass.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// How long the router takes to obey.
    pub router_latency: Duration,
    /// How long a unit takes to be ready.
    pub unit_latency: Duration,
    /// What the judge says of each step, and how long after its exposure was first seen; the latest entry that applies
    /// counts. A step without an entry passes at once.
    pub verdicts: BTreeMap<StepId, Vec<After<Verdict>>>,
    /// What each gate says, and from when on, counted from the start. A gate without an entry passes.
    pub gates: BTreeMap<GateName, Vec<After<Verdict>>>,
    /// What goes wrong, and when, counted from the start.
    pub faults: Vec<After<WorldFault>>,
    /// What people and other systems say, and when, counted from the start.
    pub commands: Vec<After<Kind>>,
    /// When the simulation gives up, counted from the start.
    pub until: Duration,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            router_latency: Duration::ZERO,
            unit_latency: Duration::ZERO,
            verdicts: BTreeMap::new(),
            gates: BTreeMap::new(),
            faults: Vec::new(),
            commands: Vec::new(),
            until: Duration::from_hours(24 * 14),
        }
    }
}

/// Something with its time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct After<T> {
    /// How long after the beginning.
    pub after: Duration,
    /// What.
    pub what: T,
}

/// What goes wrong in a simulated world.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorldFault {
    /// The router sends everything to stable and knows no command any more.
    RouterForgets,
    /// Somebody else gives the candidate this share.
    RouterIsChanged(Weight),
    /// The router neither answers nor obeys from now on.
    RouterFails,
    /// The router works again.
    RouterRecovers,
    /// So many of the candidate's units are gone; they come back as fast as units do.
    CandidateCrashes(u32),
    /// So many of stable's units are gone; they come back as fast as units do.
    StableCrashes(u32),
    /// Nobody drives the rollout for so long.
    DriverSleeps(Duration),
}

/// What a simulation did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Simulated {
    /// Every event with its decision, in order.
    pub log: Vec<Stepped>,
    /// How the rollout stands at the end.
    pub state: State,
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
    let mut simulation = Simulation::new(start(plan, at), scenario);
    while simulation.round() {}
    Simulated { log: simulation.log, state: simulation.state }
}

struct Simulation<'a> {
    scenario: &'a Scenario,
    began: Time,
    now: Time,
    state: State,
    log: Vec<Stepped>,
    router: Router,
    units: Option<Arms<Pool>>,
    faults: VecDeque<&'a After<WorldFault>>,
    commands: VecDeque<&'a After<Kind>>,
    /// The last verdict that was said, so that it is said once.
    judged: Option<(bellwether_core::StageId, Verdict)>,
    gates: BTreeMap<GateName, Verdict>,
    asleep_until: Option<Time>,
    /// Something was told to the world, so it is looked at again at once.
    told: bool,
}

struct Router {
    route: Route,
    applied: Option<Fence>,
    under_way: Option<(Time, Route, Fence)>,
    works: bool,
}

/// The units of one version: how many are asked for, and when each is ready.
#[derive(Clone, Debug, Default)]
struct Pool {
    want: u32,
    ready_at: Vec<Time>,
}

impl<'a> Simulation<'a> {
    fn new(state: State, scenario: &'a Scenario) -> Self {
        let now = state.now();
        let stable = |replicas: u32| Pool { want: replicas, ready_at: (0..replicas).map(|_| now).collect() };
        let units = state.replicas().map(|replicas| Arms { stable: stable(replicas), candidate: Pool::default() });
        let mut faults: Vec<_> = scenario.faults.iter().collect();
        faults.sort_by_key(|fault| fault.after);
        let mut commands: Vec<_> = scenario.commands.iter().collect();
        commands.sort_by_key(|command| command.after);
        Self {
            scenario,
            began: now,
            now,
            state,
            log: Vec::new(),
            router: Router { route: Route::STABLE, applied: None, under_way: None, works: true },
            units,
            faults: faults.into(),
            commands: commands.into(),
            judged: None,
            gates: BTreeMap::new(),
            asleep_until: None,
            told: false,
        }
    }

    /// One look at the world and what follows from it; false at the end.
    fn round(&mut self) -> bool {
        self.break_things();
        self.router.obey(self.now);
        self.told = false;
        let wakes_up = self.asleep_until.is_some_and(|until| until <= self.now);
        if wakes_up {
            self.asleep_until = None;
        }
        if self.asleep_until.is_none() {
            let mut events = self.happened();
            if wakes_up {
                events.extend([Kind::Resumed, Kind::CaughtUp]);
            }
            self.step_all(events);
            self.close();
        }
        self.jump()
    }

    fn happened(&mut self) -> Vec<Kind> {
        let mut kinds = Vec::from([Kind::Observed(self.observation()), Kind::Ticked]);
        while let Some(command) = due(&mut self.commands, self.now.since(self.began)) {
            kinds.push(command.clone());
        }
        kinds.extend(self.judge());
        kinds.extend(self.check_gates());
        kinds
    }

    fn step_all(&mut self, kinds: Vec<Kind>) {
        let name = |number: usize| EventId::new(format!("{}-{number}", self.log.len())).ok();
        let named = kinds.into_iter().enumerate().filter_map(|(number, kind)| Some((name(number)?, kind)));
        let mut events: Vec<Event> =
            named.map(|(id, kind)| Event { id, at: self.now, by: Actor::Driver, kind }).collect();
        sort_round(&mut events);
        for event in events {
            let (state, decision) = step(self.state.clone(), &event);
            self.state = state;
            self.log.push(Stepped { event, decision });
        }
    }

    fn observation(&self) -> Observation {
        Observation {
            as_of: self.now,
            route: self.router.works.then(|| self.router.route.clone()),
            units: self.units.as_ref().map(|units| units.as_ref().map(|pool| pool.seen(self.now))),
            applied: self.router.applied.filter(|_| self.router.works),
        }
    }

    /// The judge's word on the current stage, when it is another one than before.
    fn judge(&mut self) -> Option<Kind> {
        let Phase::Stepping(stepping) = self.state.phase() else { return None };
        let (Sub::Bake, Some(since)) = (&stepping.sub, stepping.bake.since) else { return None };
        let stage = goal(&self.state).stage?;
        let script = self.state.plan().step(stepping.step).and_then(|step| self.scenario.verdicts.get(&step.id));
        let verdict = said(script, self.now.since(since)).unwrap_or(if script.is_some() {
            Verdict::NoData
        } else {
            Verdict::Pass
        });
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
            let script = self.scenario.gates.get(&gate);
            let verdict =
                said(script, elapsed).unwrap_or(if script.is_some() { Verdict::NoData } else { Verdict::Pass });
            if self.gates.insert(gate.clone(), verdict) != Some(verdict) {
                kinds.push(Kind::GateChecked { gate, decision: scripted(verdict), valid_until: Time::MAX });
            }
        }
        kinds
    }

    fn break_things(&mut self) {
        while let Some(fault) = due(&mut self.faults, self.now.since(self.began)) {
            match *fault {
                WorldFault::RouterForgets => self.router.forget(),
                WorldFault::RouterIsChanged(share) => self.router.route = Route::share(share),
                WorldFault::RouterFails => self.router.works = false,
                WorldFault::RouterRecovers => self.router.works = true,
                WorldFault::CandidateCrashes(count) => self.crash(count, |units| &mut units.candidate),
                WorldFault::StableCrashes(count) => self.crash(count, |units| &mut units.stable),
                WorldFault::DriverSleeps(length) => self.asleep_until = Some(self.now.after(length)),
            }
        }
    }

    fn crash(&mut self, count: u32, arm: impl Fn(&mut Arms<Pool>) -> &mut Pool) {
        let again = self.now.after(self.scenario.unit_latency.max(Duration::from_seconds(1)));
        let Some(units) = &mut self.units else { return };
        let pool = arm(units);
        pool.ready_at.iter_mut().take(usize::try_from(count).unwrap_or(usize::MAX)).for_each(|at| *at = again);
    }

    /// Closes the difference, as a driver does.
    fn close(&mut self) {
        let wanted = goal(&self.state);
        let Difference { route, units } = difference(&wanted, &self.observation());
        self.told = units.is_some();
        let fence = Fence { token: 1, generation: wanted.generation };
        let is_new = self.router.under_way.as_ref().is_none_or(|(_, _, given)| *given != fence);
        if let Some(route) = route.filter(|_| self.router.works && is_new) {
            self.router.under_way = Some((self.now.after(self.scenario.router_latency), route, fence));
            self.told = true;
        }
        let ready = self.now.after(self.scenario.unit_latency);
        if let (Some(wanted), Some(units)) = (units, &mut self.units) {
            units.stable.scale(wanted.stable, ready);
            units.candidate.scale(wanted.candidate, ready);
        }
    }

    /// Goes to the next instant at which anything happens; false when nothing will, or the time is up.
    fn jump(&mut self) -> bool {
        let limit = self.began.after(self.scenario.until);
        if self.state.is_terminal() || self.now >= limit {
            return false;
        }
        let next = self.instants().into_iter().filter(|at| *at > self.now).min();
        let Some(next) = next else { return false };
        self.now = next.min(limit);
        true
    }

    fn instants(&self) -> Vec<Time> {
        let mut instants: Vec<Time> = self.asleep_until.into_iter().collect();
        instants.extend(self.faults.front().map(|fault| self.began.after(fault.after)));
        instants.extend(self.commands.front().map(|command| self.began.after(command.after)));
        instants.extend(self.scenario.gates.values().flatten().map(|said| self.began.after(said.after)));
        instants.extend(self.router.under_way.as_ref().map(|(at, ..)| *at));
        instants.extend(self.told.then(|| self.now.after(Duration::from_millis(1))));
        if let Some(units) = &self.units {
            instants.extend(units.stable.ready_at.iter().chain(&units.candidate.ready_at));
        }
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

impl Router {
    fn obey(&mut self, now: Time) {
        if !self.works {
            return;
        }
        if let Some((_, route, fence)) = self.under_way.take_if(|(at, ..)| *at <= now) {
            (self.route, self.applied) = (route, Some(fence));
        }
    }

    fn forget(&mut self) {
        (self.route, self.applied, self.under_way) = (Route::STABLE, None, None);
    }
}

impl Pool {
    fn seen(&self, now: Time) -> Units {
        let count = |ready: usize| u32::try_from(ready).unwrap_or(u32::MAX);
        let ready = self.ready_at.iter().filter(|at| **at <= now).count();
        Units { want: self.want, exist: count(self.ready_at.len()), ready: count(ready) }
    }

    fn scale(&mut self, want: u32, ready: Time) {
        self.want = want;
        self.ready_at.resize(usize::try_from(want).unwrap_or(usize::MAX), ready);
    }
}

/// Takes the next thing whose time has come.
fn due<'a, T>(queue: &mut VecDeque<&'a After<T>>, elapsed: Duration) -> Option<&'a T> {
    if queue.front()?.after > elapsed {
        return None;
    }
    queue.pop_front().map(|next| &next.what)
}

fn said(script: Option<&Vec<After<Verdict>>>, elapsed: Duration) -> Option<Verdict> {
    let due = script?.iter().filter(|said| said.after <= elapsed);
    due.max_by_key(|said| said.after).map(|said| said.what)
}

fn scripted(verdict: Verdict) -> Decision<Verdict> {
    Decision::new(verdict).because(Finding::info("simulation.scripted", "the scenario says so"))
}
