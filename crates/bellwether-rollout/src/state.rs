use alloc::{collections::BTreeMap, collections::VecDeque, sync::Arc, vec, vec::Vec};

use bellwether_core::{Arms, Digest, EventId, RolloutId, Route, StageId, Time};
use bellwether_strategy::{OnDeadline, Plan, StableSizing, Step, Wait};
use serde::{Deserialize, Serialize};

use crate::{BackSub, Baking, Exposure, FinalSub, Hold, HoldReason, Observation, Owner, Phase, Place, Stepping, Sub};

/// How many command identifiers are kept to recognise a second delivery.
const RECENT_MAX: usize = 64;

/// A rollout at one moment: its plan and how far it is. A cache of its log.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    plan: Arc<Plan>,
    digest: Digest,
    pub(crate) progress: Progress,
}

/// A [`State`] without its plan, which is stored once and named by its digest.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    plan: Digest,
    progress: Progress,
}

/// How far a rollout is.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    pub(crate) now: Time,
    pub(crate) events: u64,
    pub(crate) generation: u64,
    pub(crate) phase: Phase,
    pub(crate) observed: Option<Observation>,
    pub(crate) recent: VecDeque<EventId>,
}

/// Tells that a snapshot is of another plan.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the snapshot: expected one of plan {expected}, found one of plan {found}")]
pub struct RestoreError {
    expected: Digest,
    found: Digest,
}

/// Begins a rollout. Nothing is exposed until its first gate has passed.
#[must_use]
pub fn start(plan: impl Into<Arc<Plan>>, at: Time) -> State {
    begin(plan.into(), at, None)
}

/// Begins a rollout that is held until an earlier one of the same service has ended and given its traffic back.
#[must_use]
pub fn start_after(plan: impl Into<Arc<Plan>>, predecessor: RolloutId, at: Time) -> State {
    begin(plan.into(), at, Some(predecessor))
}

fn begin(plan: Arc<Plan>, at: Time, predecessor: Option<RolloutId>) -> State {
    let wait: Wait = plan.conduct().gate;
    let queue = predecessor.map(|rollout| Hold::new(HoldReason::Queue(rollout), Owner::System, at, wait));
    let keep = Exposure { route: Route::STABLE, stage: None };
    let mut stepping = Stepping::enter(0, keep);
    stepping.holds = queue.into_iter().collect();
    stepping.hold_for_gates(&plan, at);
    let progress = Progress {
        now: at,
        events: 0,
        generation: 0,
        phase: Phase::Stepping(stepping),
        observed: None,
        recent: VecDeque::new(),
    };
    State { digest: plan.digest(), plan, progress }
}

