use alloc::vec::Vec;

use bellwether_core::{Basis, Decision, Duration, Finding, Release, RolloutId, Route, StepId, Target, Weight};

use crate::{
    Bake, CanaryStep, Capacity, Conduct, Exchange, Plan, PlanDraft, PlanError, Refusal, Step, Strategy, WayBack,
    capability::missing,
};

/// A rolling exchange of units without a router: new units start, old ones leave, within a surge and a number of
/// unavailable units, and traffic follows whatever is ready.
///
/// Without batches it is what a Kubernetes Deployment does: one move to 100 %, held up by readiness alone. Each batch
/// is a place to stop at and to look: that share of the units, for so long, with its guards. As a canary without a
/// router its shares are those that whole units can show.
///
/// # Example: a quarter, a half, everything
/// ```
/// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
/// use bellwether_strategy::{CanaryStep, Rolling, Strategy};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let minute = Duration::from_minutes(1);
/// let batches = [CanaryStep::new("25 %".parse()?, minute), CanaryStep::new("50 %".parse()?, minute)];
/// let plan = Rolling::new().with_batches(batches).plan(&release, &Target::default().with_replicas(8))?.outcome;
/// let units: Vec<_> = plan.steps().iter().map(|step| plan.candidate_units(step)).collect();
/// assert_eq!(units, [Some(2), Some(4), Some(8)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rolling {
    exchange: Exchange,
    batches: Vec<CanaryStep>,
    evidence: Basis,
    conduct: Conduct,
}

impl Default for Rolling {
    /// A quarter more and a quarter less, in one move, watched by its guards.
    fn default() -> Self {
        Self { exchange: Exchange::default(), batches: Vec::new(), evidence: Basis::Guard, conduct: Conduct::default() }
    }
}

impl Rolling {
    /// The default exchange in one move.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One unit more at a time, and never one less: the bounds that production asks for.
    #[must_use]
    pub fn one_more() -> Self {
        Self { exchange: Exchange::ONE_MORE, ..Self::default() }
    }

    /// Sets how far from the replicas the units may go.
    #[must_use]
    pub const fn with_exchange(mut self, exchange: Exchange) -> Self {
        self.exchange = exchange;
        self
    }

    /// Sets the shares at which it stops and looks; the last one at 100 % is added.
    #[must_use]
    pub fn with_batches(mut self, batches: impl IntoIterator<Item = CanaryStep>) -> Self {
        self.batches = batches.into_iter().collect();
        self
    }

    /// Sets what lets a batch go on: guards by default, `Time` where nothing is measured, `Compare` where both
    /// versions' units get traffic of the same kind.
    #[must_use]
    pub const fn with_evidence(mut self, evidence: Basis) -> Self {
        self.evidence = evidence;
        self
    }

    /// Sets how the rollout behaves beside its steps.
    #[must_use]
    pub fn with_conduct(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }

    /// The batches at the shares that whole units show, those that would show no more than the one before left out.
    fn steps(&self, replicas: u32) -> Result<Decision<Vec<Step>>, PlanError> {
        let mut decision = Decision::new(Vec::new());
        for batch in self.batches.iter().filter(|batch| batch.share != Weight::ZERO) {
            let shown = self.exchange.shown_share(batch.share, replicas);
            let last: Option<&mut Step> = decision.outcome.last_mut();
            match last.filter(|last| last.route.share >= shown) {
                Some(last) => {
                    last.bake.min = last.bake.min.saturating_add(batch.bake.min);
                    last.bake.max = last.bake.max.saturating_add(batch.bake.max);
                    decision.findings.push(merged(batch.share, shown));
                }
                None => {
                    decision.outcome.push(self.step(batch, shown)?);
                    decision.findings.extend(rounded(batch.share, shown));
                }
            }
        }
        if decision.outcome.last().is_none_or(|last| last.route.share != Weight::FULL) {
            let full = CanaryStep {
                bake: Bake::at_least(self.conduct.final_bake),
                ..CanaryStep::new(Weight::FULL, Duration::ZERO)
            };
            decision.outcome.push(self.step(&full, Weight::FULL)?);
        }
        Ok(decision)
    }

    fn step(&self, batch: &CanaryStep, shown: Weight) -> Result<Step, PlanError> {
        let id = if shown == Weight::FULL { "full".into() } else { alloc::format!("batch-{shown}").replace(" %", "") };
        let is_compared = self.evidence == Basis::Compare && shown == Weight::FULL;
        Ok(Step {
            on_inconclusive: batch.on_inconclusive,
            ..Step::new(
                StepId::new(id).map_err(|error| PlanError::new("$.steps", "an identifier", error))?,
                Route::share(shown),
                if is_compared { Basis::Guard } else { self.evidence },
                batch.bake,
            )
        })
    }
}

impl Strategy for Rolling {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        let Some(replicas) = target.replicas else { return Err(missing("units that the rollout may scale")) };
        let way_back = if self.exchange.outage { WayBack::REDEPLOY } else { WayBack::REVISION };
        way_back.check(target)?;
        let id = RolloutId::new(release.id.as_str()).map_err(|error| PlanError::new("$.id", "an identifier", error))?;
        let mut draft = PlanDraft::new(id, release.arms.clone());
        draft.level = Some(release.level);
        draft.conduct = self.conduct.clone();
        draft.capacity = Some(Capacity::of(replicas).with_exchange(self.exchange));
        let Decision { outcome: steps, findings } = self.steps(replicas)?;
        draft.steps = steps;
        Ok(Decision { outcome: Plan::try_from(draft)?, findings })
    }
}

fn rounded(share: Weight, shown: Weight) -> Option<Finding> {
    (shown != share).then(|| {
        let text = "{share} became {shown}: without a router only whole units share out the traffic";
        let finding = if shown > share {
            Finding::warning("plan.units_round", text)
        } else {
            Finding::info("plan.units_round", text)
        };
        finding.figure("share", share).figure("shown", shown)
    })
}

fn merged(share: Weight, shown: Weight) -> Finding {
    let text = "{share} needs no more units than the batch before it at {shown}, which bakes for both";
    Finding::info("plan.units_merged", text).figure("share", share).figure("shown", shown)
}
