use alloc::{string::ToString, vec::Vec};

use bellwether_core::{Basis, Cohort, CohortSupport, Decision, Finding, Release, Target, Weight};

use crate::{Canary, CohortStep, Plan, PlanDraft, PlanError, Refusal, Step, Strategy, WayBack, capability::missing};

/// Phased: groups of users one after another, such as internal and then beta, before shares of everybody.
///
/// A cohort with a control group of its own kind is compared with it; one without is held against fixed limits. When the
/// weights begin the cohort is let go, because both arms must carry the same kind of traffic to be compared: its users are
/// then treated like all others, and may meet stable again for a while. [`Phased::keeping_cohort`] decides the other way.
///
/// # Example: staff, beta users, a quarter, everybody
/// ```
/// use bellwether_core::{
///     Arms, Basis, Capabilities, Cohort, CohortSupport, Duration, Fencing, Level, Release, Target, Version, Weight,
/// };
/// use bellwether_strategy::{Canary, CanaryStep, CohortStep, Phased, Strategy};
///
/// let day = Duration::from_hours(24);
/// let staff = Cohort { name: "internal".parse()?, size: "0.1 %".parse()?, matched: false };
/// let beta = Cohort { name: "beta".parse()?, size: "1 %".parse()?, matched: true };
/// let quarter = CanaryStep::new("25 %".parse()?, day);
/// let strategy = Phased::new([CohortStep::new(staff, day), CohortStep::new(beta, day)], Canary::new([quarter]));
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
/// let plan = strategy.plan(&release, &Target::default().with_router(router))?.outcome;
/// let evidence: Vec<Basis> = plan.steps().iter().map(|step| step.evidence).collect();
/// assert_eq!(evidence, [Basis::Guard, Basis::Compare, Basis::Compare, Basis::Guard]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Phased {
    cohorts: Vec<CohortStep>,
    weights: Canary,
    kept: bool,
}

impl Phased {
    /// These cohorts, smallest first, then these weights. The errors of the weights name their places among the weights.
    #[must_use]
    pub fn new(cohorts: impl IntoIterator<Item = CohortStep>, weights: Canary) -> Self {
        Self { cohorts: cohorts.into_iter().collect(), weights, kept: false }
    }

    /// Leaves the last cohort on the candidate while the weights rise, so that nobody who was promised the change loses
    /// it. The candidate's traffic is then of another kind than stable's, so these steps are guarded and not compared.
    #[must_use]
    pub const fn keeping_cohort(mut self) -> Self {
        self.kept = true;
        self
    }

    pub(crate) fn with_cohorts(mut self, cohorts: impl IntoIterator<Item = CohortStep>) -> Self {
        self.cohorts = cohorts.into_iter().collect();
        self
    }

    /// The weights' plan with the cohorts before its first live step.
    pub(crate) fn phases(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        self.check_support(target)?;
        let Decision { outcome, mut findings } = self.weights.weights(release, target)?;
        let Some(last) = self.cohorts.last().map(|step| &step.cohort) else {
            return Ok(Decision { outcome, findings });
        };
        let mut draft = PlanDraft::from(outcome);
        let hidden = draft.steps.iter().take_while(|step| step.route.exposure() == Weight::ZERO).count();
        let mut live = draft.steps.split_off(hidden);
        if self.kept {
            keep(last, &mut live);
        }
        for (index, cohort) in self.cohorts.iter().enumerate() {
            draft.steps.push(cohort.step(hidden.saturating_add(index))?);
        }
        check_rise(last, draft.steps.len(), &live)?;
        findings.extend(self.about(last, &live));
        draft.steps.extend(live);
        Ok(Decision { outcome: Plan::try_from(draft)?, findings })
    }

    fn check_support(&self, target: &Target) -> Result<(), Refusal> {
        let support = target.router.as_ref().map_or(CohortSupport::None, |router| router.cohort);
        let matched = self.cohorts.iter().any(|step| step.cohort.matched);
        match support {
            CohortSupport::None if !self.cohorts.is_empty() => Err(missing("a router that addresses groups of users")),
            CohortSupport::Unmatched if matched => Err(missing("a control group for a cohort")),
            CohortSupport::None | CohortSupport::Unmatched | CohortSupport::Matched => Ok(()),
        }
    }

    /// What becomes of the cohort when the weights begin; nothing to say where everybody comes next.
    fn about(&self, last: &Cohort, live: &[Step]) -> Option<Finding> {
        live.first().filter(|step| step.route.share != Weight::FULL)?;
        let finding = if self.kept {
            Finding::info("plan.cohort_kept", "cohort {cohort} stays while the weights rise, so they are not compared")
        } else {
            Finding::info("plan.cohort_released", "cohort {cohort} may meet stable again when the weights begin")
        };
        Some(finding.figure("cohort", last.name.to_string()))
    }
}

impl Strategy for Phased {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        if self.cohorts.is_empty() {
            return Err(PlanError::new("$.steps", "at least one cohort before the weights", 0).into());
        }
        let decision = self.phases(release, target)?;
        WayBack::of(&decision.outcome).check(target)?;
        Ok(decision)
    }
}

fn keep(cohort: &Cohort, live: &mut [Step]) {
    for step in live.iter_mut().filter(|step| step.route.share != Weight::FULL) {
        step.route.cohort = Some(cohort.clone());
        step.evidence = Basis::Guard;
    }
}

/// The weights must reach more users than the last cohort did: a plan never shows the candidate to fewer.
fn check_rise(last: &Cohort, index: usize, live: &[Step]) -> Result<(), PlanError> {
    let Some(first) = live.first().filter(|step| step.route.exposure() <= last.size) else { return Ok(()) };
    let expected = alloc::format!("more than the {} of cohort {}", last.size, last.name);
    Err(PlanError::new(&alloc::format!("$.steps[{index}].route.share"), expected, first.route.exposure()))
}
