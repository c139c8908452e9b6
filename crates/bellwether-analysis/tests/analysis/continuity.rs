//! A monitor that is stored, stopped, fed twice or fed late.

use bellwether_analysis::{Dependence, MetricSpec, Monitor, MonitorState, RestoreError, Sequential, SequentialSpec};
use bellwether_core::{Arms, Basis, Time, Verdict};
use proptest::prelude::*;

use crate::simulation::arbitrary_rollout;
use crate::world::{at_five_percent, interval, judge, minute, monitor, name, series, stage};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_monitor_that_was_stored_after_any_interval_goes_on_with_the_same_bits((judge, intervals) in arbitrary_rollout()) {
        let (mut kept, mut stored) = (Monitor::new(&judge), Monitor::new(&judge));
        for (metric, interval) in &intervals {
            for monitor in [&mut kept, &mut stored] {
                monitor.enter(&interval.stage, Basis::Compare);
                monitor.push(metric, interval);
            }
            let text = serde_json::to_string(stored.state()).unwrap();
            let state: MonitorState = serde_json::from_str(&text).unwrap();
            stored = Monitor::restore(&judge, state).unwrap();
            prop_assert_eq!(serde_json::to_string(kept.state()).unwrap(), text);
            prop_assert_eq!(kept.verdict(interval.end), stored.verdict(interval.end));
        }
        prop_assert_eq!(kept, stored);
    }

    #[test]
    fn an_interval_delivered_twice_or_late_is_taken_once((judge, intervals) in arbitrary_rollout()) {
        let (mut once, mut often) = (Monitor::new(&judge), Monitor::new(&judge));
        for (at, (metric, interval)) in intervals.iter().enumerate() {
            for monitor in [&mut once, &mut often] {
                monitor.enter(&interval.stage, Basis::Compare);
                monitor.push(metric, interval);
            }
            often.push(metric, interval);
            let (earlier_metric, earlier) = &intervals[at / 2];
            let has_followed = intervals[at / 2 + 1..=at].iter().any(|(metric, _)| metric == earlier_metric);
            if has_followed {
                often.push(earlier_metric, earlier);
            }
            prop_assert_eq!(&once, &often);
        }
    }
}

#[test]
fn a_state_of_another_test_is_refused_and_one_of_another_alpha_is_not() {
    let judge_of = |change: fn(&mut SequentialSpec)| {
        let mut spec = SequentialSpec::default();
        change(&mut spec);
        Sequential::new(spec).unwrap()
    };
    let state = Monitor::new(&Sequential::default()).state().clone();
    for other in [
        judge_of(|spec| spec.schedule.steps = 5),
        judge_of(|spec| spec.schedule.hours = 5),
        judge_of(|spec| spec.metrics = [(name("timeouts"), MetricSpec::default())].into()),
        judge_of(|spec| {
            spec.metrics = [(name("errors"), MetricSpec { tolerance: 1.1, ..MetricSpec::default() })].into();
        }),
        judge_of(|spec| {
            let independent = MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() };
            spec.metrics = [(name("errors"), independent)].into();
        }),
        judge_of(|spec| {
            spec.metrics.insert(name("timeouts"), MetricSpec::default());
        }),
    ] {
        assert_eq!(Monitor::restore(&other, state.clone()), Err(RestoreError::OtherJudge), "{:?}", other.spec());
    }
    let stricter = judge_of(|spec| spec.alpha = 0.001);
    assert!(Monitor::restore(&stricter, state.clone()).is_ok());
    let text = serde_json::to_string(&state).unwrap().replace("\"schema\":1", "\"schema\":2");
    let newer: MonitorState = serde_json::from_str(&text).unwrap();
    let refused = Monitor::restore(&Sequential::default(), newer).unwrap_err();
    assert_eq!(refused.to_string(), "restore a monitor: expected schema 1, found 2");
}

#[test]
fn a_return_to_the_same_stage_costs_nothing_and_a_new_stage_begins_anew() {
    let judge = judge(MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() });
    let mut monitor = monitor(&judge);
    for at in 0..40 {
        monitor.push(&name("errors"), &at_five_percent(at, 57, 3));
    }
    assert_eq!(monitor.verdict(minute(40)).outcome, Verdict::Pass);
    monitor.enter(&stage(0), Basis::Compare);
    assert_eq!(monitor.verdict(minute(40)).outcome, Verdict::Pass, "a drift and a return");
    monitor.enter(&stage(1), Basis::Compare);
    assert_eq!(monitor.verdict(minute(40)).outcome, Verdict::NoData, "nothing is known at this exposure yet");
}

