use alloc::{string::ToString, vec};

use bellwether_core::{Digest, Duration, MetricName, Severity, Value};
use proptest::prelude::*;

use super::*;
use crate::{Measurement, OnMissing, Unit};

const OPERATORS: [Operator; 5] = [Operator::Lt, Operator::Le, Operator::Gt, Operator::Ge, Operator::Eq];

fn metric(name: &str) -> MetricName {
    MetricName::new(name).unwrap()
}

fn set(conditions: Vec<Condition>) -> AllOf {
    AllOf::new(GateName::new("test").unwrap(), conditions).unwrap()
}

fn now() -> Time {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

fn one(condition: Condition, measurement: Measurement) -> Decision<Verdict> {
    let evidence = Evidence::default().with(condition.metric.clone(), measurement);
    set(vec![condition]).check(&evidence, now())
}

fn latency(operator: Operator) -> Condition {
    Condition::new(metric("latency"), operator, 500.0).with_unit(Unit::Milliseconds)
}

fn millis(value: impl Into<Reading>) -> Measurement {
    Measurement::new(value, now()).with_unit(Unit::Milliseconds)
}

#[test]
fn the_bound_itself_passes_only_where_it_is_included() {
    use Verdict::{Fail, Pass};
    let table = [
        (Operator::Lt, [Pass, Fail, Fail]),
        (Operator::Le, [Pass, Pass, Fail]),
        (Operator::Gt, [Fail, Fail, Pass]),
        (Operator::Ge, [Fail, Pass, Pass]),
        (Operator::Eq, [Fail, Pass, Fail]),
    ];
    for (operator, expected) in table {
        // The neighbours of 500 among the floats.
        let found =
            [500_f64.next_down(), 500.0, 500_f64.next_up()].map(|value| one(latency(operator), millis(value)).outcome);
        assert_eq!(found, expected, "{operator}");
    }
}

#[test]
fn a_line_says_what_was_asked_and_found_and_what_would_change_it() {
    let failed = one(latency(Operator::Lt), millis(612.0));
    assert_eq!(
        failed.findings[1].to_string(),
        "critical condition.latency.lt: latency is 612 ms, must be < 500 ms, margin -112 ms: fail (would change: it \
         were below 500 ms)"
    );
    assert_eq!(failed.findings[1].value("margin"), Some(&Value::Ratio(-112.0)));
    let passed = one(latency(Operator::Le), millis(450_u64));
    assert_eq!(
        passed.findings[1].to_string(),
        "info condition.latency.le: latency is 450 ms, must be <= 500 ms, margin 50.0 ms: pass (would change: it were \
         above 500 ms)"
    );
}

#[test]
fn what_was_not_measured_is_no_data() {
    let gate = set(vec![latency(Operator::Lt)]);
    let decision = gate.check(&Evidence::default(), now());
    assert_eq!(decision.outcome, Verdict::NoData);
    assert_eq!(decision.findings[1].to_string(), "warning condition.latency.lt: latency was not measured: no data");
}

#[test]
fn a_number_that_is_none_is_neither_good_nor_bad() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for operator in OPERATORS {
            for on_missing in every_on_missing() {
                let condition = latency(operator).with_on_missing(on_missing).with_max_age(Duration::ZERO);
                let old = Measurement { measured_at: Time::default(), ..millis(value) };
                assert_eq!(one(condition.clone(), millis(value)).outcome, Verdict::NoData, "{value} {operator}");
                assert_eq!(one(condition.with_samples_min(1), old).outcome, Verdict::NoData, "{value} {operator}");
            }
        }
    }
}

