use alloc::{boxed::Box, string::ToString, vec, vec::Vec};

use bellwether_core::{Basis, CohortSupport, Decision, Duration, Finding, Level, Release, Target, Value, Weight};

use crate::{
    AbTest, Alternative, BigBang, BlueGreen, Canary, CanaryStep, Choice, CohortStep, Conduct, Exchange, Feasibility,
    FeatureFlag, Floor, Mirror, Needs, Phased, Plan, PlanDraft, Prospect, Recreate, Refusal, Rolling, Step, Strategy,
    StrategyName, UnitTime, WayBack,
    capability::{missing, routed},
    preference::Preference,
};

/// The candidate's requests from which on a comparison can end. Source: the default of the least evidence, "5 events in
/// both arms or 1,000 candidate requests".
const REQUESTS_MIN: f64 = 1_000.0;

/// Looks at every strategy on this target and recommends one.
///
/// What is possible comes with its figures and its plan; what is not says which capability is missing, that its way back
/// is slower than the service allows, or that its first user would meet it past the point of no return. On a target
/// without a router traffic follows the units: what switches or mirrors is refused on it, and shares are whole units.
///
/// Which possible one is recommended follows the guides: an emergency goes at once; what must not mix is switched; zero
/// and low risk by the deployment decision matrix; and from medium risk on a flag where there is one, a switch for
/// infrastructure, phases for what changes how users work, a canary for everything else. Nothing that shows itself to
/// everybody at once is recommended from medium risk on unless one of these reasons asks for it, or no router can do
/// less than switch.
///
/// # Example: the same change with a router and without
/// ```
/// use bellwether_core::{
///     Arms, Capabilities, CohortSupport, Duration, Fencing, Level, Release, Target, Version, Weight,
/// };
/// use bellwether_strategy::{Needs, StrategyName, choose};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let router = Capabilities {
///     precision: Weight::new(1)?,
///     mirror: false,
///     cohort: CohortSupport::None,
///     fencing: Fencing::Token,
///     staleness: Duration::ZERO,
/// };
/// let bare = Target::default().with_replicas(10);
/// let decision = choose(&release, &bare.clone().with_router(router), &Needs::default());
/// assert_eq!(decision.outcome.recommended, Some(StrategyName::Canary));
/// assert_eq!(decision.outcome.plan().map(|plan| plan.steps().len()), Some(3));
///
/// let decision = choose(&release, &bare, &Needs::default());
/// assert_eq!(decision.outcome.recommended, Some(StrategyName::Canary), "by the share of its ten units");
/// let decision = choose(&release, &Target::default().with_replicas(1), &Needs::default());
/// assert_eq!(decision.outcome.recommended, None, "one unit can only be replaced, and nobody answers for that");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn choose(release: &Release, target: &Target, needs: &Needs) -> Decision<Choice> {
    let question = Question { release, target, needs };
    let alternatives: Vec<Alternative> = StrategyName::ALL.map(|name| question.alternative(name)).into();
    let preference = Preference::of(release.level, needs);
    let (recommended, findings) = recommend(&preference, &alternatives);
    Decision { outcome: Choice { recommended, alternatives }, findings }
}

/// What is asked, by everything that answers.
struct Question<'a> {
    release: &'a Release,
    target: &'a Target,
    needs: &'a Needs,
}

