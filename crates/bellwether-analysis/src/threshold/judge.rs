use alloc::{format, string::String, vec::Vec};

use bellwether_core::{Decision, Finding, MetricName, Time, Value, Verdict};
use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Phase};
use super::spec::{MetricThreshold, ThresholdSpec};
use super::tally::Tally;
use crate::counted::{Counted, at_stage};
use crate::{Judge, Missing, Series, SpecError};

/// Judges by fixed thresholds: each interval of the stage is a measurement, and counters decide.
///
/// - **Fail**: more measurements failed than may.
/// - **Pass**: every metric has had its measurements, or as many successes in a row as are enough.
/// - **Inconclusive**: more are still to come, or too many were neither good nor bad.
/// - **NoData**: nothing recent, or too many intervals in a row without anything to measure. Never a failure.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "ThresholdSpec", try_from = "ThresholdSpec")]
pub struct Threshold {
    spec: ThresholdSpec,
}

impl Threshold {
    /// Checks a configuration.
    ///
    /// # Errors
    ///
    /// The path of the first field that no judge can be built from.
    pub fn new(spec: ThresholdSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self { spec })
    }

    /// The configuration.
    #[must_use]
    pub fn spec(&self) -> &ThresholdSpec {
        &self.spec
    }
}

impl Judge for Threshold {
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict> {
        let metrics = self.spec.metrics.iter();
        let readings: Vec<Reading<'_>> = metrics.map(|(name, spec)| Reading::new(name, spec, series)).collect();
        let deciding = || readings.iter().filter(|reading| !reading.spec.dry_run);
        let with = |phase: Phase| deciding().find(|reading| reading.phase == phase);
        let missing = deciding().find_map(|reading| reading.missing(now));
        let (outcome, reason) = if let Some(failed) = with(Phase::Failed) {
            (Verdict::Fail, failed.failed())
        } else if let Some(missing) = missing {
            (Verdict::NoData, missing)
        } else if let Some(inconclusive) = with(Phase::Inconclusive) {
            (Verdict::Inconclusive, inconclusive.neither())
        } else if let Some(running) = with(Phase::Running).or_else(|| with(Phase::Pending)) {
            (Verdict::Inconclusive, running.waits())
        } else {
            (Verdict::Pass, passed(deciding().count()))
        };
        let findings = core::iter::once(reason).chain(readings.iter().map(Reading::counters)).collect();
        Decision { outcome, findings }
    }
}

/// One metric of the stage, measured until it was decided.
struct Reading<'a> {
    metric: &'a MetricName,
    spec: &'a MetricThreshold,
    intervals: Vec<Counted>,
    tally: Tally,
    phase: Phase,
    /// The last number that was compared.
    last: Option<f64>,
}

impl<'a> Reading<'a> {
    fn new(metric: &'a MetricName, spec: &'a MetricThreshold, series: &Series) -> Self {
        let intervals = at_stage(series, metric);
        let mut reading = Self { metric, spec, intervals, tally: Tally::default(), phase: Phase::Pending, last: None };
        for interval in core::mem::take(&mut reading.intervals) {
            reading.intervals.push(interval);
            if !reading.phase.is_over() {
                reading.take(&interval);
            }
        }
        reading
    }

    fn take(&mut self, interval: &Counted) {
        let is_enough = interval.candidate.all >= self.spec.requests_min;
        let number = self.spec.of.of(interval).filter(|_| is_enough);
        self.last = number.or(self.last);
        self.tally.take(number.map_or(Outcome::Error, |number| outcome(self.spec, number)));
        self.phase = self.tally.phase(&self.spec.limits, false);
    }

    fn missing(&self, now: Time) -> Option<Finding> {
        let Some(last) = self.intervals.last() else { return Some(Missing::NoSeries.finding(self.metric)) };
        if self.phase == Phase::Error {
            return Some(Missing::NoTraffic.finding(self.metric));
        }
        let is_stale = now.since(last.end) > self.spec.fresh_for;
        is_stale.then(|| {
            let finding = Missing::Stale.finding(self.metric).figure("last_end", last.end);
            finding
                .figure("fresh_for", self.spec.fresh_for)
                .flips_when("an interval had ended within {fresh_for} of now")
        })
    }