#[test]
fn a_measurement_is_too_old_one_moment_after_its_limit() {
    let condition = latency(Operator::Lt).with_max_age(Duration::from_minutes(5));
    let aged = |age| Measurement { measured_at: now().before(Duration::from_millis(age)), ..millis(1.0) };
    assert_eq!(one(condition.clone(), aged(300_000)).outcome, Verdict::Pass);
    let stale = one(condition.clone(), aged(300_001));
    assert_eq!(stale.outcome, Verdict::NoData);
    assert_eq!(stale.findings[1].rendered(), "latency was measured 5m1ms away from now, allowed is 5m: no data");
    let ahead = Measurement { measured_at: now().after(Duration::from_millis(300_001)), ..millis(1.0) };
    assert_eq!(one(condition, ahead).outcome, Verdict::NoData, "a clock that runs ahead");
}

#[test]
fn a_small_sample_decides_nothing_either_way() {
    let condition = latency(Operator::Lt).with_samples_min(20);
    for (value, enough) in [(1.0, Verdict::Pass), (9_999.0, Verdict::Fail)] {
        assert_eq!(one(condition.clone(), millis(value).with_samples(20)).outcome, enough);
        assert_eq!(one(condition.clone(), millis(value).with_samples(19)).outcome, Verdict::Inconclusive);
        assert_eq!(one(condition.clone(), millis(value)).outcome, Verdict::Inconclusive, "an unknown size");
    }
}

#[test]
fn another_artefact_proves_nothing_about_this_one() {
    let digest = |byte| Digest::from_bytes([byte; 32]);
    let gate = set(vec![latency(Operator::Lt)]);
    let check = |asked: Option<u8>, found: Option<u8>| {
        let measurement = Measurement { digest: found.map(digest), ..millis(1.0) };
        let evidence = Evidence { digest: asked.map(digest), ..Evidence::default() };
        gate.check(&evidence.with(metric("latency"), measurement), now()).outcome
    };
    assert_eq!(check(Some(1), Some(1)), Verdict::Pass);
    assert_eq!(check(Some(1), Some(2)), Verdict::NoData);
    assert_eq!(check(Some(1), None), Verdict::Pass, "traffic metrics carry none");
    assert_eq!(check(None, Some(2)), Verdict::Pass, "nobody asked about one");
}

#[test]
fn units_of_one_kind_are_compared_and_others_are_not_guessed() {
    let percent = |bound: f64| Condition::new(metric("errors"), Operator::Le, bound).with_unit(Unit::Percent);
    let ratio = |value: f64| Measurement::new(value, now()).with_unit(Unit::Ratio);
    for hundredths in 0..=100_u32 {
        // What somebody means who writes 7 % on one side and 0.07 on the other.
        let decimal: f64 = format!("{}.{:02}", hundredths / 100, hundredths % 100).parse().unwrap();
        assert_eq!(one(percent(hundredths.into()), ratio(decimal)).outcome, Verdict::Pass, "{hundredths} %");
        assert_eq!(one(percent(hundredths.into()), ratio(decimal.next_up())).outcome, Verdict::Fail, "{hundredths} %");
    }
    let wrong = one(percent(1.0), millis(0.0));
    assert_eq!(wrong.outcome, Verdict::NoData);
    assert_eq!(wrong.findings[1].rendered(), "errors was measured in ms, asked is %: no data");
    assert_eq!(one(percent(1.0), Measurement::new(0.0, now())).outcome, Verdict::NoData, "a number without a unit");
    let bare = Condition::new(metric("errors"), Operator::Le, 0.1);
    assert_eq!(one(bare, ratio(0.0)).outcome, Verdict::NoData, "a bound without a unit");
}

#[test]
fn figures_stay_numbers_that_can_be_stored() {
    let far = Condition::new(metric("latency"), Operator::Lt, f64::MAX).with_unit(Unit::Milliseconds);
    let decision = one(far, Measurement::new(-f64::MAX, now()).with_unit(Unit::Seconds));
    assert_eq!(decision.findings[1].value("measured"), Some(&Value::Ratio(-f64::MAX)));
    assert_eq!(decision.findings[1].value("margin"), Some(&Value::Ratio(f64::MAX)));
}

