use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    vec,
    vec::Vec,
};

use bellwether_core::{ActorName, Arms, CheckName, Digest, EventId, RolloutId, Route, StageId, Time, Weight};
use bellwether_strategy::{OnDeadline, Plan, StableSizing, Step, Wait};
use serde::{Deserialize, Serialize};

use crate::{
    BackSub, Baking, Exposure, FinalSub, Hold, HoldReason, Observation, Owner, Phase, Place, Stepping, Sub,
    exchange::Exchanging, failures::Failures,
};

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

impl Snapshot {
    /// The identity of the plan that it is of: the one that the rollout began with, or one that took its place.
    #[must_use]
    pub const fn plan(&self) -> Digest {
        self.plan
    }
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
    /// The service's units, where they are others than the plan's by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replicas: Option<u32>,
    /// Who approved which step of this plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) approved: BTreeMap<u32, BTreeSet<ActorName>>,
    /// Whether the units have not been looked at since another exposure was asked for, where traffic follows them: what
    /// was seen before may have changed since by what was asked for then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) unseen: bool,
    /// How often soft checks failed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) failures: BTreeMap<CheckName, Failures>,
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
    let progress = Progress {
        now: at,
        events: 0,
        generation: 0,
        phase: Phase::Stepping(stepping),
        observed: None,
        recent: VecDeque::new(),
        replicas: None,
        approved: BTreeMap::new(),
        unseen: false,
        failures: BTreeMap::new(),
    };
    let mut state = State { digest: plan.digest(), plan, progress };
    state.hold_for_entry();
    state
}

