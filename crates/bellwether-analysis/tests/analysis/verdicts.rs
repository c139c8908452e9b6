//! What each verdict needs, and what it says about itself.

use bellwether_analysis::{
    Dependence, Histogram, Interval, Judge, MetricSpec, MinimumEvidence, Sample, Schedule, Sequential, SequentialSpec,
};
use bellwether_core::{Arms, Basis, Severity, Value, Verdict};
use bellwether_stats::{Counts, RateInterval, RateRatio};

use crate::simulation::{is_compatible, poisson, seeded};
use crate::world::{
    at_five_percent, count, first_decision, interval, judge, minute, monitor, name, ratio, rules, series, stage,
};

const INDEPENDENT: Dependence = Dependence::Independent;

/// A share of 5 % with 100 candidate requests an interval: 0 -> 4 % is found in 2 intervals by the grid at 50 / 450
/// (statistics.md, section 3.2); the restarts cost ln 2 and the candidate's own rate must rise above the floor too.
#[test]
fn four_percent_errors_where_there_were_none_fail_within_three_intervals_of_a_hundred_requests() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let minutes = (0..).map(|at| interval(at, stage(0), 500, Arms { stable: (1_900, 0), candidate: (100, 4) }));
    let (found_after, decision) = first_decision(&judge, minutes).unwrap();
    assert_eq!(decision.outcome, Verdict::Fail);
    assert!(found_after <= 3, "{found_after}");
}

/// 4.1 / acceptable requests without an error (statistics.md, section 4): 410 at 1 %.
#[test]
fn a_healthy_service_without_errors_passes_by_its_own_rate() {
    let metrics = [(name("errors"), MetricSpec { dependence: INDEPENDENT, acceptable: 0.01, ..MetricSpec::default() })];
    let spec = SequentialSpec { metrics: metrics.into(), ..SequentialSpec::default() };
    let few = MinimumEvidence { requests: 300, ..MinimumEvidence::default() };
    let minutes = || (0..).map(|at| interval(at, stage(0), 500, Arms { stable: (380, 0), candidate: (20, 0) }));
    let with_few = Sequential::new(SequentialSpec { minimum: few, ..spec.clone() }).unwrap();
    let (passed_after, decision) = first_decision(&with_few, minutes()).unwrap();
    assert_eq!(decision.outcome, Verdict::Pass, "{decision}");
    assert!((380..=420).contains(&(passed_after * 20)), "{} requests", passed_after * 20);
    let (passed_after, _) = first_decision(&Sequential::new(spec).unwrap(), minutes()).unwrap();
    assert_eq!(passed_after * 20, 1_000, "the default minimum asks for more than the evidence");
}

#[test]
fn a_pass_needs_its_minimum_evidence_and_says_how_much_is_missing() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let mut monitor = monitor(&judge);
    for at in 0..4 {
        monitor.push(
            &name("errors"),
            &interval(at, stage(0), 5_000, Arms { stable: (9_000, 90), candidate: (9_000, 90) }),
        );
    }
    let decision = monitor.verdict(minute(4));
    assert_eq!(decision.outcome, Verdict::Inconclusive);
    assert_eq!(rules(&decision), ["judge.minimum_evidence"]);
    assert_eq!(
        decision.findings[0].rendered(),
        "minimum evidence of errors: 4 of 5 intervals, and 720 of 5 errors in both arms or 36000 of 1000 candidate requests"
    );
    monitor.push(&name("errors"), &interval(4, stage(0), 5_000, Arms { stable: (9_000, 90), candidate: (9_000, 90) }));
    assert_eq!(monitor.verdict(minute(5)).outcome, Verdict::Pass);
}

#[test]
fn what_is_missing_is_what_it_takes() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let quiet =
        |at, candidate| interval(at, stage(0), 500, Arms { stable: (19 * candidate, 0), candidate: (candidate, 0) });
    let mut monitor = monitor(&judge);
    for at in 0..5 {
        monitor.push(&name("errors"), &quiet(at, 100));
    }
    let decision = monitor.verdict(minute(5));
    assert_eq!(rules(&decision), ["judge.minimum_evidence", "judge.inconclusive"]);
    let missing = count(&decision.findings[1], "requests");
    assert_eq!(
        decision.findings[1].rendered_flip().unwrap(),
        format!("about {missing} more candidate requests came without an error")
    );
    let after = |requests| {
        let mut monitor = monitor.clone();
        monitor.push(&name("errors"), &quiet(5, requests));
        rules(&monitor.verdict(minute(6))).contains(&"judge.inconclusive")
    };
    assert!(after(missing - 1));
    assert!(!after(missing));
}

