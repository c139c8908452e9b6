use alloc::{collections::BTreeSet, string::String, vec::Vec};

use bellwether_core::{Arms, Basis, Digest, Level, RolloutId, Route, StepId, Version, Weight};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::{
    Bake, Capacity, Conduct, Exchange, OnDeadline, PlanDraft, PlanError, Step, Table, UnitsRule,
    exchange::check_exchange, failure_limits::check_failures,
};

/// The version of the plan format that this build reads and writes.
pub const SCHEMA: u32 = 1;

/// The most steps that a plan may have, the one at 100 % included.
const STEPS_MAX: usize = 100;

/// A checked plan: exposures that rise to 100 %, each with the grounds on which it may go on.
///
/// A plan that ends below 100 % gets a last step at 100 %, so there is no promotion path beside the steps.
///
/// # Example: a plan is checked when it is read
/// ```
/// use bellwether_strategy::Plan;
///
/// let text = r#"{"schema": 1, "id": "checkout-42", "arms": {"stable": {"name": "41"}, "candidate": {"name": "42"}},
///     "steps": [{"id": "five", "route": {"share": 500}, "evidence": "compare", "bake": {"min": "10m", "max": "1h"}}]}"#;
/// let plan: Plan = serde_json::from_str(text)?;
/// assert_eq!(plan.steps().len(), 2, "a step at 100 % was added");
///
/// let falling = text.replace(r#""five""#, r#""all""#).replace("500", "10001");
/// let error = serde_json::from_str::<Plan>(&falling).unwrap_err();
/// assert!(error.to_string().contains("expected a share of 0 to 10000 basis points, found 10001"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "PlanDraft", into = "PlanDraft")]
pub struct Plan(PlanDraft);

/// The point of no return: from this step on the schema or the data no longer serve stable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// From the moment this step's exposure is asked for, stable cannot be gone back to.
    pub step: StepId,
    /// Why.
    pub why: String,
    /// What can be done instead of going back.
    pub alternatives: Vec<String>,
}

impl Plan {
    /// The rollout that the plan is for.
    #[must_use]
    pub const fn id(&self) -> &RolloutId {
        &self.0.id
    }

    /// What runs today and what shall run.
    #[must_use]
    pub const fn arms(&self) -> &Arms<Version> {
        &self.0.arms
    }

    /// How risky the change is, where that is known.
    #[must_use]
    pub const fn level(&self) -> Option<Level> {
        self.0.level
    }

    /// The exposures, in order; never empty, the last one is 100 %.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0.steps
    }

    /// The step of that index.
    #[must_use]
    pub fn step(&self, index: u32) -> Option<&Step> {
        self.0.steps.get(usize::try_from(index).ok()?)
    }

    /// How many units run, where the plan scales.
    #[must_use]
    pub const fn capacity(&self) -> Option<Capacity> {
        self.0.capacity
    }

    /// How units are exchanged, where no router splits traffic and it follows the units.
    #[must_use]
    pub fn exchange(&self) -> Option<Exchange> {
        self.0.capacity?.exchange
    }

    /// How the rollout behaves beside its steps.
    #[must_use]
    pub const fn conduct(&self) -> &Conduct {
        &self.0.conduct
    }

    /// The smallest share that the router can express.
    #[must_use]
    pub const fn precision(&self) -> Weight {
        self.0.precision
    }

    /// The point of no return, where there is one.
    #[must_use]
    pub const fn floor(&self) -> Option<&Floor> {
        self.0.floor.as_ref()
    }

    /// The index of the first step past the point of no return.
    #[must_use]
    pub fn floor_index(&self) -> Option<u32> {
        let floor = self.floor()?;
        let index = self.steps().iter().position(|step| step.id == floor.step)?;
        u32::try_from(index).ok()
    }

    /// The candidate's units during a step: what its rule says, never fewer than its exposure needs.
    #[must_use]
    pub fn candidate_units(&self, step: &Step) -> Option<u32> {
        Some(self.candidate_units_of(step, self.0.capacity?.replicas))
    }

    /// As [`candidate_units`](Self::candidate_units), when the service has another number of replicas by now.
    #[must_use]
    pub fn candidate_units_of(&self, step: &Step, replicas: u32) -> u32 {
        if let Some(exchange) = self.exchange() {
            return exchange.units_at(step.route.share, replicas).candidate;
        }
        let needed = step.route.exposure().of(replicas);
        match step.units {
            UnitsRule::ByShare => needed,
            UnitsRule::Count(count) => count.max(needed),
        }
    }

    /// The plan's identity: the SHA-256 of its canonical JSON (fields in their order, no white space).
    #[must_use]
    pub fn digest(&self) -> Digest {
        // A plan holds no map with keys that are not strings and no float, so it always has a JSON form.
        let bytes = serde_json::to_vec(&self.0).unwrap_or_default();
        Digest::from_bytes(sha2::Sha256::digest(&bytes).into())
    }

    /// The steps as a table for people.
    #[must_use]
    pub fn table(&self) -> Table<'_> {
        Table::new(self)
    }

    /// The plan as data that can be changed and checked again.
    #[must_use]
    pub fn draft(&self) -> PlanDraft {
        self.0.clone()
    }
}

