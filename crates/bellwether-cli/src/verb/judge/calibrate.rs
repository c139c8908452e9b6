use bellwether_analysis::{Calibration, FalseAlarms, History, MetricKind, MetricSpec, Past, calibrate};
use bellwether_core::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    answer::{Answer, Question, Status},
    complaint::Complaint,
    look::{Look, Role},
    table::table,
};

/// Weeks of minutes of many instances.
const HISTORY_BYTES_MAX: usize = 256 * 1_024 * 1_024;

/// A service's own past in which nothing was released, and how a candidate would be judged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryDocument {
    /// The intervals, in the order of time.
    intervals: Vec<Past>,
    /// How the metric is judged; its tolerances are what is asked for.
    #[serde(default)]
    metric: MetricSpec,
    /// The largest probability of failing what was not changed: 1 % where it is not said.
    #[serde(default = "one_percent")]
    alpha: f64,
    /// How many instances a candidate has: 1 where it is not said.
    #[serde(default = "one")]
    candidates: u32,
    /// How long a rollout takes: 4 hours where it is not said.
    #[serde(default = "four_hours")]
    rollout: Duration,
}

const fn one_percent() -> f64 {
    0.01
}

const fn one() -> u32 {
    1
}

const fn four_hours() -> Duration {
    Duration::from_hours(4)
}

/// What the past says of how to judge.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct CalibrateAnswer {
    /// What was found, and what it proposes.
    calibration: Calibration,
    /// The metric with what is proposed, to be written into a judge's configuration.
    metric: MetricSpec,
    /// The largest probability of failing what was not changed.
    alpha: f64,
}

/// Replays a past as if some of its instances were a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calibrate;

impl Question for Calibrate {
    type Input = HistoryDocument;
    type Answer = CalibrateAnswer;

    const BYTES_MAX: usize = HISTORY_BYTES_MAX;

    fn answer(&self, document: HistoryDocument) -> Result<CalibrateAnswer, Complaint> {
        let HistoryDocument { intervals, metric: spec, alpha, candidates, rollout } = document;
        let history = History { intervals: &intervals, spec, alpha, candidates, rollout };
        let calibration = calibrate(&history).map_err(|error| {
            let message = format_args!("expected {}, found {}", error.expected, error.found);
            let is_own = ["intervals", "alpha", "candidates", "rollout"].iter().any(|own| error.field.starts_with(own));
            let place = if is_own { error.field } else { format!("metric.{}", error.field) };
            Complaint::new("invalid", format!("$.{place}"), message)
        })?;
        Ok(CalibrateAnswer { metric: calibration.applied(&spec), calibration, alpha })
    }
}

impl CalibrateAnswer {
    /// The tolerance that was tried: of a distribution that on values.
    fn tried(&self, alarms: &FalseAlarms) -> String {
        match self.metric.kind {
            MetricKind::Distribution => format!("{} %", 100.0 * alarms.value_tolerance),
            MetricKind::Rate | MetricKind::Samples | MetricKind::Gauge => alarms.tolerance.to_string(),
        }
    }

    fn proposed(&self) -> Option<f64> {
        self.calibration.proposal.tolerance.or(self.calibration.proposal.value_tolerance)
    }
}

impl Answer for CalibrateAnswer {
    fn status(&self) -> Status {
        if self.proposed().is_some() { Status::Pass } else { Status::Inconclusive }
    }

    fn text(&self, look: &Look) -> String {
        let Calibration { dispersion, spread, largest_burst, instances, intervals, autocorrelation, proposal, .. } =
            &self.calibration;
        let head = match self.proposed() {
            Some(_) if self.metric.kind == MetricKind::Distribution => {
                format!("tolerate values that are {:.1} % worse", 100.0 * self.metric.value_tolerance)
            }
            Some(tolerance) => format!("tolerate {tolerance} times the rate"),
            None => "no tolerance that was tried keeps alpha on this past".to_owned(),
        };
        let mut rows = vec![["tolerance".to_owned(), "false alarms".to_owned()]];
        let tried = |alarms: &FalseAlarms| [self.tried(alarms), format!("{} of {}", alarms.alarms, alarms.runs)];
        rows.extend(self.calibration.false_alarms.iter().map(tried));
        let number = |number: Option<f64>| number.map_or_else(|| "unknown".to_owned(), |number| format!("{number:.2}"));
        let noise = [
            format!("{instances} instances in {intervals} intervals; alpha {} %", 100.0 * self.alpha),
            format!("hours vary {} times as much as independent events", number(*dispersion)),
            format!("an interval says {} of the next", number(autocorrelation.first().copied())),
            format!("instances differ by {} for ever (log)", number(*spread)),
            format!("the largest burst of one instance: {largest_burst}"),
            match proposal.interval {
                Some(interval) => format!("bursts end within {interval}"),
                None => "bursts do not end within thirty of these intervals".to_owned(),
            },
        ];
        format!(
            "{}\n{}\n{}",
            look.paint(Role::Outcome, &head),
            table(&rows),
            look.paint(Role::Quiet, &noise.join("\n"))
        )
    }
}
