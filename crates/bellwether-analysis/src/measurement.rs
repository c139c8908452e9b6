use alloc::{borrow::Cow, collections::BTreeMap, string::String, vec::Vec};

use bellwether_core::{Arms, Time};
use bellwether_stats::{Counts, Direction, Histogram};

use crate::{Instance, Interval, MetricKind, MetricSpec, Missing, Reading, Sample};

/// What both arms did in an interval, checked and in the kind that the metric is judged by, without instances that are
/// not warm yet.
#[derive(Clone, Debug)]
pub(crate) enum Measurement<'a> {
    Rate(Arms<Counts>),
    Distribution(Arms<Cow<'a, Histogram>>),
    Samples(Arms<&'a [f64]>),
    Gauge(Arms<Vec<f64>>),
}

/// An interval's measurement, and what both arms did with the instances that are not warm yet.
#[derive(Clone, Debug)]
pub(crate) struct Measured<'a> {
    pub(crate) warm: Result<Measurement<'a>, Missing>,
    /// The requests that the share of the traffic shows in, where the metric counts all of them.
    pub(crate) everything: Option<Arms<Counts>>,
}

impl<'a> Measured<'a> {
    pub(crate) fn new(interval: &'a Interval, spec: &MetricSpec) -> Result<Self, Missing> {
        let since = Warm { at: interval.start, spec };
        let Arms { stable, candidate } = interval.arms.as_ref();
        match spec.kind {
            MetricKind::Rate => {
                let (stable, candidate) = (counts(stable, since)?, counts(candidate, since)?);
                let everything = Some(Arms { stable: stable.all, candidate: candidate.all });
                let warm = both(stable.warm, candidate.warm).map(Measurement::Rate);
                Ok(Self { warm, everything })
            }
            MetricKind::Distribution => {
                let (stable, candidate) = (histogram(stable, since)?, histogram(candidate, since)?);
                let count = |histogram: &Histogram| Counts { exposure: histogram.total(), events: 0 };
                let everything = Some(Arms { stable: count(&stable.all), candidate: count(&candidate.all) });
                let warm = both(stable.warm, candidate.warm).map(Measurement::Distribution);
                Ok(Self { warm, everything })
            }
            MetricKind::Samples => {
                let arms = Arms { stable: values(stable)?, candidate: values(candidate)? };
                Ok(Self { warm: Ok(Measurement::Samples(arms)), everything: None })
            }
            MetricKind::Gauge => {
                let warm = both(gauges(stable, since), gauges(candidate, since)).map(Measurement::Gauge);
                Ok(Self { warm, everything: None })
            }
        }
    }
}

/// Both arms, if both have something that is warm.
fn both<T>(stable: Result<T, Missing>, candidate: Result<T, Missing>) -> Result<Arms<T>, Missing> {
    Ok(Arms { stable: stable?, candidate: candidate? })
}

impl Measurement<'_> {
    /// How many requests, values or instances each arm had.
    pub(crate) fn exposures(&self) -> Arms<u64> {
        match self {
            Self::Rate(arms) => arms.map(|counts| counts.exposure),
            Self::Distribution(arms) => arms.as_ref().map(|histogram| histogram.total()),
            Self::Samples(arms) => arms.map(|values| values.len() as u64),
            Self::Gauge(arms) => arms.as_ref().map(|values| values.len() as u64),
        }
    }
}

/// What all instances of an arm did, and those that are warm; an arm of which none is has nothing to be judged by.
struct Both<T> {
    all: T,
    warm: Result<T, Missing>,
}

/// Since when an instance must run to count in an interval.
#[derive(Clone, Copy)]
struct Warm<'a> {
    at: Time,
    spec: &'a MetricSpec,
}

impl Warm<'_> {
    fn is_warm(self, instance: &Instance) -> bool {
        instance.since.is_none_or(|since| since.after(self.spec.warm_up) <= self.at)
    }

    /// Those of some instances that are warm; at least one, if there are any.
    fn of(self, instances: &BTreeMap<String, Instance>) -> Result<Vec<&Instance>, Missing> {
        let warm: Vec<_> = instances.values().filter(|instance| self.is_warm(instance)).collect();
        if warm.is_empty() && !instances.is_empty() { Err(Missing::WarmingUp) } else { Ok(warm) }
    }
}

