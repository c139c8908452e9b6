//! Named sets of conditions, each taken from one published deployment guide.
//!
//! The guides contradict each other on the same numbers, so a threshold is never a constant of this crate: a preset is
//! data to start from.
use alloc::vec;

use bellwether_core::{Duration, GateName, MetricName};

use crate::{AllOf, Condition, Operator, Unit};

/// `seed-000-metrics`: an error rate below 1 %, a response time below 500 ms and more than 100 requests a minute, each
/// over five minutes.
///
/// The floor on the throughput is a guard as well: without traffic a low error rate proves nothing. The guide queries
/// requests a second and means requests a minute, as its comment says. A measurement may be one window old.
///
/// # Example: without measurements nothing passes
/// ```
/// use bellwether_core::{Time, Verdict};
/// use bellwether_gate::{Evidence, Gate, preset};
///
/// let decision = preset::seed_000_metrics().check(&Evidence::default(), Time::default());
/// assert_eq!(decision.outcome, Verdict::NoData);
/// ```
#[must_use]
pub fn seed_000_metrics() -> AllOf {
    let window = Duration::from_minutes(5);
    let over_window = |condition: Condition| condition.with_window(window).with_max_age(window);
    let conditions = vec![
        over_window(Condition::new(metric("error_rate"), Operator::Lt, 0.01).with_unit(Unit::Ratio)),
        over_window(Condition::new(metric("response_time"), Operator::Lt, 500_u64).with_unit(Unit::Milliseconds)),
        over_window(Condition::new(metric("throughput"), Operator::Gt, 100_u64).with_unit(Unit::PerMinute)),
    ];
    set("seed-000-metrics", conditions)
}

#[expect(clippy::expect_used, reason = "only called with the literals of this file, which the tests build")]
fn metric(name: &str) -> MetricName {
    MetricName::new(name).expect("a preset's metric names are identifiers")
}

#[expect(clippy::expect_used, reason = "only called with the literals of this file, which the tests build")]
fn set(name: &str, conditions: vec::Vec<Condition>) -> AllOf {
    let name = GateName::new(name).expect("a preset's name is an identifier");
    AllOf::new(name, conditions).expect("a preset's conditions make a set")
}

#[cfg(test)]
mod tests {
    use bellwether_core::{Time, Verdict};

    use super::*;
    use crate::{Evidence, Gate, Measurement};

    /// The metrics gate of the guide, word for word: "timeRange: '5m'", "metrics.errorRate < 0.01 // Less than 1% errors",
    /// "metrics.responseTime < 500 // Sub-500ms response time", "metrics.throughput > 100 // At least 100 req/min".
    #[test]
    fn the_metrics_gate_is_the_one_of_the_guide() {
        let lines: vec::Vec<_> = seed_000_metrics()
            .conditions()
            .iter()
            .map(|condition| alloc::format!("{} {} {}", condition.metric, condition.operator, condition.bound))
            .collect();
        assert_eq!(lines, ["error_rate < 0.01", "response_time < 500", "throughput > 100"]);
        assert!(
            seed_000_metrics().conditions().iter().all(|condition| condition.window == Some("5m".parse().unwrap()))
        );
    }

    #[test]
    fn each_bound_of_the_metrics_gate_is_exclusive() {
        let at = Time::default();
        let verdict = |errors: f64, millis: f64, requests: f64| {
            let window = Duration::from_minutes(5);
            let measured = |value: f64, unit| Measurement::new(value, at).with_unit(unit).with_window(window);
            let evidence = Evidence::default()
                .with(metric("error_rate"), measured(errors, Unit::Ratio))
                .with(metric("response_time"), measured(millis, Unit::Milliseconds))
                .with(metric("throughput"), measured(requests, Unit::PerMinute));
            seed_000_metrics().check(&evidence, at).outcome
        };
        assert_eq!(verdict(0.009_9, 499.0, 101.0), Verdict::Pass);
        assert_eq!(verdict(0.01, 499.0, 101.0), Verdict::Fail);
        assert_eq!(verdict(0.009_9, 500.0, 101.0), Verdict::Fail);
        assert_eq!(verdict(0.009_9, 499.0, 100.0), Verdict::Fail);
    }

    #[test]
    fn the_preset_reads_back() {
        let text = serde_json::to_string(&seed_000_metrics()).unwrap();
        assert_eq!(serde_json::from_str::<AllOf>(&text).unwrap(), seed_000_metrics());
    }
}
