use alloc::vec::Vec;

use bellwether_core::{Basis, Decision, Duration, Finding, Release, RolloutId, Route, StepId, Target, Weight};

use crate::{
    Bake, Capacity, Conduct, Exchange, OnDeadline, Plan, PlanDraft, PlanError, Refusal, Rolling, Step, Strategy,
    UnitsRule, WayBack,
};

/// A canary: a small share first, then larger ones, each compared with stable before the next.
///
/// # Example: 5, 25, 50, then everybody
/// ```
/// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
/// use bellwether_strategy::{Canary, CanaryStep, Strategy};
///
/// let shares = ["5 %", "25 %", "50 %"];
/// let mut steps = Vec::new();
/// for share in shares {
///     steps.push(CanaryStep::new(share.parse()?, Duration::from_minutes(10)));
/// }
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = Canary::new(steps).plan(&release, &Target::default())?.outcome;
/// assert_eq!(plan.steps().len(), 4, "100 % was added");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Canary {
    steps: Vec<CanaryStep>,
    conduct: Conduct,
}

/// One share of a canary.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CanaryStep {
    /// The candidate's share; zero is a hidden step.
    pub share: Weight,
    /// How long it bakes.
    pub bake: Bake,
    /// What happens when the evidence is still inconclusive at `bake.max`.
    pub on_inconclusive: OnDeadline,
}

impl CanaryStep {
    /// A share that bakes at least that long.
    #[must_use]
    pub fn new(share: Weight, bake_min: Duration) -> Self {
        Self { share, bake: Bake::at_least(bake_min), on_inconclusive: OnDeadline::Human }
    }

    /// Sets how long inconclusive evidence is waited for.
    #[must_use]
    pub const fn with_bake_max(mut self, max: Duration) -> Self {
        self.bake.max = max;
        self
    }

    /// Sets what happens then.
    #[must_use]
    pub const fn on_inconclusive(mut self, then: OnDeadline) -> Self {
        self.on_inconclusive = then;
        self
    }
}

impl Canary {
    /// A canary with these steps; a last one at 100 % is added where it is missing.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = CanaryStep>) -> Self {
        Self { steps: steps.into_iter().collect(), conduct: Conduct::default() }
    }

    /// The same shares without a router: by whole units, each step with its guards.
    ///
    /// # Example: 10 % and 50 % of eight units
    /// ```
    /// use bellwether_core::{Arms, Level, Release, Target, Version};
    /// use bellwether_strategy::{Canary, Exchange, Strategy};
    ///
    /// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    /// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
    /// let strategy = Canary::medium_risk().by_units(Exchange::default());
    /// let decision = strategy.plan(&release, &Target::default().with_replicas(8))?;
    /// assert_eq!(decision.outcome.steps()[0].route.share.to_string(), "12.5 %", "one of eight is the least");
    /// assert_eq!(decision.findings[0].rule, "plan.units_round");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn by_units(self, exchange: Exchange) -> Rolling {
        Rolling::new().with_exchange(exchange).with_batches(self.steps).with_conduct(self.conduct)
    }

    /// Sets how the rollout behaves beside its steps.
    #[must_use]
    pub fn with_conduct(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }

    /// Low risk: one hour with the code deployed and nobody on it, then everybody.
    /// Source: the deployment decision matrix, "Wait: 1 hour with flag OFF".
    #[must_use]
    pub fn low_risk() -> Self {
        Self::of_hours(&[(0, 1)], Duration::ZERO)
    }

    /// Medium risk: 10 % for 2 h, 50 % for 4 h, then everybody.
    /// Source: the deployment decision matrix, "10% (2-4 hrs) → 50% (4-8 hrs) → 100%".
    #[must_use]
    pub fn medium_risk() -> Self {
        Self::of_hours(&[(1_000, 2), (5_000, 4)], Duration::ZERO)
    }

    /// High risk: 1 % for 8 h, 10, 25, 50 and 75 % for 4 h each, then everybody, watched for 24 h.
    /// Source: the deployment decision matrix, "1-5% (8-24 hrs) → 10% → 25% → 50% → 75% → 100%", "Each stage: 4-8 hours
    /// minimum", and the five-stage sequence, "Wait: 24 hours continuous monitoring".
    #[must_use]
    pub fn high_risk() -> Self {
        Self::of_hours(&[(100, 8), (1_000, 4), (2_500, 4), (5_000, 4), (7_500, 4)], Duration::from_hours(24))
    }

    fn of_hours(steps: &[(u16, u64)], final_bake: Duration) -> Self {
        let step = |&(basis_points, hours): &(u16, u64)| {
            CanaryStep::new(Weight::new(basis_points).unwrap_or(Weight::FULL), Duration::from_hours(hours))
        };
        Self::new(steps.iter().map(step)).with_conduct(Conduct { final_bake, ..Conduct::default() })
    }

    fn step(&self, step: &CanaryStep, precision: Weight) -> Result<Step, PlanError> {
        let share = step.share.round_down(precision);
        // A hidden candidate answers nobody, so there is nothing to measure: it may go on unless something goes wrong.
        let evidence = match share {
            Weight::ZERO => Basis::Time,
            Weight::FULL => Basis::Guard,
            _ => Basis::Compare,
        };
        Ok(Step {
            units: if share == Weight::ZERO { UnitsRule::Count(1) } else { UnitsRule::ByShare },
            on_inconclusive: step.on_inconclusive,
            ..Step::new(step_id(share)?, Route::share(share), evidence, step.bake)
        })
    }
}

