//! Flagger: `Canary`.

use bellwether_core::{Basis, Cohort, CohortName, Duration, Finding, GateName, Route, Weight};
use bellwether_gate::AllOf;
use bellwether_strategy::{
    Capacity, FailureLimits, OnDeadline, PlanDraft, UnitsRule, Wait,
    arithmetic::flagger::{Analysis, DeploymentStrategy, Limit, Step, max_weight, next_step_weight, strategy_choice},
};

use self::webhook::{Moment, Webhook};
use super::{
    field::survey,
    metadata, note,
    outline::{Outline, Stage},
    place::Place,
    share::share,
    surroundings::Surroundings,
    time,
    workload::Imported,
};
use crate::complaint::Complaint;

mod metric;
pub(super) mod row;
mod webhook;

const DEADLINE: Duration = Duration::from_seconds(600);
const INTERVAL: Duration = Duration::from_seconds(60);
const INTERVAL_MIN: Duration = Duration::from_seconds(10);
/// The weight that is everything.
const WHOLE: i64 = 100;
/// How often a candidate is looked at that no router can give a share, where nothing is said.
const ITERATIONS_WITHOUT_ROUTER: u32 = 10;

/// Imports a `Canary`.
pub(super) fn canary(document: &Place<'_>, surroundings: &Surroundings<'_>) -> Result<Imported, Complaint> {
    let mut imported = Imported::new("Canary", document)?;
    imported.findings = survey(document, &[metadata::ROWS, row::CANARY, row::ANALYSIS]);
    let spec = document.field("spec")?;
    let target = spec.path(&["targetRef", "name"])?;
    target.name()?;
    let kind = spec.path(&["targetRef", "kind"])?;
    if kind.name()? != "Deployment" {
        let why = "only a Deployment is looked for in this file, so replicas and image are not known";
        imported.findings.push(note::assumed(&kind, why));
    }
    let found = surroundings.deployment(&spec.field("targetRef")?)?.cloned();
    let deployment = found.clone().unwrap_or_default();
    let mut draft = imported.draft(document, deployment.image, surroundings)?;
    let replicas = surroundings.settings.replicas.or(deployment.replicas).filter(|replicas| *replicas > 0);
    if found.is_none() {
        imported.findings.push(note::assumed(&target, "what it rolls out is not in this file"));
    }
    if replicas.is_none() {
        let why = match deployment.replicas {
            Some(_) => "it has no units between two rollouts there, so the plan counts none; say it with --replicas",
            None => "how many units there are is not in the file, so the plan counts none; say it with --replicas",
        };
        imported.findings.push(note::assumed(&target, why));
    }
    draft.capacity = replicas.map(Capacity::of);
    draft.conduct.deadline = time::seconds(&spec.field("progressDeadlineSeconds")?)?.unwrap_or(DEADLINE);
    let analysis = spec.field("analysis")?;
    let renamed = spec.field("canaryAnalysis")?;
    if renamed.is_there() {
        imported.findings.push(note::refused(&renamed, "the name of `analysis` in old versions; rename it"));
        return Ok(imported);
    }
    let skip = spec.field("skipAnalysis")?;
    if skip.flag()?.unwrap_or(false) || !analysis.is_there() {
        let why = "without an analysis everything is promoted as soon as it is ready, there and here";
        imported.findings.push(note::changed(&analysis, why));
        let mut outline = Outline::default();
        outline.begin(Stage::new(&*spec.at, Route::share(Weight::FULL)));
        imported.finish(outline, draft);
        return Ok(imported);
    }
    let mut reader = Reader::read(&analysis, &draft, surroundings, &mut imported)?;
    let provider = spec.field("provider")?;
    match provider.text()? {
        Some("kubernetes") => reader.forget_router(&provider, &mut imported.findings)?,
        Some(_) => {
            imported.findings.push(note::ignored(&provider, "how the router is addressed is the router port's own"));
        }
        None => {}
    }
    let outline = reader.outline(surroundings, &mut imported.findings)?;
    reader.set_waits(&mut draft, &mut imported.findings)?;
    imported.gates.extend(reader.metrics);
    imported.finish(outline, draft);
    Ok(imported)
}

