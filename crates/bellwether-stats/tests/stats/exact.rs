//! Every course of a small experiment, the best stopping rule and the worst case of the null by dynamic programming:
//! the expected evidence at that moment is at most 1.

use bellwether_stats::{Counts, Dependence, Harm, HarmSpec, NoHarm, PassSpec, RateInterval};

use crate::tree::{self, EXACT, value};

type Round = tree::Round<RateInterval>;

const ARMS: [(u64, u64); 4] = [(3, 2), (2, 3), (4, 1), (1, 2)];
const BASES: [f64; 3] = [0.05, 0.2, 0.5];

#[test]
fn the_grid_is_fair_at_any_ratio_of_rates_up_to_the_tolerance() {
    for tolerance in [1.0, 1.5] {
        let rounds = rounds(|base| vec![(base, base * tolerance), (base, base * tolerance / 2.0)]);
        assert!(harm_value(Dependence::Independent, tolerance, &rounds) <= EXACT);
        let worse = self::rounds(|base| vec![(base, base * tolerance * 1.3)]);
        assert!(harm_value(Dependence::Independent, tolerance, &worse) > 1.01);
    }
}

#[test]
fn clustered_bets_are_fair_at_any_odds_ratio_up_to_the_tolerance() {
    for tolerance in [1.0, 1.1, 1.5, 3.0] {
        let rounds = rounds(|base| vec![(base, by_odds(base, tolerance)), (base, by_odds(base, tolerance / 2.0))]);
        assert!(harm_value(Dependence::Clustered, tolerance, &rounds) <= EXACT);
        let worse = self::rounds(|base| vec![(base, by_odds(base, tolerance * 1.3))]);
        assert!(harm_value(Dependence::Clustered, tolerance, &worse) > 1.01);
    }
}

#[test]
fn tolerance_is_a_ratio_of_odds_and_harm_a_ratio_of_rates_where_rates_are_large() {
    // At half of all requests the two differ. Given the number of events, the treatment's mean share of them is at most
    // s(r) for an odds ratio r >= 1 (Fisher's noncentral hypergeometric), which is the right side for harm only.
    let rates = rounds(|base| vec![(base, base * 1.5)]);
    assert!(harm_value(Dependence::Clustered, 1.5, &rates) > 1.01);
    let equal = |laws: [(f64, f64); 3]| -> Vec<_> { (0..3).map(|_| arms((8, 8), &laws)).collect() };
    let twice_the_rate = equal([0.05, 0.2, 0.4].map(|base| (base, 2.0 * base)));
    assert!(no_harm_value(Dependence::Clustered, NoHarm::log_e_ratio, &twice_the_rate) <= EXACT);
    let twice_the_odds = equal([0.05, 0.2, 0.4].map(|base| (base, by_odds(base, 2.0))));
    assert!(no_harm_value(Dependence::Clustered, NoHarm::log_e_ratio, &twice_the_odds) > 1.1);
}

#[test]
fn clustered_bets_are_fair_when_whole_intervals_share_one_fate() {
    for tolerance in [1.0, 1.5] {
        let share = expected_share(0.4, tolerance);
        let rounds: Vec<_> = (0..5).map(|_| one_burst((60, 40), 30, share)).collect();
        assert!(harm_value(Dependence::Clustered, tolerance, &rounds) <= EXACT);
        assert!(harm_value(Dependence::Independent, tolerance, &rounds) > 10.0, "the grid takes a burst for thirty");
        assert!(harm_value(Dependence::BurstsUpTo(30), tolerance, &rounds) <= EXACT);
    }
}

#[test]
fn bounded_bursts_are_fair_for_clients_that_fail_as_a_whole() {
    let tolerance = 1.25;
    let clients = |(control, treatment)| {
        let laws = BASES.map(|base| (base, base * tolerance));
        in_clients(arms((control, treatment), &laws), 3)
    };
    let rounds: Vec<_> = ARMS.into_iter().map(clients).collect();
    assert!(harm_value(Dependence::BurstsUpTo(3), tolerance, &rounds) <= EXACT);
    assert!(harm_value(Dependence::BurstsUpTo(5), tolerance, &rounds) <= EXACT);
    assert!(harm_value(Dependence::Independent, tolerance, &rounds) > 1.1);
}

