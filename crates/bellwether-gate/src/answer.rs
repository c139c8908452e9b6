//! How one condition is judged: find a usable measurement, compare it, say so in one line.
use alloc::{borrow::Cow, format, string::ToString};
use core::cmp::Ordering;

use bellwether_core::{Duration, Finding, Severity, Time, Value, Verdict};

use crate::{Condition, Enforcement, Evidence, Measurement, OnMissing, Operator, Reading, Unit};

/// What one condition says.
pub(crate) struct Answer {
    /// Its verdict; none when its measurement is missing and that is excused.
    pub(crate) verdict: Option<Verdict>,
    /// Its line of the checklist.
    pub(crate) finding: Finding,
}

impl Condition {
    /// Judges the condition as if it were enforced; the line says when it is not.
    pub(crate) fn answer(&self, evidence: &Evidence, now: Time) -> Answer {
        let answer = match self.usable(evidence, now).and_then(|measurement| self.compare(measurement)) {
            Ok(answer) => answer,
            Err(gap) => self.without(&gap),
        };
        match self.enforcement {
            Enforcement::Enforce => answer,
            Enforcement::DryRun => answer.in_dry_run(),
        }
    }

    /// The measurement, if it is a value of this artefact, and fresh, long and large enough.
    fn usable<'a>(&self, evidence: &'a Evidence, now: Time) -> Result<&'a Measurement, Gap> {
        let measurement = evidence.measurement(&self.metric).ok_or(Gap::Missing)?;
        if !measurement.value.is_finite() {
            return Err(Gap::NotANumber);
        }
        if matches!((evidence.digest, measurement.digest), (Some(asked), Some(found)) if asked != found) {
            return Err(Gap::OtherArtefact);
        }
        // A clock that runs ahead is as wrong as one that stands still, so the limit holds in both directions.
        let age = now.since(measurement.measured_at).max(measurement.measured_at.since(now));
        if let Some(limit) = self.max_age.filter(|limit| age > *limit) {
            return Err(Gap::Stale { age, limit });
        }
        if let Some(asked) = self.window.filter(|window| measurement.window != Some(*window)) {
            return Err(Gap::Window { asked, found: measurement.window });
        }
        match self.samples_min {
            Some(least) if measurement.samples.is_none_or(|samples| samples < least) => {
                Err(Gap::Few { least, samples: measurement.samples })
            }
            Some(_) | None => Ok(measurement),
        }
    }

    fn compare(&self, measurement: &Measurement) -> Result<Answer, Gap> {
        let (measured, bound) = match (measurement.value, self.bound) {
            (Reading::Flag(measured), Reading::Flag(bound)) => return Ok(self.compare_flags(measured, bound)),
            (measured, bound) => measured.number().zip(bound.number()).ok_or(Gap::Kind { found: measured })?,
        };
        let (ordering, measured) = self.order(measurement.unit, measured, bound)?;
        let verdict = if self.operator.accepts(ordering) { Verdict::Pass } else { Verdict::Fail };
        let suffix = self.suffix();
        let text = format!(
            "{{metric}} is {{measured}}{suffix}, must be {{operator}} {{bound}}{suffix}, margin {{margin}}{suffix}: {{verdict}}"
        );
        let finding = self
            .line(verdict, text)
            .figure("measured", self.shown_as(measurement.value, measured, measurement.unit))
            .figure("bound", self.shown_as(self.bound, bound, self.unit))
            .figure("margin", self.shown(self.operator.margin(measured, bound)))
            .flips_when(format!("it were {} {{bound}}{suffix}", turning(self.operator, verdict)));
        Ok(Answer { verdict: Some(verdict), finding })
    }

    fn compare_flags(&self, measured: bool, bound: bool) -> Answer {
        let verdict = if measured == bound { Verdict::Pass } else { Verdict::Fail };
        let finding = self
            .line(verdict, "{metric} is {measured}, must be {bound}: {verdict}")
            .figure("measured", measured.to_string())
            .figure("bound", bound.to_string())
            .flips_when(format!("it were {}", !measured));
        Answer { verdict: Some(verdict), finding }
    }

    /// Compares in one unit, and gives the measured number in the unit of the bound.
    fn order(&self, unit: Option<Unit>, measured: f64, bound: f64) -> Result<(Ordering, f64), Gap> {
        let (left, right, measured) = match (self.unit, unit) {
            (asked, found) if asked == found => (measured, bound, measured),
            (Some(asked), Some(found)) if asked.is_comparable(found) => {
                let left = found.in_largest(measured);
                (left, asked.in_largest(bound), asked.out_of_largest(left))
            }
            (asked, found) => return Err(Gap::Unit { asked, found }),
        };
        let ordering = left.partial_cmp(&right).ok_or(Gap::NotANumber)?;
        Ok((ordering, measured))
    }

    /// The answer when nothing can be compared.
    fn without(&self, gap: &Gap) -> Answer {
        let verdict = match gap {
            Gap::Missing | Gap::OtherArtefact | Gap::Stale { .. } => self.on_missing.verdict(),
            Gap::Few { .. } => Some(Verdict::Inconclusive),
            Gap::Kind { .. } | Gap::NotANumber | Gap::Unit { .. } | Gap::Window { .. } => Some(Verdict::NoData),
        };
        let finding = match (verdict, &self.on_missing) {
            (None, OnMissing::Pass { reason }) => {
                let text = format!("{}: left out, because {{reason}}", gap.text());
                self.line(Verdict::Pass, text).figure("reason", reason.clone())
            }
            (None, _) => self.line(Verdict::NoData, format!("{}: left out", gap.text())),
            (Some(verdict), _) => self.line(verdict, format!("{}: {{verdict}}", gap.text())),
        };
        Answer { verdict, finding: gap.with_figures(finding) }
    }

    fn line(&self, verdict: Verdict, text: impl Into<Cow<'static, str>>) -> Finding {
        let rule = format!("condition.{}.{}", self.metric, self.operator.name());
        let finding = match verdict {
            Verdict::Pass => Finding::info(rule, text),
            Verdict::Fail => Finding::critical(rule, text),
            Verdict::Inconclusive | Verdict::NoData => Finding::warning(rule, text),
        };
        finding
            .figure("metric", self.metric.to_string())
            .figure("operator", self.operator.to_string())
            .figure("verdict", verdict.to_string())
    }

    /// Fractions are shown as percentages by the figure itself.
    fn suffix(&self) -> Cow<'static, str> {
        match self.unit {
            None | Some(Unit::Ratio | Unit::Percent) => "".into(),
            Some(unit @ (Unit::Milliseconds | Unit::Seconds | Unit::PerSecond | Unit::PerMinute)) => {
                format!(" {unit}").into()
            }
        }
    }

    /// A count stays a count when its unit is the one that is shown.
    fn shown_as(&self, reading: Reading, number: f64, unit: Option<Unit>) -> Value {
        match reading {
            Reading::Count(count) if unit == self.unit && !self.is_fraction() => Value::Count(count),
            Reading::Count(_) | Reading::Number(_) | Reading::Flag(_) => self.shown(number),
        }
    }

    const fn is_fraction(&self) -> bool {
        matches!(self.unit, Some(Unit::Ratio | Unit::Percent))
    }

    /// A number as a figure; cut to what JSON can hold, because a decision is stored.
    fn shown(&self, number: f64) -> Value {
        let number = number.clamp(f64::MIN, f64::MAX);
        match self.unit {
            Some(Unit::Ratio) => Value::Share(number),
            Some(Unit::Percent) => Value::Share(Unit::Percent.in_largest(number)),
            None | Some(Unit::Milliseconds | Unit::Seconds | Unit::PerSecond | Unit::PerMinute) => Value::Ratio(number),
        }
    }
}

