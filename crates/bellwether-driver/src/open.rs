use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use bellwether_core::{Decision, Fence, Fencing, RolloutId};
use bellwether_port::{
    AppendError, Body, BodyKind, Chain, Course, Loaded, Opened, PortError, ReadError, Record, SCHEMA, load,
};
use bellwether_rollout::{Move, Phase, RULES, Sub, goal, waiting_for};
use bellwether_strategy::Plan;
use tokio::sync::watch;

use crate::backoff::Backoff;
use crate::calls::Calls;
use crate::gates::Gates;
use crate::health::Health;
use crate::hooks::Hooks;
use crate::log::{Entry, Log};
use crate::meter::Meter;
use crate::not_before::not_before;
use crate::outbox::Outbox;
use crate::within::{ask, within};
use crate::world::World;
use crate::{Driver, DriverError, Setup, Status};

impl Driver {
    /// Opens a rollout, or takes it over when its journal exists: what a host calls after every start.
    ///
    /// The plan and the judge are those of the journal, once there is one: nothing is changed under way.
    ///
    /// # Errors
    /// A plan that is not the journal's, a gate that nobody provides, a journal that cannot be read or written, was
    /// damaged or was written by a newer build, or a token that is too low.
    pub async fn open(setup: Setup, opened: Opened) -> Result<Self, DriverError> {
        check_gates(&setup, &opened.plan)?;
        check_hooks(&setup, &opened.plan)?;
        check_ports(&setup, &opened.plan)?;
        let rollout = opened.plan.id().clone();
        let records = read(&setup, &rollout).await?;
        if records.is_empty() {
            return Self::begin(setup, opened).await;
        }
        let loaded = load(&rollout, &records).map_err(ReadError::from)?;
        let (expected, found) = (loaded.course.state().digest(), opened.plan.digest());
        if found != expected && found != loaded.opened_as {
            return Err(DriverError::OtherPlan { rollout, expected, found });
        }
        Self::resume(setup, loaded, &records).await
    }

    /// Takes a rollout over by its name alone. A gate that nobody provides has no data then: it can still go back.
    ///
    /// # Errors
    /// No journal, one that cannot be read or written, was damaged or was written by a newer build, or a token that is
    /// too low.
    pub async fn take_over(setup: Setup, rollout: RolloutId) -> Result<Self, DriverError> {
        let records = read(&setup, &rollout).await?;
        let loaded = load(&rollout, &records).map_err(ReadError::from)?;
        check_ports(&setup, loaded.course.state().plan())?;
        Self::resume(setup, loaded, &records).await
    }

    async fn begin(setup: Setup, mut opened: Opened) -> Result<Self, DriverError> {
        // Whatever was read from elsewhere, it is this build that decides and writes.
        (opened.schema, opened.rules) = (SCHEMA, RULES);
        let mut chain = Chain::new(opened.plan.id().clone());
        let token = token(&setup, router_token(&setup).await?)?;
        let fence = Fence { token, generation: 0 };
        let body = Body::from(opened.clone());
        let record = chain.next(setup.ports.clock.now(), fence, &body)?;
        append(&setup, &chain, &record).await?;
        chain.push(&record)?;
        let log = Log::new(&setup, chain, token);
        let mut driver = Self::new(setup, Course::open(&opened, record.at()), log);
        driver.world.own_from(token);
        Ok(driver)
    }

    async fn resume(mut setup: Setup, loaded: Loaded, records: &[Record]) -> Result<Self, DriverError> {
        if let Some(last) = records.last() {
            setup.ports.clock = not_before(setup.ports.clock, last.at());
        }
        // A router that is silent now is asked nothing: going back may be owed, and the rollout began above its tokens.
        let obeyed = router_token(&setup).await.unwrap_or(0);
        let token = token(&setup, loaded.fence.token.max(obeyed))?;
        let adoption = loaded.adoption();
        let Loaded { course, mut chain, since_snapshot, .. } = loaded;
        if let Some(body) = &adoption {
            let fence = Fence { token, generation: course.state().generation() };
            let record = chain.next(setup.ports.clock.now(), fence, body)?;
            append(&setup, &chain, &record).await?;
            chain.push(&record)?;
        }
        let since = if adoption.is_some() { 0 } else { since_snapshot };
        let log = Log::new(&setup, chain, token).with_since_snapshot(since);
        let mut driver = Self::new(setup, course, log);
        driver.world.own_from(records.first().map_or(token, |first| first.fence().token));
        driver.tell_again(records);
        driver.take_up();
        Ok(driver)
    }

    fn new(setup: Setup, course: Course, log: Log) -> Self {
        let (timeout, instance) = (setup.options.port_timeout, setup.options.instance);
        let state = course.state();
        let first = Decision { outcome: Move::Stay, findings: waiting_for(state) };
        let status = Status::new(state, first, log.token()).with_records(log.next_seq(), 0);
        let (stop, stopped) = watch::channel(false);
        Self {
            clock: Arc::clone(&setup.ports.clock),
            world: World::new(&setup),
            meter: Meter::new(&setup.ports, timeout, course.monitor().map(bellwether_analysis::Monitor::judge)),
            gates: Gates::new(&setup, state.plan()),
            hooks: Hooks::new(&setup, state.plan().id().clone()),
            outbox: Outbox::new(&setup.ports, timeout, state.plan().id().clone()),
            setup,
            course,
            log,
            calls: Calls::default(),
            health: Health::default(),
            commands: Vec::new(),
            waiting: Vec::new(),
            inbox_again: Backoff::default(),
            resumes: false,
            is_behind: false,
            must_observe: true,
            observed_at: None,
            judged: None,
            ticked: None,
            alarmed: None,
            instance: instance.unwrap_or_else(random),
            rounds: 0,
            hurries: false,
            conflicts: 0,
            stop,
            stopped,
            status: watch::channel(status).0,
        }
    }

