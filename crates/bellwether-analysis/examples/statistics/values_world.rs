use bellwether_stats::{Buckets, Exponential, Histogram};

use crate::draw::Draw;

/// Buckets so fine that a tolerance of 5 % is told apart: 32 a doubling.
const SCALE: i8 = 5;
/// The smallest bucket, 2^-4 of the median, and how many there are: up to 2^7 of it.
const OFFSET: i32 = -128;
const COUNT: usize = 352;
/// The standard deviation of the logarithms of latencies, whose median is 1.
const SIGMA: f64 = 0.5;

/// What goes wrong without the version being worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    Nothing,
    /// 2 % of the minutes, 10 % of all requests are three times as slow, in both arms.
    SlowDependency,
    /// 2 % of a host's minutes: five times as slow for ten seconds.
    Episodes,
    /// 2 % of the requests are five times as slow, in batches of 5 to 20 on one host.
    Batches,
    /// Each host's speed drifts: correlation from minute to minute, and standard deviation.
    Drift(f64, f64),
    /// Each host has a speed of its own for ever: standard deviation.
    Static(f64),
}

/// What is worse in the candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Regression {
    None,
    /// Every request is slower by a factor.
    Slower(f64),
    /// A part of the requests is slower by a factor.
    Some(f64, f64),
    /// A part of the requests waits so much longer, in medians of the usual latency.
    Waits(f64, f64),
}

/// Hosts of 300 requests a minute: those of stable, and one of the candidate.
#[derive(Clone, Debug)]
pub(crate) struct World {
    random: Draw,
    trouble: Trouble,
    regression: Regression,
    /// The logarithm of each host's speed; the last one is the candidate's.
    hosts: Vec<f64>,
    /// Parts of a minute that an interval is.
    parts: u32,
}

impl World {
    pub(crate) fn new(seed: u64, stable: usize, what: (Trouble, Regression), parts: u32) -> Self {
        let (trouble, regression) = what;
        let mut random = Draw::new(seed);
        let deviation = match trouble {
            Trouble::Drift(_, deviation) | Trouble::Static(deviation) => deviation,
            Trouble::Nothing | Trouble::SlowDependency | Trouble::Episodes | Trouble::Batches => 0.0,
        };
        let hosts = (0..=stable).map(|_| deviation * random.normal()).collect();
        Self { random, trouble, regression, hosts, parts }
    }

    /// The histograms of stable and of the candidate in the next interval.
    pub(crate) fn interval(&mut self) -> (Histogram, Histogram) {
        if let Trouble::Drift(correlation, deviation) = self.trouble {
            for host in &mut self.hosts {
                let news = (1.0 - correlation * correlation).sqrt() * deviation;
                *host = correlation * *host + news * self.random.normal();
            }
        }
        let is_slow = self.trouble == Trouble::SlowDependency && self.random.uniform() < 0.02;
        let (mut control, mut treatment) = (vec![0; COUNT], vec![0; COUNT]);
        let last = self.hosts.len() - 1;
        for at in 0..=last {
            let counts = if at == last { &mut treatment } else { &mut control };
            let regression = if at == last { self.regression } else { Regression::None };
            let speed = self.hosts[at];
            host(
                &mut self.random,
                counts,
                Host { speed, is_slow, regression, trouble: self.trouble, parts: self.parts },
            );
        }
        (histogram(control), histogram(treatment))
    }
}

#[derive(Clone, Copy)]
struct Host {
    speed: f64,
    is_slow: bool,
    regression: Regression,
    trouble: Trouble,
    parts: u32,
}

/// Adds what one host did: parts of its requests with latencies of their own each.
fn host(random: &mut Draw, counts: &mut [u64], host: Host) {
    let requests = 300.0 / f64::from(host.parts);
    let mut left = requests;
    if host.is_slow {
        spread(random, counts, (0.1 * left, host.speed + 3_f64.ln()), host.regression);
        left *= 0.9;
    }
    if host.trouble == Trouble::Episodes && random.uniform() < 0.02 {
        spread(random, counts, (left / 6.0, host.speed + 5_f64.ln()), host.regression);
        left *= 5.0 / 6.0;
    }
    if host.trouble == Trouble::Batches {
        let batches = random.poisson(0.02 * requests / 12.5);
        let slow: u64 = (0..batches).map(|_| 5 + random.below(16)).sum();
        for _ in 0..slow {
            let latency = host.speed + 5_f64.ln() + SIGMA * random.normal();
            add(counts, latency, 1);
        }
        left *= 0.98;
    }
    spread(random, counts, (left, host.speed), host.regression);
}

/// Adds requests whose logarithms are normal around a level.
fn spread(random: &mut Draw, counts: &mut [u64], (requests, level): (f64, f64), regression: Regression) {
    match regression {
        Regression::None => buckets(random, counts, requests, level),
        Regression::Slower(factor) => buckets(random, counts, requests, level + factor.ln()),
        Regression::Some(part, factor) => {
            buckets(random, counts, requests * (1.0 - part), level);
            buckets(random, counts, requests * part, level + factor.ln());
        }
        Regression::Waits(part, wait) => {
            buckets(random, counts, requests * (1.0 - part), level);
            for _ in 0..random.poisson(requests * part) {
                let latency = (level + SIGMA * random.normal()).exp() + wait;
                add(counts, latency.ln(), 1);
            }
        }
    }
}

/// A Poisson number of requests falls into each bucket on its own: as drawing them one by one, in less time.
fn buckets(random: &mut Draw, counts: &mut [u64], requests: f64, level: f64) {
    let bound = |at: usize| (f64::from(OFFSET) + at as f64) / 32.0 * std::f64::consts::LN_2;
    let below = |log: f64| libm::erfc((level - log) / SIGMA * std::f64::consts::FRAC_1_SQRT_2) / 2.0;
    let mut before = 0.0;
    let reach = 6.0 * SIGMA;
    for (at, count) in counts.iter_mut().enumerate() {
        if bound(at + 1) < level - reach {
            continue;
        }
        if bound(at) > level + reach {
            break;
        }
        let until = below(bound(at + 1));
        *count += random.poisson(requests * (until - before));
        before = until;
    }
}

fn add(counts: &mut [u64], log: f64, more: u64) {
    let bucket = (log / std::f64::consts::LN_2 * 32.0).ceil() - 1.0 - f64::from(OFFSET);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the buckets")]
    let bucket = bucket.clamp(0.0, (COUNT - 1) as f64) as usize;
    counts[bucket] += more;
}

fn histogram(counts: Vec<u64>) -> Histogram {
    let positive = Buckets { offset: OFFSET, counts };
    Histogram::exponential(Exponential { positive, ..Exponential::new(SCALE) }).expect("a valid histogram")
}
