use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use bellwether_core::{Decision, Duration, Finding, Verdict};
use serde::Serialize;

use super::document::{AnalysisSpec, Metric};
use super::expression::Condition;
use super::result::Measured;
use crate::threshold::{Limits, Outcome, Phase, Tally};

/// Answers what an `AnalysisRun` of these metrics would say of these measurements.
///
/// # Example: one failure too many
///
/// ```
/// use bellwether_analysis::argo::{AnalysisRun, AnalysisSpec};
/// use bellwether_analysis::threshold::Phase;
///
/// let spec: AnalysisSpec = serde_json::from_str(r#"{"metrics": [{
///     "name": "success-rate", "interval": "1m", "failureLimit": 1, "successCondition": "result[0] >= 0.95"
/// }]}"#)?;
/// let measured = serde_json::from_str(r#"{"success-rate": [[0.99], [0.91], [0.97], [0.90]]}"#)?;
/// let run = AnalysisRun::new(spec)?.run(&measured, false)?;
/// assert_eq!(run.phase, Phase::Failed);
/// assert_eq!(run.metrics[0].message.as_deref(), Some("failed (2) > failureLimit (1)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisRun {
    metrics: Vec<(Metric, Limits, bool)>,
}

/// Holds what a run says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct Run {
    /// What all metrics together are.
    pub phase: Phase,
    /// Why, if it is not a success.
    pub message: Option<String>,
    /// Each metric.
    pub metrics: Vec<MetricRun>,
    /// Where the answer is not what its reader may take it for.
    pub findings: Vec<Finding>,
}

/// Holds what a run says of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct MetricRun {
    /// The metric.
    pub name: String,
    /// Where it stands.
    pub phase: Phase,
    /// Why, if it is not a success.
    pub message: Option<String>,
    /// Whether it decides nothing.
    pub dry_run: bool,
    /// How its measurements ended.
    #[serde(flatten)]
    pub tally: Tally,
    /// Each measurement that was taken, in their order.
    pub measurements: Vec<Outcome>,
}

/// Tells why a run cannot be judged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("judge the analysis by `{at}`: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct ArgoError {
    /// The metric and its field, such as `success-rate.failureLimit`.
    pub at: String,
    /// What would have been accepted.
    pub expected: &'static str,
    /// What was there.
    pub found: String,
}

impl AnalysisRun {
    /// Checks the metrics.
    ///
    /// # Errors
    ///
    /// No metric, one that is there twice, or a field that nothing can be judged by.
    pub fn new(spec: AnalysisSpec) -> Result<Self, ArgoError> {
        let AnalysisSpec { metrics, dry_run } = spec;
        if metrics.is_empty() {
            return Err(ArgoError { at: "metrics".into(), expected: "at least one metric", found: "none".into() });
        }
        for pattern in &dry_run {
            if let Some(sign) = pattern.unknown_sign() {
                let expected = "a part of a name, with `.*`, `^` and `$` as the only patterns";
                return Err(ArgoError { at: "dryRun.metricName".into(), expected, found: format!("{sign:?}") });
            }
        }
        let mut checked: Vec<(Metric, Limits, bool)> = Vec::with_capacity(metrics.len());
        for metric in metrics {
            if checked.iter().any(|(other, _, _)| other.name == metric.name) {
                return Err(ArgoError {
                    at: "metrics".into(),
                    expected: "each name once",
                    found: format!("{:?} twice", metric.name),
                });
            }
            let is_dry = dry_run.iter().any(|pattern| pattern.names(&metric.name));
            let limits = metric.limits()?;
            checked.push((metric, limits, is_dry));
        }
        if let Some(unused) = dry_run.iter().find(|it| !checked.iter().any(|(metric, _, _)| it.names(&metric.name))) {
            let expected = "a part of the name of a metric";
            return Err(ArgoError {
                at: "dryRun.metricName".into(),
                expected,
                found: format!("{:?}", unused.metric_name),
            });
        }
        Ok(Self { metrics: checked })
    }