/// What an analysis says, before it becomes steps.
struct Reader<'a> {
    analysis: Place<'a>,
    interval: Duration,
    /// How many checks may fail in all, the last one of them sends the rollout back.
    threshold: u32,
    iterations: u32,
    conditions: usize,
    /// Every step has all units: they are the Deployment's own, and do not follow the share.
    units: UnitsRule,
    mirror: Option<Weight>,
    hooks: Vec<Webhook>,
    /// What the metrics demand, where there are any.
    metrics: Option<AllOf>,
    is_compared: bool,
}

impl<'a> Reader<'a> {
    fn read(
        analysis: &Place<'a>,
        draft: &PlanDraft,
        surroundings: &Surroundings<'_>,
        imported: &mut Imported,
    ) -> Result<Self, Complaint> {
        let findings = &mut imported.findings;
        let interval = interval(&analysis.field("interval")?, findings)?;
        let threshold = analysis.field("threshold")?.count()?.filter(|count| *count > 0).unwrap_or(1);
        let gate = GateName::new(format!("{}-analysis", imported.name)).map_err(|error| analysis.unexpected(error))?;
        Ok(Self {
            interval,
            threshold,
            iterations: analysis.field("iterations")?.count()?.unwrap_or(0),
            conditions: analysis.field("match")?.items()?.len(),
            units: draft.capacity.map_or(UnitsRule::ByShare, |capacity| UnitsRule::Count(capacity.replicas)),
            mirror: mirror(analysis, findings)?,
            hooks: Webhook::all(analysis, &gate, findings)?,
            metrics: metric::set(analysis, gate, interval, findings)?,
            is_compared: surroundings.settings.compare,
            analysis: analysis.clone(),
        })
    }

    /// Without a router there is nothing but a switch.
    fn forget_router(&mut self, provider: &Place<'_>, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
        let why = "nothing splits traffic there; the router port here must at least switch a service";
        findings.push(note::changed(provider, why));
        if self.conditions > 0 {
            let why = "without a router nobody can be chosen there either, so there is no cohort";
            findings.push(note::changed(&self.analysis.field("match")?, why));
        }
        self.conditions = 0;
        if self.iterations == 0 {
            let why = "without a router there are no shares there either, but 10 intervals and a switch";
            findings.push(note::changed_at(&self.analysis.at, why));
            self.iterations = ITERATIONS_WITHOUT_ROUTER;
        }
        Ok(())
    }

    fn outline(&self, surroundings: &Surroundings<'_>, findings: &mut Vec<Finding>) -> Result<Outline, Complaint> {
        let mut outline = Outline::default();
        self.wait_for(Moment::Start, &mut outline);
        if self.hooks.iter().any(|hook| hook.moment == Moment::BeforeTraffic) {
            outline.begin(self.stage(Route::STABLE).with_evidence(Basis::Time).with_bake(Duration::ZERO));
            self.wait_for(Moment::BeforeTraffic, &mut outline);
        }
        let choice = strategy_choice(&Analysis { iterations: self.iterations.into(), conditions: self.conditions });
        match choice {
            DeploymentStrategy::Canary => self.shares(&mut outline, findings)?,
            DeploymentStrategy::BlueGreen => {
                self.tell_shares(findings)?;
                let mirror = self.mirror.unwrap_or(Weight::ZERO);
                self.repeat(Route { mirror, ..Route::STABLE }, &mut outline);
            }
            DeploymentStrategy::AbTesting => self.cohort(surroundings, &mut outline, findings)?,
        }
        self.promote(&mut outline, choice);
        Ok(outline)
    }

    /// Share after share, each for one interval.
    fn shares(&self, outline: &mut Outline, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
        if let Some(mirror) = self.mirror {
            outline.begin(self.stage(Route { mirror, ..Route::STABLE }));
        }
        let weights = match self.weights()? {
            Ok(weights) => weights,
            Err(why) => {
                findings.push(note::refused_at(&self.analysis.at, why));
                return Ok(());
            }
        };
        self.tell_limits(weights.last().copied().unwrap_or(Weight::ZERO), findings)?;
        for (index, weight) in weights.into_iter().enumerate() {
            if index > 0 || self.mirror.is_some() {
                self.wait_for(Moment::Check, outline);
            }
            self.wait_for(Moment::BeforeShare, outline);
            outline.begin(self.stage(Route::share(weight)));
        }
        Ok(())
    }