#[test]
fn where_errors_cluster_it_says_how_many_intervals_are_missing_at_least() {
    let judge = judge(MetricSpec::default());
    let minutes = |until| (0..until).map(|at| at_five_percent(at, 57, 3));
    let mut monitor = monitor(&judge);
    let mut claims = Vec::new();
    for interval in minutes(400) {
        monitor.push(&name("errors"), &interval);
        let decision = monitor.verdict(interval.end);
        if decision.outcome == Verdict::Pass {
            break;
        }
        let finding = decision.findings.iter().find(|finding| finding.rule == "judge.inconclusive").unwrap();
        claims.push(count(finding, "more_intervals"));
    }
    let all = claims.len() as u64;
    // 62 intervals at 5 % are the least that statistics.md, section 4, gives
    assert!((60..=90).contains(&all), "{all}");
    for (before, claim) in (1..).zip(claims) {
        assert!(claim <= all + 1 - before, "after {before}: {claim}");
    }
}

/// The rule is tried on the intervals themselves: one error fewer than it says does not fail, as many as it says do.
#[test]
fn a_fail_says_how_few_errors_of_the_last_interval_would_not_have_failed() {
    for dependence in [Dependence::Clustered, INDEPENDENT] {
        let judge = judge(MetricSpec { dependence, ..MetricSpec::default() });
        let (minutes, decision) = first_decision(&judge, (0..).map(|at| at_five_percent(at, 6, 7))).unwrap();
        assert_eq!(rules(&decision)[0], "judge.harm");
        let finding = &decision.findings[0];
        assert_eq!(finding.severity, Severity::Critical);
        let flip = count(finding, "flip_errors");
        assert!(
            finding
                .rendered_flip()
                .unwrap()
                .starts_with(&format!("fewer than {flip} candidate requests had failed by errors"))
        );
        let with_last = |errors| {
            let mut intervals: Vec<_> = (0..minutes - 1).map(|at| at_five_percent(at, 6, 7)).collect();
            intervals.push(at_five_percent(minutes - 1, 6, errors));
            judge.judge(&series(stage(0), intervals), minute(minutes)).outcome
        };
        assert_eq!(with_last(flip), Verdict::Fail);
        assert_ne!(with_last(flip - 1), Verdict::Fail);
    }
}

#[test]
fn a_pass_says_how_many_errors_in_one_more_interval_would_end_it() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let (minutes, decision) = first_decision(&judge, (0..).map(|at| at_five_percent(at, 57, 2))).unwrap();
    assert_eq!(rules(&decision), ["judge.no_harm"]);
    let flip = count(&decision.findings[0], "flip_errors");
    let with_more = |errors| {
        let mut intervals: Vec<_> = (0..minutes).map(|at| at_five_percent(at, 57, 2)).collect();
        intervals.push(at_five_percent(minutes, 57, errors));
        judge.judge(&series(stage(0), intervals), minute(minutes + 1)).outcome
    };
    assert_eq!(with_more(flip - 1), Verdict::Pass);
    assert_ne!(with_more(flip), Verdict::Pass);
}

#[test]
fn an_outage_fails_in_its_first_interval_by_a_rule_of_its_own() {
    let judge = judge(MetricSpec::default());
    let outage = |errors| interval(0, stage(0), 5_000, Arms { stable: (100, 1), candidate: (100, errors) });
    let decide = |errors| judge.judge(&series(stage(0), vec![outage(errors)]), minute(1));
    assert_eq!(decide(20).outcome, Verdict::Inconclusive, "20 % is not more than 20 %");
    let decision = decide(21);
    assert_eq!((decision.outcome, rules(&decision)), (Verdict::Fail, vec!["judge.guard"]));
    assert_eq!(
        decision.findings[0].to_string(),
        "critical judge.guard: outage: 21 of 100 candidate requests of errors failed (21.0 %), more than 20.0 %, until \
         2026-03-02T10:01:00.000Z; a rule of its own, outside of alpha \
         (would change: at most 20 of these 100 requests had failed)"
    );
}