    /// Reads the journal again after somebody else wrote to it; commands that it does not have are decided again.
    pub(crate) async fn load_again(&mut self) -> Result<(), DriverError> {
        let rollout = self.log.rollout().clone();
        let records = read(&self.setup, &rollout).await?;
        let ours = self.log.stored().map_or(0, |head| head.seq.saturating_add(1));
        if records.iter().any(|record| record.seq() >= ours && record.fence().token >= self.log.token()) {
            return Err(DriverError::Superseded);
        }
        let Loaded { course, chain, since_snapshot, .. } = load(&rollout, &records).map_err(ReadError::from)?;
        let mut commands = self.log.take_commands();
        commands.append(&mut self.commands);
        self.commands = commands;
        let log = Log::new(&self.setup, chain, self.log.token());
        self.log = log.with_since_snapshot(since_snapshot);
        self.course = course;
        self.take_up();
        Ok(())
    }

    /// Begins where the journal ends: the world is looked at and what was missed is judged before anything is raised.
    pub(crate) fn take_up(&mut self) {
        let state = self.course.state();
        (self.judged, self.ticked, self.observed_at) = (None, None, None);
        self.must_observe = true;
        self.commands.append(&mut self.waiting);
        self.resumes = !state.is_terminal();
        self.is_behind = self.resumes;
        let stage = goal(state).stage;
        let since = match state.phase() {
            Phase::Stepping(stepping) if stepping.sub == Sub::Bake => stepping.bake.since,
            Phase::Stepping(_)
            | Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => None,
        };
        if let Some(observation) = state.observed() {
            self.world.remember(observation, stage.as_ref(), since);
        }
        if let Some(since) = since {
            self.meter.begin(since);
        }
        self.meter.resume(&mut self.calls);
        self.world.hurry();
    }

    /// Tells what the driver before may not have told: the decisions since the last snapshot.
    fn tell_again(&mut self, records: &[Record]) {
        let stated = records.iter().rposition(|record| record.kind() == Some(BodyKind::Snapshot)).unwrap_or(0);
        for record in records.get(stated..).unwrap_or_default() {
            if let Ok(Body::Event(stepped)) = record.body(self.log.rollout()) {
                let decision = Some(stepped.decision);
                self.outbox.stored(Entry { record: record.clone(), command: None, decision });
            }
        }
    }
}

/// What splits traffic must be there: a router, or, where it follows the units, somebody who runs them.
fn check_ports(setup: &Setup, plan: &Plan) -> Result<(), DriverError> {
    match plan.exchange() {
        Some(_) if setup.ports.workload.is_none() => Err(DriverError::NoPort("workload")),
        None if setup.ports.router.is_none() => Err(DriverError::NoPort("router")),
        Some(_) | None => Ok(()),
    }
}

fn check_hooks(setup: &Setup, plan: &Plan) -> Result<(), DriverError> {
    let has_hooks = plan.steps().iter().any(|step| !step.hooks.is_empty());
    if has_hooks && setup.ports.hooks.is_none() { Err(DriverError::NoPort("hooks")) } else { Ok(()) }
}

fn check_gates(setup: &Setup, plan: &Plan) -> Result<(), DriverError> {
    let mut names = plan.steps().iter().flat_map(|step| &step.gates);
    match names.find(|name| !setup.gates.contains_key(*name)) {
        Some(name) => Err(DriverError::NoGate(name.clone())),
        None => Ok(()),
    }
}

/// A number that no other driver has: the seed that the standard library draws for each of its maps.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The highest token that the router has obeyed, where it keeps one: an earlier rollout on the same router had tokens of
/// its own, and commands below them would be refused.
async fn router_token(setup: &Setup) -> Result<u64, PortError> {
    let Some(router) = &setup.ports.router else { return Ok(0) };
    if router.capabilities().fencing != Fencing::Token {
        return Ok(0);
    }
    let observed = ask(&*setup.ports.clock, setup.options.port_timeout, router.observe()).await?;
    Ok(observed.applied.map_or(0, |fence| fence.token))
}

/// The token to own the rollout by: the one that was given, or the next.
fn token(setup: &Setup, journal: u64) -> Result<u64, DriverError> {
    match setup.options.token {
        Some(found) if found <= journal => Err(DriverError::Token { journal, found }),
        Some(token) => Ok(token),
        None => Ok(journal.saturating_add(1)),
    }
}

async fn read(setup: &Setup, rollout: &RolloutId) -> Result<Vec<Record>, ReadError> {
    let read = setup.ports.journal.read(rollout, 0);
    let answer = within(&*setup.ports.clock, setup.options.port_timeout, read).await;
    answer.unwrap_or_else(|elapsed| Err(ReadError::transient(elapsed)))
}

async fn append(setup: &Setup, chain: &Chain, record: &Record) -> Result<(), AppendError> {
    let append = setup.ports.journal.append(chain.rollout(), record);
    let answer = within(&*setup.ports.clock, setup.options.port_timeout, append).await;
    answer.unwrap_or_else(|elapsed| Err(AppendError::transient(elapsed)))
}
