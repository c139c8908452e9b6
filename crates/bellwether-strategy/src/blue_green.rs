use alloc::{vec, vec::Vec};

use bellwether_core::{
    Basis, Decision, Duration, Finding, GateName, Release, RolloutId, Route, StepId, Target, Weight,
};

use crate::{
    Bake, Capacity, Conduct, Plan, PlanDraft, PlanError, Refusal, StableSizing, Step, Strategy, UnitsRule, WayBack,
};

/// Blue-green: the candidate stands beside stable without users, then everybody is switched at once.
///
/// Stable keeps its units as a standby while the candidate is watched at 100 %, so that going back is the same switch the
/// other way. There is nothing to compare with after a switch; the candidate is held against fixed limits
/// ([`Basis::Guard`]). The standby is the switch's least bake and not a wait after it, so that the old version is only
/// taken away when there was evidence to the end of it.
///
/// # Example: a smaller preview, a smoke test before the switch
/// ```
/// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
/// use bellwether_strategy::{BlueGreen, Strategy};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let strategy = BlueGreen::new().with_preview_units(2).with_gates(["smoke".parse()?]);
/// let plan = strategy.plan(&release, &Target::default().with_replicas(10))?.outcome;
/// let units: Vec<_> = plan.steps().iter().map(|step| plan.candidate_units(step)).collect();
/// assert_eq!(units, [Some(2), Some(10)], "the switch waits until the candidate has its full size");
/// assert_eq!(plan.steps()[1].bake.min, Duration::from_minutes(30));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BlueGreen {
    preview_units: Option<u32>,
    preview_bake: Duration,
    gates: Vec<GateName>,
    standby: Duration,
    conduct: Conduct,
}

impl Default for BlueGreen {
    /// A preview of full size for 5 minutes, no gates, a standby of 30 minutes.
    /// Source: the blue-green configuration, "Deployment Time: 5-10 minutes", "Keep Running (30 mins)", "Resource
    /// Overhead: 2x during deployment".
    fn default() -> Self {
        Self {
            preview_units: None,
            preview_bake: Duration::from_minutes(5),
            gates: Vec::new(),
            standby: Duration::from_minutes(30),
            conduct: Conduct::default(),
        }
    }
}

impl BlueGreen {
    /// A switch with the default preview and standby.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many units the candidate has before the switch. Without it as many as stable has, or one where somebody
    /// else scales.
    #[must_use]
    pub const fn with_preview_units(mut self, units: u32) -> Self {
        self.preview_units = Some(units);
        self
    }

    /// Sets how long the candidate stands hidden before the switch.
    #[must_use]
    pub const fn with_preview_bake(mut self, bake: Duration) -> Self {
        self.preview_bake = bake;
        self
    }

    /// Sets the gates that must pass before the switch.
    #[must_use]
    pub fn with_gates(mut self, gates: impl IntoIterator<Item = GateName>) -> Self {
        self.gates = gates.into_iter().collect();
        self
    }

    /// Sets how long stable is kept ready, and the candidate watched, after the switch.
    #[must_use]
    pub const fn with_standby(mut self, standby: Duration) -> Self {
        self.standby = standby;
        self
    }

    /// Sets how the rollout behaves beside its steps.
    #[must_use]
    pub fn with_conduct(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }

    /// The preview's size. More units than carry everything would be taken away again at the switch.
    fn preview(&self, replicas: Option<u32>) -> Result<u32, PlanError> {
        let wanted = self.preview_units.or(replicas).unwrap_or(1);
        if wanted == 0 {
            return Err(PlanError::new("$.steps[0].units", "at least 1 unit of the candidate before the switch", 0));
        }
        Ok(wanted.min(replicas.unwrap_or(wanted)))
    }

    fn steps(&self, replicas: Option<u32>) -> Result<Vec<Step>, PlanError> {
        let preview = Step {
            units: UnitsRule::Count(self.preview(replicas)?),
            ..Step::new(
                step_id("preview")?,
                Route::STABLE, // A hidden candidate answers nobody, so there is nothing to measure; what can be asked of it are the gates.
                Basis::Time,
                Bake::at_least(self.preview_bake),
            )
        };
        let switch = Step {
            gates: self.gates.clone(),
            ..Step::new(step_id("switch")?, Route::share(Weight::FULL), Basis::Guard, Bake::at_least(self.standby))
        };
        Ok(vec![preview, switch])
    }
}

impl Strategy for BlueGreen {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        WayBack::TRAFFIC.check(target)?;
        let id = RolloutId::new(release.id.as_str()).map_err(|error| PlanError::new("$.id", "an identifier", error))?;
        let mut draft = PlanDraft::new(id, release.arms.clone());
        draft.level = Some(release.level);
        draft.conduct = self.conduct.clone();
        draft.capacity = target.replicas.map(Capacity::of);
        if let Some(router) = &target.router {
            draft.precision = router.precision;
        }
        if draft.conduct.stable_sizing != StableSizing::Full {
            let expected = "full, because the standby is stable with all its units";
            return Err(PlanError::new("$.conduct.stable_sizing", expected, "follows_traffic").into());
        }
        draft.steps = self.steps(target.replicas)?;
        let mut decision = Decision::new(Plan::try_from(draft)?);
        decision.findings.extend(capped(self.preview_units, target.replicas));
        Ok(decision)
    }
}

fn capped(wanted: Option<u32>, replicas: Option<u32>) -> Option<Finding> {
    let (wanted, replicas) = (wanted?, replicas?);
    (wanted > replicas).then(|| {
        Finding::info(
            "plan.preview_capped",
            "a preview of {wanted} units was cut to the {replicas} that carry everything",
        )
        .figure("wanted", wanted)
        .figure("replicas", replicas)
    })
}

fn step_id(name: &str) -> Result<StepId, PlanError> {
    StepId::new(name).map_err(|error| PlanError::new("$.steps", "an identifier", error))
}
