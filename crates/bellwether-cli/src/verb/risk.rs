use bellwether_core::{Finding, Level};
use bellwether_risk::{Approach, Change, Classifier, Matrix, RuleError, RuleSet, Rules, preset};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Question, Status},
    command::{Options, Preset, Risk, RiskVerb},
    complaint::Complaint,
    document,
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    look::{Look, Role},
    source::Source,
};

mod fit;
mod history;
mod score;

/// Rules may have this many bytes.
const RULES_BYTES_MAX: usize = 256 * 1_024;

/// What a change must tell.
pub(crate) const CHANGE_REQUIRED: &[&str] = &["files"];

/// Answers whatever is asked about risk.
pub(crate) fn run(mut call: Risk, options: Options) -> Result<Status, Complaint> {
    match call.verb.take() {
        Some(RiskVerb::Score(score)) => score::run(score, options),
        Some(RiskVerb::Fit(fit)) => fit::run(fit, options),
        None => frame::ask(&Classify::new(&call)?, call.change, options),
    }
}

/// Asks how risky a change is.
#[derive(Debug)]
pub(crate) struct Classify {
    name: String,
    rules: Rules,
    matrix: Matrix,
}

/// How risky a change is.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct RiskAnswer {
    /// The level.
    outcome: Level,
    /// Everything that fired, the most serious first.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    /// How a change of this level reaches everybody.
    approach: Approach,
    /// The name of the rules that were asked.
    rules: String,
}

impl Classify {
    pub(crate) fn new(call: &Risk) -> Result<Self, Complaint> {
        let (set, source) = match (&call.rules, call.preset) {
            (Some(file), _) => {
                let source = Source::new(Some(file.clone()));
                (document::read::<RuleSet>(&source, RULES_BYTES_MAX)?, Some(source))
            }
            (None, Preset::Seed003) => (preset::seed_003(), None),
        };
        let rules = set.compile().map_err(|error| match source {
            Some(source) => wrong_rules(&error).of(source),
            None => wrong_rules(&error),
        })?;
        Ok(Self { name: set.name, rules, matrix: preset::seed_003_matrix() })
    }
}

fn wrong_rules(error: &RuleError) -> Complaint {
    let of = error.rule.as_ref().map(|rule| format!(" (rule {rule:?})")).unwrap_or_default();
    let message = format_args!("expected {}, found {}{of}", error.expected, error.found);
    Complaint::new("invalid", &error.at, message)
}

impl Question for Classify {
    type Input = Change;
    type Answer = RiskAnswer;

    /// A change may touch tens of thousands of files.
    const BYTES_MAX: usize = 8 * 1_024 * 1_024;

    /// A document that is about something else must not pass as a change that touches nothing.
    const REQUIRED: &[&str] = CHANGE_REQUIRED;

    fn answer(&self, change: Change) -> Result<RiskAnswer, Complaint> {
        let decision = self.rules.classify(&change);
        let approach = self.matrix.approach(decision.outcome).clone();
        Ok(RiskAnswer { outcome: decision.outcome, findings: decision.findings, approach, rules: self.name.clone() })
    }
}

impl Answer for RiskAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, look: &Look) -> String {
        let level = format!("{} risk", self.outcome);
        let rules = look.paint(Role::Quiet, &format!("by the rules {}", crate::fault::one_line(&self.rules)));
        let reasons = look.findings(&self.findings);
        format!("{} {rules}{reasons}\n{}", look.paint(Role::Outcome, &level), self.approach)
    }
}