#[test]
fn rates_and_times_are_converted_by_60_and_1000() {
    let floor = Condition::new(metric("throughput"), Operator::Gt, 100.0).with_unit(Unit::PerMinute);
    let per_second = |value: f64| Measurement::new(value, now()).with_unit(Unit::PerSecond);
    assert_eq!(one(floor.clone(), per_second(1.66)).outcome, Verdict::Fail, "99.6 a minute");
    assert_eq!(one(floor, per_second(1.67)).outcome, Verdict::Pass, "100.2 a minute");
    let seconds = Measurement::new(0.5, now()).with_unit(Unit::Seconds);
    assert_eq!(one(latency(Operator::Eq), seconds).outcome, Verdict::Pass);
}

#[test]
fn another_window_answers_another_question() {
    let condition = latency(Operator::Lt).with_window(Duration::from_minutes(5));
    assert_eq!(one(condition.clone(), millis(1.0).with_window(Duration::from_minutes(5))).outcome, Verdict::Pass);
    let longer = one(condition.clone(), millis(1.0).with_window(Duration::from_hours(1)));
    assert_eq!(longer.findings[1].rendered(), "latency sums up 1h, asked is 5m: no data");
    assert_eq!(longer.outcome, Verdict::NoData);
    assert_eq!(one(condition, millis(1.0)).outcome, Verdict::NoData);
}

#[test]
fn a_flag_is_compared_with_a_flag_only() {
    let condition = Condition::new(metric("approved"), Operator::Eq, true);
    let flag = |value: Reading| one(condition.clone(), Measurement::new(value, now()));
    assert_eq!(flag(true.into()).findings[1].rendered(), "approved is true, must be true: pass");
    assert_eq!(flag(false.into()).outcome, Verdict::Fail);
    assert_eq!(flag(1_u64.into()).outcome, Verdict::NoData);
}

#[test]
fn a_missing_measurement_does_what_its_condition_says() {
    let present = Condition::new(metric("errors"), Operator::Eq, 0_u64);
    let evidence = Evidence::default().with(metric("errors"), Measurement::new(0_u64, now()));
    let expected = [Verdict::NoData, Verdict::Fail, Verdict::Inconclusive, Verdict::Pass, Verdict::Pass];
    for (on_missing, expected) in every_on_missing().into_iter().zip(expected) {
        let absent = latency(Operator::Lt).with_on_missing(on_missing.clone());
        let with_other = set(vec![present.clone(), absent.clone()]).check(&evidence, now());
        assert_eq!(with_other.outcome, expected, "{on_missing:?}");
        let alone = set(vec![absent]).check(&evidence, now());
        assert_ne!(alone.outcome, Verdict::Pass, "{on_missing:?} carried the set");
    }
    let excused = latency(Operator::Lt).with_on_missing(OnMissing::Pass { reason: "no traffic at night".into() });
    assert_eq!(
        set(vec![excused]).check(&evidence, now()).findings[1].rendered(),
        "latency was not measured: left out, because no traffic at night"
    );
}

#[test]
fn a_dry_run_reports_and_decides_nothing() {
    let errors = Condition::new(metric("errors"), Operator::Eq, 0_u64);
    let dry = latency(Operator::Lt).with_enforcement(Enforcement::DryRun);
    let evidence = Evidence::default()
        .with(metric("errors"), Measurement::new(0_u64, now()))
        .with(metric("latency"), millis(9_999.0));
    let decision = set(vec![errors, dry]).check(&evidence, now());
    assert_eq!(decision.outcome, Verdict::Pass);
    let line = &decision.findings[2];
    assert_eq!((line.severity, &line.flips_when), (Severity::Warning, &None));
    assert_eq!(line.rendered(), "latency is 9999 ms, must be < 500 ms, margin -9499 ms: fail (dry run)");
}

/// The order of the design: evidence of harm first, then what nobody measured, then what needs more time.
#[test]
fn the_worst_of_two_verdicts_is_the_one_the_table_says() {
    use Verdict::{Fail, Inconclusive, NoData, Pass};
    let best_first = [Pass, Inconclusive, NoData, Fail];
    for (row, left) in best_first.into_iter().enumerate() {
        for (column, right) in best_first.into_iter().enumerate() {
            assert_eq!(worst([left, right]), best_first[row.max(column)], "{left} and {right}");
        }
    }
}

