use bellwether_core::{Basis, Decision, Duration, Finding, Release, Route, StepId, Target, Weight};

use crate::{Bake, Canary, Plan, PlanDraft, PlanError, Refusal, Step, Strategy, UnitsRule, capability::missing};

/// A mirror, also called a dark launch: copies of the traffic first, whose answers are thrown away, then a canary.
///
/// The mirrored answers are held against fixed limits ([`Basis::Guard`]) and not compared: no user waits for them, a copy
/// is not retried, and nothing is said about what stable would have answered to the same load. The candidate has the units
/// that the copies need, and keeps at least those during the canary: a rollout takes no unit away on its way up.
///
/// A copied request is answered twice. Writes must be harmless when done twice, or be kept out of the mirror.
///
/// # Example: an hour of copies, then 10 %, 50 % and everybody
/// ```
/// use bellwether_core::{
///     Arms, Capabilities, CohortSupport, Duration, Fencing, Level, Release, Target, Version, Weight,
/// };
/// use bellwether_strategy::{Canary, Mirror, Strategy};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let strategy = Mirror::new(Canary::medium_risk());
/// assert!(strategy.plan(&release, &Target::default()).is_err(), "nothing says that the router copies traffic");
///
/// let router = Capabilities {
///     precision: Weight::new(1)?,
///     mirror: true,
///     cohort: CohortSupport::None,
///     fencing: Fencing::Token,
///     staleness: Duration::ZERO,
/// };
/// let plan = strategy.plan(&release, &Target::default().with_router(router))?.outcome;
/// assert_eq!(plan.steps()[0].route.mirror, Weight::FULL);
/// assert_eq!(plan.steps().len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mirror {
    share: Weight,
    bake: Bake,
    weights: Canary,
}

impl Mirror {
    /// Copies of all traffic for an hour, then these weights.
    /// Source of the hour: the deployment decision matrix, whose code that nobody meets waits "1 hour".
    #[must_use]
    pub fn new(weights: Canary) -> Self {
        Self { share: Weight::FULL, bake: Bake::at_least(Duration::from_hours(1)), weights }
    }

    /// Sets the share of the traffic that is copied.
    #[must_use]
    pub const fn with_share(mut self, share: Weight) -> Self {
        self.share = share;
        self
    }

    /// Sets how long copies are answered.
    #[must_use]
    pub const fn with_bake(mut self, bake: Bake) -> Self {
        self.bake = bake;
        self
    }

    fn step(&self, share: Weight, units: u32) -> Result<Step, PlanError> {
        Ok(Step {
            units: UnitsRule::Count(units),
            ..Step::new(
                StepId::new("mirror").map_err(|error| PlanError::new("$.steps", "an identifier", error))?,
                Route { share: Weight::ZERO, mirror: share, cohort: None },
                Basis::Guard,
                self.bake,
            )
        })
    }

    /// The share that the router can copy: a mirror that rounds to nothing is none.
    fn copied(&self, precision: Weight) -> Result<Weight, PlanError> {
        let copied = if self.share == Weight::FULL { self.share } else { self.share.round_down(precision) };
        if copied == Weight::ZERO {
            let expected = alloc::format!("at least the router's smallest share of {precision}");
            return Err(PlanError::new("$.steps[0].route.mirror", expected, self.share));
        }
        Ok(copied)
    }

    fn insert(&self, draft: &mut PlanDraft) -> Result<(), PlanError> {
        let copied = self.copied(draft.precision)?;
        let units = draft.capacity.map_or(1, |capacity| copied.of(capacity.replicas));
        let hidden = draft.steps.iter().take_while(|step| step.route.exposure() == Weight::ZERO).count();
        for step in draft.steps.iter_mut().skip(hidden).filter(|step| step.route.share != Weight::FULL) {
            step.units = UnitsRule::Count(units);
        }
        draft.steps.insert(hidden, self.step(copied, units)?);
        Ok(())
    }
}

impl Strategy for Mirror {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        if !target.router.as_ref().is_some_and(|router| router.mirror) {
            return Err(missing("a router that copies traffic"));
        }
        let Decision { outcome, mut findings } = self.weights.plan(release, target)?;
        let mut draft = PlanDraft::from(outcome);
        self.insert(&mut draft)?;
        findings.push(Finding::info(
            "plan.mirror_guarded",
            "mirrored answers are held against fixed limits, not compared; each copied request is answered twice",
        ));
        Ok(Decision { outcome: Plan::try_from(draft)?, findings })
    }
}
