use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_analysis::Sequential;
use bellwether_core::{Duration, MetricName, Time};
use bellwether_port::{Clock, Course, Measured, MetricSource, PortError};

use crate::calls::{Answer, Calls, Slot};
use crate::ports::Ports;
use crate::within::ask;

/// The most intervals of a metric that one round takes: what is missed after a long outage must not keep a command
/// waiting.
const INTERVALS_MAX: usize = 64;

/// A source that is late with an interval is asked again after a twentieth of it, within these.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_seconds(5));

/// Reads the intervals of every judged metric, each once.
pub(crate) struct Meter {
    source: Option<Arc<dyn MetricSource>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    metrics: BTreeMap<MetricName, Reading>,
}

/// How far one metric is read.
#[derive(Debug)]
struct Reading {
    /// How long its intervals are.
    length: Duration,
    /// From when on intervals are wanted, while the journal has none.
    begin: Option<Time>,
    /// When the source may be asked again.
    next: Time,
    /// Whether the last answer was a failure.
    has_failed: bool,
    /// Whether everything up to now was read since the rollout was taken up.
    is_caught_up: bool,
    /// What was read and is not judged yet.
    fresh: Vec<Measured>,
}

impl Meter {
    pub(crate) fn new(ports: &Ports, timeout: Duration, judge: Option<&Sequential>) -> Self {
        let reading = |length| Reading {
            length,
            begin: None,
            next: Time::MIN,
            has_failed: false,
            is_caught_up: false,
            fresh: Vec::new(),
        };
        let metrics = judge.into_iter().flat_map(Sequential::metrics);
        Self {
            source: ports.metrics.clone(),
            clock: Arc::clone(&ports.clock),
            timeout,
            metrics: metrics.map(|(name, spec)| (name.clone(), reading(spec.interval))).collect(),
        }
    }

    /// Everything that may have been missed must be read again before the rollout is caught up.
    pub(crate) fn resume(&mut self, calls: &mut Calls) {
        for (metric, reading) in &mut self.metrics {
            calls.stop(&Slot::Metric(metric.clone()));
            reading.is_caught_up = false;
            reading.next = Time::MIN;
            reading.fresh.clear();
        }
    }

    /// Whether nothing is missed; so it is where nothing is measured.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.source.is_none() || self.metrics.values().all(|reading| reading.is_caught_up && reading.fresh.is_empty())
    }

    /// The metrics whose source did not answer.
    pub(crate) fn failing(&self) -> impl Iterator<Item = &MetricName> {
        self.metrics.iter().filter(|(_, reading)| reading.has_failed).map(|(metric, _)| metric)
    }

    /// The calls that are worth waiting for: those about metrics that were read last time.
    pub(crate) fn answering(&self) -> Vec<Slot> {
        let answering = self.metrics.iter().filter(|(_, reading)| !reading.has_failed);
        answering.map(|(metric, _)| Slot::Metric(metric.clone())).collect()
    }

    /// Asks for every interval that may be complete: those between the last one in the journal and `until`.
    pub(crate) fn ask(&mut self, calls: &mut Calls, course: &Course, until: Time) {
        let Some(source) = &self.source else { return };
        let now = self.clock.now();
        for (metric, reading) in &mut self.metrics {
            let begin = *reading.begin.get_or_insert(until);
            let after = course.measured_until(metric).unwrap_or(begin);
            if after.after(reading.length) > until {
                reading.is_caught_up = true;
                continue;
            }
            let slot = Slot::Metric(metric.clone());
            if now < reading.next || !reading.fresh.is_empty() || calls.is_under_way(&slot) {
                continue;
            }
            let (source, clock, timeout) = (Arc::clone(source), Arc::clone(&self.clock), self.timeout);
            let metric = metric.clone();
            calls.start(slot, async move {
                let answer = ask(&*clock, timeout, source.intervals(&metric, after, until)).await;
                let answer = answer.map(|measured| complete(measured, after, until));
                Answer::Metric(metric, answer)
            });
        }
    }

    /// Says from when on intervals are wanted of metrics that have none in the journal.
    pub(crate) fn begin(&mut self, at: Time) {
        for reading in self.metrics.values_mut() {
            reading.begin.get_or_insert(at);
        }
    }

    pub(crate) fn answered(&mut self, metric: &MetricName, answer: Result<Vec<Measured>, PortError>) {
        let now = self.clock.now();
        let Some(reading) = self.metrics.get_mut(metric) else { return };
        let (least, most) = ASK_AGAIN;
        let pause = Duration::from_millis(reading.length.as_millis() / 20).clamp(least, most);
        reading.has_failed = answer.is_err();
        reading.next = now.after(pause);
        if let Ok(measured) = answer {
            reading.is_caught_up = measured.len() <= INTERVALS_MAX;
            if !reading.is_caught_up {
                reading.next = now;
            }
            reading.fresh = measured;
            reading.fresh.truncate(INTERVALS_MAX);
        }
    }

    /// Takes what was read, in the order of time.
    pub(crate) fn take(&mut self) -> Vec<(MetricName, Measured)> {
        let mut fresh: Vec<_> = self
            .metrics
            .iter_mut()
            .flat_map(|(metric, reading)| reading.fresh.drain(..).map(|measured| (metric.clone(), measured)))
            .collect();
        fresh.sort_by(|left, right| (left.1.end, &left.0).cmp(&(right.1.end, &right.0)));
        fresh
    }

    /// When a source is asked next at the latest, if one is behind.
    pub(crate) fn next(&self, course: &Course, now: Time) -> Option<Time> {
        self.source.as_ref()?;
        let due = self.metrics.iter().map(|(metric, reading)| {
            let after = course.measured_until(metric).or(reading.begin).unwrap_or(now);
            after.after(reading.length).max(reading.next)
        });
        due.min()
    }
}

/// What a source may give: complete intervals within what was asked for that do not overlap.
fn complete(measured: Vec<Measured>, after: Time, until: Time) -> Vec<Measured> {
    let mut end = after;
    let mut kept = Vec::with_capacity(measured.len());
    for interval in measured {
        if interval.start >= end && interval.end > interval.start && interval.end <= until {
            end = interval.end;
            kept.push(interval);
        }
    }
    kept
}