#[test]
fn conditions_that_make_no_set_are_refused_with_their_place() {
    let refused = |conditions| AllOf::new(GateName::new("test").unwrap(), conditions).unwrap_err().to_string();
    let good = latency(Operator::Lt);
    let flag = |operator| Condition::new(metric("approved"), operator, true);
    assert_eq!(refused(vec![]), "$.conditions: expected 1 to 1000 conditions, found 0");
    assert_eq!(
        refused(vec![good.clone().with_enforcement(Enforcement::DryRun)]),
        "$.conditions: expected at least one condition that is enforced, found dry runs only"
    );
    for bound in [f64::NAN, f64::INFINITY] {
        assert_eq!(
            refused(vec![good.clone(), Condition::new(metric("x"), Operator::Lt, bound)]),
            format!("$.conditions[1].bound: expected a finite number, a count or a flag, found {bound}")
        );
    }
    assert_eq!(
        refused(vec![good.clone(), good]),
        "$.conditions[1]: expected each metric and operator once, found latency < again"
    );
    assert_eq!(
        refused(vec![flag(Operator::Ge)]),
        "$.conditions[0].operator: expected eq, the only way to compare with true, found ge"
    );
    assert_eq!(
        refused(vec![flag(Operator::Eq).with_unit(Unit::Ratio)]),
        "$.conditions[0].unit: expected no unit beside true, found fraction of one"
    );
}