    /// The weights that its controller would set one after the other, or why it would never come to an end.
    fn weights(&self) -> Result<Result<Vec<Weight>, String>, Complaint> {
        let count = |name: &str| Ok::<_, Complaint>(i64::from(self.analysis.field(name)?.count()?.unwrap_or(0)));
        let (step_weight, most) = (count("stepWeight")?, count("maxWeight")?);
        let list = self.analysis.field("stepWeights")?;
        let mut step_weights = Vec::new();
        for weight in list.items()? {
            step_weights.push(weight.count()?.map(i64::from).ok_or_else(|| weight.unexpected("a weight"))?);
        }
        let limit = max_weight(&Limit { max_weight: most, step_weights: step_weights.clone() });
        let mut step = Step { step_weight, step_weights, canary_weight: 0 };
        let mut weights = Vec::new();
        while step.canary_weight < limit.min(WHOLE) {
            let next = next_step_weight(&step);
            if next <= 0 {
                let why =
                    format!("from {} % its controller never goes on, and neither does a plan", step.canary_weight);
                return Ok(Err(why));
            }
            step.canary_weight = step.canary_weight.saturating_add(next).min(WHOLE);
            let points = u16::try_from(step.canary_weight.saturating_mul(100)).unwrap_or(u16::MAX);
            weights.push(Weight::new(points).unwrap_or(Weight::FULL));
        }
        Ok(Ok(weights))
    }

    /// Says which of the numbers decide where several do.
    fn tell_limits(&self, last: Weight, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
        let (most, list) = (self.analysis.field("maxWeight")?, self.analysis.field("stepWeights")?);
        let is_set = most.count()?.is_some_and(|most| most > 0);
        let is_last = most.count()?.is_some_and(|most| most.saturating_mul(100) == u32::from(last.basis_points()));
        if !list.items()?.is_empty() {
            findings.extend(is_set.then(|| note::assumed(&most, "the list's last weight outranks it there too")));
            let is_single = self.analysis.field("stepWeight")?.count()?.is_some_and(|weight| weight > 0);
            let why = "only its last weight counts beside `stepWeight`, there too";
            findings.extend(is_single.then(|| note::assumed(&list, why)));
        } else if is_set && !is_last {
            findings.push(note::assumed(&most, format!("the last share is {last}, there too")));
        }
        let matches = self.analysis.field("match")?;
        if !matches.items()?.is_empty() {
            findings.push(note::changed(
                &matches,
                "without iterations nobody is chosen there either, so there is no cohort",
            ));
        }
        Ok(())
    }

    /// Says that nothing comes of the shares where there are iterations.
    fn tell_shares(&self, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
        for name in ["stepWeight", "stepWeights", "maxWeight"] {
            let place = self.analysis.field(name)?;
            if place.is_there() {
                findings.push(note::assumed(&place, "with iterations there are no shares, there either"));
            }
        }
        Ok(())
    }

    /// One exposure for all iterations.
    fn repeat(&self, route: Route, outline: &mut Outline) {
        let bake = self.interval.saturating_mul(self.iterations.into());
        outline.begin(self.stage(route).with_bake(bake));
    }

