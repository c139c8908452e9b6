use bellwether_core::{Capabilities, Decision, Digest, Duration, Finding, Severity};
use bellwether_strategy::{
    Alternative, Choice as Chosen, Facts, Feasibility, Plan, PlanDraft, PlanError, Refusal, Strategy, StrategyName,
    WayBack, check, choose,
    preset::{self, Preset},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{check::Check, compare::Compare, import, presets};
use crate::{
    answer::{Answer, Question, Status},
    arithmetic,
    command::{self, Options, PlanVerb},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    look::{Look, Role},
    release::{Choice, ReleaseDocument, wrong},
};

/// Plans and what they are made from may have this many bytes.
pub(crate) const PLAN_BYTES_MAX: usize = 256 * 1_024;

/// Answers whatever is asked about plans.
pub(crate) fn run(call: command::Plan, options: Options) -> Result<Status, Complaint> {
    let command::Plan { verb, file, check, rto, compare, preset, presets } = call;
    match verb {
        Some(PlanVerb::Arithmetic(arithmetic)) => frame::ask(&arithmetic::Compute, arithmetic.call, options),
        Some(PlanVerb::Import(call)) => import::answer(call, options),
        None if check => frame::ask(&Check { rto }, file, options),
        None if compare => frame::ask(&Compare, file, options),
        None if presets => {
            frame::refuse_document_options(options)?;
            frame::show(&presets::answer(), options)
        }
        None => frame::ask(&MakePlan { preset: preset.and_then(|name| preset::named(&name)) }, file, options),
    }
}

/// Asks for a release's plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MakePlan {
    /// The preset that makes it, where one is named.
    pub(crate) preset: Option<&'static Preset>,
}

/// A release's plan, or why there is none.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct PlanAnswer {
    /// The plan; null where no strategy that was asked for is possible on this target.
    #[schemars(with = "Option<PlanDraft>")]
    plan: Option<Plan>,
    /// The plan's identity.
    digest: Option<Digest>,
    /// How the rollout goes back, and how long that takes at most.
    way_back: Option<WayBack>,
    /// Why this plan, and what to know before it is carried out; or why there is none. The most serious first.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    /// The first line of the text where there is no plan.
    #[serde(skip)]
    head: String,
    #[serde(skip)]
    rto: Option<Duration>,
}

/// What a strategy made of a release.
struct Made {
    plan: Plan,
    way_back: WayBack,
    /// What the plan's router can do: for a flag that is the flag store.
    router: Option<Capabilities>,
}

impl Question for MakePlan {
    type Input = ReleaseDocument;
    type Answer = PlanAnswer;

    const BYTES_MAX: usize = PLAN_BYTES_MAX;

    fn answer(&self, document: ReleaseDocument) -> Result<PlanAnswer, Complaint> {
        document.check()?;
        let Decision { outcome, mut findings } = match (self.preset, &document.strategy) {
            (Some(preset), None) => of_preset(preset, &document),
            (Some(_), Some(_)) => {
                let message = "expected none beside --preset, found one: only one of the two can make the plan";
                return Err(Complaint::new("call", "$.strategy", message));
            }
            (None, Some(Choice::Settings(settings))) => {
                let router = document.target.target().router;
                let precision = router.map_or(bellwether_core::Weight::ZERO, |router| router.precision);
                let canary = settings.canary.strategy(precision)?;
                made(&canary, &document).map_err(|error| wrong(&error))?
            }
            (None, Some(Choice::Named(name))) => chosen(&document, Some(*name)),
            (None, None) => chosen(&document, None),
        };
        if let Some(Made { plan, router, .. }) = &outcome {
            check_size(plan)?;
            // Whether going back is fast enough was for the strategy to say.
            let mut facts = Facts::default();
            facts.router.clone_from(router);
            findings.extend(check(plan, &facts));
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Ok(PlanAnswer::new(outcome, findings, &document))
    }
}

impl PlanAnswer {
    fn new(made: Option<Made>, findings: Vec<Finding>, document: &ReleaseDocument) -> Self {
        let (plan, way_back) = made.map(|made| (made.plan, made.way_back)).unzip();
        let head = format!("{}, {} risk", document.head(), document.level());
        let digest = plan.as_ref().map(Plan::digest);
        Self { plan, digest, way_back, findings, head, rto: document.target.rto }
    }
}

/// What a choice between the strategies made, or the one of that name.
fn chosen(document: &ReleaseDocument, name: Option<StrategyName>) -> Decision<Option<Made>> {
    let (Decision { outcome: choice, findings: why }, assumed) = choice(document);
    // Who names a strategy is not told why another one would be taken.
    let why = if name.is_some() { Vec::new() } else { why };
    let mut findings: Vec<Finding> = assumed.into_iter().chain(why).collect();
    let Some(name) = name.or(choice.recommended) else { return Decision { outcome: None, findings } };
    let alternative = choice.alternatives.into_iter().find(|alternative| alternative.strategy == name);
    let Some(Alternative { feasibility, reasons, .. }) = alternative else {
        return Decision { outcome: None, findings };
    };
    match feasibility {
        Feasibility::Possible(prospect) => {
            findings.extend(reasons);
            let is_flag = name == StrategyName::FeatureFlag;
            let router = if is_flag { document.needs.flag.clone() } else { document.target.target().router };
            let made = Made { plan: prospect.plan, way_back: prospect.way_back, router };
            Decision { outcome: Some(made), findings }
        }
        Feasibility::Refused(refusals) => {
            findings.extend(refusals);
            Decision { outcome: None, findings }
        }
    }
}

/// Every strategy on the document's target, and what had to be assumed about it.
pub(crate) fn choice(document: &ReleaseDocument) -> (Decision<Chosen>, Option<Finding>) {
    let (target, assumed) = document.target.assumed();
    (choose(&document.release(), &target, &document.needs.needs()), assumed)
}

/// A preset's plan. Its numbers are not the document's, so what is wrong with them here has no place in it.
fn of_preset(preset: &Preset, document: &ReleaseDocument) -> Decision<Option<Made>> {
    made(preset.strategy().as_ref(), document).unwrap_or_else(|error| {
        let text = "preset {preset} makes no plan here: {error}";
        let finding = Finding::critical("plan.no_plan", text).figure("preset", preset.name);
        Decision::new(None).because(finding.figure("error", error.to_string()))
    })
}

/// What one strategy makes of a release, or why it refuses the target.
fn made(strategy: &dyn Strategy, document: &ReleaseDocument) -> Result<Decision<Option<Made>>, PlanError> {
    let target = document.target.target();
    match strategy.plan(&document.release(), &target) {
        Ok(decision) => Ok(decision.map(|plan| {
            let way_back = strategy.way_back(&plan);
            Some(Made { plan, way_back, router: target.router })
        })),
        Err(Refusal::Plan(error)) => Err(error),
        Err(Refusal::Target(decision)) => Ok(decision.map(|()| None)),
        Err(other) => {
            Ok(Decision::new(None).because(Finding::critical("plan.refused", "{why}").figure("why", other.to_string())))
        }
    }
}

/// A plan that `plan --check` would not read is not made: escapes can make it larger than its release.
fn check_size(plan: &Plan) -> Result<(), Complaint> {
    let printed = serde_json::to_string_pretty(plan).map_or(usize::MAX, |text| text.len().saturating_add(1));
    if printed <= PLAN_BYTES_MAX {
        return Ok(());
    }
    let message = format_args!("expected a release whose plan has at most {PLAN_BYTES_MAX} bytes, found {printed}");
    Err(Complaint::new("too_large", "$", message))
}

impl Answer for PlanAnswer {
    fn status(&self) -> Status {
        if self.plan.is_none() { Status::Fail } else { status(&self.findings) }
    }

