use std::collections::{BTreeMap, btree_map::Entry};

use bellwether_analysis::{Interval, Sample, Series};
use bellwether_core::{Arms, Basis, MetricName, StageId, Time, Weight};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{complaint::Complaint, node::Node};

/// What was measured of both versions, each metric with how it is judged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesDocument {
    /// The stage that is judged.
    stage: StageId,
    /// What the stage may pass by.
    #[serde(default)]
    basis: Basis,
    /// The metrics.
    metrics: Vec<MetricDocument>,
}

/// One metric.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MetricDocument {
    /// Its name.
    name: MetricName,
    /// What it measures; the judge's usual kind where it is not said.
    #[serde(default)]
    kind: Option<String>,
    /// How it is judged; which fields there are depends on the judge.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    spec: Option<Node>,
    /// What was measured, in the order of time.
    intervals: Vec<IntervalDocument>,
}

/// What both versions did in one interval.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IntervalDocument {
    /// When it began.
    start: Time,
    /// When it ended; not part of it.
    end: Time,
    /// The stage that the rollout was at; the one that is judged where it is not said.
    #[serde(default)]
    stage: Option<StageId>,
    /// The candidate's share of the traffic that was wanted.
    intended: Weight,
    /// The share that the router reported; the one that was wanted where it is not said.
    #[serde(default)]
    observed: Option<Weight>,
    /// Whether the observed route was as wanted all the time.
    #[serde(default = "settled")]
    settled: bool,
    /// What the running version did.
    stable: Sample,
    /// What the new version did.
    candidate: Sample,
}

const fn settled() -> bool {
    true
}

/// A series and how each of its metrics is to be judged.
pub(super) struct ReadSeries {
    pub(super) series: Series,
    /// The specifications that the document has, with their places.
    pub(super) specs: BTreeMap<MetricName, (String, Option<Node>)>,
    /// When the last interval ended.
    pub(super) last: Time,
}

impl SeriesDocument {
    /// Checks all that no judge would: an order, a stage or a metric that cannot be meant.
    pub(super) fn read(self) -> Result<ReadSeries, Complaint> {
        let mut series = Series::new(self.stage.clone());
        series.basis = self.basis;
        let mut specs = BTreeMap::new();
        for (index, metric) in self.metrics.into_iter().enumerate() {
            let place = format!("$.metrics[{index}]");
            let intervals = intervals(metric.intervals, &self.stage, &place)?;
            let spec = with_kind(metric.spec, metric.kind, &place)?;
            specs.insert(metric.name.clone(), (format!("{place}.spec"), spec));
            match series.metrics.entry(metric.name) {
                Entry::Vacant(entry) => drop(entry.insert(intervals)),
                Entry::Occupied(entry) => {
                    let message = format_args!("expected each metric once, found \"{}\" twice", entry.key());
                    return Err(Complaint::new("invalid", format!("{place}.name"), message));
                }
            }
        }
        let ends = series.metrics.values().filter_map(|intervals| intervals.last()).map(|interval| interval.end);
        match ends.max() {
            Some(last) => Ok(ReadSeries { series, specs, last }),
            None => Err(Complaint::new("invalid", "$.metrics", "expected at least one interval, found none")),
        }
    }
}

/// The kind is a part of how a metric is judged; that of a rate is what every judge takes without a word.
fn with_kind(spec: Option<Node>, kind: Option<String>, place: &str) -> Result<Option<Node>, Complaint> {
    let Some(kind) = kind.filter(|kind| kind != "rate") else { return Ok(spec) };
    match spec {
        None => Ok(Some(Node::Map(BTreeMap::from([("kind".to_owned(), Node::Text(kind))])))),
        Some(Node::Map(mut map)) if !map.contains_key("kind") => {
            map.insert("kind".to_owned(), Node::Text(kind));
            Ok(Some(Node::Map(map)))
        }
        Some(_) => {
            let message = "expected the kind once, here or in `spec`, found it in both";
            Err(Complaint::new("invalid", format!("{place}.kind"), message))
        }
    }
}

fn intervals(documents: Vec<IntervalDocument>, judged: &StageId, place: &str) -> Result<Vec<Interval>, Complaint> {
    let mut intervals: Vec<Interval> = Vec::with_capacity(documents.len());
    for (index, document) in documents.into_iter().enumerate() {
        let place = format!("{place}.intervals[{index}]");
        let interval = document.interval(judged);
        check_time(&interval, intervals.last(), &place)?;
        check_stage(&interval, judged, &place)?;
        intervals.push(interval);
    }
    Ok(intervals)
}

fn check_time(interval: &Interval, before: Option<&Interval>, place: &str) -> Result<(), Complaint> {
    let (start, end) = (interval.start, interval.end);
    if end <= start {
        let message = format_args!("expected a time after the start ({start}), found {end}");
        return Err(Complaint::new("invalid", format!("{place}.end"), message));
    }
    let Some(before) = before else { return Ok(()) };
    if (before.start, before.end) == (start, end) {
        let message = format_args!("expected each interval once, found the one from {start} to {end} again");
        return Err(Complaint::new("invalid", place, message));
    }
    if start < before.end {
        let message = format_args!("expected the end of the interval before ({}) or later, found {start}", before.end);
        return Err(Complaint::new("invalid", format!("{place}.start"), message));
    }
    Ok(())
}

fn check_stage(interval: &Interval, judged: &StageId, place: &str) -> Result<(), Complaint> {
    let found = &interval.stage;
    if found.rollout != judged.rollout {
        let message = format_args!("expected the rollout that is judged ({}), found {}", judged.rollout, found.rollout);
        return Err(Complaint::new("invalid", format!("{place}.stage.rollout"), message));
    }
    if (found.step, found.entry) > (judged.step, judged.entry) && found.step >= judged.step {
        let message = format_args!("expected the stage that is judged ({judged}) or one before, found {found}");
        return Err(Complaint::new("invalid", format!("{place}.stage"), message));
    }
    Ok(())
}

impl IntervalDocument {
    fn interval(self, judged: &StageId) -> Interval {
        Interval {
            start: self.start,
            end: self.end,
            stage: self.stage.unwrap_or_else(|| judged.clone()),
            intended: self.intended,
            observed: self.observed.unwrap_or(self.intended),
            settled: self.settled,
            arms: Arms { stable: self.stable, candidate: self.candidate },
        }
    }
}