impl Question<'_> {
    fn alternative(&self, strategy: StrategyName) -> Alternative {
        let trade = Finding::info("choice.trade", strategy.trade());
        match self.prospect(strategy) {
            Ok(Decision { outcome, findings }) => {
                let mut reasons = vec![trade];
                reasons.extend(findings);
                reasons.extend(self.thin(&outcome.plan));
                Alternative { strategy, feasibility: Feasibility::Possible(Box::new(outcome)), reasons }
            }
            Err(why) => Alternative { strategy, feasibility: Feasibility::Refused(why), reasons: vec![trade] },
        }
    }

    fn prospect(&self, strategy: StrategyName) -> Result<Decision<Prospect>, Vec<Finding>> {
        if self.needs.full_cutover && strategy.mixes_versions() {
            let text = "old and new would serve side by side, and the change needs a full cutover";
            return Err(vec![
                Finding::critical("choice.mixed_versions", text).flips_when("both versions could serve together"),
            ]);
        }
        let target = self.target_of(strategy).map_err(refused)?;
        let way_back = self.way_back(strategy);
        way_back.check(&target).map_err(refused)?;
        let Decision { outcome: plan, mut findings } = self.plan(strategy, &target).map_err(refused)?;
        let (plan, floor) = self.with_floor(plan)?;
        findings.extend(floor);
        let outcome = Prospect {
            first_exposure: first_exposure(&plan),
            extra_capacity: self.extra_capacity(strategy, &plan),
            earliest_end: earliest_end(&plan),
            way_back,
            plan,
        };
        Ok(Decision { outcome, findings })
    }

    /// The target as this strategy sees it: a flag's router is the flag store.
    fn target_of(&self, strategy: StrategyName) -> Result<Target, Refusal> {
        match strategy {
            StrategyName::BigBang => Ok(self.target.clone()),
            StrategyName::Rolling | StrategyName::Recreate => match self.target.router {
                Some(_) => Err(routed()),
                None => Ok(self.target.clone()),
            },
            // One unit shows no share between nothing and everything that is small enough to be called a canary.
            StrategyName::Canary if self.is_by_units() => Ok(self.target.clone()),
            StrategyName::AbTest if self.tested().is_none() => {
                Err(missing("a group of users with a control group of the same kind"))
            }
            StrategyName::FeatureFlag => {
                let store = self.needs.flag.clone().ok_or_else(|| missing("a flag that the change is behind"))?;
                Ok(self.target.clone().with_router(store))
            }
            StrategyName::Hidden
            | StrategyName::BlueGreen
            | StrategyName::Mirror
            | StrategyName::Canary
            | StrategyName::AbTest
            | StrategyName::Phased => match self.target.router {
                Some(_) if strategy == StrategyName::Phased && self.needs.cohorts.is_empty() => {
                    Err(missing("a group of users that may meet the change before others"))
                }
                Some(_) => Ok(self.target.clone()),
                None => Err(missing("a router")),
            },
        }
    }

    fn way_back(&self, strategy: StrategyName) -> WayBack {
        match strategy {
            StrategyName::FeatureFlag => WayBack::FLAG,
            // Without a router the old version makes room for the new one, so nothing is left to go back to.
            StrategyName::BigBang if self.target.router.is_none() => WayBack::REDEPLOY,
            StrategyName::Recreate => WayBack::REDEPLOY,
            StrategyName::Rolling => WayBack::REVISION,
            StrategyName::Canary if self.target.router.is_none() => WayBack::REVISION,
            StrategyName::BigBang
            | StrategyName::AbTest
            | StrategyName::Hidden
            | StrategyName::BlueGreen
            | StrategyName::Mirror
            | StrategyName::Canary
            | StrategyName::Phased => WayBack::TRAFFIC,
        }
    }

    fn plan(&self, strategy: StrategyName, target: &Target) -> Result<Decision<Plan>, Refusal> {
        let level = self.release.level;
        let precision = target.router.as_ref().map_or(Weight::ZERO, |router| router.precision);
        let cohorts = self.cohorts_of(strategy, target);
        let reached = cohorts.last().map_or(Weight::ZERO, |step| step.cohort.size);
        let weights = shares(level, precision, reached);
        let strategy: Box<dyn Strategy> = match strategy {
            StrategyName::BigBang => Box::new(BigBang),
            StrategyName::Hidden => Box::new(Canary::low_risk()),
            StrategyName::BlueGreen => Box::new(BlueGreen::new()),
            StrategyName::Mirror => Box::new(Mirror::new(weights)),
            StrategyName::Canary if self.is_by_units() => Box::new(weights.by_units(Exchange::default())),
            StrategyName::Canary => Box::new(weights),
            StrategyName::Recreate => Box::new(Recreate::new()),
            StrategyName::Rolling => Box::new(Rolling::new()),
            StrategyName::AbTest => match self.tested() {
                Some(step) => Box::new(AbTest::new(step.cohort.name.clone(), step.cohort.size, step.bake.min)),
                None => return Err(missing("a group of users with a control group of the same kind")),
            },
            StrategyName::Phased => Box::new(Phased::new(cohorts, weights)),
            StrategyName::FeatureFlag if level <= Level::Low => Box::new(FeatureFlag::new(Canary::low_risk())),
            StrategyName::FeatureFlag => Box::new(FeatureFlag::new(weights).with_cohorts(cohorts)),
        };
        strategy.plan(self.release, target)
    }

    /// Whether a canary can do without a router: by the share of the units.
    fn is_by_units(&self) -> bool {
        self.target.router.is_none() && self.target.replicas.is_some_and(|replicas| replicas >= 2)
    }

    /// The group that a test is made with.
    fn tested(&self) -> Option<&CohortStep> {
        self.needs.cohorts.iter().find(|step| step.cohort.matched)
    }

    /// Who meets it before the shares begin. A flag needs no groups, so one whose store cannot tell them apart goes without.
    fn cohorts_of(&self, strategy: StrategyName, target: &Target) -> Vec<CohortStep> {
        let support = target.router.as_ref().map_or(CohortSupport::None, |router| router.cohort);
        let known = match support {
            CohortSupport::None => false,
            CohortSupport::Unmatched => self.needs.cohorts.iter().all(|step| !step.cohort.matched),
            CohortSupport::Matched => true,
        };
        match strategy {
            StrategyName::Phased => self.needs.cohorts.clone(),
            StrategyName::FeatureFlag if known && self.release.level > Level::Low => self.needs.cohorts.clone(),
            StrategyName::FeatureFlag
            | StrategyName::BigBang
            | StrategyName::Recreate
            | StrategyName::Rolling
            | StrategyName::AbTest
            | StrategyName::Hidden
            | StrategyName::BlueGreen
            | StrategyName::Mirror
            | StrategyName::Canary => Vec::new(),
        }
    }

    /// Marks the point of no return. A plan whose first user is past it has no step that could be gone back from.
    fn with_floor(&self, plan: Plan) -> Result<(Plan, Option<Finding>), Vec<Finding>> {
        let Some(irreversible) = &self.needs.irreversible else { return Ok((plan, None)) };
        let reaching = |least: Weight| plan.steps().iter().find(|step| step.route.exposure() >= least);
        let step = reaching(irreversible.from.max(smallest())).map(|step| step.id.clone());
        let first = reaching(smallest()).map(|step| step.id.clone());
        let Some(step) = step else { return Ok((plan, None)) };
        if first.as_ref() == Some(&step) {
            let text =
                "its first users meet it past the point of no return: {why}; instead of going back: {alternatives}";
            return Err(vec![
                Finding::critical("choice.floor", text)
                    .figure("why", irreversible.why.clone())
                    .figure("alternatives", irreversible.alternatives.join(", "))
                    .flips_when("something smaller could be shown before it"),
            ]);
        }
        let text = "from step {step} on there is no way back: {why}";
        let finding = Finding::warning("choice.floor_ahead", text)
            .figure("step", step.to_string())
            .figure("why", irreversible.why.clone());
        let mut draft = PlanDraft::from(plan);
        draft.floor =
            Some(Floor { step, why: irreversible.why.clone(), alternatives: irreversible.alternatives.clone() });
        let plan = Plan::try_from(draft).map_err(|error| refused(error.into()))?;
        Ok((plan, Some(finding)))
    }

    fn extra_capacity(&self, strategy: StrategyName, plan: &Plan) -> Option<UnitTime> {
        match strategy {
            StrategyName::FeatureFlag => Some(UnitTime::ZERO),
            StrategyName::BigBang
            | StrategyName::Recreate
            | StrategyName::Rolling
            | StrategyName::AbTest
            | StrategyName::Hidden
            | StrategyName::BlueGreen
            | StrategyName::Mirror
            | StrategyName::Canary
            | StrategyName::Phased => UnitTime::extra_of(plan),
        }
    }

    /// A comparison that will not see enough requests asks a person at its end.
    fn thin(&self, plan: &Plan) -> Option<Finding> {
        let traffic = self.target.traffic_per_minute?;
        let requests = |step: &Step| traffic * step.route.exposure().fraction() * minutes(step.bake.max);
        let mut compared = plan.steps().iter().filter(|step| step.evidence == Basis::Compare);
        let step = compared.find(|step| requests(step) < REQUESTS_MIN)?;
        let text = "step {step} sees about {requests} requests in {max}, a comparison may need {least}";
        Some(
            Finding::warning("choice.thin_traffic", text)
                .figure("step", step.id.to_string())
                .figure("requests", Value::Ratio(requests(step)))
                .figure("max", step.bake.max)
                .figure("least", Value::Ratio(REQUESTS_MIN))
                .flips_when("the step had more traffic or a longer bake.max"),
        )
    }
}