impl Answer {
    /// The same line, marked: it stops nothing and nothing would change.
    fn in_dry_run(mut self) -> Self {
        self.finding.severity = self.finding.severity.min(Severity::Warning);
        self.finding.text = format!("{} (dry run)", self.finding.text).into();
        self.finding.flips_when = None;
        self
    }
}

/// Where the measured number would have to be for the other verdict.
const fn turning(operator: Operator, verdict: Verdict) -> &'static str {
    let passed = matches!(verdict, Verdict::Pass);
    match (operator, passed) {
        (Operator::Lt, false) | (Operator::Ge, true) => "below",
        (Operator::Lt, true) | (Operator::Ge, false) => "at least",
        (Operator::Le, false) | (Operator::Gt, true) => "at most",
        (Operator::Le, true) | (Operator::Gt, false) => "above",
        (Operator::Eq, false) => "exactly",
        (Operator::Eq, true) => "other than",
    }
}

/// Why there is nothing to compare.
enum Gap {
    Missing,
    OtherArtefact,
    Stale { age: Duration, limit: Duration },
    Window { asked: Duration, found: Option<Duration> },
    Few { least: u64, samples: Option<u64> },
    NotANumber,
    Kind { found: Reading },
    Unit { asked: Option<Unit>, found: Option<Unit> },
}

impl Gap {
    const fn text(&self) -> &'static str {
        match self {
            Self::Missing => "{metric} was not measured",
            Self::OtherArtefact => "{metric} was measured on another artefact",
            Self::Stale { .. } => "{metric} was measured {age} away from now, allowed is {limit}",
            Self::Window { .. } => "{metric} sums up {found}, asked is {asked}",
            Self::Few { .. } => "{metric} rests on {samples} samples, needed are {least}",
            Self::NotANumber => "{metric} was measured as something that is not a number",
            Self::Kind { .. } => "{metric} is {found}, which cannot be compared with its bound",
            Self::Unit { .. } => "{metric} was measured in {found}, asked is {asked}",
        }
    }

    fn with_figures(&self, finding: Finding) -> Finding {
        match *self {
            Self::Missing | Self::OtherArtefact | Self::NotANumber => finding,
            Self::Stale { age, limit } => finding.figure("age", age).figure("limit", limit),
            Self::Window { asked, found } => {
                finding.figure("asked", asked).figure("found", found.map_or("an unknown time".into(), Value::Duration))
            }
            Self::Few { least, samples } => finding
                .figure("least", least)
                .figure("samples", samples.map_or("an unknown number of".into(), Value::Count)),
            Self::Kind { found } => finding.figure("found", found.to_string()),
            Self::Unit { asked, found } => {
                let name = |unit: Option<Unit>| unit.map_or("no unit".into(), |unit| unit.to_string());
                finding.figure("asked", name(asked)).figure("found", name(found))
            }
        }
    }
}
