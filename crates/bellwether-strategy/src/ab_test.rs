use bellwether_core::{Cohort, CohortSupport, Decision, Duration, Release, RolloutId, Target};

use crate::{
    Bake, Capacity, CohortStep, Conduct, OnDeadline, Plan, PlanDraft, PlanError, Refusal, Strategy, WayBack,
    capability::missing,
};

/// An A/B test: a group of users has the candidate, a control group of the same kind has stable, and after a stated time
/// the verdict decides between them.
///
/// A pass at the end brings the candidate to everybody. Evidence that is still inconclusive keeps stable: there is no
/// reason to change anything, and the rollout ends as `Kept`, which is no failure. Harm does not wait for the end; it
/// goes back as in every other rollout.
///
/// # Example: two weeks with a twentieth of the users
/// ```
/// use bellwether_core::{
///     Arms, Basis, Capabilities, Cohort, CohortSupport, Duration, Fencing, Level, Release, Target, Version, Weight,
/// };
/// use bellwether_strategy::{AbTest, OnDeadline, Strategy};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let router = Capabilities {
///     precision: Weight::new(1)?,
///     mirror: false,
///     cohort: CohortSupport::Matched,
///     fencing: Fencing::Token,
///     staleness: Duration::ZERO,
/// };
/// let test = AbTest::new("new-basket".parse()?, "5 %".parse()?, Duration::from_hours(14 * 24));
/// let plan = test.plan(&release, &Target::default().with_router(router))?.outcome;
/// assert_eq!((plan.steps()[0].evidence, plan.steps()[0].on_inconclusive), (Basis::Compare, OnDeadline::Keep));
/// assert_eq!(plan.steps().len(), 2, "everybody, if it is better");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AbTest {
    cohort: Cohort,
    duration: Duration,
    conduct: Conduct,
}

impl AbTest {
    /// A test with a group of users of that size, and a control group like it, for so long.
    #[must_use]
    pub fn new(name: bellwether_core::CohortName, size: bellwether_core::Weight, duration: Duration) -> Self {
        Self { cohort: Cohort { name, size, matched: true }, duration, conduct: Conduct::default() }
    }

    /// Sets how the rollout behaves beside its steps.
    #[must_use]
    pub fn with_conduct(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }
}

impl Strategy for AbTest {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        if target.router.as_ref().is_none_or(|router| router.cohort != CohortSupport::Matched) {
            return Err(missing("a router that has a control group of the same kind"));
        }
        WayBack::TRAFFIC.check(target)?;
        let id = RolloutId::new(release.id.as_str()).map_err(|error| PlanError::new("$.id", "an identifier", error))?;
        let mut draft = PlanDraft::new(id, release.arms.clone());
        draft.level = Some(release.level);
        draft.conduct = self.conduct.clone();
        draft.capacity = target.replicas.map(Capacity::of);
        if let Some(router) = &target.router {
            draft.precision = router.precision;
        }
        // Who ended it at the first good look would stop every test at its luckiest moment.
        let bake = Bake { min: self.duration, max: self.duration };
        let step = CohortStep::new(self.cohort.clone(), self.duration).on_inconclusive(OnDeadline::Keep);
        draft.steps = [CohortStep { bake, ..step }.step(0)?].into();
        Ok(Decision::new(Plan::try_from(draft)?))
    }
}