impl Strategy for Canary {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        let decision = self.weights(release, target)?;
        WayBack::of(&decision.outcome).check(target)?;
        Ok(decision)
    }
}

impl Canary {
    /// The plan, whatever the way back: it may be part of a strategy that has another one.
    pub(crate) fn weights(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        let id = RolloutId::new(release.id.as_str()).map_err(|error| PlanError::new("$.id", "an identifier", error))?;
        let mut draft = PlanDraft::new(id, release.arms.clone());
        draft.level = Some(release.level);
        draft.conduct = self.conduct.clone();
        draft.capacity = target.replicas.map(Capacity::of);
        if let Some(router) = &target.router {
            draft.precision = router.precision;
        }
        draft.steps = self.steps.iter().map(|step| self.step(step, draft.precision)).collect::<Result<_, _>>()?;
        if let Some(index) = (self.steps.iter()).position(|step| vanishes(step.share, draft.precision)) {
            let expected = alloc::format!("at least the router's smallest share of {}", draft.precision);
            let found = self.steps.get(index).map_or(Weight::ZERO, |step| step.share);
            return Err(PlanError::new(&alloc::format!("$.steps[{index}].route.share"), expected, found).into());
        }
        let precision = draft.precision;
        let mut decision = Decision::new(Plan::try_from(draft)?);
        decision.findings = self.steps.iter().filter_map(|step| rounded(step.share, precision)).collect();
        Ok(decision)
    }
}

/// Whether a share is so small that the router would give it nothing: a live step must not turn into a hidden one.
fn vanishes(share: Weight, precision: Weight) -> bool {
    share != Weight::ZERO && share.round_down(precision) == Weight::ZERO
}

fn rounded(share: Weight, precision: Weight) -> Option<Finding> {
    let rounded = share.round_down(precision);
    (rounded != share).then(|| {
        Finding::info("plan.rounded", "{share} was rounded down to {rounded}, the router's precision is {precision}")
            .figure("share", share)
            .figure("rounded", rounded)
            .figure("precision", precision)
    })
}

fn step_id(share: Weight) -> Result<StepId, PlanError> {
    let name = match share {
        Weight::ZERO => alloc::string::String::from("hidden"),
        Weight::FULL => alloc::string::String::from("full"),
        share => alloc::format!("canary-{share}").replace(" %", ""),
    };
    StepId::new(name).map_err(|error| PlanError::new("$.steps", "an identifier", error))
}
