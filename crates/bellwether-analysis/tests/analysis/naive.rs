//! The judge once more, straight from the formulas: every wealth is recomputed from all intervals at every look.
//!
//! Formulas of the design, statistics.md: mixture over starts section 2, grid 3.1, clustered bets 3.2, combination 3.8,
//! no harm section 4. How the candidate's own rate is bet on where errors cluster is bellwether-stats' own and copied
//! from its documentation.

use std::collections::BTreeMap;

use bellwether_analysis::{Dependence, Interval, Monitor, Sample, Sequential, Series};
use bellwether_core::{Basis, MetricName, StageId, Time, Verdict, Weight};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::simulation::arbitrary_rollout;
use crate::world::{ratio, stage};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn on_every_prefix_monitor_judge_and_formulas_agree((judge, intervals) in arbitrary_rollout()) {
        let mut monitor = Monitor::new(&judge);
        let mut series = Series::new(stage(0));
        for (metric, interval) in &intervals {
            monitor.enter(&interval.stage, Basis::Compare);
            monitor.push(metric, interval);
            series.stage = interval.stage.clone();
            series.metrics.entry(metric.clone()).or_default().push(interval.clone());
            let decision = monitor.verdict(interval.end);
            prop_assert_eq!(&decision, &bellwether_analysis::Judge::judge(&judge, &series, interval.end));
            let naive = Naive::new(&judge, &series);
            prop_assert_eq!(decision.outcome, naive.verdict(interval.end), "{}", decision);
            for finding in decision.findings.iter().filter(|finding| finding.rule == "judge.evidence") {
                let metric = finding.value("metric").unwrap().to_string();
                let (harm, no_harm) = naive.evidence(&metric);
                prop_assert!(is_close(ratio(finding, "log_harm"), harm), "{finding}\nnaive: {harm}");
                prop_assert!(is_close(ratio(finding, "log_no_harm"), no_harm), "{finding}\nnaive: {no_harm}");
            }
        }
    }
}

#[test]
fn the_rollouts_of_the_comparison_reach_all_four_verdicts() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..300 {
        let (judge, intervals) = arbitrary_rollout().new_tree(&mut runner).unwrap().current();
        let mut monitor = Monitor::new(&judge);
        for (metric, interval) in &intervals {
            monitor.enter(&interval.stage, Basis::Compare);
            monitor.push(metric, interval);
            *seen.entry(monitor.verdict(interval.end).outcome).or_insert(0) += 1;
        }
    }
    let enough = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive, Verdict::NoData];
    assert!(enough.iter().all(|verdict| seen.get(verdict).is_some_and(|count| *count >= 20)), "{seen:?}");
}

/// Both sides add thousands of logarithms in another order.
fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

struct Naive<'a> {
    judge: &'a Sequential,
    stage: StageId,
    /// What arrived in time, by metric.
    arrived: BTreeMap<MetricName, Vec<Interval>>,
}

#[derive(Clone, Copy)]
struct Minute {
    stable: (f64, f64),
    candidate: (f64, f64),
    intended: f64,
    hours_before: f64,
    step: u32,
}

impl<'a> Naive<'a> {
    fn new(judge: &'a Sequential, series: &Series) -> Self {
        let mut arrived = BTreeMap::new();
        for metric in judge.metrics().keys() {
            let mut taken: Vec<Interval> = Vec::new();
            for interval in series.metrics.get(metric).into_iter().flatten() {
                if taken.last().is_none_or(|last| last.end <= interval.start) {
                    taken.push(interval.clone());
                }
            }
            arrived.insert(metric.clone(), taken);
        }
        let mut naive = Self { judge, stage: series.stage.clone(), arrived };
        naive.forget_what_came_after_the_end();
        naive
    }