impl From<Plan> for PlanDraft {
    fn from(plan: Plan) -> Self {
        plan.0
    }
}

impl TryFrom<PlanDraft> for Plan {
    type Error = PlanError;

    fn try_from(mut draft: PlanDraft) -> Result<Self, PlanError> {
        check_frame(&draft)?;
        check_steps(&draft)?;
        append_last_step(&mut draft);
        check_length(&draft)?;
        check_exchange(&draft)?;
        check_failures(&draft)?;
        check_floor(&draft)?;
        Ok(Self(draft))
    }
}

fn check_frame(draft: &PlanDraft) -> Result<(), PlanError> {
    if draft.schema != SCHEMA {
        return Err(PlanError::new("$.schema", alloc::format!("{SCHEMA}"), draft.schema));
    }
    if draft.arms.stable == draft.arms.candidate {
        return Err(PlanError::new("$.arms", "two different versions", &draft.arms.stable));
    }
    if draft.steps.is_empty() {
        return Err(PlanError::new("$.steps", alloc::format!("1 to {STEPS_MAX} steps"), 0));
    }
    if draft.capacity.is_some_and(|capacity| capacity.replicas == 0) {
        return Err(PlanError::new("$.capacity.replicas", "at least 1", 0));
    }
    if draft.precision == Weight::ZERO {
        return Err(PlanError::new("$.precision", "at least 1 basis point", 0));
    }
    check_waits(&draft.conduct)
}

/// Only inconclusive evidence may be gone on from or end an experiment, never the absence of something.
fn check_waits(conduct: &Conduct) -> Result<(), PlanError> {
    let Conduct { no_data, gate, human, approval, .. } = conduct;
    let waits = [("no_data", no_data), ("gate", gate), ("human", human), ("approval", approval)];
    for (name, wait) in waits {
        let found = match wait.then {
            OnDeadline::RollBack | OnDeadline::Human => continue,
            OnDeadline::ProceedUncertified => "proceed_uncertified",
            OnDeadline::Keep => "keep",
        };
        let expected = "roll_back or human: only inconclusive evidence may be gone on from, never its absence";
        return Err(PlanError::new(&alloc::format!("$.conduct.{name}.then"), expected, found));
    }
    Ok(())
}

fn check_steps(draft: &PlanDraft) -> Result<(), PlanError> {
    let mut seen = BTreeSet::new();
    let mut before: Option<&Step> = None;
    for (index, step) in draft.steps.iter().enumerate() {
        let at = |field: &str| alloc::format!("$.steps[{index}].{field}");
        if !seen.insert(&step.id) {
            return Err(PlanError::new(&at("id"), "a name that no step before has", &step.id));
        }
        check_route(draft, step, &at)?;
        check_rise(before, step, &at)?;
        check_bake(draft, step, &at)?;
        before = Some(step);
    }
    Ok(())
}

