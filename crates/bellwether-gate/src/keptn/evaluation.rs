use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};
use core::fmt;

use bellwether_core::Finding;
use serde::Serialize;

use super::{
    aggregate::Aggregate,
    criterion::{Criterion, CriterionError, Met},
    number,
    slo::{CriteriaSet, Objective, Percentage, Question, SliValue, Slo, TotalScore},
};

/// What Keptn says of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evaluation {
    /// The verdict.
    pub result: Outcome,
    /// Percent of what could have been reached.
    pub score: f64,
    /// Whether an indicator failed without which nothing passes.
    pub key_sli_failed: bool,
    /// Each objective's indicator, in their order.
    pub indicators: Vec<Indicator>,
    /// Where Keptn passes by saying nothing, and what its reader may take for something else.
    #[cfg_attr(feature = "schema", schemars(skip))]
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// The verdict.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "hosts decide on every verdict")]
pub enum Outcome {
    /// Enough was met.
    Pass,
    /// Not enough to pass, too much to fail.
    Warning,
    /// Too little was met, or an indicator that must not fail did.
    Fail,
}

/// What became of one objective.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Indicator {
    /// The indicator.
    pub sli: String,
    /// What was measured, if anything was.
    pub value: Option<f64>,
    /// What became of it.
    pub status: Status,
    /// What it counts.
    pub score: f64,
    /// Each pass criterion with its bound.
    pub pass_targets: Vec<Target>,
}

/// What became of one objective.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "hosts decide on every status")]
pub enum Status {
    /// A set of its pass criteria is met.
    Pass,
    /// A set of its warning criteria is met; it counts half.
    Warning,
    /// No set is met, or nothing was measured.
    Fail,
    /// It has no pass criteria and counts for nothing.
    Info,
}

/// A criterion and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Target {
    /// The criterion as it is written.
    pub criteria: String,
    /// The bound, computed where it is relative.
    pub target_value: f64,
    /// Whether it is not met.
    pub violated: bool,
}

/// Why Keptn refuses to evaluate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found} (Keptn: {keptn})")]
#[non_exhaustive]
pub struct Refusal {
    /// The place in the document, without the root.
    pub at: String,
    /// What was expected there.
    pub expected: &'static str,
    /// What was found.
    pub found: String,
    /// What Keptn says.
    pub keptn: String,
}

impl Question {
    /// Evaluates as Keptn does.
    ///
    /// # Errors
    /// Keptn refuses: no target score, one that is no number, or a pass criterion that cannot be read.
    pub fn evaluate(&self) -> Result<Evaluation, Refusal> {
        let Some(slo) = &self.slo else {
            let text = "there are no objectives, so nothing was evaluated, and Keptn passes";
            return Ok(Evaluation::of_nothing(Outcome::Pass, 100.0, Finding::warning("keptn.no_slo", text)));
        };
        let bands = Bands::of(slo.total_score.as_ref())?;
        let objectives = slo.objectives.as_deref().unwrap_or_default();
        if objectives.is_empty() {
            let finding = Finding::warning("keptn.no_objectives", "the list of objectives is empty, and Keptn fails");
            return Ok(Evaluation::of_nothing(Outcome::Fail, 0.0, finding));
        }
        Round::new(self, slo).run(objectives, bands)
    }
}

impl Evaluation {
    fn of_nothing(result: Outcome, score: f64, finding: Finding) -> Self {
        Self { result, score, key_sli_failed: false, indicators: vec![], findings: vec![finding] }
    }
}

/// From which scores on it passes and is a warning.
#[derive(Clone, Copy)]
struct Bands {
    pass: f64,
    warning: Option<f64>,
}

impl Bands {
    fn of(total: Option<&TotalScore>) -> Result<Self, Refusal> {
        let said = |percentage: &Option<Percentage>| percentage.clone().map(|it| it.0).filter(|text| !text.is_empty());
        let pass = total.and_then(|total| said(&total.pass));
        let warning = total.and_then(|total| said(&total.warning));
        let Some(pass) = pass else {
            return Err(refused("slo.total_score.pass", "a number of percent", "none", "no target score defined"));
        };
        let read = |at, text: &str, keptn| {
            number::parse(text.strip_suffix('%').unwrap_or(text))
                .ok_or_else(|| refused(at, "a number of percent such as 90%", &format!("{text:?}"), keptn))
        };
        let pass = read("slo.total_score.pass", &pass, "could not parse pass target percentage")?;
        let keptn = "could not parse warning target percentage";
        let warning = warning.map(|text| read("slo.total_score.warning", &text, keptn)).transpose()?;
        Ok(Self { pass, warning })
    }
}