#[test]
fn an_intended_share_off_the_realised_one_only_weakens_evidence() {
    let intended = |intended, mut rounds: Vec<Round>| {
        for outcome in rounds.iter_mut().flat_map(|round| &mut round.outcomes) {
            outcome.intended_share = Some(intended);
        }
        rounds
    };
    for share in [0.0, 0.1, 0.5, 0.9, 1.0] {
        let not_worse = intended(share, rounds(|base| vec![(base, base)]));
        assert!(harm_value(Dependence::Independent, 1.0, &not_worse) <= EXACT);
        assert!(harm_value(Dependence::Clustered, 1.0, &not_worse) <= EXACT);
        let harmful = intended(share, rounds(|base| vec![(base, 2.0 * base)]));
        assert!(no_harm_value(Dependence::Independent, NoHarm::log_e_ratio, &harmful) <= EXACT);
    }
}

#[test]
fn evidence_above_the_floor_is_fair_however_events_cluster() {
    let floor = 0.1;
    let spec = |dependence| HarmSpec { dependence, tolerance: 1.0, floor };
    let value = |dependence, rounds: &[Round]| {
        value(&Harm::new(&spec(dependence)).unwrap(), rounds, &play_harm, &|harm| harm.log_e_floor().exp())
    };
    let binomial: Vec<_> = ARMS.into_iter().map(|sizes| arms(sizes, &[(0.3, floor), (0.3, floor / 2.0)])).collect();
    let fate: Vec<_> = (0..4).map(|_| shared_fate(30, floor)).collect();
    assert!(value(Dependence::Independent, &binomial) <= EXACT);
    assert!(value(Dependence::Clustered, &binomial) <= EXACT);
    assert!(value(Dependence::Clustered, &fate) <= EXACT);
    assert!(value(Dependence::BurstsUpTo(30), &fate) <= EXACT);
    assert!(value(Dependence::Independent, &fate) > 10.0, "thirty at once are no thirty events");
}

#[test]
fn the_mirrored_grid_is_fair_at_any_ratio_of_rates_from_harm() {
    let rounds = rounds(|base| vec![(base, 2.0 * base), (base / 2.0, 2.0 * base)]);
    assert!(no_harm_value(Dependence::Independent, NoHarm::log_e_ratio, &rounds) <= EXACT);
    let better = self::rounds(|base| vec![(base, 1.2 * base)]);
    assert!(no_harm_value(Dependence::Independent, NoHarm::log_e_ratio, &better) > 1.01);
}

#[test]
fn clustered_bets_on_no_harm_are_fair_when_the_share_is_at_least_the_harmful_one() {
    // the null is about the expected share itself, however the events cluster: whole intervals, or event by event
    let share = expected_share(0.4, 2.0);
    let bursts: Vec<_> = (0..6).map(|_| one_burst((60, 40), 30, share)).collect();
    let events: Vec<_> = (0..4).map(|_| split((6, 4), 4, share)).collect();
    for rounds in [&bursts, &events] {
        assert!(no_harm_value(Dependence::Clustered, NoHarm::log_e_ratio, rounds) <= EXACT);
    }
    assert!(no_harm_value(Dependence::Independent, NoHarm::log_e_ratio, &bursts) > 2.0);
    let better: Vec<_> = (0..4).map(|_| split((6, 4), 4, 0.4)).collect();
    assert!(no_harm_value(Dependence::Clustered, NoHarm::log_e_ratio, &better) > 1.01);
}

#[test]
fn absolute_evidence_is_fair_at_any_rate_from_the_acceptable_one() {
    let binomial: Vec<_> = ARMS.into_iter().map(|sizes| arms(sizes, &[(0.1, 0.2), (0.1, 0.4)])).collect();
    let fate: Vec<_> = (0..6).map(|_| shared_fate(30, 0.2)).collect();
    let absolute = NoHarm::log_e_absolute;
    assert!(no_harm_value(Dependence::Independent, absolute, &binomial) <= EXACT);
    assert!(no_harm_value(Dependence::Clustered, absolute, &binomial) <= EXACT);
    assert!(no_harm_value(Dependence::Clustered, absolute, &fate) <= EXACT);
    assert!(no_harm_value(Dependence::BurstsUpTo(30), absolute, &fate) <= EXACT);
    assert!(
        no_harm_value(Dependence::Independent, absolute, &fate) > 10.0,
        "thirty of one fate are no thirty requests"
    );
}

#[test]
fn both_sides_together_are_fair_for_what_is_harmful_and_not_acceptable() {
    let harmful = rounds(|base| vec![(base, (2.0 * base).max(0.2)), (base / 2.0, (2.0 * base).max(0.2))]);
    assert!(no_harm_value(Dependence::Independent, NoHarm::log_e, &harmful) <= EXACT);
    let acceptable: Vec<_> = ARMS.into_iter().map(|sizes| arms(sizes, &[(0.01, 0.02)])).collect();
    assert!(no_harm_value(Dependence::Independent, NoHarm::log_e, &acceptable) > 1.01);
}

