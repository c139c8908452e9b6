use alloc::vec::Vec;

use bellwether_core::{Basis, Capabilities, CohortSupport, Duration, Finding, Level, Value, Weight};

use crate::{OnDeadline, Plan, Step, WayBack};

/// What the caller knows and a plan cannot: facts that its checks need.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// For each step, the probability that a good candidate passes within `bake.max`, as a planner computed it.
    pub pass_probability: Vec<Option<f64>>,
    /// The recovery time objective.
    pub rto: Option<Duration>,
    /// What the router can do.
    pub router: Option<Capabilities>,
    /// How the rollout goes back, where that is known better than the plan tells ([`WayBack::of`]): by a flag, or by a
    /// new deployment because there is no router.
    pub way_back: Option<WayBack>,
}

impl Facts {
    /// Sets the recovery time objective.
    #[must_use]
    pub const fn with_rto(mut self, rto: Duration) -> Self {
        self.rto = Some(rto);
        self
    }

    /// Sets what the router can do.
    #[must_use]
    pub fn with_router(mut self, router: Capabilities) -> Self {
        self.router = Some(router);
        self
    }

    /// Sets how the rollout goes back.
    #[must_use]
    pub const fn with_way_back(mut self, way_back: WayBack) -> Self {
        self.way_back = Some(way_back);
        self
    }

    /// Sets each step's probability of passing, in the order of the steps.
    #[must_use]
    pub fn with_pass_probability(mut self, probability: impl IntoIterator<Item = Option<f64>>) -> Self {
        self.pass_probability = probability.into_iter().collect();
        self
    }
}

/// The probability of passing below which a step is called underpowered.
const PASS_PROBABILITY_MIN: f64 = 0.9;

/// Looks for what will hurt later: steps that cannot pass, shares that the router cannot express, a rollback that is
/// slower than it may be, steps that go on without evidence.
///
/// What makes a plan impossible is refused by its constructor; what is possible and unwise is found here.
///
/// # Example: a rollback that is too slow
/// ```
/// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
/// use bellwether_strategy::{Facts, check, for_level};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(Level::Medium).plan(&release, &Target::default())?.outcome;
/// let findings = check(&plan, &Facts::default().with_rto(Duration::from_seconds(20)));
/// assert_eq!(findings[0].rule, "plan.slow_rollback");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = slow_rollback(plan, facts).into_iter().collect();
    for (index, step) in plan.steps().iter().enumerate() {
        findings.extend(underpowered(step, facts.pass_probability.get(index).copied().flatten()));
        findings.extend(facts.router.as_ref().and_then(|router| beyond_router(step, router)));
        findings.extend(without_evidence(plan, step));
    }
    findings
}

fn slow_rollback(plan: &Plan, facts: &Facts) -> Option<Finding> {
    facts.way_back.unwrap_or_else(|| WayBack::of(plan)).too_slow(facts.rto?)
}

fn underpowered(step: &Step, probability: Option<f64>) -> Option<Finding> {
    let probability = probability.filter(|probability| *probability < PASS_PROBABILITY_MIN)?;
    Some(
        Finding::warning(
            "plan.underpowered",
            "step {step} lets a good candidate pass within {max} only {probability} of the time",
        )
        .figure("step", alloc::format!("{}", step.id))
        .figure("max", step.bake.max)
        .figure("probability", Value::Share(probability))
        .flips_when("the step had more traffic or a longer bake.max"),
    )
}

fn beyond_router(step: &Step, router: &Capabilities) -> Option<Finding> {
    let route = &step.route;
    let what = if route.share != Weight::FULL && route.share.round_down(router.precision) != route.share {
        "a share this fine"
    } else if route.mirror != Weight::ZERO && !router.mirror {
        "copied traffic"
    } else if route.cohort.is_some() && router.cohort == CohortSupport::None {
        "a cohort"
    } else if route.cohort.as_ref().is_some_and(|cohort| cohort.matched) && router.cohort != CohortSupport::Matched {
        "a matched control group"
    } else {
        return None;
    };
    Some(
        Finding::critical("plan.beyond_router", "step {step} asks for {what}, which the router does not offer")
            .figure("step", alloc::format!("{}", step.id))
            .figure("what", what),
    )
}

fn without_evidence(plan: &Plan, step: &Step) -> Option<Finding> {
    if step.evidence == Basis::Time && plan.level().is_none_or(|level| level > Level::Low) {
        let text = "step {step} goes on after {min} without looking at anything";
        return Some(about(Finding::warning("plan.time_only", text), step).figure("min", step.bake.min));
    }
    if step.on_inconclusive == OnDeadline::ProceedUncertified {
        let text = "step {step} goes on after {max} even when the evidence is inconclusive";
        return Some(about(Finding::warning("plan.uncertified", text), step).figure("max", step.bake.max));
    }
    None
}

fn about(finding: Finding, step: &Step) -> Finding {
    finding.figure("step", alloc::format!("{}", step.id))
}
