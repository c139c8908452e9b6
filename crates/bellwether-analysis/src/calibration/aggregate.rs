use alloc::{collections::BTreeSet, string::String, vec, vec::Vec};

use bellwether_stats::{Counts, Direction, Edges, Histogram};

use super::calibrate::History;
use crate::{MetricKind, Reading, SpecError};

/// The past in columns: what each instance did in each interval.
pub(super) struct Aggregate {
    pub(super) names: Vec<String>,
    /// By interval, then by instance; an instance that was not there had no requests.
    pub(super) counts: Vec<Vec<Counts>>,
    /// The same of distributions; none for rates.
    pub(super) histograms: Vec<Vec<Option<Histogram>>>,
    /// Where distributions are compared.
    pub(super) edges: Option<Edges>,
    /// The length of an interval, in milliseconds.
    pub(super) interval_millis: u64,
}

impl Aggregate {
    pub(super) fn new(history: &History<'_>) -> Result<Self, SpecError> {
        let names: BTreeSet<&String> = history.intervals.iter().flat_map(|past| past.instances.keys()).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        if names.len() <= history.candidates as usize {
            let expected = "more instances than a candidate has";
            return Err(SpecError::number("intervals.instances", expected, names.len() as f64));
        }
        let mut past = Self {
            names,
            counts: Vec::new(),
            histograms: Vec::new(),
            edges: None,
            interval_millis: history.spec.interval.as_millis(),
        };
        for (index, interval) in history.intervals.iter().enumerate() {
            past.push(interval, history).map_err(|error| error.within(&alloc::format!("intervals[{index}]")))?;
        }
        past.find_edges(history)?;
        Ok(past)
    }

    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    fn push(&mut self, past: &super::Past, history: &History<'_>) -> Result<(), SpecError> {
        if past.end <= past.start {
            return Err(SpecError::number("end", "a time after the start", 0.0));
        }
        let mut counts = vec![Counts::default(); self.names.len()];
        let mut histograms = vec![None; self.names.len()];
        for ((name, count), histogram) in self.names.iter().zip(&mut counts).zip(&mut histograms) {
            let Some(instance) = past.instances.get(name) else { continue };
            match (&instance.reading, history.spec.kind) {
                (Reading::Counts { requests, errors }, MetricKind::Rate) if errors <= requests => {
                    // Events are what is worse, as the judge counts them.
                    let events = match history.spec.direction {
                        Direction::HigherIsWorse => *errors,
                        Direction::LowerIsWorse => requests - errors,
                    };
                    *count = Counts { exposure: *requests, events };
                }
                (Reading::Histogram(values), MetricKind::Distribution) => {
                    *count = Counts { exposure: values.total(), events: 0 };
                    *histogram = Some(values.clone());
                }
                (Reading::Counts { .. } | Reading::Histogram(_) | Reading::Gauge(_), _) => {
                    let place = alloc::format!("instances.{name}");
                    return Err(SpecError::number(&place, "what a metric of its kind is judged by", 0.0));
                }
            }
        }
        self.counts.push(counts);
        self.histograms.push(histograms);
        Ok(())
    }

    /// Edges of the whole past; an event of the noise is a value beyond the one that 99 % are at most.
    fn find_edges(&mut self, history: &History<'_>) -> Result<(), SpecError> {
        if history.spec.kind != MetricKind::Distribution {
            return Ok(());
        }
        let mut all: Option<Histogram> = None;
        for histogram in self.histograms.iter().flatten().flatten() {
            let merged = all.as_ref().map_or_else(|| Ok(histogram.clone()), |all| all.merge(histogram));
            let merged = merged.map_err(|_| SpecError::number("intervals", "histograms that can be merged", 0.0))?;
            all = Some(merged);
        }
        let edges = all.as_ref().and_then(Edges::of);
        let (Some(all), Some(edges)) = (all, edges) else {
            return Err(SpecError::number("intervals", "values above zero", 0.0));
        };
        let p99 = all.quantile(0.99).map_or(f64::INFINITY, |(_, upper)| upper);
        for (counts, histograms) in self.counts.iter_mut().zip(&self.histograms) {
            for (count, histogram) in counts.iter_mut().zip(histograms) {
                count.events = histogram.as_ref().map_or(0, |histogram| histogram.tail().at_least_above(p99));
            }
        }
        self.edges = Some(edges);
        Ok(())
    }
}