#[test]
fn documents_with_unknown_doubled_or_newer_parts_are_refused() {
    let evidence = |text: &str| serde_json::from_str::<Evidence>(text).unwrap_err().to_string();
    let measurement = r#"{"value":1,"measured_at":"2026-03-03T10:00:00Z"}"#;
    assert!(
        evidence(&format!(r#"{{"measurements":{{"a":{measurement},"a":{measurement}}}}}"#))
            .starts_with("expected each metric once, found a twice")
    );
    assert!(
        evidence(r#"{"measurments":{}}"#)
            .starts_with("unknown field `measurments`, expected `digest` or `measurements`")
    );
    assert!(
        evidence(r#"{"measurements":{"a":{"value":"1","measured_at":"2026-03-03T10:00:00Z"}}}"#)
            .starts_with("invalid type: string \"1\", expected a number, a count, true, false or null")
    );
    let set = |text: &str| serde_json::from_str::<AllOf>(text).unwrap_err().to_string();
    assert!(set(r#"{"schema":2,"name":"a","conditions":[]}"#).starts_with("$.schema: expected 1, found 2"));
    assert!(set(r#"{"schema":1,"name":"a","conditions":[]}"#).starts_with("$.conditions: expected 1 to 1000"));
    let null = r#"{"schema":1,"name":"a","conditions":[{"metric":"a","operator":"lt","bound":null}]}"#;
    assert!(set(null).starts_with("$.conditions[0].bound: expected a finite number"));
}

fn every_on_missing() -> [OnMissing; 5] {
    let reason = "unknown before the first release".into();
    [OnMissing::NoData, OnMissing::Fail, OnMissing::Inconclusive, OnMissing::Warn, OnMissing::Pass { reason }]
}

fn units() -> impl Strategy<Value = Option<Unit>> {
    let units = [Unit::Ratio, Unit::Percent, Unit::Milliseconds, Unit::Seconds, Unit::PerSecond, Unit::PerMinute];
    prop::option::of(prop::sample::select(units.to_vec()))
}

fn readings() -> impl Strategy<Value = Reading> {
    prop_oneof![
        any::<f64>().prop_map(Reading::Number),
        (0_u64..1_000).prop_map(Reading::Count),
        any::<bool>().prop_map(Reading::Flag)
    ]
}

prop_compose! {
    fn conditions()(
        operator in prop::sample::select(OPERATORS.to_vec()), bound in -1e6..1e6_f64, unit in units(),
        age in prop::option::of(0_u64..10), samples_min in prop::option::of(0_u64..10),
        on_missing in prop::sample::select(every_on_missing().to_vec()),
    ) -> Condition {
        let condition = Condition::new(metric("a"), operator, bound).with_on_missing(on_missing);
        Condition { unit, max_age: age.map(Duration::from_seconds), samples_min, ..condition }
    }
}

prop_compose! {
    fn measurements()(
        value in readings(), unit in units(), age in 0_u64..10, samples in prop::option::of(0_u64..10)
    ) -> Measurement {
        let measurement = Measurement::new(value, now().before(Duration::from_seconds(age)));
        Measurement { unit, samples, ..measurement }
    }
}

proptest! {
    #[test]
    fn no_evidence_never_passes(condition in conditions(), other in measurements()) {
        let gate = set(vec![condition]);
        prop_assert_ne!(gate.check(&Evidence::default(), now()).outcome, Verdict::Pass);
        let elsewhere = Evidence::default().with(metric("b"), other);
        prop_assert_ne!(gate.check(&elsewhere, now()).outcome, Verdict::Pass);
    }

    #[test]
    fn improving_a_value_never_turns_a_pass_into_something_else(
        operator in prop::sample::select(vec![Operator::Lt, Operator::Le, Operator::Gt, Operator::Ge]),
        bound in -1e6..1e6_f64, value in -1e6..1e6_f64, step in 0.0..1e6_f64, asked in units(), found in units(),
    ) {
        let condition = Condition { unit: asked, ..Condition::new(metric("a"), operator, bound) };
        let measured = |value: f64| Measurement { unit: found, ..Measurement::new(value, now()) };
        let better = if matches!(operator, Operator::Lt | Operator::Le) { value - step } else { value + step };
        let before = one(condition.clone(), measured(value)).outcome;
        let after = one(condition, measured(better)).outcome;
        prop_assert!(before != Verdict::Pass || after == Verdict::Pass, "{} became {}", before, after);
    }

    #[test]
    fn one_more_condition_never_improves_the_verdict(
        first in conditions(), second in conditions(), a in measurements(), b in measurements()
    ) {
        let second = Condition { metric: metric("b"), on_missing: OnMissing::NoData, ..second };
        let first = Condition { on_missing: OnMissing::NoData, ..first };
        let evidence = Evidence::default().with(metric("a"), a).with(metric("b"), b);
        let alone = set(vec![first.clone()]).check(&evidence, now()).outcome;
        let both = set(vec![first, second]).check(&evidence, now()).outcome;
        prop_assert_eq!(worst([alone, both]), both);
    }

    #[test]
    fn the_same_question_gets_the_same_bytes_and_they_read_back(condition in conditions(), measurement in measurements()) {
        let evidence = Evidence::default().with(metric("a"), measurement);
        let gate = set(vec![condition]);
        let text = serde_json::to_string(&gate.check(&evidence, now())).unwrap();
        let again: AllOf = serde_json::from_str(&serde_json::to_string(&gate).unwrap()).unwrap();
        prop_assert_eq!(&again, &gate);
        prop_assert_eq!(&serde_json::to_string(&again.check(&evidence, now())).unwrap(), &text);
        prop_assert!(!text.contains("null"), "a figure that JSON cannot hold: {}", text);
        let read: Evidence = serde_json::from_str(&serde_json::to_string(&evidence).unwrap()).unwrap();
        prop_assert_eq!(serde_json::to_string(&gate.check(&read, now())).unwrap(), text);
    }
}

#[test]
fn a_name_with_braces_is_shown_as_it_is() {
    let condition = Condition::new(metric("{bound}"), Operator::Eq, 1_u64);
    let decision = one(condition, Measurement::new(1_u64, now()));
    assert!(decision.findings[1].to_string().contains("{bound} is 1, must be = 1"), "{decision}");
}
