use alloc::{borrow::Cow, format, string::String, vec::Vec};

use bellwether_core::{Decision, Finding, GateName, Time, Verdict};
use serde::{Deserialize, Serialize};

use crate::{Condition, Enforcement, Evidence, Gate, Operator, Reading, answer::Answer};

/// The schema number of the documents that this build reads and writes.
const SCHEMA: u32 = 1;

/// More conditions than anybody reads in one checklist.
const CONDITIONS_MAX: usize = 1_000;

/// A set of conditions that must all pass.
///
/// The answer is the [`worst`] of its enforced conditions, and its findings are the checklist, one line a condition in
/// the order of the set. A set is never empty and always enforces something, so that it cannot pass by saying nothing.
///
/// # Example: a checklist of two
/// ```
/// use bellwether_core::{GateName, MetricName, Time, Verdict};
/// use bellwether_gate::{AllOf, Condition, Evidence, Gate, Measurement, Operator, Unit};
///
/// let errors = Condition::new(MetricName::new("error_rate")?, Operator::Lt, 1.0).with_unit(Unit::Percent);
/// let cases = Condition::new(MetricName::new("failed_tests")?, Operator::Eq, 0_u64);
/// let set = AllOf::new(GateName::new("before")?, vec![errors, cases])?;
///
/// let now: Time = "2026-03-03T10:00:00Z".parse()?;
/// let evidence = Evidence::default()
///     .with(MetricName::new("error_rate")?, Measurement::new(0.015, now).with_unit(Unit::Ratio));
/// assert_eq!(
///     set.check(&evidence, now).to_string(),
///     "fail\n  \
///      info gate.all_of: before: 0 of 2 conditions passed\n  \
///      critical condition.error_rate.lt: error_rate is 1.50 %, must be < 1.00 %, margin -0.500 %: fail \
///      (would change: it were below 1.00 %)\n  \
///      warning condition.failed_tests.eq: failed_tests was not measured: no data"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Document")]
pub struct AllOf {
    schema: u32,
    name: GateName,
    conditions: Vec<Condition>,
}

impl AllOf {
    /// Checks the conditions and makes them a set.
    ///
    /// # Errors
    /// No condition, or none that is enforced; a bound that is not a finite number; a flag that is compared by size; a
    /// unit on a flag; the same metric and operator twice. The error names the place.
    pub fn new(name: GateName, conditions: Vec<Condition>) -> Result<Self, SetError> {
        check(&conditions)?;
        Ok(Self { schema: SCHEMA, name, conditions })
    }

    /// The name of the set.
    #[must_use]
    pub const fn name(&self) -> &GateName {
        &self.name
    }

    /// The conditions, in the order of the checklist.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    fn summary(&self, answers: &[(Enforcement, Answer)]) -> Finding {
        let count = |chosen: fn(&(Enforcement, Answer)) -> bool| {
            answers.iter().filter(|answer| chosen(answer)).fold(0_u64, |count, _| count.saturating_add(1))
        };
        let enforced = count(|(enforcement, _)| *enforcement == Enforcement::Enforce);
        let passed = count(|(enforcement, answer)| {
            *enforcement == Enforcement::Enforce && answer.verdict == Some(Verdict::Pass)
        });
        Finding::info("gate.all_of", "{gate}: {passed} of {enforced} conditions passed")
            .figure("gate", String::from(self.name.as_str()))
            .figure("passed", passed)
            .figure("enforced", enforced)
    }
}

impl Gate for AllOf {
    fn check(&self, evidence: &Evidence, now: Time) -> Decision<Verdict> {
        let answers: Vec<_> =
            self.conditions.iter().map(|condition| (condition.enforcement, condition.answer(evidence, now))).collect();
        let counted = answers.iter().filter(|(enforcement, _)| *enforcement == Enforcement::Enforce);
        let outcome = worst(counted.filter_map(|(_, answer)| answer.verdict));
        let mut decision = Decision::new(outcome).because(self.summary(&answers));
        decision.findings.extend(answers.into_iter().map(|(_, answer)| answer.finding));
        decision
    }
}