    fn text(&self, look: &Look) -> String {
        let findings = look.findings(&self.findings);
        match (&self.plan, self.way_back) {
            (Some(plan), Some(way_back)) => format!("{}{findings}", Shown { plan, way_back, rto: self.rto }.text(look)),
            (Some(_) | None, _) => format!("{}: no plan{findings}", look.paint(Role::Outcome, &self.head)),
        }
    }

    /// The plan alone, as `plan --check` and a driver read it.
    fn document(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&self.plan)
    }

    fn beside(&self) -> &[Finding] {
        &self.findings
    }
}

/// Denied as soon as one finding says that it must not be carried out.
pub(crate) fn status(findings: &[Finding]) -> Status {
    let is_denied = findings.iter().any(|finding| finding.severity == Severity::Critical);
    if is_denied { Status::Fail } else { Status::Pass }
}

/// A plan for people: what it is, its steps, and when everything is asked for, how each wait ends.
pub(crate) struct Shown<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) way_back: WayBack,
    pub(crate) rto: Option<Duration>,
}

impl Shown<'_> {
    pub(crate) fn text(&self, look: &Look) -> String {
        let Self { plan, way_back, rto } = self;
        let level = plan.level().map(|level| format!(", {level} risk")).unwrap_or_default();
        let arms = plan.arms();
        let head = look.paint(Role::Outcome, &format!("{}: {} → {}", plan.id(), arms.stable, arms.candidate));
        let digest = look.paint(Role::Quiet, &format!("plan {}", plan.digest().short()));
        let table = plan.table().with_way_back(*way_back);
        let table = rto.map_or(table, |rto| table.with_rto(rto));
        let waits = if look.explain { waits(plan) } else { String::new() };
        format!("{head}{level}, {digest}\n{table}{waits}")
    }
}

fn waits(plan: &Plan) -> String {
    let conduct = plan.conduct();
    let waits = [("data that is missing", conduct.no_data), ("a gate", conduct.gate), ("a person", conduct.human)];
    let mut text: String =
        waits.map(|(name, wait)| format!("\nwaits for {name}: {}, then {}", wait.until, then(wait.then))).concat();
    for step in plan.steps() {
        text += &format!("\nstep {} inconclusive after {}: {}", step.id, step.bake.max, then(step.on_inconclusive));
    }
    text + &format!("\nscaling and shifting may each take {}, then back; drain {}", conduct.deadline, conduct.drain)
}

const fn then(then: bellwether_strategy::OnDeadline) -> &'static str {
    use bellwether_strategy::OnDeadline;
    match then {
        OnDeadline::RollBack => "back to stable",
        OnDeadline::Human => "a person is asked",
        OnDeadline::ProceedUncertified => "on without a certificate",
        OnDeadline::Keep => "stable is kept",
    }
}
