use std::{collections::BTreeMap, path::PathBuf};

use bellwether_analysis::burn_rate::{BurnRate, BurnRateSpec};
use bellwether_analysis::threshold::{Threshold, ThresholdSpec};
use bellwether_analysis::{Judge, Sample, Sequential, SequentialSpec, Series, SpecError};
use bellwether_core::{Arms, Decision, Finding, MetricName, Time, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    series_document::{ReadSeries, SeriesDocument},
    status,
};
use crate::{
    answer::{Answer, Question, Status},
    command::JudgeName,
    complaint::Complaint,
    document,
    finding_with_line::{FindingWithLine, with_lines},
    look::{Look, Role},
    node::Node,
    source::Source,
};

/// A judge's configuration may have this many bytes.
const SPEC_BYTES_MAX: usize = 256 * 1_024;

/// A day of minutes of many metrics, with histograms.
const SERIES_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Asks a judge of bellwether about a series.
pub(super) struct AskJudge {
    name: JudgeName,
    /// The configuration from a file of its own.
    judge: Option<Configured>,
    at: Option<Time>,
}

/// A judge, and what it judges.
struct Configured {
    judge: Box<dyn Judge>,
    metrics: Vec<MetricName>,
}

/// What a judge says.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct JudgeAnswer {
    /// The verdict.
    outcome: Verdict,
    /// Why, and what would have changed it.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    /// Which judge.
    judge: &'static str,
    /// The time it was asked at.
    at: Time,
}

impl AskJudge {
    pub(super) fn new(name: JudgeName, spec: Option<PathBuf>, at: Option<Time>) -> Result<Self, Complaint> {
        let judge = spec.map(|file| configured(name, &Source::new(Some(file)))).transpose()?;
        Ok(Self { name, judge, at })
    }
}

fn configured(name: JudgeName, source: &Source) -> Result<Configured, Complaint> {
    let node = document::read_node(source, SPEC_BYTES_MAX, None)?;
    of_node(name, node).map_err(|complaint| complaint.of(source))
}

fn of_node(name: JudgeName, node: Node) -> Result<Configured, Complaint> {
    match name {
        JudgeName::Sequential => {
            let spec: SequentialSpec = document::typed(node)?;
            built(spec.metrics.keys().cloned().collect(), Sequential::new(spec))
        }
        JudgeName::Threshold => {
            let spec: ThresholdSpec = document::typed(node)?;
            built(spec.metrics.keys().cloned().collect(), Threshold::new(spec))
        }
        JudgeName::BurnRate => {
            let spec: BurnRateSpec = document::typed(node)?;
            built(spec.metrics.keys().cloned().collect(), BurnRate::new(spec))
        }
    }
}

fn built<J: Judge + 'static>(metrics: Vec<MetricName>, judge: Result<J, SpecError>) -> Result<Configured, Complaint> {
    let judge = judge.map_err(|error| {
        let message = format_args!("expected {}, found {}", error.expected, error.found);
        Complaint::new("invalid", format!("$.{}", error.field), message)
    })?;
    Ok(Configured { judge: Box::new(judge), metrics })
}

impl Question for AskJudge {
    type Input = SeriesDocument;
    type Answer = JudgeAnswer;

    const BYTES_MAX: usize = SERIES_BYTES_MAX;

    fn answer(&self, document: SeriesDocument) -> Result<JudgeAnswer, Complaint> {
        let ReadSeries { series, specs, last } = document.read()?;
        let at = self.at.unwrap_or(last);
        let places = specs.iter().map(|(name, (place, _))| (name.clone(), place.clone())).collect();
        let own;
        let configured = match &self.judge {
            Some(configured) => {
                check_metrics(&specs, &configured.metrics)?;
                configured
            }
            None => {
                own = self.of_document(specs)?;
                &own
            }
        };
        if self.name != JudgeName::Sequential {
            check_counts(&series, &places)?;
        }
        let Decision { outcome, findings } = configured.judge.judge(&series, at);
        Ok(JudgeAnswer { outcome, findings, judge: self.name.as_str(), at })
    }
}

/// Only one of the two can say how a metric is judged, and one of them must: a metric that nobody looks at would pass.
fn check_metrics(specs: &BTreeMap<MetricName, (String, Option<Node>)>, judged: &[MetricName]) -> Result<(), Complaint> {
    for (name, (place, spec)) in specs {
        if spec.is_some() {
            return Err(Complaint::new("call", place, "expected none beside --spec, found one"));
        }
        if !judged.contains(name) {
            let message = format_args!("expected how {name} is judged, in the file of --spec, found nothing");
            return Err(Complaint::new("invalid", place, message));
        }
    }
    Ok(())
}

/// Fixed rules compare rates; they would take anything else for an interval without requests.
fn check_counts(series: &Series, places: &BTreeMap<MetricName, String>) -> Result<(), Complaint> {
    for (name, intervals) in &series.metrics {
        let metric = places.get(name).and_then(|place| place.strip_suffix(".spec")).unwrap_or("$.metrics");
        for (index, interval) in intervals.iter().enumerate() {
            let Arms { stable, candidate } = &interval.arms;
            for (arm, sample) in [("stable", stable), ("candidate", candidate)] {
                if !matches!(sample, Sample::Counts { .. }) {
                    let place = format!("{metric}.intervals[{index}].{arm}");
                    let message = "expected `requests` and `errors`, which this judge compares, found other values";
                    return Err(Complaint::new("invalid", place, message));
                }
            }
        }
    }
    Ok(())
}

impl AskJudge {
    /// A judge with the specifications of the document and the usual values for all the rest.
    fn of_document(&self, specs: BTreeMap<MetricName, (String, Option<Node>)>) -> Result<Configured, Complaint> {
        let places: BTreeMap<String, String> =
            specs.iter().map(|(name, (place, _))| (format!("$.metrics.{name}"), place.clone())).collect();
        let mut metrics = BTreeMap::new();
        for (name, (place, spec)) in specs {
            let spec = match (spec, self.name) {
                (Some(spec), _) => spec,
                (None, JudgeName::Sequential) => Node::Map(BTreeMap::new()),
                (None, JudgeName::Threshold | JudgeName::BurnRate) => {
                    let message = "expected how the metric is judged, here or by --spec, found nothing";
                    return Err(Complaint::new("invalid", place, message));
                }
            };
            metrics.insert(name.to_string(), spec);
        }
        let node =
            BTreeMap::from([("schema".to_owned(), Node::Unsigned(1)), ("metrics".to_owned(), Node::Map(metrics))]);
        of_node(self.name, Node::Map(node)).map_err(|complaint| in_document(complaint, &places))
    }
}

/// The place in the document of what is wrong in the judge that was made of it.
fn in_document(complaint: Complaint, places: &BTreeMap<String, String>) -> Complaint {
    let at = complaint.at();
    let place = places.iter().find_map(|(made, place)| {
        let below = at.strip_prefix(made.as_str())?;
        (below.is_empty() || below.starts_with(['.', '['])).then(|| format!("{place}{below}"))
    });
    match place {
        Some(place) => complaint.at_place(place),
        None => complaint,
    }
}

impl Answer for JudgeAnswer {
    fn status(&self) -> Status {
        status(self.outcome)
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &self.outcome.to_string());
        let by = look.paint(Role::Quiet, &format!("by the {} judge at {}", self.judge, self.at));
        format!("{head} {by}{}", look.findings(&self.findings))
    }
}