/// The first possible one of the order, with why those before it were passed over.
fn recommend(preference: &Preference, alternatives: &[Alternative]) -> (Option<StrategyName>, Vec<Finding>) {
    let mut findings = vec![preference.reason.clone()];
    for name in preference.order {
        let Some(alternative) = alternatives.iter().find(|alternative| alternative.strategy == *name) else { continue };
        match &alternative.feasibility {
            Feasibility::Possible(_) => return (Some(*name), findings),
            Feasibility::Refused(why) => findings.extend(why.first().map(|why| passed_over(*name, why))),
        }
    }
    let text = "no strategy that can be answered for is possible on this target";
    findings.push(Finding::critical("choice.none", text).flips_when("one of the refusals above were lifted"));
    (None, findings)
}

fn passed_over(name: StrategyName, why: &Finding) -> Finding {
    let finding = Finding::info("choice.passed_over", "{strategy} would come first, but {why}")
        .figure("strategy", name.as_str())
        .figure("why", why.rendered());
    match why.rendered_flip() {
        Some(flip) => finding.flips_when(flip),
        None => finding,
    }
}

fn refused(refusal: Refusal) -> Vec<Finding> {
    match refusal {
        Refusal::Target(decision) => decision.findings,
        Refusal::Plan(error) => {
            vec![
                Finding::critical("choice.no_plan", "its numbers make no plan here: {error}")
                    .figure("error", error.to_string()),
            ]
        }
    }
}