    fn failed(&self) -> Finding {
        let text = "{failed} intervals of {metric} failed, more than {failure_limit}: the {of} is to be {expected}, and \
                    was {last} at last";
        let finding = self.about(Finding::critical("threshold.failed", text));
        let limit = self.spec.limits.failure_limit.unwrap_or_default();
        finding.figure("failure_limit", limit).flips_when("at most {failure_limit} had failed")
    }

    fn neither(&self) -> Finding {
        let text = "{inconclusive} intervals of {metric} are neither good nor bad, more than {inconclusive_limit}: the \
                    {of} is to be {expected}, and was {last} at last";
        let finding = self.about(Finding::warning("threshold.inconclusive", text));
        finding.figure("inconclusive_limit", self.spec.limits.inconclusive_limit)
    }

    fn waits(&self) -> Finding {
        let Some(count) = self.spec.limits.count else {
            let text = "{metric} goes on: no count ends it, and not enough successes in a row have";
            return self.about(Finding::info("threshold.running", text));
        };
        let more = count.saturating_sub(self.tally.count);
        let text = "{metric} has {count} of its measurements, {more} are missing";
        let finding = self.about(Finding::info("threshold.running", text));
        finding.figure("more", more).flips_when("{more} more intervals had traffic")
    }

    fn counters(&self) -> Finding {
        let text = "{metric}: {successful} intervals succeeded, {failed} failed, {inconclusive} were neither, {error} had \
                    nothing to compare";
        self.about(Finding::info("threshold.counters", text))
    }

    fn about(&self, finding: Finding) -> Finding {
        let Tally { count, successful, failed, inconclusive, error, .. } = self.tally;
        let numbers = [
            ("count", count),
            ("successful", successful),
            ("failed", failed),
            ("inconclusive", inconclusive),
            ("error", error),
        ];
        let finding = finding.figure("metric", String::from(self.metric.as_str()));
        let finding = numbers.into_iter().fold(finding, |finding, (name, number)| finding.figure(name, number));
        let last =
            self.last.map_or(Value::Text("never measured".into()), |last| Value::Ratio(last.clamp(f64::MIN, f64::MAX)));
        finding.figure("of", format!("{}", self.spec.of)).figure("expected", expected(self.spec)).figure("last", last)
    }
}

fn outcome(spec: &MetricThreshold, number: f64) -> Outcome {
    let succeeds = spec.success.iter().all(|comparison| comparison.holds(number));
    match (spec.failure.iter().any(|comparison| comparison.holds(number)), spec.success.is_empty()) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Successful,
        (false, false) if succeeds => Outcome::Successful,
        (false, false) if spec.failure.is_empty() => Outcome::Failed,
        (false, false) => Outcome::Inconclusive,
    }
}

/// In words: `at most 0.01, and never above 0.05`.
fn expected(spec: &MetricThreshold) -> String {
    let list = |comparisons: &[super::Comparison]| {
        comparisons.iter().map(|comparison| format!("{comparison}")).collect::<Vec<_>>().join(" and ")
    };
    match (list(&spec.success), list(&spec.failure)) {
        (success, failure) if failure.is_empty() => success,
        (success, failure) if success.is_empty() => format!("never {failure}"),
        (success, failure) => format!("{success}, and never {failure}"),
    }
}

fn passed(metrics: usize) -> Finding {
    let text = "all {metrics} metrics have been within their thresholds as often as it takes";
    Finding::info("threshold.passed", text).figure("metrics", metrics as u64)
}

impl From<Threshold> for ThresholdSpec {
    fn from(judge: Threshold) -> Self {
        judge.spec
    }
}

impl TryFrom<ThresholdSpec> for Threshold {
    type Error = SpecError;

    fn try_from(spec: ThresholdSpec) -> Result<Self, SpecError> {
        Self::new(spec)
    }
}