    fn cohort(
        &self,
        surroundings: &Surroundings<'_>,
        outline: &mut Outline,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Complaint> {
        self.tell_shares(findings)?;
        let place = self.analysis.field("match")?;
        let Some(size) = surroundings.settings.cohort_size else {
            let why = "how much of the traffic these requests are is not in the file; say it with --cohort-size";
            findings.push(note::refused(&place, why));
            return Ok(());
        };
        let name = CohortName::new("match").map_err(|error| place.unexpected(error))?;
        if self.mirror.is_some() {
            findings.push(note::changed(&self.analysis.field("mirror")?, "a cohort has no mirror there either"));
        }
        let cohort = Some(Cohort { name, size, matched: false });
        self.repeat(Route { cohort, ..Route::STABLE }, outline);
        Ok(())
    }

    /// The step at 100 %, unless the shares have come there.
    fn promote(&self, outline: &mut Outline, choice: DeploymentStrategy) {
        self.wait_for(Moment::Check, outline);
        if choice == DeploymentStrategy::Canary {
            self.wait_for(Moment::BeforeShare, outline);
        }
        self.wait_for(Moment::Promotion, outline);
        if outline.current().is_some_and(|stage| stage.route.share == Weight::FULL) {
            // The last share is the promotion; what it waits for comes before it.
            outline.wait_earlier();
            return;
        }
        outline.begin(self.stage(Route::share(Weight::FULL)).with_bake(Duration::ZERO));
    }

    fn stage(&self, route: Route) -> Stage {
        let can_be_compared = route.share != Weight::ZERO && route.share != Weight::FULL;
        let evidence = match self.is_checked() {
            _ if self.is_compared && can_be_compared => Basis::Compare,
            true => Basis::Guard,
            false => Basis::Time,
        };
        Stage::new(&*self.analysis.at, route).with_units(self.units).with_bake(self.interval).with_evidence(evidence)
    }

    fn is_checked(&self) -> bool {
        self.metrics.is_some() || self.hooks.iter().any(|hook| hook.moment == Moment::Check)
    }

    /// Makes the next exposure wait for what happens then.
    fn wait_for(&self, moment: Moment, outline: &mut Outline) {
        if let Some(set) = self.metrics.as_ref().filter(|_| moment == Moment::Check) {
            outline.wait_for(set.name().clone());
        }
        for hook in self.hooks.iter().filter(|hook| hook.moment == moment) {
            outline.wait_for(hook.gate.clone());
        }
    }

    /// How long its gates and its data are waited for, and how many failed checks go back.
    fn set_waits(&self, draft: &mut PlanDraft, findings: &mut Vec<Finding>) -> Result<(), Complaint> {
        let threshold = self.analysis.field("threshold")?;
        let count = self.threshold;
        let is_checked = self.is_checked() || self.hooks.iter().any(|hook| hook.moment == Moment::BeforeTraffic);
        if !is_checked {
            findings
                .extend(threshold.is_there().then(|| note::assumed(&threshold, "nothing is checked that could fail")));
            return Ok(());
        }
        let patience = self.interval.saturating_mul(count.into());
        let back = Wait { until: patience, then: OnDeadline::RollBack };
        if !self.hooks.iter().any(|hook| hook.moment.asks_a_person()) {
            draft.conduct.gate = back;
        }
        draft.conduct.failures = FailureLimits { total: Some(count), consecutive: None, window: None };
        draft.conduct.no_data = back;
        let why = format!(
            "{count} failed checks in all go back, as there; the host looks once in {}, and sends what failed as one check",
            self.interval
        );
        findings.push(note::assumed(&threshold, why));
        Ok(())
    }
}

/// How often its controller looks: a text that it cannot read is its default there.
fn interval(place: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Duration, Complaint> {
    let interval = time::go_duration(place)?.unwrap_or(INTERVAL);
    if interval < INTERVAL_MIN {
        findings.push(note::assumed(place, "its controller looks every 10s at most, and so long a step bakes here"));
    }
    Ok(interval.max(INTERVAL_MIN))
}

fn mirror(analysis: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Option<Weight>, Complaint> {
    let (mirror, weight) = (analysis.field("mirror")?, analysis.field("mirrorWeight")?);
    let share = if weight.count()?.unwrap_or(0) == 0 { Some(Weight::FULL) } else { share(&weight, 100, findings)? };
    if mirror.flag()?.unwrap_or(false) {
        return Ok(share);
    }
    if weight.count()?.unwrap_or(0) > 0 {
        findings.push(note::assumed(&weight, "without `mirror` it has no effect there either"));
    }
    Ok(None)
}
