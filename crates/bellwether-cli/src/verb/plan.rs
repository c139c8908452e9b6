use bellwether_core::{Digest, Finding, Severity};
use bellwether_strategy::{Facts, Plan, PlanDraft, Refusal, check};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    release::{ReleaseDocument, place_in_document},
};

/// Plans and what they are made from may have this many bytes.
pub(crate) const PLAN_BYTES_MAX: usize = 256 * 1_024;

/// Asks for a release's plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MakePlan;

/// A release's plan.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct PlanAnswer {
    /// The plan.
    #[schemars(with = "PlanDraft")]
    plan: Plan,
    /// The plan's identity.
    digest: Digest,
    /// What to know before it is carried out.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
}

impl Question for MakePlan {
    type Input = ReleaseDocument;
    type Answer = PlanAnswer;

    const BYTES_MAX: usize = PLAN_BYTES_MAX;

    fn answer(&self, document: ReleaseDocument) -> Result<PlanAnswer, Complaint> {
        let made =
            document.strategy()?.plan(&document.release(), &document.target).map_err(|refusal| wrong(&refusal))?;
        check_size(&made.outcome)?;
        let mut facts = Facts::default();
        facts.rto = document.target.rto;
        facts.router.clone_from(&document.target.router);
        let findings = made.findings.into_iter().chain(check(&made.outcome, &facts)).collect();
        Ok(PlanAnswer { digest: made.outcome.digest(), plan: made.outcome, findings })
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

fn wrong(refusal: &Refusal) -> Complaint {
    match refusal {
        Refusal::Plan(error) => {
            let text = error.to_string();
            let message = text.split_once(": ").map_or(text.as_str(), |(_, message)| message);
            Complaint::new("invalid", place_in_document(error.at()), message)
        }
        Refusal::Target(decision) => {
            let why: Vec<String> = decision.findings.iter().map(ToString::to_string).collect();
            Complaint::new(
                "refused",
                "$.target",
                format_args!("expected a target for this strategy, found {}", why.join("; ")),
            )
        }
        other => Complaint::new("refused", "$", other),
    }
}

impl Answer for PlanAnswer {
    fn status(&self) -> Status {
        status(&self.findings)
    }

    fn text(&self, look: &Look) -> String {
        format!("{}{}", show(&self.plan, look), look.findings(&self.findings))
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
pub(crate) fn show(plan: &Plan, look: &Look) -> String {
    let level = plan.level().map(|level| format!(", {level} risk")).unwrap_or_default();
    let arms = plan.arms();
    let head = look.paint(Role::Outcome, &format!("{}: {} → {}", plan.id(), arms.stable, arms.candidate));
    let digest = look.paint(Role::Quiet, &format!("plan {}", plan.digest().short()));
    let waits = if look.explain { waits(plan) } else { String::new() };
    format!("{head}{level}, {digest}\n{}{waits}", plan.table())
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
    }
}