/// Combines verdicts that must all be passes into the worst of them.
///
/// `Fail` is the worst: evidence of harm outweighs whatever else is unknown. `NoData` comes next, because what was not
/// measured at all is to be repaired before something that needs more time. Nothing to combine is `NoData`, so an empty
/// set never passes.
///
/// # Example: gates of several kinds
/// ```
/// use bellwether_core::Verdict::{Fail, Inconclusive, NoData, Pass};
/// use bellwether_gate::worst;
///
/// assert_eq!(worst([Pass, Inconclusive, NoData]), NoData);
/// assert_eq!(worst([NoData, Fail]), Fail);
/// assert_eq!(worst([]), NoData);
/// ```
#[must_use]
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let badness = |verdict: &Verdict| match verdict {
        Verdict::Pass => 0,
        Verdict::Inconclusive => 1,
        Verdict::NoData => 2,
        Verdict::Fail => 3,
    };
    verdicts.into_iter().max_by_key(badness).unwrap_or(Verdict::NoData)
}

/// Tells why conditions do not make a set.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct SetError {
    /// The place in the document, such as `$.conditions[1].bound`.
    pub at: String,
    /// What may stand there.
    pub expected: Cow<'static, str>,
    /// What stands there.
    pub found: String,
}

impl SetError {
    fn new(at: impl Into<String>, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { at: at.into(), expected: expected.into(), found: found.into() }
    }
}

fn check(conditions: &[Condition]) -> Result<(), SetError> {
    if conditions.is_empty() || conditions.len() > CONDITIONS_MAX {
        let expected = format!("1 to {CONDITIONS_MAX} conditions");
        return Err(SetError::new("$.conditions", expected, format!("{}", conditions.len())));
    }
    if conditions.iter().all(|condition| condition.enforcement == Enforcement::DryRun) {
        return Err(SetError::new("$.conditions", "at least one condition that is enforced", "dry runs only"));
    }
    for (index, condition) in conditions.iter().enumerate() {
        check_condition(condition, index)?;
        let same = |other: &Condition| (&other.metric, other.operator) == (&condition.metric, condition.operator);
        if conditions.iter().take(index).any(same) {
            let found = format!("{} {} again", condition.metric, condition.operator);
            return Err(SetError::new(format!("$.conditions[{index}]"), "each metric and operator once", found));
        }
    }
    Ok(())
}

fn check_condition(condition: &Condition, index: usize) -> Result<(), SetError> {
    let at = |field: &str| format!("$.conditions[{index}].{field}");
    if !condition.bound.is_finite() {
        return Err(SetError::new(at("bound"), "a finite number, a count or a flag", format!("{}", condition.bound)));
    }
    let Reading::Flag(flag) = condition.bound else { return Ok(()) };
    if condition.operator != Operator::Eq {
        let expected = format!("eq, the only way to compare with {flag}");
        return Err(SetError::new(at("operator"), expected, condition.operator.name()));
    }
    if let Some(unit) = condition.unit {
        return Err(SetError::new(at("unit"), format!("no unit beside {flag}"), format!("{unit}")));
    }
    Ok(())
}

/// A set as it is written, before it is checked.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename = "AllOf")]
struct Document {
    schema: u32,
    name: GateName,
    conditions: Vec<Condition>,
}

impl TryFrom<Document> for AllOf {
    type Error = SetError;

    fn try_from(document: Document) -> Result<Self, Self::Error> {
        if document.schema != SCHEMA {
            return Err(SetError::new("$.schema", format!("{SCHEMA}"), format!("{}", document.schema)));
        }
        Self::new(document.name, document.conditions)
    }
}

#[cfg(test)]
mod tests;