fn check_route(draft: &PlanDraft, step: &Step, at: &dyn Fn(&str) -> String) -> Result<(), PlanError> {
    let route = &step.route;
    if route.share.round_down(draft.precision) != route.share && route.share != Weight::FULL {
        let expected = alloc::format!("a multiple of the router's precision of {}", draft.precision);
        return Err(PlanError::new(&at("route.share"), expected, route.share));
    }
    if route.share == Weight::FULL && (route.cohort.is_some() || route.mirror != Weight::ZERO) {
        return Err(PlanError::new(&at("route"), "no mirror and no cohort beside 100 %", "one"));
    }
    if route.cohort.as_ref().is_some_and(|cohort| cohort.size == Weight::ZERO) {
        return Err(PlanError::new(&at("route.cohort.size"), "at least 1 basis point", Weight::ZERO));
    }
    let compared = route.share != Weight::ZERO || route.cohort.as_ref().is_some_and(|cohort| cohort.matched);
    if step.evidence == Basis::Compare && (route.share == Weight::FULL || !compared) {
        let expected = "guard or time, because there is no control arm at this exposure";
        return Err(PlanError::new(&at("evidence"), expected, Basis::Compare));
    }
    Ok(())
}

/// Exposures strictly rise: hidden or mirrored first, then a cohort, then weights. Only hidden steps may repeat.
fn check_rise(before: Option<&Step>, step: &Step, at: &dyn Fn(&str) -> String) -> Result<(), PlanError> {
    let Some(before) = before else { return Ok(()) };
    let (low, high) = (rank(&before.route), rank(&step.route));
    if low < high || (low == high && high == (0, Weight::ZERO)) {
        return Ok(());
    }
    let expected = alloc::format!("more than the {} of the step before", before.route.exposure());
    Err(PlanError::new(&at("route.share"), expected, step.route.exposure()))
}

fn rank(route: &Route) -> (u8, Weight) {
    match (&route.cohort, route.share) {
        (_, share) if share != Weight::ZERO => (2, route.exposure()),
        (Some(_), _) => (1, route.exposure()),
        (None, _) => (0, Weight::ZERO),
    }
}

fn check_bake(draft: &PlanDraft, step: &Step, at: &dyn Fn(&str) -> String) -> Result<(), PlanError> {
    if step.bake.max < step.bake.min {
        return Err(PlanError::new(
            &at("bake.max"),
            alloc::format!("at least bake.min ({})", step.bake.min),
            step.bake.max,
        ));
    }
    let quarter = Weight::FULL.quarter();
    let low = draft.level.is_some_and(|level| level <= Level::Low);
    let small = step.route.exposure() <= quarter;
    if step.on_inconclusive == OnDeadline::ProceedUncertified && !low && !small {
        let expected = "human or roll_back: only a low risk or a step of at most 25 % may go on without a certificate";
        return Err(PlanError::new(&at("on_inconclusive"), expected, "proceed_uncertified"));
    }
    if step.on_inconclusive == OnDeadline::Keep && step.evidence != Basis::Compare {
        let expected = "human or roll_back: only a comparison can end with stable being kept";
        return Err(PlanError::new(&at("on_inconclusive"), expected, "keep"));
    }
    Ok(())
}

fn append_last_step(draft: &mut PlanDraft) {
    if draft.steps.last().is_some_and(|step| step.route.share == Weight::FULL) {
        return;
    }
    let taken: BTreeSet<&str> = draft.steps.iter().map(|step| step.id.as_str()).collect();
    let names = core::iter::once(String::from("full")).chain((2..).map(|number| alloc::format!("full-{number}")));
    let name = names.into_iter().find(|name| !taken.contains(name.as_str()));
    let Some(Ok(id)) = name.map(StepId::new) else { return };
    draft.steps.push(Step::new(id, Route::share(Weight::FULL), Basis::Guard, Bake::at_least(draft.conduct.final_bake)));
}

fn check_length(draft: &PlanDraft) -> Result<(), PlanError> {
    if draft.steps.len() > STEPS_MAX {
        let expected = alloc::format!("1 to {STEPS_MAX} steps, the one at 100 % included");
        return Err(PlanError::new("$.steps", expected, draft.steps.len()));
    }
    Ok(())
}

fn check_floor(draft: &PlanDraft) -> Result<(), PlanError> {
    let Some(floor) = &draft.floor else { return Ok(()) };
    if draft.steps.iter().any(|step| step.id == floor.step) {
        return Ok(());
    }
    Err(PlanError::new("$.floor.step", "the name of a step", &floor.step))
}
