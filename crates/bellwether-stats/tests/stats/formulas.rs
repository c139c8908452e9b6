//! The formulas of the design, written down once more in linear scale and without any short cut.

use bellwether_stats::{Counts, Dependence, Harm, HarmSpec, NoHarm, PassSpec, RateInterval};

use crate::simulation::{Traffic, seeded};

const TOLERANCE: f64 = 1.25;
const HARM: f64 = 2.0;
const ACCEPTABLE: f64 = 0.005;
/// Start, mass.
const RESTARTS: [(usize, f64); 3] = [(0, 0.5), (10, 0.125), (25, 0.25)];

#[test]
fn harm_by_the_grid_is_the_mixture_of_likelihood_ratios() {
    // section 3.1: L_k += e_t ln(s(r_k)/s(r0)) + e_c ln((1-s(r_k))/(1-s(r0))), 40 geometric points in [1.05, 50];
    // section 3.3: exp(L_k / B)
    for (dependence, burst) in [(Dependence::Independent, 1.0), (Dependence::BurstsUpTo(4), 4.0)] {
        let factors = |interval: &RateInterval| {
            let base = share(interval, TOLERANCE);
            let ratios = geometric(1.05, 50.0).into_iter().map(|g| share(interval, TOLERANCE * g));
            let factor = |share: f64| {
                let treatment = (share / base).powf(events(interval.treatment));
                treatment * ((1.0 - share) / (1.0 - base)).powf(events(interval.control))
            };
            ratios.map(|share| factor(share).powf(1.0 / burst)).collect()
        };
        check_harm(dependence, factors);
    }
}

#[test]
fn harm_by_clustered_bets_is_the_mixture_of_eight_bets() {
    // section 3.2: 1 + lambda (y - s)/s, lambda = min(0.98, 1 - ((1-mu)/(1-s))^(E/phi)), mu = s(rho r0)
    let factors = |interval: &RateInterval| {
        let total = events(interval.treatment) + events(interval.control);
        let s = share(interval, TOLERANCE);
        let bet = |rho: f64, phi: f64| {
            let mu = share(interval, rho * TOLERANCE);
            let lambda = (1.0 - ((1.0 - mu) / (1.0 - s)).powf(total / phi)).min(0.98);
            if total == 0.0 { 1.0 } else { 1.0 + lambda * (events(interval.treatment) / total - s) / s }
        };
        [1.4, 2.0, 4.0, 16.0].into_iter().flat_map(|rho| [bet(rho, 1.0), bet(rho, 6.0)]).collect()
    };
    check_harm(Dependence::Clustered, factors);
}

#[test]
fn no_harm_by_clustered_bets_is_the_mean_of_six_bets() {
    // section 4: 1 + lambda (s_h - y)/(1 - s_h), lambda = min(0.98, 1 - (mu/s_h)^(Ebar/phi)), mu = s(g harm)
    let mut no_harm = no_harm(Dependence::Clustered);
    let (mut wealth, mut past) = (vec![1.0; 6], Vec::new());
    for interval in traffic() {
        let total = events(interval.treatment) + events(interval.control);
        let usual = past.iter().sum::<f64>() / past.len().max(1) as f64;
        past.push(total);
        let s = share(&interval, HARM);
        let bet = |g: f64, phi: f64| {
            let lambda = (1.0 - (share(&interval, g * HARM) / s).powf(usual / phi)).min(0.98);
            if total == 0.0 { 1.0 } else { 1.0 + lambda * (s - events(interval.treatment) / total) / (1.0 - s) }
        };
        let factors: Vec<f64> = [0.25, 0.5, 0.7].into_iter().flat_map(|g| [bet(g, 1.0), bet(g, 6.0)]).collect();
        multiply(&mut wealth, &factors);
        no_harm.update(&interval);
        assert_near(no_harm.log_e_ratio(), wealth.iter().sum::<f64>() / 6.0);
    }
}

#[test]
fn absolute_evidence_is_the_mixture_over_better_rates() {
    // section 4: half on g = 0, half on g in {.1, .25, .5, .75} of g^e exp(n a (1-g)); with bursts n a and e over B
    for (dependence, burst) in [(Dependence::Independent, 1.0), (Dependence::BurstsUpTo(4), 4.0)] {
        let mut no_harm = no_harm(dependence);
        let (mut exposure, mut count) = (0.0, 0.0);
        for interval in traffic() {
            exposure += interval.treatment.exposure as f64;
            count += events(interval.treatment);
            no_harm.update(&interval);
            let term = |g: f64| g.powf(count / burst) * (exposure * ACCEPTABLE / burst * (1.0 - g)).exp();
            let others = [0.1, 0.25, 0.5, 0.75].map(term).iter().sum::<f64>();
            assert_near(no_harm.log_e_absolute(), term(0.0) / 2.0 + others / 8.0);
            let both = no_harm.log_e_ratio().exp() / 2.0 + no_harm.log_e_absolute().exp() / 2.0;
            assert_near(no_harm.log_e(), both);
        }
    }
}

/// Section 2: `W_k <- (W_k + pi_t w_k) f_k`, `Reserve <- Reserve - pi_t`, `E = Reserve + sum_k W_k`.
fn check_harm(dependence: Dependence, factors: impl Fn(&RateInterval) -> Vec<f64>) {
    let mut harm = Harm::new(&HarmSpec { dependence, tolerance: TOLERANCE, ..HarmSpec::default() }).unwrap();
    let (mut reserve, mut wealth) = (1.0, vec![0.0; factors(&RateInterval::default()).len()]);
    for (minute, interval) in traffic().into_iter().enumerate() {
        for (_, mass) in RESTARTS.into_iter().filter(|(start, _)| *start == minute) {
            let part = mass / wealth.len() as f64;
            wealth.iter_mut().for_each(|wealth| *wealth += part);
            reserve -= mass;
            harm.restart(mass);
        }
        multiply(&mut wealth, &factors(&interval));
        harm.update(&interval);
        assert_near(harm.log_e_ratio(), reserve + wealth.iter().sum::<f64>());
    }
}

fn multiply(wealth: &mut [f64], factors: &[f64]) {
    wealth.iter_mut().zip(factors).for_each(|(wealth, factor)| *wealth *= factor);
}

fn assert_near(log_e: f64, e: f64) {
    assert!((log_e - e.ln()).abs() < 1e-10, "{log_e} and {}", e.ln());
}

/// `s(r) = r n_t / (r n_t + n_c)`.
fn share(interval: &RateInterval, ratio: f64) -> f64 {
    let weighted = ratio * interval.treatment.exposure as f64;
    weighted / (weighted + interval.control.exposure as f64)
}

fn events(arm: Counts) -> f64 {
    arm.events as f64
}

fn geometric(lowest: f64, highest: f64) -> Vec<f64> {
    (0..40).map(|index| lowest * (highest / lowest).powf(f64::from(index) / 39.0)).collect()
}

fn no_harm(dependence: Dependence) -> NoHarm {
    NoHarm::new(&PassSpec { dependence, harm: HARM, acceptable: ACCEPTABLE }).unwrap()
}

/// Small arms whose sizes change, with and without events, and a fault in the second half.
fn traffic() -> Vec<RateInterval> {
    let mut random = seeded(11);
    let mut interval = |minute: u64| {
        let ratio = if minute < 20 { 1.0 } else { 3.0 };
        Traffic::new((400 + 10 * minute, 100 - minute), 0.003, ratio).interval(&mut random)
    };
    (0..40).map(&mut interval).collect()
}
