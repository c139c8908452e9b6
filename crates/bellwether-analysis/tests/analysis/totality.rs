//! Every input gets an answer whose figures are finite and can be stored.

use bellwether_analysis::{Dependence, Histogram, Interval, MetricSpec, Sample, Sequential, SequentialSpec};
use bellwether_core::{Arms, Decision, StageId, Time, Value, Verdict, Weight};
use proptest::prelude::*;

use crate::world::{monitor, name, stage};

proptest! {
    #[test]
    fn every_input_gets_an_answer_with_finite_figures_that_reads_back(
        dependence in prop_oneof![
            Just(Dependence::Clustered), Just(Dependence::BurstsUpTo(u32::MAX)), Just(Dependence::Independent)
        ],
        intervals in prop::collection::vec(interval(), 0..12),
        now in time(),
    ) {
        let metrics = [(name("errors"), MetricSpec { dependence, ..MetricSpec::default() })].into();
        let judge = Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() }).unwrap();
        let mut monitor = monitor(&judge);
        for interval in &intervals {
            monitor.push(&name("errors"), interval);
            check(&monitor.verdict(now))?;
            check(&monitor.verdict(interval.end))?;
        }
    }
}

fn check(decision: &Decision<Verdict>) -> Result<(), TestCaseError> {
    for figure in decision.findings.iter().flat_map(|finding| &finding.figures) {
        if let Value::Ratio(number) | Value::Share(number) = figure.value {
            prop_assert!(number.is_finite(), "{} of {decision}", figure.name);
        }
    }
    let text = serde_json::to_string(decision).unwrap();
    let read: Decision<Verdict> = serde_json::from_str(&text).unwrap();
    prop_assert_eq!(read.outcome, decision.outcome);
    prop_assert!(!decision.findings.is_empty());
    let unfilled = decision.findings.iter().any(|finding| finding.to_string().contains('{'));
    prop_assert!(!unfilled, "a text without its figure: {decision}");
    Ok(())
}

fn interval() -> impl Strategy<Value = Interval> {
    let arms = (sample(), sample()).prop_map(|(stable, candidate)| Arms { stable, candidate });
    let share = (0..=10_000_u16).prop_map(|share| Weight::new(share).unwrap());
    (time(), time(), 0..3_u32, share.clone(), share, any::<bool>(), arms).prop_map(
        |(start, end, step, intended, observed, settled, arms)| {
            let stage = StageId { entry: step / 2, ..stage(step) };
            Interval { start, end, stage, intended, observed, settled, arms }
        },
    )
}

fn sample() -> impl Strategy<Value = Sample> {
    let count = || prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(u64::MAX - 1), any::<u64>(), 0..1_000_u64];
    prop_oneof![
        9 => (count(), count()).prop_map(|(requests, errors)| Sample::Counts { requests, errors }),
        5 => (count(), count()).prop_map(|(a, b)| Sample::Counts { requests: a.max(b), errors: a.min(b) }),
        1 => Just(Histogram::new(vec![], vec![1]).unwrap().into()),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        Just(Time::MIN),
        Just(Time::MAX),
        any::<i64>().prop_map(Time::from_unix_millis),
        (0..100_i64).prop_map(|minutes| Time::from_unix_millis(minutes * 60_000)),
    ]
}
