//! Seeded traffic for the simulations: the same numbers on every machine.

use bellwether_stats::{Counts, Harm, NoHarm, RateInterval};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// How many requests each arm has in an interval and how often they fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) control: u64,
    pub(crate) treatment: u64,
    pub(crate) base: f64,
    pub(crate) ratio: f64,
    pub(crate) events: Events,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Events {
    Independent,
    /// Poisson many bursts of 5 to 20 events, each in one arm.
    Bursts,
}

/// A share of 5 % of 6,000 requests a minute.
pub(crate) const SMALL: (u64, u64) = (5_700, 300);
/// Two arms of 300 requests a minute.
pub(crate) const EQUAL: (u64, u64) = (300, 300);

impl Traffic {
    pub(crate) fn new((control, treatment): (u64, u64), base: f64, ratio: f64) -> Self {
        Self { control, treatment, base, ratio, events: Events::Independent }
    }

    pub(crate) fn in_bursts(self) -> Self {
        Self { events: Events::Bursts, ..self }
    }

    pub(crate) fn interval(&self, random: &mut Xoshiro256PlusPlus) -> RateInterval {
        let control = self.arm(random, self.control, self.base);
        let treatment = self.arm(random, self.treatment, self.base * self.ratio);
        RateInterval { control, treatment, intended_share: None }
    }

    fn arm(&self, random: &mut Xoshiro256PlusPlus, exposure: u64, rate: f64) -> Counts {
        let expected = exposure as f64 * rate;
        let events = match self.events {
            Events::Independent => poisson(random, expected),
            Events::Bursts => (0..poisson(random, expected / 12.5)).map(|_| random.random_range(5..=20)).sum(),
        };
        Counts { exposure, events }
    }
}

pub(crate) fn seeded(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Counts the arrivals before time `mean`, in pieces short enough for the product of uniforms (Knuth 1969).
pub(crate) fn poisson(random: &mut Xoshiro256PlusPlus, mean: f64) -> u64 {
    let pieces = (mean / 16.0).ceil().max(1.0);
    let limit = (-mean / pieces).exp();
    core::iter::repeat_with(|| poisson_piece(random, limit)).take(whole(pieces)).sum()
}

fn poisson_piece(random: &mut Xoshiro256PlusPlus, limit: f64) -> u64 {
    let mut product: f64 = random.random();
    let mut count = 0;
    while product > limit {
        product *= random.random::<f64>();
        count += 1;
    }
    count
}

/// The first interval, from 1, at which `log_e` reaches `1 / error`.
pub(crate) fn first_time(looks: u32, error: f64, mut log_e: impl FnMut(u32) -> f64) -> Option<u32> {
    let threshold = -error.ln();
    (1..=looks).find(|look| log_e(*look) >= threshold)
}

/// When each of `runs` processes that start at once finds harm at 1 %, by the ratio alone.
pub(crate) fn harm_times(harm: &Harm, traffic: Traffic, looks: u32, runs: u64) -> Vec<Option<u32>> {
    let run = |seed| {
        let (mut harm, mut random) = (harm.clone(), seeded(seed));
        harm.restart(1.0);
        first_time(looks, 0.01, |_| {
            harm.update(&traffic.interval(&mut random));
            harm.log_e_ratio()
        })
    };
    (0..runs).map(run).collect()
}

/// When each of `runs` processes passes at 5 %.
pub(crate) fn pass_times(no_harm: &NoHarm, traffic: Traffic, looks: u32, runs: u64) -> Vec<Option<u32>> {
    let run = |seed| {
        let (mut no_harm, mut random) = (no_harm.clone(), seeded(seed));
        first_time(looks, 0.05, |_| {
            no_harm.update(&traffic.interval(&mut random));
            no_harm.log_e()
        })
    };
    (0..runs).map(run).collect()
}

/// The smallest time that this part of the runs reached, `None` if it did not.
pub(crate) fn quantile(times: &[Option<u32>], part: f64) -> Option<u32> {
    let mut sorted: Vec<u32> = times.iter().map(|time| time.unwrap_or(u32::MAX)).collect();
    sorted.sort_unstable();
    let index = whole((part * sorted.len() as f64).ceil()) - 1;
    Some(sorted[index]).filter(|time| *time != u32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "callers round small numbers up")]
fn whole(number: f64) -> usize {
    number as usize
}

pub(crate) fn reached(times: &[Option<u32>]) -> usize {
    times.iter().flatten().count()
}

/// Whether `alarms` of `runs` are compatible with a probability of at most `bound`: the lower limit of the exact
/// (Clopper-Pearson) one-sided 99 % interval is at most `bound` if and only if P(X >= alarms) is at least 1 %.
pub(crate) fn is_compatible(alarms: usize, runs: u64, bound: f64) -> bool {
    let odds = bound / (1.0 - bound);
    let mut probability = (1.0 - bound).powf(runs as f64);
    let mut below = 0.0;
    for count in 0..alarms {
        below += probability;
        probability *= odds * (runs as f64 - count as f64) / (count as f64 + 1.0);
    }
    1.0 - below >= 0.01
}

/// Steps of 1, 5, 25 and 50 % of 6,000 requests a minute, of 480, 240, 240 and 240 minutes.
pub(crate) fn ramp_arms(minute: u32) -> (u64, u64) {
    match minute {
        0..480 => (5_940, 60),
        480..720 => (5_700, 300),
        720..960 => (4_500, 1_500),
        _ => (3_000, 3_000),
    }
}

/// Half at the start, a quarter over the later steps, a quarter over the 20 hours.
pub(crate) fn restart_by_plan(harm: &mut Harm, minute: u32) {
    match minute {
        0 => harm.restart(0.5),
        480 | 720 | 960 => harm.restart(0.25 / 3.0),
        _ => {}
    }
    if minute.is_multiple_of(60) {
        harm.restart(0.25 / 20.0);
    }
}
