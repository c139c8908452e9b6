use bellwether_core::{Decision, Figure, Finding, RuleName, Severity};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::fault::one_line;

/// A finding as an answer gives it: the data, and the line that a person reads.
///
/// A finding keeps its text as a template, which a program in another language would have to fill in itself.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub(crate) struct FindingWithLine<'a> {
    /// Which rule.
    rule: &'a RuleName,
    /// How much it matters.
    severity: Severity,
    /// The whole finding in one line, its figures filled in.
    line: String,
    /// The figures used, each with its name.
    #[serde(skip_serializing_if = "<[Figure]>::is_empty")]
    figures: &'a [Figure],
    /// The template of the line's text; `{name}` stands for the figure of that name.
    text: &'a str,
    /// What would have changed the outcome; a template too.
    #[serde(skip_serializing_if = "Option::is_none")]
    flips_when: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingWithLine<'a> {
    fn from(finding: &'a Finding) -> Self {
        let line = one_line(&finding.to_string());
        let Finding { rule, severity, figures, text, flips_when } = finding;
        Self { rule, severity: *severity, line, figures, text, flips_when: flips_when.as_deref() }
    }
}

/// A decision whose findings have their lines.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub(crate) struct DecisionWithLines<'a, T> {
    /// What was decided.
    outcome: &'a T,
    /// Why.
    findings: Vec<FindingWithLine<'a>>,
}

/// Serialises findings each with its line.
pub(crate) fn with_lines<S: Serializer>(findings: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(FindingWithLine::from))
}

/// Serialises a decision whose findings have their lines.
pub(crate) fn decision_with_lines<T: Serialize, S: Serializer>(
    decision: &Decision<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let findings = decision.findings.iter().map(FindingWithLine::from).collect();
    DecisionWithLines { outcome: &decision.outcome, findings }.serialize(serializer)
}