/// statistics.md, section 3.2: the interval is a statistical parameter, and a clustered Fail needs 2 of them at 5 %.
#[test]
fn intervals_shorter_than_stated_are_warned_of_and_the_least_number_to_fail_is_stated() {
    let metric = MetricSpec { interval: "5m".parse().unwrap(), ..MetricSpec::default() };
    let decide = |metric| judge(metric).judge(&series(stage(0), vec![at_five_percent(0, 6, 0)]), minute(1));
    let warned = decide(metric);
    assert!(rules(&warned).contains(&"judge.short_interval"), "{warned}");
    assert!(!rules(&decide(MetricSpec::default())).contains(&"judge.short_interval"));
    assert!(!rules(&decide(MetricSpec { dependence: INDEPENDENT, ..metric })).contains(&"judge.short_interval"));
    let evidence = warned.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap();
    assert_eq!(count(evidence, "least_intervals"), 2);
    assert!(evidence.rendered().ends_with("; a fail takes at least 2 intervals at this share"), "{evidence}");
}

/// reliability.md, fault 17: the baseline itself breaks.
#[test]
fn nothing_passes_while_stable_is_in_an_outage() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let mut monitor = monitor(&judge);
    for at in 0..20 {
        monitor.push(
            &name("errors"),
            &interval(at, stage(0), 5_000, Arms { stable: (3_000, 30), candidate: (3_000, 30) }),
        );
    }
    assert_eq!(monitor.verdict(minute(20)).outcome, Verdict::Pass);
    let both_bad = interval(20, stage(0), 5_000, Arms { stable: (3_000, 1_500), candidate: (3_000, 1_500) });
    monitor.push(&name("errors"), &both_bad);
    let decision = monitor.verdict(minute(21));
    assert_eq!((decision.outcome, rules(&decision)), (Verdict::Inconclusive, vec!["judge.both_bad"]));
}

#[test]
fn a_doubt_keeps_a_candidate_from_passing() {
    // between tolerance and harm both kinds of evidence grow; the candidate that got 3.5 % is worse than 1.1 times
    let metric = MetricSpec { dependence: INDEPENDENT, tolerance: 1.1, harm: 4.0, ..MetricSpec::default() };
    let judge = judge(metric);
    let mut monitor = monitor(&judge);
    let mut seen = Vec::new();
    for at in 0..100 {
        monitor.push(&name("errors"), &at_five_percent(at, 57, 5));
        let decision = monitor.verdict(minute(at + 1));
        let rules: Vec<String> = rules(&decision).iter().map(ToString::to_string).collect();
        if seen.last() != Some(&(decision.outcome, rules.clone())) {
            seen.push((decision.outcome, rules));
        }
    }
    assert!(seen.contains(&(Verdict::Inconclusive, vec!["judge.doubt".into()])), "{seen:?}");
    assert_eq!(seen.last(), Some(&(Verdict::Fail, vec!["judge.harm".into(), "judge.between".into()])), "{seen:?}");
}

#[test]
fn there_is_no_data_without_an_interval_without_traffic_with_old_or_wrong_samples() {
    let judge = judge(MetricSpec::default());
    let good = || at_five_percent(0, 6, 0);
    let with = |change: fn(&mut Interval)| {
        let mut interval = at_five_percent(1, 6, 0);
        change(&mut interval);
        vec![good(), interval]
    };
    let histogram = |interval: &mut Interval| {
        interval.arms.candidate = Histogram::new(vec![0.1], vec![300, 0]).unwrap().into();
    };
    for (intervals, now, rule) in [
        (vec![], 2, "judge.no_data.no_series"),
        (vec![good()], 5, "judge.no_data.stale"),
        (
            with(|interval| interval.arms.candidate = Sample::Counts { requests: 0, errors: 0 }),
            2,
            "judge.no_data.no_traffic",
        ),
        (
            with(|interval| interval.arms.stable = Sample::Counts { requests: 0, errors: 0 }),
            2,
            "judge.no_data.no_traffic",
        ),
        (
            with(|interval| interval.arms.candidate = Sample::Counts { requests: 1, errors: 2 }),
            2,
            "judge.no_data.impossible",
        ),
        (with(histogram), 2, "judge.no_data.wrong_kind"),
        (vec![Interval { settled: false, ..good() }], 1, "judge.no_data.unsettled"),
    ] {
        let decision = judge.judge(&series(stage(0), intervals), minute(now));
        assert_eq!((decision.outcome, rules(&decision)), (Verdict::NoData, vec![rule]), "{decision}");
    }
    let unsettled = (1..5).map(|at| Interval { settled: false, ..at_five_percent(at, 6, 0) });
    let drifting: Vec<_> = [good()].into_iter().chain(unsettled).collect();
    let decide =
        |until: usize| judge.judge(&series(stage(0), drifting[..until].to_vec()), minute(until as u64)).outcome;
    assert_eq!(
        (decide(4), decide(5)),
        (Verdict::Inconclusive, Verdict::NoData),
        "measured more than three minutes ago"
    );
}