    /// A rollout that has failed at the end of an interval does not look at later ones.
    fn forget_what_came_after_the_end(&mut self) {
        let mut ends: Vec<Time> = self.arrived.values().flatten().map(|interval| interval.end).collect();
        ends.sort();
        for end in ends {
            let mut until = Self { judge: self.judge, stage: self.stage.clone(), arrived: self.arrived.clone() };
            until.arrived.values_mut().for_each(|intervals| intervals.retain(|interval| interval.end <= end));
            if until.has_failed() {
                self.arrived = until.arrived;
                return;
            }
        }
    }

    fn has_failed(&self) -> bool {
        let outage = self.arrived.keys().any(|metric| self.has_outage(metric));
        outage || self.combined() >= -self.judge.alpha().ln()
    }

    /// Above max(20 %, 10 x stable) with 20 errors; all intervals here are longer than the window of 30 s.
    fn has_outage(&self, metric: &MetricName) -> bool {
        self.arrived[metric].iter().filter(|interval| interval.settled).filter_map(counts).any(|(stable, candidate)| {
            let rate = |(requests, errors): (f64, f64)| if requests > 0.0 { errors / requests } else { 0.0 };
            candidate.1 >= 20.0 && rate(candidate) > (0.2_f64).max(10.0 * rate(stable))
        })
    }

    fn combined(&self) -> f64 {
        let parts = self.arrived.keys().map(|metric| self.judge.weight(metric).ln() + self.harm(metric));
        log_sum(&parts.collect::<Vec<_>>())
    }

    fn evidence(&self, metric: &str) -> (f64, f64) {
        let metric = MetricName::new(metric).unwrap();
        (self.harm(&metric), self.no_harm(&metric))
    }

    fn verdict(&self, now: Time) -> Verdict {
        if self.has_failed() {
            return Verdict::Fail;
        }
        if self.arrived.keys().any(|metric| self.lacks_data(metric, now)) {
            return Verdict::NoData;
        }
        let passes = self.combined() < 10_f64.ln() && self.arrived.keys().all(|metric| self.passes(metric));
        if passes { Verdict::Pass } else { Verdict::Inconclusive }
    }

    fn lacks_data(&self, metric: &MetricName, now: Time) -> bool {
        let limit = self.judge.metrics()[metric].freshness();
        let here: Vec<_> = self.arrived[metric].iter().filter(|interval| interval.stage == self.stage).collect();
        let Some(last) = here.last() else { return true };
        let Some(settled) = here.iter().rev().find(|interval| interval.settled) else { return true };
        now.since(last.end) > limit || now.since(settled.end) > limit || minute(settled, 0.0).is_none()
    }

    fn passes(&self, metric: &MetricName) -> bool {
        let here = self.minutes(metric, true);
        let sum = |of: fn(&Minute) -> f64| here.iter().map(of).sum::<f64>();
        let events = sum(|minute| minute.stable.1 + minute.candidate.1);
        let minimum = self.judge.spec().minimum;
        let has_minimum = here.len() as u64 >= minimum.intervals
            && (events >= minimum.events as f64 || sum(|minute| minute.candidate.0) >= minimum.requests as f64);
        let is_fine = has_minimum && !self.stable_is_broken(metric) && !self.share_is_off(metric);
        is_fine && self.no_harm(metric) >= -self.judge.beta().ln()
    }

    /// Section 5: likelihood ratios of a share that is off by more than 1.2, both ways, divided by 20, at 0.1 %; of odds,
    /// and for the arm with the smaller share.
    fn share_is_off(&self, metric: &MetricName) -> bool {
        let here = self.arrived[metric].iter().filter(|interval| interval.settled && interval.stage == self.stage);
        let mut bets = [0.0; 12];
        for interval in here.filter(|interval| counts(interval).is_some()) {
            let ((stable, _), (candidate, _)) = counts(interval).unwrap();
            let intended = interval.intended.fraction();
            let smaller = intended.min(1.0 - intended);
            let (requests, others) = if intended <= 0.5 { (candidate, stable) } else { (stable, candidate) };
            let grid = [1.1, 1.3, 1.7, 2.5, 4.0, 8.0].map(|ratio: f64| [(1.2, ratio), (1.0 / 1.2, 1.0 / ratio)]);
            for (bet, (margin, ratio)) in bets.iter_mut().zip(grid.into_iter().flatten()) {
                let null: f64 = smaller * margin;
                let share = ratio * null / (ratio * null + 1.0 - null);
                *bet += (requests * (share / null).ln() + others * ((1.0 - share) / (1.0 - null)).ln()) / 20.0;
            }
        }
        log_sum(&bets) - 12_f64.ln() >= 1_000_f64.ln()
    }