fn refused(at: &str, expected: &'static str, found: &str, keptn: &str) -> Refusal {
    Refusal { at: at.to_owned(), expected, found: found.to_owned(), keptn: keptn.to_owned() }
}

/// One evaluation under way.
struct Round<'a> {
    question: &'a Question,
    /// Which values an objective has taken already: each serves one.
    taken: Vec<bool>,
    aggregate: Aggregate,
    findings: Vec<Finding>,
}

impl<'a> Round<'a> {
    fn new(question: &'a Question, slo: &Slo) -> Self {
        let function = slo.comparison.as_ref().and_then(|comparison| comparison.aggregate_function.as_deref());
        let mut findings = Vec::new();
        let aggregate = Aggregate::named(function);
        if let (Aggregate::Unknown, Some(name)) = (aggregate, function) {
            let text = "Keptn knows no aggregate function {name}, and compares with 0: expected avg, p50, p90 or p95";
            findings.push(Finding::warning("keptn.unknown_aggregate", text).figure("name", name.to_owned()));
        }
        findings.extend(slo.other.keys().map(|field| unknown_field("", field)));
        Self { question, taken: vec![false; question.values.len()], aggregate, findings }
    }

    fn run(mut self, objectives: &[Objective], bands: Bands) -> Result<Evaluation, Refusal> {
        let (mut indicators, mut reached, mut most, mut key_sli_failed) = (Vec::new(), 0.0, 0.0, false);
        for (index, objective) in objectives.iter().enumerate() {
            let indicator = self.judge(index, objective)?;
            if has_criteria(objective.pass.as_deref()) {
                most += weight(objective);
            }
            // An indicator whose pass criteria are all empty adds nothing, although it passes.
            if !indicator.pass_targets.is_empty() {
                reached += indicator.score;
            }
            key_sli_failed |= objective.key_sli == Some(true) && indicator.status == Status::Fail;
            indicators.push(indicator);
        }
        let (result, score) = if most == 0.0 {
            let text = "no objective has pass criteria, so nothing was evaluated, and Keptn passes";
            self.findings.push(Finding::warning("keptn.nothing_to_pass", text));
            (Outcome::Pass, 100.0)
        } else {
            let score = 100.0 * (reached / most);
            (bands.outcome(score, key_sli_failed), score)
        };
        Ok(Evaluation { result, score, key_sli_failed, indicators, findings: self.findings })
    }

    fn judge(&mut self, index: usize, objective: &Objective) -> Result<Indicator, Refusal> {
        let at = format!("slo.objectives[{index}]");
        self.findings.extend(objective.other.keys().map(|field| unknown_field(&at, field)));
        let measured = self.take(&objective.sli);
        let value = measured.filter(|measured| measured.success).map(|measured| measured.value);
        let indicator =
            |status, score, pass_targets| Indicator { sli: objective.sli.clone(), value, status, score, pass_targets };
        if !has_criteria(objective.pass.as_deref()) {
            return Ok(indicator(Status::Info, 0.0, vec![]));
        }
        let Some(value) = value else {
            let text = "{sli} was not measured, so its objective fails";
            self.findings.push(Finding::warning("keptn.missing", text).figure("sli", objective.sli.clone()));
            return Ok(indicator(Status::Fail, 0.0, unmeasured(objective)));
        };
        let before = self.before(&objective.sli);
        let (passes, targets) =
            self.meets(objective.pass.as_deref(), value, &before).map_err(|broken| broken.refusal(&at, objective))?;
        if passes {
            self.note_fail_open(objective, &before);
            return Ok(indicator(Status::Pass, weight(objective), targets));
        }
        // What cannot be read warns of nothing.
        let warns = has_criteria(objective.warning.as_deref())
            && objective.warning.as_deref().unwrap_or_default().iter().any(|set| self.is_met(set, value, &before));
        let (status, score) = if warns { (Status::Warning, 0.5 * weight(objective)) } else { (Status::Fail, 0.0) };
        Ok(indicator(status, score, targets))
    }