/// statistics.md, section 5: a crashed candidate reports no errors. What came before is not forgotten, and not enough.
#[test]
fn a_candidate_that_would_pass_does_not_without_traffic_and_does_again_with_it() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let mut monitor = monitor(&judge);
    let mut outcomes = Vec::new();
    for at in 0..42 {
        let requests = if at == 40 { 0 } else { 300 };
        let arms = Arms { stable: (5_700, 57), candidate: (requests, requests / 100) };
        monitor.push(&name("errors"), &interval(at, stage(0), 500, arms));
        outcomes.push(monitor.verdict(minute(at + 1)).outcome);
    }
    assert_eq!(outcomes[39..], [Verdict::Pass, Verdict::NoData, Verdict::Pass]);
}

#[test]
fn a_hidden_candidate_without_requests_is_waited_for() {
    let judge = judge(MetricSpec::default());
    let hidden = interval(0, stage(0), 0, Arms { stable: (6_000, 6), candidate: (0, 0) });
    assert_eq!(judge.judge(&series(stage(0), vec![hidden]), minute(1)).outcome, Verdict::Inconclusive);
}

#[test]
fn every_metric_must_pass_and_one_is_enough_to_fail() {
    let metric = MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() };
    let metrics = [(name("errors"), metric), (name("timeouts"), metric)].into();
    let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).unwrap();
    let decide = |timeouts: u64| {
        let mut series = series(stage(0), (0..60).map(|at| at_five_percent(at, 57, 3)).collect());
        let other = (0..60).map(|at| at_five_percent(at, 57, timeouts)).collect();
        series.metrics.insert(name("timeouts"), other);
        judge.judge(&series, minute(60))
    };
    assert_eq!(decide(3).outcome, Verdict::Pass);
    let failed = decide(12);
    assert_eq!(failed.outcome, Verdict::Fail);
    assert_eq!(failed.findings[0].value("metric").unwrap().to_string(), "timeouts", "the worst is named first");
    assert!(ratio(&failed.findings[0], "evidence") >= 100.0);
    let mut only_errors = series(stage(0), (0..60).map(|at| at_five_percent(at, 57, 3)).collect());
    assert_eq!(judge.judge(&only_errors, minute(60)).outcome, Verdict::NoData, "a metric without intervals");
    only_errors.metrics.insert(name("timeouts"), vec![at_five_percent(59, 57, 3)]);
    assert_eq!(judge.judge(&only_errors, minute(60)).outcome, Verdict::Inconclusive);
}

/// statistics.md, section 12: lower 99 % binomial bound <= 1 % on the ramp 1-5-25-50 with the mixture of section 2, at the
/// default tolerance and where the null is just true.
#[test]
fn a_candidate_that_is_not_worse_rarely_fails_on_the_whole_ramp() {
    for (dependence, tolerance) in [(Dependence::Clustered, 1.5), (Dependence::Clustered, 1.0), (INDEPENDENT, 1.0)] {
        for base in [0.001, 0.01] {
            let ramp = Ramp { dependence, tolerance, base, ratio: 1.0 };
            let failed = ramp.failures(150);
            assert!(is_compatible(failed, 150, 0.01), "{ramp:?}: {failed} of 150");
        }
    }
}

