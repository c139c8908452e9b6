use bellwether_core::{Decision, Duration, Finding, Method, Weight};
use bellwether_strategy::{Alternative, Choice, Feasibility, Plan, PlanDraft, Prospect, StrategyName, WayBack};
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::{PLAN_BYTES_MAX, choice};
use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    fault::one_line,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    release::ReleaseDocument,
    table::table,
};

/// Asks what every strategy would do on a release's target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compare;

/// What every strategy would do on a release's target, which one is recommended, and why.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct CompareAnswer {
    /// The strategy to take; null where none that is possible can be answered for.
    recommended: Option<StrategyName>,
    /// Why this one, and why not those that would come before it.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    /// Every strategy, from the riskiest to the safest.
    alternatives: Vec<Compared>,
    #[serde(skip)]
    head: String,
    #[serde(skip)]
    rto: Option<Duration>,
}

/// One strategy on a target.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Alternative")]
struct Compared {
    /// Which.
    strategy: StrategyName,
    /// Whether it can be carried out.
    feasibility: Possibility,
    /// What speaks for it and against it.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    reasons: Vec<Finding>,
}

/// Whether a strategy can be carried out on a target.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Feasibility")]
#[serde(rename_all = "snake_case")]
enum Possibility {
    /// It can.
    Possible(Box<Figures>),
    /// It cannot; each finding names what is missing.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    Refused(Vec<Finding>),
}

/// What a possible strategy would do.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Prospect")]
struct Figures {
    /// The plan, ready to be carried out.
    #[schemars(with = "PlanDraft")]
    plan: Plan,
    /// How much of the traffic meets the candidate first, in basis points.
    first_exposure: Weight,
    /// What runs beside the units that run anyway, in unit-hours; null where nobody said how many those are.
    extra_unit_hours: Option<f64>,
    /// The time from the start to the end of the old version, if nothing holds the plan up.
    earliest_end: Duration,
    /// How it goes back, and how long that takes at most.
    way_back: WayBack,
    #[serde(skip)]
    extra_capacity: String,
}

impl Question for Compare {
    type Input = ReleaseDocument;
    type Answer = CompareAnswer;

    const BYTES_MAX: usize = PLAN_BYTES_MAX;

    fn answer(&self, document: ReleaseDocument) -> Result<CompareAnswer, Complaint> {
        document.check()?;
        let (Decision { outcome: Choice { recommended, alternatives }, findings: why }, assumed) = choice(&document);
        Ok(CompareAnswer {
            recommended,
            findings: assumed.into_iter().chain(why).collect(),
            alternatives: alternatives.into_iter().map(Compared::from).collect(),
            head: format!("{}, {} risk", document.head(), document.level()),
            rto: document.target.rto,
        })
    }
}

impl From<Alternative> for Compared {
    fn from(Alternative { strategy, feasibility, reasons }: Alternative) -> Self {
        let feasibility = match feasibility {
            Feasibility::Possible(prospect) => Possibility::Possible(Box::new((*prospect).into())),
            Feasibility::Refused(why) => Possibility::Refused(why),
        };
        Self { strategy, feasibility, reasons }
    }
}

impl From<Prospect> for Figures {
    fn from(Prospect { plan, first_exposure, extra_capacity, earliest_end, way_back }: Prospect) -> Self {
        let hours = |extra: bellwether_strategy::UnitTime| extra.as_unit_millis() as f64 / 3_600_000.0;
        Self {
            plan,
            first_exposure,
            extra_unit_hours: extra_capacity.map(hours),
            earliest_end,
            way_back,
            extra_capacity: extra_capacity.map_or_else(|| "-".to_owned(), |extra| extra.to_string()),
        }
    }
}

impl Answer for CompareAnswer {
    fn status(&self) -> Status {
        if self.recommended.is_some() { Status::Pass } else { Status::Fail }
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &self.head);
        let recommended = self.recommended.map_or_else(|| "no strategy".to_owned(), |name| name.to_string());
        let recommended = look.paint(Role::Outcome, &format!("recommended: {recommended}"));
        let reasons = look.findings(&self.findings);
        format!("{head}\n{}{}\n{recommended}{reasons}", table(&self.rows()), self.notes(look))
    }
}

impl CompareAnswer {
    fn rows(&self) -> Vec<[String; 7]> {
        let rollback = self.rto.map_or_else(|| "rollback".to_owned(), |rto| format!("rollback (RTO {rto})"));
        let header =
            ["strategy", "first", "extra capacity", "earliest end", &rollback, "by", "verdict"].map(str::to_owned);
        let row = |compared: &Compared| compared.row(self.recommended == Some(compared.strategy));
        std::iter::once(header).chain(self.alternatives.iter().map(row)).collect()
    }

    /// Why the refused ones are; with everything asked for, what speaks for and against each.
    fn notes(&self, look: &Look) -> String {
        let note = |compared: &Compared| {
            let refusals: &[Finding] = match &compared.feasibility {
                Possibility::Refused(why) => why,
                Possibility::Possible(_) => &[],
            };
            let reasons = if look.explain { compared.reasons.as_slice() } else { &[] };
            let lines = refusals.iter().chain(reasons).map(|finding| {
                let flip = finding.rendered_flip().map(|flip| format!(" (would change: {flip})")).unwrap_or_default();
                format!("\n  {}: {}{flip}", compared.strategy, one_line(&finding.rendered()))
            });
            lines.collect::<String>()
        };
        self.alternatives.iter().map(note).collect()
    }
}

impl Compared {
    fn row(&self, recommended: bool) -> [String; 7] {
        let name = self.strategy.to_string();
        match &self.feasibility {
            Possibility::Possible(figures) => [
                name,
                figures.first_exposure.to_string(),
                figures.extra_capacity.clone(),
                figures.earliest_end.to_string(),
                format!("< {}", figures.way_back.time),
                method(figures.way_back.method).to_owned(),
                if recommended { "recommended" } else { "possible" }.to_owned(),
            ],
            Possibility::Refused(_) => [&name, "-", "-", "-", "-", "-", "refused"].map(str::to_owned),
        }
    }
}

/// How it goes back, in the words of the rollback methods that the times come from.
const fn method(method: Method) -> &'static str {
    match method {
        Method::Flag => "flag off",
        Method::Traffic => "traffic switch",
        Method::Revision => "previous revision",
        Method::Redeploy => "new deployment",
        Method::Restore => "restored data",
        Method::Forward => "only forward",
    }
}
