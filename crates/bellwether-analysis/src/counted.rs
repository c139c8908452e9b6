//! Request and error counts of intervals, for judges that compare rates.

use bellwether_core::{Arms, MetricName, Time};

use crate::{Instance, Interval, Reading, Sample, Series};

/// What one arm did in one interval.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Requests {
    pub(crate) all: u64,
    pub(crate) failed: u64,
}

impl Requests {
    /// The part that failed; nothing without requests.
    pub(crate) fn rate(self) -> Option<f64> {
        (self.all > 0).then(|| self.failed as f64 / self.all as f64)
    }

    pub(crate) fn plus(self, more: Self) -> Self {
        Self { all: self.all.saturating_add(more.all), failed: self.failed.saturating_add(more.failed) }
    }
}

/// What both arms did in one interval. An arm whose counts are impossible, or none, did nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counted {
    pub(crate) start: Time,
    pub(crate) end: Time,
    pub(crate) stable: Requests,
    pub(crate) candidate: Requests,
}

impl Counted {
    fn new(interval: &Interval) -> Self {
        let Arms { stable, candidate } = &interval.arms;
        Self { start: interval.start, end: interval.end, stable: requests(stable), candidate: requests(candidate) }
    }
}

fn requests(sample: &Sample) -> Requests {
    match sample {
        Sample::Counts { requests, errors } => possible(*requests, *errors).unwrap_or_default(),
        Sample::Instances(instances) => {
            let of = |instance: &Instance| match instance.reading {
                Reading::Counts { requests, errors } => possible(requests, errors),
                Reading::Histogram(_) | Reading::Gauge(_) => None,
            };
            let sum = instances.values().try_fold(Requests::default(), |sum, instance| Some(sum.plus(of(instance)?)));
            sum.unwrap_or_default()
        }
        Sample::Histogram(_) | Sample::Values(_) => Requests::default(),
    }
}

fn possible(all: u64, failed: u64) -> Option<Requests> {
    (failed <= all).then_some(Requests { all, failed })
}

/// The settled intervals of a metric at the series' own stage, in the order of their ends; none twice.
pub(crate) fn at_stage(series: &Series, metric: &MetricName) -> alloc::vec::Vec<Counted> {
    let intervals = series.metrics.get(metric).map(alloc::vec::Vec::as_slice).unwrap_or_default();
    let of_stage = intervals.iter().filter(|interval| interval.settled && interval.stage == series.stage);
    let mut counted: alloc::vec::Vec<Counted> = of_stage.map(Counted::new).collect();
    counted.sort_by_key(|interval| (interval.end, interval.start));
    counted.dedup_by_key(|interval| interval.end);
    counted
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn instances_are_summed_and_one_that_is_impossible_spoils_the_arm() {
        let of = |second: Reading| {
            let first = Reading::Counts { requests: 10, errors: 1 };
            let instance = |reading| Instance { since: None, reading };
            requests(&Sample::Instances(
                [("a".to_string(), instance(first)), ("b".to_string(), instance(second))].into(),
            ))
        };
        assert_eq!(of(Reading::Counts { requests: 5, errors: 2 }), Requests { all: 15, failed: 3 });
        assert_eq!(of(Reading::Counts { requests: 1, errors: 2 }), Requests::default());
        assert_eq!(of(Reading::Gauge(1.0)), Requests::default());
    }
}