impl State {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
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
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => &[],
        }
    }

    /// Whether the rollout has ended.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(self.progress.phase, Phase::Completed { .. } | Phase::Kept { .. } | Phase::RolledBack { .. })
    }

    /// The step it stands at, while it is on its way through the steps.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        match &self.progress.phase {
            Phase::Stepping(stepping) => self.plan.step(stepping.step),
            Phase::Finalising(_)
            | Phase::RollingBack(_)
            | Phase::Completed { .. }
            | Phase::Kept { .. }
            | Phase::RolledBack { .. }
            | Phase::Stuck(_) => None,
        }
    }

    /// The state without its plan, to be stored.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { plan: self.digest, progress: self.progress.clone() }
    }

    /// The plan, to be shared.
    #[must_use]
    pub fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
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

    /// The units that carry the whole traffic, as the plan says or as the service was rescaled since.
    #[must_use]
    pub fn replicas(&self) -> Option<u32> {
        let planned = self.plan.capacity()?.replicas;
        Some(self.progress.replicas.unwrap_or(planned))
    }

    /// The share that the candidate was last seen to have.
    #[must_use]
    pub fn observed_share(&self) -> Option<Weight> {
        self.observed()?.route.as_ref().map(Route::exposure)
    }

    /// An observation as the machine reads it: where traffic follows the units, with the route that they show.
    #[must_use]
    pub fn as_seen(&self, observation: &Observation) -> Observation {
        match self.exchanging() {
            Some(exchanging) => exchanging.shown(observation, &self.route(), self.generation()),
            None => observation.clone(),
        }
    }

    /// How units are exchanged, where traffic follows them.
    pub(crate) fn exchanging(&self) -> Option<Exchanging> {
        Some(Exchanging::new(self.plan.exchange()?, self.replicas()?))
    }

    /// Whether enough people have approved a step.
    pub(crate) fn is_approved(&self, step: u32) -> bool {
        has_enough(&self.progress.approved, &self.plan, step)
    }

    /// Puts another plan in this one's place; approvals of the one before do not count for it.
    pub(crate) fn adopt(&mut self, plan: Plan) {
        if self.plan.capacity() != plan.capacity() {
            self.progress.replicas = None;
        }
        self.digest = plan.digest();
        self.plan = Arc::new(plan);
        self.progress.approved.clear();
    }

    /// The route that the world should have now.
    pub(crate) fn route(&self) -> Route {
        match &self.progress.phase {
            Phase::Stepping(stepping) => stepping.route(&self.plan).clone(),
            Phase::Finalising(_) | Phase::Completed { .. } => self.last_route(),
            Phase::RollingBack(back) => Route::share(back.ceiling),
            Phase::Kept { .. } | Phase::RolledBack { .. } => Route::STABLE,
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
        if let Some(exchanging) = self.exchanging() {
            return (!self.progress.unseen).then(|| self.exchanged(&exchanging));
        }
        let replicas = self.replicas()?;
        let candidate_at = |step: &Step| self.plan.candidate_units_of(step, replicas);
        let observed = self.progress.observed.as_ref().and_then(|observation| observation.route.as_ref());
        let needed = observed.map_or(0, |route| route.exposure().of(replicas));
        let candidate = match &self.progress.phase {
            Phase::Stepping(stepping) => match stepping.sub {
                Sub::Gate { .. } => {
                    stepping.keep.route.exposure().of(replicas).max(self.units_before(stepping, replicas))
                }
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
            Phase::Kept { .. } | Phase::RolledBack { .. } => 0,
            Phase::Stuck(stuck) => stuck.keep.route.exposure().of(replicas),
        };
        let stable = self.stable_units(replicas);
        Some(Arms { stable, candidate: candidate.max(needed) })
    }

    /// The units of both arms where traffic follows them.
    fn exchanged(&self, exchanging: &Exchanging) -> Arms<u32> {
        let seen = self.observed().and_then(|observation| observation.units.as_ref());
        match &self.progress.phase {
            Phase::RollingBack(back) => exchanging.backward(back.ceiling, seen),
            Phase::Kept { .. } | Phase::RolledBack { .. } => exchanging.backward(Weight::ZERO, seen),
            Phase::Stepping(_) | Phase::Finalising(_) | Phase::Completed { .. } | Phase::Stuck(_) => {
                exchanging.forward(self.route().share, seen)
            }
        }
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
            | Phase::Kept { .. }
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
    fn units_before(&self, stepping: &Stepping, replicas: u32) -> u32 {
        let before = stepping.step.checked_sub(1).and_then(|index| self.plan.step(index));
        before.map_or(0, |step| self.plan.candidate_units_of(step, replicas))
    }

    /// Holds for what must be there before the step's exposure is asked for, gates and approvals; releases what is there.
    pub(crate) fn hold_for_entry(&mut self) {
        let (now, digest, plan) = (self.progress.now, self.digest, Arc::clone(&self.plan));
        let Phase::Stepping(stepping) = &mut self.progress.phase else { return };
        stepping.hold_for_gates(&plan, now);
        if !matches!(stepping.sub, Sub::Gate { .. }) {
            return;
        }
        let is_open = !has_enough(&self.progress.approved, &plan, stepping.step);
        stepping.holds.retain(|hold| match &hold.why {
            HoldReason::Approval { digest: asked } => is_open && *asked == digest,
            HoldReason::Gate(_)
            | HoldReason::Human
            | HoldReason::Inconclusive
            | HoldReason::NoData
            | HoldReason::Policy
            | HoldReason::Queue(_)
            | HoldReason::Unjudged
            | HoldReason::Unseen => true,
        });
        if is_open {
            stepping.hold(Hold::new(HoldReason::Approval { digest }, Owner::Human, now, plan.conduct().approval));
        }
    }

    /// While traffic goes back nobody scales the candidate: it may still be serving.
    fn observed_candidate_want(&self, replicas: u32) -> u32 {
        let units = self.progress.observed.as_ref().and_then(|observation| observation.units);
        units.map_or(replicas, |units| units.candidate.want)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

fn has_enough(approved: &BTreeMap<u32, BTreeSet<ActorName>>, plan: &Plan, step: u32) -> bool {
    let given = approved.get(&step).map_or(0, BTreeSet::len);
    let needed = plan.step(step).map_or(0, |step| step.approvals);
    u32::try_from(given).unwrap_or(u32::MAX) >= needed
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
            furthest: None,
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
            OnDeadline::RollBack | OnDeadline::ProceedUncertified | OnDeadline::Keep => false,
        }
    }
}
