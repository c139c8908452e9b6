use alloc::vec::Vec;

use bellwether_stats::{Counts, Harm, NoHarm, RateInterval};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::poisson::poisson;

/// The requests of an interval and how often they fail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic {
    /// Requests of both arms in an interval.
    pub(super) requests: f64,
    /// The candidate's part of them.
    pub(super) share: f64,
    /// How often requests of stable fail.
    pub(super) rate: f64,
}

impl Traffic {
    /// An interval in which the candidate's rate is this many times stable's.
    pub(super) fn interval(&self, random: &mut Xoshiro256PlusPlus, ratio: f64) -> RateInterval {
        let mut arm = |share: f64, rate: f64| {
            let exposure = libm::round(self.requests * share);
            let events = poisson(random, exposure * rate.min(1.0));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a checked number of requests")]
            let exposure = exposure as u64;
            Counts { exposure, events: events.min(exposure) }
        };
        let (control, treatment) = (arm(1.0 - self.share, self.rate), arm(self.share, self.rate * ratio));
        RateInterval { control, treatment, intended_share: Some(self.share) }
    }
}

/// How long something is watched, how often it is tried, and from which seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trials {
    pub(super) looks: u32,
    pub(super) runs: u32,
    pub(super) seed: u64,
}

impl Trials {
    /// The interval of each run, from 1, at which evidence reaches what is needed; sorted, and nothing comes last.
    pub(super) fn times(&self, mut run: impl FnMut(&mut Xoshiro256PlusPlus, u32) -> Option<u32>) -> Vec<Option<u32>> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut times: Vec<_> = (0..self.runs).map(|_| run(&mut random, self.looks)).collect();
        times.sort_by_key(|time| time.unwrap_or(u32::MAX));
        times
    }
}

/// When harm is found at this ratio.
pub(super) fn fails(
    harm: &Harm,
    traffic: Traffic,
    ratio: f64,
    alpha: f64,
) -> impl FnMut(&mut Xoshiro256PlusPlus, u32) -> Option<u32> {
    let needed = -libm::log(alpha);
    move |random, looks| {
        let mut harm = harm.clone();
        (1..=looks).find(|_| {
            harm.update(&traffic.interval(random, ratio));
            harm.log_e_ratio() >= needed && harm.log_e_floor() >= needed
        })
    }
}

/// When equal rates pass.
pub(super) fn passes(
    no_harm: &NoHarm,
    traffic: Traffic,
    beta: f64,
) -> impl FnMut(&mut Xoshiro256PlusPlus, u32) -> Option<u32> {
    let needed = -libm::log(beta);
    move |random, looks| {
        let mut no_harm = no_harm.clone();
        (1..=looks).find(|_| {
            no_harm.update(&traffic.interval(random, 1.0));
            no_harm.log_e() >= needed
        })
    }
}