    /// Takes the measurements in the order in which the metrics would have asked for them, until one ends the run.
    ///
    /// `is_terminated` says that the run was ended from outside after the last of them, as a background run is with the
    /// rollout's steps.
    ///
    /// # Errors
    ///
    /// Measurements of a metric that is not there.
    pub fn run(&self, measured: &BTreeMap<String, Vec<Measured>>, is_terminated: bool) -> Result<Run, ArgoError> {
        if let Some(name) =
            measured.keys().find(|name| !self.metrics.iter().any(|(metric, _, _)| metric.name == **name))
        {
            let expected = "the name of a metric of the analysis";
            return Err(ArgoError { at: "measurements".into(), expected, found: format!("{name:?}") });
        }
        let mut watched: Vec<Watched<'_>> = self.metrics.iter().map(|metric| Watched::new(metric, measured)).collect();
        while let Some(now) = watched.iter().filter_map(Watched::due).min() {
            watched.iter_mut().filter(|metric| metric.due() == Some(now)).for_each(Watched::measure);
            if watched.iter().any(Watched::ends_run) {
                break;
            }
        }
        let is_terminating = is_terminated || watched.iter().any(Watched::ends_run);
        watched.iter_mut().for_each(|metric| metric.phase = metric.tally.phase(metric.limits, is_terminating));
        Ok(ended(watched, is_terminating))
    }
}

/// One metric while the run goes on.
struct Watched<'a> {
    metric: &'a Metric,
    limits: &'a Limits,
    is_dry: bool,
    results: &'a [Measured],
    next: Option<Duration>,
    phase: Phase,
    tally: Tally,
    taken: Vec<Outcome>,
    last_error: Option<String>,
}

impl<'a> Watched<'a> {
    fn new(
        (metric, limits, is_dry): &'a (Metric, Limits, bool),
        measured: &'a BTreeMap<String, Vec<Measured>>,
    ) -> Self {
        Self {
            metric,
            limits,
            is_dry: *is_dry,
            results: measured.get(&metric.name).map(Vec::as_slice).unwrap_or_default(),
            next: Some(metric.initial_delay.unwrap_or_default()),
            phase: Phase::Pending,
            tally: Tally::default(),
            taken: Vec::new(),
            last_error: None,
        }
    }

    /// When it is measured next, if there is a result to be had.
    fn due(&self) -> Option<Duration> {
        self.next.filter(|_| !self.results.is_empty())
    }

    fn measure(&mut self) {
        let Some((result, rest)) = self.results.split_first() else { return };
        self.results = rest;
        let outcome = outcome(self.metric, result).unwrap_or_else(|error| {
            self.last_error = Some(error);
            Outcome::Error
        });
        self.tally.take(outcome);
        self.taken.push(outcome);
        self.phase = self.tally.phase(self.limits, false);
        let wait = self.metric.wait(outcome == Outcome::Error).filter(|_| !self.phase.is_over());
        self.next = self.next.zip(wait).map(|(now, wait)| now.saturating_add(wait));
    }

    fn ends_run(&self) -> bool {
        !self.is_dry && self.phase.ends_run()
    }

    fn message(&self) -> Option<String> {
        let Tally { failed, inconclusive, consecutive_error, .. } = self.tally;
        let limits = self.limits;
        match self.phase {
            Phase::Failed if limits.failure_limit.is_some_and(|limit| failed > limit) => {
                let limit = limits.failure_limit.unwrap_or_default();
                Some(format!("failed ({failed}) > failureLimit ({limit})"))
            }
            Phase::Inconclusive if inconclusive > limits.inconclusive_limit => {
                Some(format!("inconclusive ({inconclusive}) > inconclusiveLimit ({})", limits.inconclusive_limit))
            }
            Phase::Error => {
                let limit = limits.consecutive_error_limit;
                let last = self.last_error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
                Some(format!("consecutiveErrors ({consecutive_error}) > consecutiveErrorLimit ({limit}){last}"))
            }
            Phase::Failed | Phase::Inconclusive => {
                let Tally { consecutive_success, count, .. } = self.tally;
                let limit = limits.consecutive_success_limit;
                let text = "consecutiveSuccesses";
                Some(format!(
                    "{text} ({consecutive_success}) < consecutiveSuccessLimit ({limit}) after {count} measurements"
                ))
            }
            Phase::Successful | Phase::Running | Phase::Pending => None,
        }
    }