/// The canary of a level, without the shares that the cohorts before it have reached.
///
/// The first share of a high risk is 1 % where the router can express it, otherwise the smallest that it can, at most
/// 5 %. Source: the deployment decision matrix, "1-5% (8-24 hrs)".
fn shares(level: Level, precision: Weight, reached: Weight) -> Canary {
    let (shares, final_bake): (&[(Weight, u64)], u64) = match level {
        Level::Zero | Level::Low | Level::Medium => (&[(percent(10), 2), (percent(50), 4)], 0),
        Level::High => {
            let first = least_of_high(precision);
            (&[(first, 8), (percent(10), 4), (percent(25), 4), (percent(50), 4), (percent(75), 4)], 24)
        }
    };
    let final_bake = Duration::from_hours(final_bake);
    let more = shares.iter().filter(|(share, _)| share.round_down(precision) > reached || reached == Weight::ZERO);
    let steps = more.map(|(share, hours)| CanaryStep::new(*share, Duration::from_hours(*hours)));
    let last = CanaryStep::new(Weight::FULL, final_bake);
    Canary::new(steps.chain([last])).with_conduct(Conduct { final_bake, ..Conduct::default() })
}

fn least_of_high(precision: Weight) -> Weight {
    let mut shares = (100..=500).filter_map(|share| Weight::new(share).ok());
    let share = shares.find(|share| share.round_down(precision) != Weight::ZERO);
    share.map_or(percent(1), |share| share.round_down(precision).max(percent(1)))
}

fn percent(percent: u16) -> Weight {
    Weight::new(percent.saturating_mul(100)).unwrap_or(Weight::FULL)
}

fn smallest() -> Weight {
    Weight::new(1).unwrap_or(Weight::FULL)
}

fn first_exposure(plan: &Plan) -> Weight {
    let exposures = plan.steps().iter().map(|step| step.route.exposure());
    exposures.filter(|exposure| *exposure != Weight::ZERO).min().unwrap_or(Weight::FULL)
}

/// All least bakes, and the time for which the old version is kept at the end.
fn earliest_end(plan: &Plan) -> Duration {
    let last = plan.conduct().standby.max(plan.conduct().drain);
    plan.steps().iter().fold(last, |sum, step| sum.saturating_add(step.bake.min))
}

fn minutes(duration: Duration) -> f64 {
    duration.as_millis() as f64 / 60_000.0
}