/// reliability.md, fault 7, and rollout.md, I11: another stage's evidence may fail a candidate, never pass it.
#[test]
fn intervals_of_an_earlier_stage_fail_the_candidate_and_never_pass_it() {
    let judge = judge(MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() });
    let feed = |candidate_errors| {
        let mut monitor = Monitor::new(&judge);
        monitor.enter(&stage(1), Basis::Compare);
        for at in 0..60 {
            monitor.push(&name("errors"), &at_five_percent(at, 57, candidate_errors));
        }
        monitor.verdict(minute(60)).outcome
    };
    assert_eq!(feed(3), Verdict::NoData, "good news of another stage is no news");
    assert_eq!(feed(30), Verdict::Fail);
}

#[test]
fn another_rollout_is_another_candidate() {
    let judge = Sequential::default();
    let mut monitor = monitor(&judge);
    let mut foreign = at_five_percent(0, 5, 200);
    foreign.stage.rollout = "checkout-40".parse().unwrap();
    monitor.push(&name("errors"), &foreign);
    assert_eq!(monitor, crate::world::monitor(&judge), "evidence about another candidate is none");
    monitor.push(&name("errors"), &at_five_percent(0, 5, 200));
    assert_eq!(monitor.verdict(minute(1)).outcome, Verdict::Fail);
    monitor.enter(&foreign.stage, Basis::Compare);
    let mut fresh = Monitor::new(&judge);
    fresh.enter(&foreign.stage, Basis::Compare);
    assert_eq!(monitor, fresh, "a candidate does not inherit the other's failure");
}

#[test]
fn what_is_not_settled_or_not_asked_for_is_no_evidence() {
    let judge = Sequential::default();
    let mut monitor = monitor(&judge);
    let mut drifting = at_five_percent(0, 5, 200);
    drifting.settled = false;
    monitor.push(&name("errors"), &drifting);
    monitor.push(&name("somebody's metric"), &at_five_percent(1, 5, 200));
    assert_eq!(monitor.verdict(minute(1)).outcome, Verdict::NoData);
    let mut empty = at_five_percent(1, 5, 200);
    empty.end = empty.start;
    monitor.push(&name("errors"), &empty);
    assert_eq!(monitor.verdict(minute(1)).outcome, Verdict::NoData, "an interval that covers no time");
}

#[test]
fn a_fault_that_went_away_was_one() {
    let judge = judge(MetricSpec::default());
    let intervals =
        |minutes: u64| (0..minutes).map(|at| at_five_percent(at, 6, if at < 10 { 12 } else { 0 })).collect::<Vec<_>>();
    let decide = |minutes| {
        let now: Time = minute(minutes);
        bellwether_analysis::Judge::judge(&judge, &series(stage(0), intervals(minutes)), now)
    };
    let at_once = decide(10);
    assert_eq!(at_once.outcome, Verdict::Fail);
    assert_eq!(decide(400), at_once, "the same answer with the same figures");
}

/// statistics.md, section 2: 1/4 of the mass belongs to the starts of later steps, so a fault that appears only there
/// does not have to climb out of a long good step. Without restarts the evidence would have sunk below e^-40 here.
#[test]
fn a_fault_that_appears_at_a_later_step_is_found_soon() {
    let judge = judge(MetricSpec { dependence: Dependence::Independent, ..MetricSpec::default() });
    let mut monitor = monitor(&judge);
    for at in 0..480 {
        monitor.push(&name("errors"), &at_five_percent(at, 57, 3));
    }
    monitor.enter(&stage(1), Basis::Compare);
    let found = (480..600).find(|at| {
        let arms = Arms { stable: (4_500, 45), candidate: (1_500, 45) };
        monitor.push(&name("errors"), &interval(*at, stage(1), 2_500, arms));
        monitor.verdict(minute(at + 1)).outcome == Verdict::Fail
    });
    assert!(found.is_some_and(|at| at < 490), "{found:?}");
}
