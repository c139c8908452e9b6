use alloc::vec::Vec;

use bellwether_core::Duration;
use bellwether_stats::Counts;

use super::aggregate::Aggregate;

const HOUR_MILLIS: u64 = 3_600_000;
/// The lags that are reported.
const LAGS: usize = 5;
/// Below this, what an interval says of the next does not matter.
const UNCORRELATED: f64 = 0.1;
/// How many intervals may be joined into one.
const JOINED: [usize; 7] = [1, 2, 3, 5, 10, 15, 30];

/// How an unchanged service's events differ from independent ones.
pub(super) struct Noise {
    pub(super) dispersion: Option<f64>,
    pub(super) autocorrelation: Vec<f64>,
    pub(super) spread: Option<f64>,
    pub(super) largest_burst: u64,
    /// The smallest number of intervals to join, so that one says nothing of the next.
    joined: Option<usize>,
}

impl Noise {
    pub(super) fn measure(past: &Aggregate) -> Self {
        let uncorrelated = |joined: &usize| {
            let correlation = correlations(&surplus(&join(&past.counts, *joined)), 1);
            correlation.first().is_some_and(|lag| *lag < UNCORRELATED)
        };
        Self {
            dispersion: dispersion(past),
            autocorrelation: correlations(&surplus(&past.counts), LAGS),
            spread: spread(past),
            largest_burst: largest_burst(&past.counts),
            joined: JOINED.into_iter().find(uncorrelated),
        }
    }

    /// The shortest interval in which bursts end.
    pub(super) fn interval(&self, length: Duration) -> Option<Duration> {
        self.joined.map(|joined| length.saturating_mul(joined as u64))
    }
}

fn sum<'a>(counts: impl IntoIterator<Item = &'a Counts>) -> (f64, f64) {
    counts.into_iter().fold((0.0, 0.0), |(exposure, events), counts| {
        (exposure + counts.exposure as f64, events + counts.events as f64)
    })
}

/// Pearson's chi-square of the events in hours against those that their requests make expect, over its mean.
fn dispersion(past: &Aggregate) -> Option<f64> {
    let per_hour = usize::try_from(HOUR_MILLIS / past.interval_millis.max(1)).unwrap_or(1).max(1);
    let hours: Vec<(f64, f64)> = past.counts.chunks(per_hour).map(|hour| sum(hour.iter().flatten())).collect();
    let (exposure, events) = sum(past.counts.iter().flatten());
    let expected = |hour: &(f64, f64)| events / exposure * hour.0;
    let known: Vec<_> = hours.iter().filter(|hour| expected(hour) > 0.0).collect();
    let square = |hour: &&(f64, f64)| (hour.1 - expected(hour)) * (hour.1 - expected(hour)) / expected(hour);
    (known.len() >= 2).then(|| known.iter().map(square).sum::<f64>() / (known.len() - 1) as f64)
}

/// What each instance had beyond its part of the fleet's events in that interval, in standard deviations.
fn surplus(counts: &[Vec<Counts>]) -> Vec<Vec<f64>> {
    let of_interval = |instances: &Vec<Counts>| {
        let (exposure, events) = sum(instances);
        let of = |instance: &Counts| {
            let expected = if exposure > 0.0 { events / exposure * instance.exposure as f64 } else { 0.0 };
            if expected > 0.0 { (instance.events as f64 - expected) / libm::sqrt(expected) } else { 0.0 }
        };
        instances.iter().map(of).collect()
    };
    counts.iter().map(of_interval).collect()
}

/// How much the surplus of an instance says of its surplus some intervals later, without what it always has.
fn correlations(surplus: &[Vec<f64>], lags: usize) -> Vec<f64> {
    let intervals = surplus.len() as f64;
    let instances = surplus.first().map_or(0, Vec::len);
    let column = |at: usize| surplus.iter().filter_map(move |interval| interval.get(at).copied());
    let columns: Vec<Vec<f64>> = (0..instances)
        .map(|at| {
            let mean = column(at).sum::<f64>() / intervals;
            column(at).map(|value| value - mean).collect()
        })
        .collect();
    let product = |lag: usize| -> f64 {
        columns.iter().map(|of| of.iter().zip(of.iter().skip(lag)).map(|(one, two)| one * two).sum::<f64>()).sum()
    };
    let variance = product(0);
    let is_known = variance > 0.0 && surplus.len() > lags + 1;
    if is_known { (1..=lags).map(|lag| product(lag) / variance).collect() } else { Vec::new() }
}

fn join(counts: &[Vec<Counts>], by: usize) -> Vec<Vec<Counts>> {
    let add = |mut total: Vec<Counts>, interval: &Vec<Counts>| {
        for (sum, part) in total.iter_mut().zip(interval) {
            sum.exposure = sum.exposure.saturating_add(part.exposure);
            sum.events = sum.events.saturating_add(part.events);
        }
        total
    };
    let joined = |chunk: &[Vec<Counts>]| {
        let (first, rest) = chunk.split_first()?;
        Some(rest.iter().fold(first.clone(), add))
    };
    counts.chunks_exact(by.max(1)).filter_map(joined).collect()
}

/// The standard deviation between instances that chance does not explain: of the logarithms of their rates, less what
/// Poisson counts would have; of distributions, of the logarithms of their medians.
fn spread(past: &Aggregate) -> Option<f64> {
    let logs: Vec<f64> = (0..past.names.len()).filter_map(|at| log_level(past, at)).collect();
    let count = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / count;
    let variance = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / (count - 1.0);
    let by_chance = |at: usize| {
        let (_, events) = sum(past.counts.iter().filter_map(|interval| interval.get(at)));
        if past.edges.is_none() && events > 0.0 { 1.0 / events } else { 0.0 }
    };
    let chance = (0..past.names.len()).map(by_chance).sum::<f64>() / count;
    (logs.len() >= 2).then(|| libm::sqrt((variance - chance).max(0.0)))
}

fn log_level(past: &Aggregate, at: usize) -> Option<f64> {
    if past.edges.is_none() {
        let (exposure, events) = sum(past.counts.iter().filter_map(|interval| interval.get(at)));
        return (events > 0.0).then(|| libm::log(events / exposure));
    }
    let mut all: Option<bellwether_stats::Histogram> = None;
    for histogram in past.histograms.iter().filter_map(|interval| interval.get(at)?.as_ref()) {
        all = all.map_or_else(|| Some(histogram.clone()), |all| all.merge(histogram).ok());
    }
    // Between the bounds of its bucket, by how many values are below each: a median as exact as the buckets allow.
    let (lower, upper) = all.as_ref()?.quantile(0.5)?;
    let tail = all.as_ref()?.tail();
    let (above, beyond) = (tail.at_least_above(lower) as f64, tail.at_most_above(upper) as f64);
    let part = (above - tail.total() as f64 / 2.0) / (above - beyond);
    let (low, high) = (libm::log(lower), libm::log(upper));
    let level = low + part.clamp(0.0, 1.0) * (high - low);
    level.is_finite().then_some(level)
}

/// Of any instance in any interval, beyond its usual part and three times what chance adds.
fn largest_burst(counts: &[Vec<Counts>]) -> u64 {
    let (exposure, events) = sum(counts.iter().flatten());
    let of = |instance: &Counts| {
        let usual = if exposure > 0.0 { events / exposure * instance.exposure as f64 } else { 0.0 };
        let surplus = instance.events as f64 - usual - 3.0 * libm::sqrt(usual);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, below a count")]
        let surplus = libm::ceil(surplus.max(0.0)) as u64;
        surplus
    };
    counts.iter().flatten().map(of).max().unwrap_or_default()
}