    fn take(&mut self, sli: &str) -> Option<&'a SliValue> {
        let mut values = self.question.values.iter().zip(&mut self.taken);
        let (value, taken) = values.find(|(value, taken)| !**taken && value.metric == sli)?;
        *taken = true;
        Some(value)
    }

    /// What was measured of an indicator for earlier evaluations.
    fn before(&self, sli: &str) -> Vec<f64> {
        let values = self.question.previous.iter().flatten();
        values.filter(|value| value.metric == sli && value.success).map(|value| value.value).collect()
    }

    /// Whether one of the sets is met; all of them are looked at.
    fn meets(&self, sets: Option<&[CriteriaSet]>, value: f64, before: &[f64]) -> Result<(bool, Vec<Target>), Broken> {
        let (mut any, mut targets) = (false, Vec::new());
        for (set, criteria) in sets.unwrap_or_default().iter().enumerate() {
            let mut all = true;
            for (index, text) in criteria.criteria.iter().flatten().enumerate() {
                let met = self.check(text, value, before).map_err(|error| Broken::new((set, index), text, error))?;
                all &= met.is_met;
                targets.push(Target { criteria: text.clone(), target_value: met.target, violated: !met.is_met });
            }
            any |= all;
        }
        Ok((any, targets))
    }

    fn is_met(&self, set: &CriteriaSet, value: f64, before: &[f64]) -> bool {
        set.criteria.iter().flatten().all(|text| self.check(text, value, before).is_ok_and(|met| met.is_met))
    }

    fn check(&self, text: &str, value: f64, before: &[f64]) -> Result<Met, CriterionError> {
        Ok(Criterion::parse(text)?.check(value, before, self.aggregate))
    }

    /// Says where an objective passes because something is missing.
    fn note_fail_open(&mut self, objective: &Objective, before: &[f64]) {
        let sets = objective.pass.iter().flatten();
        if sets.clone().any(|set| set.criteria.as_ref().is_none_or(Vec::is_empty)) {
            let text =
                "{sli} passes by a list without criteria; Keptn counts nothing for it where all its lists are empty";
            self.findings.push(Finding::warning("keptn.no_criteria", text).figure("sli", objective.sli.clone()));
        }
        let is_relative = |text: &String| Criterion::parse(text).is_ok_and(Criterion::is_relative);
        if before.is_empty() && sets.flat_map(|set| set.criteria.iter().flatten()).any(is_relative) {
            let text = "{sli} passes what is relative to earlier evaluations because there is none";
            self.findings.push(Finding::warning("keptn.no_history", text).figure("sli", objective.sli.clone()));
        }
    }
}

impl Bands {
    fn outcome(self, score: f64, key_sli_failed: bool) -> Outcome {
        if key_sli_failed {
            return Outcome::Fail;
        }
        if score >= self.pass {
            return Outcome::Pass;
        }
        if self.warning.is_some_and(|warning| score >= warning) { Outcome::Warning } else { Outcome::Fail }
    }
}

/// A criterion that cannot be read, and where it stands.
struct Broken {
    place: (usize, usize),
    text: String,
    error: CriterionError,
}

impl Broken {
    fn new(place: (usize, usize), text: &str, error: CriterionError) -> Self {
        Self { place, text: text.to_owned(), error }
    }

    fn refusal(self, at: &str, objective: &Objective) -> Refusal {
        let name = objective.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&objective.sli);
        let (set, index) = self.place;
        Refusal {
            at: format!("{at}.pass[{set}].criteria[{index}]"),
            expected: "one of < <= = >= >, a sign where it is relative, a number, and % where it is one of percent",
            found: format!("{:?}", self.text),
            keptn: format!("error with {name}: {}", self.error.text()),
        }
    }
}

/// The criteria of an objective that was not measured, none of which is met.
fn unmeasured(objective: &Objective) -> Vec<Target> {
    let texts = objective.pass.iter().flatten().flat_map(|set| set.criteria.iter().flatten());
    texts.map(|text| Target { criteria: text.clone(), target_value: 0.0, violated: true }).collect()
}

fn has_criteria(sets: Option<&[CriteriaSet]>) -> bool {
    sets.is_some_and(|sets| !sets.is_empty())
}

#[expect(clippy::cast_precision_loss, reason = "weights are small numbers that people write")]
fn weight(objective: &Objective) -> f64 {
    objective.weight.filter(|weight| *weight != 0).unwrap_or(1) as f64
}

fn unknown_field(at: &str, field: &str) -> Finding {
    let place = if at.is_empty() { format!("slo.{field}") } else { format!("{at}.{field}") };
    Finding::warning("keptn.unknown_field", "Keptn knows no field {place} and passes over it").figure("place", place)
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::Fail => "fail",
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::Fail => "fail",
            Self::Info => "info",
        })
    }
}