fn harm_value(dependence: Dependence, tolerance: f64, rounds: &[Round]) -> f64 {
    let harm = Harm::new(&HarmSpec { dependence, tolerance, ..HarmSpec::default() }).unwrap();
    value(&harm, rounds, &play_harm, &|harm| harm.log_e_ratio().exp())
}

/// Restarts in the middle, and does not bet all.
fn play_harm(harm: &mut Harm, round: usize, interval: &RateInterval) {
    match round {
        0 => harm.restart(0.6),
        2 => harm.restart(0.3),
        _ => {}
    }
    harm.update(interval);
}

/// Of a harm of twice the rate and an acceptable rate of 20 %.
fn no_harm_value(dependence: Dependence, log_e: impl Fn(&NoHarm) -> f64, rounds: &[Round]) -> f64 {
    let no_harm = NoHarm::new(&PassSpec { dependence, harm: 2.0, acceptable: 0.2 }).unwrap();
    let play = |no_harm: &mut NoHarm, _: usize, interval: &RateInterval| no_harm.update(interval);
    value(&no_harm, rounds, &play, &|no_harm| log_e(no_harm).exp())
}

fn rounds(laws: impl Fn(f64) -> Vec<(f64, f64)>) -> Vec<Round> {
    let laws: Vec<_> =
        BASES.into_iter().flat_map(laws).map(|(control, treatment)| (control, treatment.min(1.0))).collect();
    ARMS.into_iter().map(|sizes| arms(sizes, &laws)).collect()
}

/// Two arms of independent requests under several pairs of rates.
fn arms((control, treatment): (u64, u64), rates: &[(f64, f64)]) -> Round {
    let pairs: Vec<_> = (0..=control).flat_map(|c| (0..=treatment).map(move |t| (c, t))).collect();
    let outcomes = pairs.iter().map(|(c, t)| interval((control, treatment), (*c, *t))).collect();
    let law = |(p, q): &(f64, f64)| {
        pairs.iter().map(|(c, t)| binomial(control, *c, *p) * binomial(treatment, *t, *q)).collect()
    };
    Round { outcomes, laws: rates.iter().map(law).collect() }
}

/// Each request stands for a client with this many, all of one fate.
fn in_clients(mut round: Round, requests: u64) -> Round {
    for outcome in &mut round.outcomes {
        for arm in [&mut outcome.control, &mut outcome.treatment] {
            *arm = Counts { exposure: arm.exposure * requests, events: arm.events * requests };
        }
    }
    round
}

/// No burst, or one that falls into the treatment with this probability.
fn one_burst(sizes: (u64, u64), events: u64, share: f64) -> Round {
    let outcomes = [(0, 0), (0, events), (events, 0)].map(|events| interval(sizes, events)).into();
    let law = |burst: f64| vec![1.0 - burst, burst * share, burst * (1.0 - share)];
    Round { outcomes, laws: vec![law(0.5), law(1.0)] }
}

/// A fixed number of events, each in the treatment with this probability.
fn split(sizes: (u64, u64), events: u64, share: f64) -> Round {
    let outcomes = (0..=events).map(|t| interval(sizes, (events - t, t))).collect();
    Round { outcomes, laws: vec![(0..=events).map(|t| binomial(events, t, share)).collect()] }
}

/// All requests of the treatment have an event, or none has.
fn shared_fate(exposure: u64, rate: f64) -> Round {
    let outcomes = [0, exposure].map(|events| interval((exposure, exposure), (0, events))).into();
    Round { outcomes, laws: vec![vec![1.0 - rate, rate]] }
}

fn interval((n_c, n_t): (u64, u64), (e_c, e_t): (u64, u64)) -> RateInterval {
    let control = Counts { exposure: n_c, events: e_c };
    RateInterval { control, treatment: Counts { exposure: n_t, events: e_t }, intended_share: None }
}

fn binomial(n: u64, k: u64, p: f64) -> f64 {
    let ways = (0..k).fold(1.0, |ways, i| ways * (n - i) as f64 / (i + 1) as f64);
    ways * p.powi(i32::try_from(k).unwrap()) * (1.0 - p).powi(i32::try_from(n - k).unwrap())
}

fn by_odds(base: f64, ratio: f64) -> f64 {
    let odds = ratio * base / (1.0 - base);
    odds / (1.0 + odds)
}

fn expected_share(share: f64, ratio: f64) -> f64 {
    ratio * share / (ratio * share + 1.0 - share)
}