impl State {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// The plan's identity.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Where the rollout stands.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.progress.phase
    }

    /// Where the rollout stands, in short.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.progress.phase.place()
    }

    /// The latest time seen.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.progress.now
    }

    /// How many events were stepped.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.progress.events
    }

    /// How often the wanted route changed; the second half of the fence of every command.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.progress.generation
    }

    /// The latest observation.
    #[must_use]
    pub const fn observed(&self) -> Option<&Observation> {
        self.progress.observed.as_ref()
    }

    /// What stops forward moves.
    #[must_use]
    pub fn holds(&self) -> &[Hold] {
        match &self.progress.phase {
            Phase::Stepping(stepping) => &stepping.holds,
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => &[],
        }
    }

    /// Whether the rollout has ended.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(self.progress.phase, Phase::Completed { .. } | Phase::RolledBack { .. })
    }

    /// The step it stands at, while it is on its way through the steps.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        match &self.progress.phase {
            Phase::Stepping(stepping) => self.plan.step(stepping.step),
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => None,
        }
    }

    /// The state without its plan, to be stored.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { plan: self.digest, progress: self.progress.clone() }
    }

    /// Puts a snapshot and its plan together again.
    ///
    /// # Errors
    /// The snapshot is of another plan.
    pub fn restore(plan: impl Into<Arc<Plan>>, snapshot: Snapshot) -> Result<Self, RestoreError> {
        let plan = plan.into();
        let digest = plan.digest();
        if digest != snapshot.plan {
            return Err(RestoreError { expected: digest, found: snapshot.plan });
        }
        Ok(Self { plan, digest, progress: snapshot.progress })
    }

    pub(crate) fn replicas(&self) -> Option<u32> {
        self.plan.capacity().map(|capacity| capacity.replicas)
    }

    /// The route that the world should have now.
    pub(crate) fn route(&self) -> Route {
        match &self.progress.phase {
            Phase::Stepping(stepping) => stepping.route(&self.plan).clone(),
            Phase::Finalising(_) | Phase::Completed { .. } => self.last_route(),
            Phase::RollingBack(back) => Route::share(back.ceiling),
            Phase::RolledBack { .. } => Route::STABLE,
            Phase::Stuck(stuck) => stuck.keep.route.clone(),
        }
    }

    fn last_route(&self) -> Route {
        self.plan.steps().last().map_or(Route::STABLE, |step| step.route.clone())
    }

    /// Whether the router was observed to show the wanted route, after it was told so.
    pub(crate) fn route_is_confirmed(&self) -> bool {
        let Some(observation) = &self.progress.observed else { return false };
        let told = observation.applied.is_some_and(|fence| fence.generation >= self.progress.generation);
        told && observation.route.as_ref() == Some(&self.route())
    }

    pub(crate) fn stage(&self, stepping: &Stepping) -> StageId {
        StageId { rollout: self.plan.id().clone(), step: stepping.step, entry: stepping.entry }
    }

    /// Remembers a command; true when it was known already.
    pub(crate) fn is_repeated(&mut self, id: &EventId) -> bool {
        let recent = &mut self.progress.recent;
        if recent.contains(id) {
            return true;
        }
        if recent.len() == RECENT_MAX {
            recent.pop_front();
        }
        recent.push_back(id.clone());
        false
    }

    /// The units that both arms should have now.
    pub(crate) fn units(&self) -> Option<Arms<u32>> {
        let replicas = self.replicas()?;
        let candidate_at = |step: &Step| self.plan.candidate_units(step).unwrap_or(0);
        let observed = self.progress.observed.as_ref().and_then(|observation| observation.route.as_ref());
        let needed = observed.map_or(0, |route| route.exposure().of(replicas));
        let candidate = match &self.progress.phase {
            Phase::Stepping(stepping) => match stepping.sub {
                Sub::Gate { .. } => stepping.keep.route.exposure().of(replicas).max(self.units_before(stepping)),
                Sub::Scale { .. } | Sub::Shift { .. } | Sub::Bake => self
                    .plan
                    .step(stepping.step)
                    .map_or(0, candidate_at)
                    .max(stepping.keep.route.exposure().of(replicas)),
            },
            Phase::Finalising(_) | Phase::Completed { .. } => replicas,
            Phase::RollingBack(back) => match back.sub {
                BackSub::Shift { .. } | BackSub::Drain { .. } => self.observed_candidate_want(replicas),
                BackSub::Shrink => 0,
            },
            Phase::RolledBack { .. } => 0,
            Phase::Stuck(stuck) => stuck.keep.route.exposure().of(replicas),
        };
        let stable = self.stable_units(replicas);
        Some(Arms { stable, candidate: candidate.max(needed) })
    }

    fn stable_units(&self, replicas: u32) -> u32 {
        let follows = self.plan.conduct().stable_sizing == StableSizing::FollowsTraffic;
        match &self.progress.phase {
            Phase::Stepping(_) | Phase::Stuck(_) if follows => self.stable_units_in_use(replicas),
            Phase::Finalising(finalising) if follows || finalising.sub == FinalSub::Shrink => {
                self.stable_units_in_use(replicas)
            }
            Phase::Completed { .. } => 0,
            Phase::Stepping(_)
            | Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => replicas,
        }
    }

    /// The units that stable's share needs, by what is wanted and by what was seen. As long as the router has not
    /// confirmed what is wanted, it may be doing what it was told before, so nothing of stable is taken away.
    fn stable_units_in_use(&self, replicas: u32) -> u32 {
        let wanted = self.route().share.rest().of(replicas);
        let Some(observation) = &self.progress.observed else { return replicas };
        let serving = observation.route.as_ref().map_or(replicas, |route| route.share.rest().of(replicas));
        let asked = observation.units.map_or(replicas, |units| units.stable.want);
        let kept = if self.route_is_confirmed() { 0 } else { asked };
        wanted.max(serving).max(kept)
    }

    /// Before a step's gate has passed the candidate keeps the units of the step before.
    fn units_before(&self, stepping: &Stepping) -> u32 {
        let before = stepping.step.checked_sub(1).and_then(|index| self.plan.step(index));
        before.and_then(|step| self.plan.candidate_units(step)).unwrap_or(0)
    }

    /// While traffic goes back nobody scales the candidate: it may still be serving.
    fn observed_candidate_want(&self, replicas: u32) -> u32 {
        let units = self.progress.observed.as_ref().and_then(|observation| observation.units);
        units.map_or(replicas, |units| units.candidate.want)
    }
}

impl Stepping {
    pub(crate) fn enter(step: u32, keep: Exposure) -> Self {
        Self {
            step,
            entry: 0,
            sub: Sub::Gate { passed: BTreeMap::new() },
            holds: vec![],
            asked: false,
            keep,
            bake: Baking::default(),
            resume: None,
        }
    }

    /// The route that is wanted: the one before until the step's own is asked for.
    pub(crate) fn route<'a>(&'a self, plan: &'a Plan) -> &'a Route {
        match self.sub {
            Sub::Gate { .. } | Sub::Scale { .. } => &self.keep.route,
            Sub::Shift { .. } | Sub::Bake => plan.step(self.step).map_or(&self.keep.route, |step| &step.route),
        }
    }

    pub(crate) fn is_held_for(&self, why: &HoldReason) -> bool {
        self.holds.iter().any(|hold| hold.why == *why)
    }

    pub(crate) fn hold(&mut self, hold: Hold) {
        if !self.is_held_for(&hold.why) {
            self.holds.push(hold);
        }
    }

    pub(crate) fn release(&mut self, why: &HoldReason) {
        self.holds.retain(|hold| hold.why != *why);
    }

    /// Holds for every gate of the step that has no pass that may be used now; releases the others.
    pub(crate) fn hold_for_gates(&mut self, plan: &Plan, now: Time) {
        let Sub::Gate { passed } = &self.sub else { return };
        let gates = plan.step(self.step).map_or(&[][..], |step| &step.gates);
        let open: Vec<_> =
            gates.iter().filter(|gate| passed.get(*gate).is_none_or(|until| *until < now)).cloned().collect();
        self.holds.retain(|hold| !matches!(&hold.why, HoldReason::Gate(gate) if !open.contains(gate)));
        for gate in open {
            self.hold(Hold::new(HoldReason::Gate(gate), Owner::System, now, plan.conduct().gate));
        }
    }
}

impl Hold {
    /// Whether a person is asked when the hold ends.
    pub(crate) const fn asks_a_person(&self) -> bool {
        match self.then {
            OnDeadline::Human => true,
            OnDeadline::RollBack | OnDeadline::ProceedUncertified => false,
        }
    }
}