/// The same ramp sees what it should: 0.1 % x 2 at 5 % takes 232 minutes at r0 = 1.5 (statistics.md, section 3.2), less at
/// the steps after it.
#[test]
fn a_candidate_of_twice_the_rate_fails_on_the_ramp() {
    let ramp = Ramp { dependence: Dependence::Clustered, tolerance: 1.5, base: 0.001, ratio: 2.0 };
    let failed = ramp.failures(30);
    assert!(failed >= 29, "{failed} of 30");
}

#[derive(Clone, Copy, Debug)]
struct Ramp {
    dependence: Dependence,
    tolerance: f64,
    base: f64,
    ratio: f64,
}

impl Ramp {
    fn failures(self, runs: u32) -> u32 {
        u32::try_from((0..runs).filter(|seed| self.fails(u64::from(*seed))).count()).unwrap()
    }

    fn fails(self, seed: u64) -> bool {
        let metric = MetricSpec { dependence: self.dependence, tolerance: self.tolerance, ..MetricSpec::default() };
        let schedule = Schedule { steps: 4, hours: 20 };
        let metrics = [(name("errors"), metric)].into();
        let judge = Sequential::new(SequentialSpec { metrics, schedule, ..SequentialSpec::default() }).unwrap();
        let (mut monitor, mut random) = (monitor(&judge), seeded(seed));
        let errors = name("errors");
        let mut at = 0;
        for (step, (share, minutes)) in (0..).zip([(100, 480), (500, 240), (2_500, 240), (5_000, 240)]) {
            monitor.enter(&stage(step), Basis::Compare);
            let candidate = 6_000 * u64::from(share) / 10_000;
            let arms = Arms { stable: (6_000 - candidate, self.base), candidate: (candidate, self.base * self.ratio) };
            for _ in 0..minutes {
                let arms = arms.map(|(requests, rate)| (requests, poisson(&mut random, requests as f64 * rate)));
                monitor.push(&errors, &interval(at, stage(step), share, arms));
                at += 1;
            }
        }
        // evidence that once was enough ends the judgement, so one look at the end sees every earlier one
        monitor.verdict(minute(at)).outcome == Verdict::Fail
    }
}

/// statistics.md, section 12: false pass at the true ratio = harm at most 5 %, over all looks.
#[test]
fn a_candidate_that_is_just_harmful_rarely_passes_at_any_look() {
    const RUNS: u32 = 150;
    for dependence in [Dependence::Clustered, INDEPENDENT] {
        let metric = MetricSpec { dependence, tolerance: 2.0, ..MetricSpec::default() };
        let judge = judge(metric);
        for (share, minutes) in [(500, 150), (5_000, 40)] {
            let passes = |seed: u32| {
                let mut random = seeded(u64::from(seed));
                let candidate = 6_000 * u64::from(share) / 10_000;
                let arms = Arms { stable: (6_000 - candidate, 0.01), candidate: (candidate, 0.02) };
                let intervals = (0..minutes).map(|at| {
                    let arms = arms.map(|(requests, rate)| (requests, poisson(&mut random, requests as f64 * rate)));
                    interval(at, stage(0), share, arms)
                });
                first_decision(&judge, intervals).is_some_and(|(_, decision)| decision.outcome == Verdict::Pass)
            };
            let passed = u32::try_from((0..RUNS).filter(|seed| passes(*seed)).count()).unwrap();
            assert!(is_compatible(passed, RUNS, 0.05), "{dependence:?} at {share}: {passed} of {RUNS}");
        }
    }
}

/// statistics.md, section 5: half of the candidate's requests are missing, so the arms are not comparable.
#[test]
fn nothing_passes_while_the_share_of_the_requests_is_another_one() {
    let judge = judge(MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() });
    let mut monitor = monitor(&judge);
    for at in 0..60 {
        let arms = Arms { stable: (5_850, 58), candidate: (150, 1) };
        monitor.push(&name("errors"), &interval(at, stage(0), 500, arms));
    }
    let decision = monitor.verdict(minute(60));
    assert_eq!((decision.outcome, rules(&decision)), (Verdict::Inconclusive, vec!["judge.share"]), "{decision}");
    let text = decision.findings[0].rendered();
    assert!(
        text.starts_with("the candidate's share of the requests of errors was 2.50 % in the last interval and not 5 %"),
        "{text}"
    );
    for at in 60..200 {
        monitor.push(&name("errors"), &at_five_percent(at, 57, 2));
    }
    assert_eq!(monitor.verdict(minute(200)).outcome, Verdict::Pass, "the share is right for long enough");
}