    /// The last interval against those before it that were not broken themselves; the first one is never doubted later.
    fn stable_is_broken(&self, metric: &MetricName) -> bool {
        let (mut usual, mut broken) = ((0.0, 0.0), false);
        let settled = self.arrived[metric].iter().filter(|interval| interval.settled);
        for (stable, _) in settled.filter_map(counts) {
            let limit: f64 = if usual.0 > 0.0 { 10.0 * usual.1 / usual.0 } else { 0.0 };
            broken = stable.1 >= 20.0 && stable.1 / stable.0 > limit.max(0.2);
            if !broken || usual.0 == 0.0 {
                usual = (usual.0 + stable.0, usual.1 + stable.1);
            }
        }
        broken
    }

    /// The intervals that are evidence, with the hours of evidence before each.
    fn minutes(&self, metric: &MetricName, only_here: bool) -> Vec<Minute> {
        let mut hours = 0.0;
        let mut minutes = Vec::new();
        for interval in self.arrived[metric].iter().filter(|interval| interval.settled) {
            let Some(minute) = minute(interval, hours) else { continue };
            hours += interval.length().as_millis() as f64 / 3_600_000.0;
            if !only_here || interval.stage == self.stage {
                minutes.push(minute);
            }
        }
        minutes
    }

    /// `E = Reserve + sum_k W_k` for the ratio and for the floor; the smaller counts.
    fn harm(&self, metric: &MetricName) -> f64 {
        let spec = &self.judge.metrics()[metric];
        let minutes = self.minutes(metric, false);
        let ratio = |minute: &Minute| harm_factors(minute, spec.dependence, spec.tolerance);
        let floor = |minute: &Minute| floor_factors(minute, spec.dependence, spec.floor);
        self.mixture(&minutes, ratio).min(self.mixture(&minutes, floor))
    }

    /// Section 2: `W_k <- (W_k + pi_t w_k) f_k`, in logarithms; 1/2 at the start, 1/4 with the later steps, 1/4 with the
    /// hours, each start on its own from its first interval on.
    fn mixture(&self, minutes: &[Minute], factors: impl Fn(&Minute) -> Vec<f64>) -> f64 {
        let schedule = self.judge.spec().schedule;
        let mut masses = vec![(0, if schedule.steps == 1 { 0.75 } else { 0.5 })];
        for step in 1..schedule.steps {
            let mass = 0.25 / f64::from(schedule.steps - 1);
            masses.extend(minutes.iter().position(|minute| minute.step >= step).map(|at| (at, mass)));
        }
        for hour in 0..schedule.hours {
            let mass = 0.25 / f64::from(schedule.hours);
            let starts = |minute: &Minute| minute.hours_before >= f64::from(hour) - 1e-9;
            masses.extend(minutes.iter().position(starts).map(|at| (at, mass)));
        }
        let factors: Vec<Vec<f64>> = minutes.iter().map(factors).collect();
        let reserve = 1.0 - masses.iter().map(|(_, mass)| mass).sum::<f64>();
        let mut parts = vec![reserve.max(0.0).ln()];
        for (start, mass) in masses {
            let bets = factors.first().map_or(1, Vec::len);
            for bet in 0..bets {
                let growth: f64 = factors[start.min(factors.len())..].iter().map(|of| of[bet]).sum();
                parts.push((mass / bets as f64).ln() + growth);
            }
        }
        log_sum(&parts)
    }