fn counts(sample: &Sample, since: Warm<'_>) -> Result<Both<Counts>, Missing> {
    let direction = since.spec.direction;
    match sample {
        Sample::Counts { requests, errors } => {
            let counts = possible(*requests, *errors, direction)?;
            Ok(Both { all: counts, warm: Ok(counts) })
        }
        Sample::Instances(instances) => {
            let all = sum(instances.values(), direction)?;
            let warm = match since.of(instances) {
                Ok(warm) => Ok(sum(warm.into_iter(), direction)?),
                Err(missing) => Err(missing),
            };
            Ok(Both { all, warm })
        }
        Sample::Histogram(_) | Sample::Values(_) => Err(Missing::WrongKind),
    }
}

/// Events are what is worse: where a lower rate is, those that had none.
fn possible(exposure: u64, errors: u64, direction: Direction) -> Result<Counts, Missing> {
    let without = exposure.checked_sub(errors).ok_or(Missing::Impossible)?;
    Ok(match direction {
        Direction::HigherIsWorse => Counts { exposure, events: errors },
        Direction::LowerIsWorse => Counts { exposure, events: without },
    })
}

fn sum<'b>(mut instances: impl Iterator<Item = &'b Instance>, direction: Direction) -> Result<Counts, Missing> {
    instances.try_fold(Counts::default(), |total, instance| match instance.reading {
        Reading::Counts { requests, errors } => {
            let counts = possible(requests, errors, direction)?;
            total.checked_add(counts).ok_or(Missing::Impossible)
        }
        Reading::Histogram(_) | Reading::Gauge(_) => Err(Missing::WrongKind),
    })
}

fn histogram<'a>(sample: &'a Sample, since: Warm<'_>) -> Result<Both<Cow<'a, Histogram>>, Missing> {
    match sample {
        Sample::Histogram(histogram) => Ok(Both { all: Cow::Borrowed(histogram), warm: Ok(Cow::Borrowed(histogram)) }),
        Sample::Instances(instances) => {
            let all = merged(instances.values())?;
            let warm = match since.of(instances) {
                Ok(warm) => Ok(merged(warm.into_iter())?),
                Err(missing) => Err(missing),
            };
            Ok(Both { all, warm })
        }
        Sample::Counts { .. } | Sample::Values(_) => Err(Missing::WrongKind),
    }
}

fn merged<'b>(instances: impl Iterator<Item = &'b Instance>) -> Result<Cow<'b, Histogram>, Missing> {
    let mut sum: Option<Cow<'b, Histogram>> = None;
    for instance in instances {
        let Reading::Histogram(histogram) = &instance.reading else { return Err(Missing::WrongKind) };
        sum = Some(match sum {
            None => Cow::Borrowed(histogram),
            Some(sum) => Cow::Owned(sum.merge(histogram).map_err(|_| Missing::WrongKind)?),
        });
    }
    sum.ok_or(Missing::NoTraffic)
}

/// An infinite value is one that never came; what is no number says nothing.
fn values(sample: &Sample) -> Result<&[f64], Missing> {
    let Sample::Values(values) = sample else { return Err(Missing::WrongKind) };
    if values.iter().any(|value| value.is_nan()) { Err(Missing::NonFinite) } else { Ok(values) }
}

fn gauges(sample: &Sample, since: Warm<'_>) -> Result<Vec<f64>, Missing> {
    let Sample::Instances(instances) = sample else { return Err(Missing::WrongKind) };
    let gauge = |instance: &Instance| match instance.reading {
        Reading::Gauge(gauge) if gauge.is_finite() => Ok(gauge),
        Reading::Gauge(_) => Err(Missing::NonFinite),
        Reading::Counts { .. } | Reading::Histogram(_) => Err(Missing::WrongKind),
    };
    since.of(instances)?.into_iter().map(gauge).collect()
}