    /// Where Argo Rollouts is more generous than its reader may think.
    fn doubts(&self) -> Vec<Finding> {
        let about = |rule: &'static str, text: &'static str| {
            Finding::warning(rule, text).figure("metric", self.metric.name.clone())
        };
        let has_condition = self.metric.success_condition.is_some() || self.metric.failure_condition.is_some();
        let unmeasured = self.phase == Phase::Successful && self.taken.is_empty();
        let unasked = self.results.len() as u64;
        let doubts = [
            (!has_condition, about("argo.no_condition", "{metric} has no condition: every answer is a success")),
            (
                unmeasured,
                about("argo.never_measured", "{metric} was ended before it was measured, and that is a success"),
            ),
            (
                unasked > 0,
                about(
                    "argo.not_asked",
                    "{unasked} results of {metric} came after the run was over, and count for nothing",
                )
                .figure("unasked", unasked),
            ),
        ];
        doubts.into_iter().filter(|(applies, _)| *applies).map(|(_, finding)| finding).collect()
    }
}

/// How a measurement ends: a failure before a success, and neither where both conditions are there and none holds.
fn outcome(metric: &Metric, result: &Measured) -> Result<Outcome, String> {
    if let Measured::Error(error) = result {
        return Err(error.clone());
    }
    let holds = |condition: &Option<Condition>| condition.as_ref().map(|it| it.holds(result)).transpose();
    let (success, failure) = (holds(&metric.success_condition)?, holds(&metric.failure_condition)?);
    Ok(match (success, failure) {
        (_, Some(true)) | (Some(false), None) => Outcome::Failed,
        (None, None | Some(false)) | (Some(true), _) => Outcome::Successful,
        (Some(false), Some(false)) => Outcome::Inconclusive,
    })
}

/// The worst of the metrics that decide; running while one of them is.
fn ended(watched: Vec<Watched<'_>>, is_terminating: bool) -> Run {
    let findings = watched.iter().flat_map(Watched::doubts).collect();
    let deciding = || watched.iter().filter(|metric| !metric.is_dry);
    let is_over = is_terminating || watched.iter().all(|metric| metric.phase.is_over());
    let worst = deciding().filter(|metric| metric.phase.is_over()).max_by_key(|metric| metric.phase);
    let phase = if is_over { worst.map_or(Phase::Successful, |metric| metric.phase) } else { Phase::Running };
    let worst = worst.filter(|_| is_over && phase != Phase::Successful);
    let message = worst.and_then(|metric| {
        let why = metric.message()?;
        Some(format!("Metric {:?} assessed {phase} due to {why}", metric.metric.name))
    });
    let metrics = watched.into_iter().map(|metric| MetricRun {
        name: metric.metric.name.clone(),
        phase: metric.phase,
        message: metric.message(),
        dry_run: metric.is_dry,
        tally: metric.tally,
        measurements: metric.taken,
    });
    Run { phase, message, metrics: metrics.collect(), findings }
}

impl Run {
    /// What the run means where four values are asked for: an error is no data, and one that goes on says nothing yet.
    pub fn verdict(&self) -> Decision<Verdict> {
        let verdict = match self.phase {
            Phase::Successful => Verdict::Pass,
            Phase::Failed => Verdict::Fail,
            Phase::Inconclusive | Phase::Running => Verdict::Inconclusive,
            Phase::Error | Phase::Pending => Verdict::NoData,
        };
        Decision { outcome: verdict, findings: self.findings.clone() }
    }
}