    /// Section 4: the mean of ratio and absolute; where errors cluster bellwether-stats gives the ratio nine tenths.
    fn no_harm(&self, metric: &MetricName) -> f64 {
        let spec = &self.judge.metrics()[metric];
        let minutes = self.minutes(metric, true);
        let mut ratio: Vec<f64> = Vec::new();
        let mut absolute: Vec<f64> = Vec::new();
        for (at, minute) in minutes.iter().enumerate() {
            let past: f64 = minutes[..at].iter().map(|minute| minute.stable.1 + minute.candidate.1).sum();
            add(&mut ratio, no_harm_factors(minute, spec.dependence, spec.harm, past / at.max(1) as f64));
            add(&mut absolute, absolute_factors(minute, spec.dependence, spec.acceptable));
        }
        let mean = |bets: &[f64]| if bets.is_empty() { 0.0 } else { log_sum(bets) - (bets.len() as f64).ln() };
        let weights = [0.5_f64, 0.125, 0.125, 0.125, 0.125];
        let weighted: Vec<f64> = absolute.iter().zip(weights).map(|(bet, weight)| bet + weight.ln()).collect();
        let absolute = if weighted.is_empty() { 0.0 } else { log_sum(&weighted) };
        let of_ratio: f64 = if spec.dependence == Dependence::Clustered { 0.9 } else { 0.5 };
        log_sum(&[mean(&ratio) + of_ratio.ln(), absolute + (1.0 - of_ratio).ln()])
    }
}

fn add(bets: &mut Vec<f64>, factors: Vec<f64>) {
    bets.resize(factors.len(), 0.0);
    bets.iter_mut().zip(factors).for_each(|(bet, factor)| *bet += factor);
}

fn counts(interval: &Interval) -> Option<((f64, f64), (f64, f64))> {
    let counts = |sample: &Sample| match *sample {
        Sample::Counts { requests, errors } => (errors <= requests).then_some((requests as f64, errors as f64)),
        Sample::Histogram(_) | Sample::Values(_) | Sample::Instances(_) => None,
    };
    Some((counts(&interval.arms.stable)?, counts(&interval.arms.candidate)?))
}

/// An interval that is evidence: both arms that should have had requests had some.
fn minute(interval: &Interval, hours_before: f64) -> Option<Minute> {
    let (stable, candidate) = counts(interval)?;
    let lacks_candidate = interval.intended > Weight::ZERO && candidate.0 == 0.0;
    let lacks_stable = interval.intended < Weight::FULL && stable.0 == 0.0;
    let intended = interval.intended.fraction();
    let step = interval.stage.step;
    (!lacks_candidate && !lacks_stable).then_some(Minute { stable, candidate, intended, hours_before, step })
}

/// The candidate's expected share of the errors, from the larger or the smaller of intended and realised share.
fn expected(minute: &Minute, ratio: f64, choose: fn(f64, f64) -> f64) -> Option<f64> {
    if minute.stable.0 == 0.0 || minute.candidate.0 == 0.0 {
        return None;
    }
    let realised = minute.candidate.0 / (minute.candidate.0 + minute.stable.0);
    let share = if minute.intended > 0.0 { choose(minute.intended, realised) } else { realised };
    let expected = ratio * share / (ratio * share + 1.0 - share);
    (expected > 0.0 && expected < 1.0).then_some(expected)
}

fn geometric(lowest: f64, highest: f64) -> Vec<f64> {
    (0..40).map(|k| lowest * (highest / lowest).powf(f64::from(k) / 39.0)).collect()
}

fn burst(dependence: Dependence) -> Option<f64> {
    match dependence {
        Dependence::Clustered => None,
        Dependence::BurstsUpTo(bound) => Some(f64::from(bound)),
        Dependence::Independent => Some(1.0),
    }
}