/// statistics.md, section 2.4: a certificate expires, the next one has half of beta, and evidence of harm goes on.
#[test]
fn a_certificate_expires_and_is_gathered_anew_with_half_of_beta() {
    let spec = SequentialSpec {
        metrics: [(name("errors"), MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() })].into(),
        certificate_ttl: "1h".parse().unwrap(),
        ..SequentialSpec::default()
    };
    let judge = Sequential::new(spec).unwrap();
    let mut monitor = monitor(&judge);
    let mut outcomes = Vec::new();
    for at in 0..130 {
        monitor.push(&name("errors"), &at_five_percent(at, 57, 2));
        let decision = monitor.verdict(minute(at + 1));
        let beta = decision.findings.iter().find_map(|finding| finding.value("beta").cloned());
        outcomes.push((decision.outcome, beta));
    }
    let beta = |beta| Some(Value::Ratio(beta));
    assert_eq!(outcomes[59], (Verdict::Pass, beta(0.05)));
    assert_eq!(outcomes[60], (Verdict::Inconclusive, beta(0.025)), "the first interval of the next hour");
    assert_eq!(outcomes[119], (Verdict::Pass, beta(0.025)));
    assert_eq!(outcomes[120].1, beta(0.0125));
    let evidence = monitor.verdict(minute(130)).findings.pop().unwrap();
    assert_eq!(evidence.rule, "judge.ratio");
}

/// statistics.md, section 4: at 0.1 % and a share of 5 % the ratio takes a median of 82 minutes to certify where errors
/// cluster (90 %: 125) and of 34 where they do not (78), and 62 intervals at least; ten minutes have passed. No rate above
/// zero is acceptable here, so that only the ratio can.
#[test]
fn an_inconclusive_verdict_says_how_much_is_missing() {
    let decide = |dependence| {
        let judge = judge(MetricSpec { dependence, acceptable: 1e-9, ..MetricSpec::default() });
        let intervals = (0..10).map(|at| at_five_percent(at, 6, u64::from(at % 4 == 1))).collect();
        judge.judge(&series(stage(0), intervals), minute(10))
    };
    let minutes = |decision: &bellwether_core::Decision<Verdict>| count(&decision.findings[0], "more_requests") / 300;
    let clustered = decide(Dependence::Clustered);
    assert_eq!((clustered.outcome, rules(&clustered)), (Verdict::Inconclusive, vec!["judge.inconclusive"]));
    let flip = clustered.findings[0].rendered_flip().unwrap();
    assert!((72..=115).contains(&minutes(&clustered)), "{flip}");
    let least = count(&clustered.findings[0], "more_intervals");
    assert!((50..=62).contains(&least), "{flip}");
    let said =
        format!("more candidate requests at equal rates, about {}m at this rate; at least {least} more intervals", {
            minutes(&clustered)
        });
    assert!(flip.starts_with("about ") && (flip.ends_with(&said) || flip.contains("1h")), "{flip}");
    let independent = decide(INDEPENDENT);
    let flip = independent.findings[0].rendered_flip().unwrap();
    assert!((24..=68).contains(&minutes(&independent)), "{flip}");
    assert!(flip.ends_with(" without an error"), "{flip}");
}

