use bellwether_core::{Decision, Release, Target};

use crate::{Canary, CohortStep, Phased, Plan, Refusal, Strategy, WayBack};

/// A feature flag: both code paths are deployed everywhere, and the flag store is the router.
///
/// The target's router is what the flag store can do. The plan has no capacity, because no unit is started or stopped,
/// and going back is switching the flag off, which takes less than 10 seconds.
///
/// # Example: an hour off, then 1 %, a quarter, everybody
/// ```
/// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
/// use bellwether_strategy::{Canary, CanaryStep, FeatureFlag, Strategy};
///
/// let hour = Duration::from_hours(1);
/// let mut steps = Vec::new();
/// for share in ["0 %", "1 %", "25 %"] {
///     steps.push(CanaryStep::new(share.parse()?, hour));
/// }
/// let arms = Arms { stable: Version::named("off"), candidate: Version::named("on") };
/// let release = Release::new("new-checkout".parse()?, "checkout".parse()?, arms, Level::Medium);
/// // Ten seconds are enough to go back, so a service that must be back within ten has its plan.
/// let target = Target::default().with_replicas(10).with_rto(Duration::from_seconds(10));
/// let plan = FeatureFlag::new(Canary::new(steps)).plan(&release, &target)?.outcome;
/// assert_eq!((plan.steps().len(), plan.capacity()), (4, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FeatureFlag {
    phases: Phased,
}

impl FeatureFlag {
    /// The flag's percentages.
    #[must_use]
    pub fn new(weights: Canary) -> Self {
        Self { phases: Phased::new([], weights) }
    }

    /// Sets the groups that have the flag on before the percentages, smallest first.
    #[must_use]
    pub fn with_cohorts(mut self, cohorts: impl IntoIterator<Item = CohortStep>) -> Self {
        self.phases = self.phases.with_cohorts(cohorts);
        self
    }

    /// Leaves the flag on for the last cohort while the percentages rise; see [`Phased::keeping_cohort`].
    #[must_use]
    pub fn keeping_cohort(mut self) -> Self {
        self.phases = self.phases.keeping_cohort();
        self
    }
}

impl Strategy for FeatureFlag {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        WayBack::FLAG.check(target)?;
        let mut flag = target.clone();
        flag.replicas = None;
        self.phases.phases(release, &flag)
    }

    fn way_back(&self, _: &Plan) -> WayBack {
        WayBack::FLAG
    }
}