fn grid_factors(minute: &Minute, share: f64, ratios: &[f64], burst: f64) -> Vec<f64> {
    let at = |ratio: f64| ratio * share / (ratio * share + 1.0 - share);
    let (candidate, stable) = (minute.candidate.1 / burst, minute.stable.1 / burst);
    ratios.iter().map(|g| candidate * (at(*g) / share).ln() + stable * ((1.0 - at(*g)) / (1.0 - share)).ln()).collect()
}

fn harm_factors(minute: &Minute, dependence: Dependence, tolerance: f64) -> Vec<f64> {
    let bets = if dependence == Dependence::Clustered { 8 } else { 40 };
    let errors = minute.stable.1 + minute.candidate.1;
    let share = expected(minute, tolerance, f64::max).filter(|_| errors > 0.0);
    let Some(share) = share else { return vec![0.0; bets] };
    if let Some(burst) = burst(dependence) {
        return grid_factors(minute, share, &geometric(1.05, 50.0), burst);
    }
    let mut factors = Vec::new();
    for rho in [1.4, 2.0, 4.0, 16.0] {
        for phi in [1.0, 6.0] {
            let mu = rho * share / (rho * share + 1.0 - share);
            let lambda = (1.0 - ((1.0 - mu) / (1.0 - share)).powf(errors / phi)).min(0.98);
            factors.push((1.0 + lambda * (minute.candidate.1 / errors - share) / share).ln());
        }
    }
    factors
}

fn floor_factors(minute: &Minute, dependence: Dependence, floor: f64) -> Vec<f64> {
    let (requests, errors) = minute.candidate;
    if let Some(burst) = burst(dependence) {
        let factor = |g: f64| (errors * g.ln() - requests * floor * (g - 1.0)) / burst;
        return geometric(1.05, 50.0).into_iter().map(factor).collect();
    }
    let mut factors = Vec::new();
    for excess in [1.0, 3.0, 15.0, 63.0] {
        for phi in [1.0, 6.0] {
            let lambda = (1.0 - (-requests * floor * excess / phi).exp()).min(0.98);
            let fraction = if requests > 0.0 { errors / requests } else { floor };
            factors.push((1.0 + lambda * (fraction - floor) / floor).ln());
        }
    }
    factors
}

fn no_harm_factors(minute: &Minute, dependence: Dependence, harm: f64, past: f64) -> Vec<f64> {
    let bets = if dependence == Dependence::Clustered { 6 } else { 40 };
    let errors = minute.stable.1 + minute.candidate.1;
    let share = expected(minute, harm, f64::min).filter(|_| errors > 0.0);
    let Some(share) = share else { return vec![0.0; bets] };
    if let Some(burst) = burst(dependence) {
        return grid_factors(minute, share, &geometric(0.2, 0.95), burst);
    }
    let mut factors = Vec::new();
    for g in [0.25, 0.5, 0.7] {
        for phi in [1.0, 6.0] {
            let mu: f64 = g * share / (g * share + 1.0 - share);
            let lambda = (1.0 - (mu / share).powf(past / phi)).min(0.98);
            factors.push((1.0 + lambda * (share - minute.candidate.1 / errors) / (1.0 - share)).ln());
        }
    }
    factors
}

fn absolute_factors(minute: &Minute, dependence: Dependence, acceptable: f64) -> Vec<f64> {
    let (requests, errors) = minute.candidate;
    let ratios = [0.0_f64, 0.1, 0.25, 0.5, 0.75];
    if let Some(burst) = burst(dependence) {
        let of_errors = |g: f64| if errors > 0.0 { errors * g.ln() } else { 0.0 };
        return ratios.map(|g| (of_errors(g) + requests * acceptable * (1.0 - g)) / burst).to_vec();
    }
    let fraction = if requests > 0.0 { errors / requests } else { acceptable };
    ratios.map(|g| (1.0 + (1.0 - g.max(0.02)) * (acceptable - fraction) / (1.0 - acceptable)).ln()).to_vec()
}

fn log_sum(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}