/// The estimate is plain arithmetic; the limits are those of the estimator on the same intervals.
#[test]
fn the_ratio_is_told_with_limits_that_hold_at_every_look() {
    let judge = judge(MetricSpec { tolerance: 10.0, harm: 10.0, ..MetricSpec::default() });
    let decide = |minutes: u64, stable, candidate| {
        let intervals: Vec<_> = (0..minutes).map(|at| at_five_percent(at, stable, candidate)).collect();
        let mut ratio = RateRatio::new(Dependence::Clustered).unwrap();
        for _ in 0..minutes {
            let of = |exposure, events| Counts { exposure, events };
            let (control, treatment) = (of(5_700, stable), of(300, candidate));
            ratio.update(&RateInterval { control, treatment, intended_share: Some(0.05) });
        }
        let decision = judge.judge(&series(stage(0), intervals), minute(minutes));
        let told = decision.findings.iter().find(|finding| finding.rule == "judge.ratio").map(|it| it.rendered());
        (told.unwrap_or_default(), ratio.limits(0.05))
    };
    let times = |limit: Option<f64>| Value::Ratio(limit.unwrap()).to_string();
    let (told, (lower, upper)) = decide(60, 57, 6);
    let (lower, upper) = (times(lower), times(upper));
    let expected =
        format!("2.00 times that of stable so far, at every look between {lower} and {upper} times (95.0 %)");
    assert_eq!(told, format!("the rate of errors is {expected}"));
    let (told, limits) = decide(1, 57, 6);
    let expected = "the rate of errors is 2.00 times that of stable so far; no limit of it is known yet";
    assert_eq!((told.as_str(), limits), (expected, (None, None)));
    let (told, (lower, upper)) = decide(60, 57, 0);
    let expected = format!("0.00 times that of stable so far, at every look below {} times (95.0 %)", times(upper));
    assert_eq!((told, lower), (format!("the rate of errors is {expected}"), None));
    let (told, (lower, upper)) = decide(10, 0, 3);
    let expected = "stable had no error of errors yet; at every look the candidate's rate is above";
    assert_eq!((told, upper), (format!("{expected} {} times its (95.0 %)", times(lower)), None));
    assert_eq!(decide(60, 0, 0).0, "");
}

/// What is worse turned around is better.
#[test]
fn arms_that_change_places_change_the_verdict() {
    let metric = MetricSpec { dependence: INDEPENDENT, harm: 1.5, ..MetricSpec::default() };
    let judge = judge(metric);
    let decide = |stable, candidate| {
        let minute =
            |at| interval(at, stage(0), 5_000, Arms { stable: (3_000, stable), candidate: (3_000, candidate) });
        let decision = judge.judge(&series(stage(0), (0..30).map(minute).collect()), crate::world::minute(30));
        let estimate =
            decision.findings.iter().find(|finding| finding.rule == "judge.ratio").map(|it| ratio(it, "ratio"));
        (decision.outcome, estimate.unwrap())
    };
    let ((worse, twice), (better, half)) = (decide(15, 30), decide(30, 15));
    assert_eq!((worse, better), (Verdict::Fail, Verdict::Pass));
    assert!((twice * half - 1.0).abs() < 1e-12);
}

#[test]
fn all_metrics_that_are_worse_are_named() {
    let metric = MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() };
    let metrics = ["errors", "retries", "timeouts"].map(|of| (name(of), metric)).into();
    let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).unwrap();
    let mut monitor = monitor(&judge);
    // one look after fifteen minutes, in which one was so bad that the judgement ended with it
    for (metric, errors) in [("errors", 60), ("retries", 3), ("timeouts", 90)] {
        monitor.push(&name(metric), &at_five_percent(0, 57, errors.min(59)));
    }
    let decision = monitor.verdict(minute(1));
    assert_eq!(
        (decision.outcome, rules(&decision)),
        (Verdict::Fail, vec!["judge.harm", "judge.also_worse"]),
        "{decision}"
    );
    let text = decision.findings[1].rendered();
    assert!(
        text.starts_with("also worse than tolerated: timeouts;")
            || text.starts_with("also worse than tolerated: errors;"),
        "{text}"
    );
}

/// Evidence of what is only reported neither fails nor keeps from passing.
#[test]
fn what_is_only_reported_decides_nothing() {
    let metric = MetricSpec { dependence: INDEPENDENT, ..MetricSpec::default() };
    let metrics = [(name("errors"), metric), (name("retries"), MetricSpec { advisory: true, ..metric })].into();
    let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).unwrap();
    let mut series = series(stage(0), (0..60).map(|at| at_five_percent(at, 57, 3)).collect());
    assert_eq!(judge.judge(&series, minute(60)).outcome, Verdict::Pass, "nothing is known of retries");
    series.metrics.insert(name("retries"), (0..60).map(|at| at_five_percent(at, 57, 30)).collect());
    assert_eq!(judge.judge(&series, minute(60)).outcome, Verdict::Pass);
}
