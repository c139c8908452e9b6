use bellwether_analysis::Sample;
use bellwether_core::{MetricName, Time};

use crate::testing::must::must;
use crate::{Measured, MetricSource};

/// Checks the contract of [`MetricSource`] for a metric that has at least three complete intervals within
/// `after..=until`.
///
/// # Panics
/// A clause of the contract is broken.
///
/// # Example: the fake keeps the contract
/// ```
/// use bellwether_core::{Duration, Time, Weight};
/// use bellwether_port::testing::{FakeClock, FakeMetrics, Rates, conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let start = Time::default();
/// let clock = FakeClock::jumping(start);
/// let source = FakeMetrics::new(7, clock.clone(), Rates { requests_per_minute: 600.0, stable: 0.01, candidate: 0.01 });
/// source.set_share(Weight::new(500)?);
/// clock.advance(Duration::from_minutes(10));
/// let until = start.after(Duration::from_minutes(10));
/// conformance::metrics(&source, &"errors".parse()?, start, until).await;
/// # Ok(())
/// # }
/// ```
pub async fn metrics(source: &dyn MetricSource, metric: &MetricName, after: Time, until: Time) {
    let all = ask(source, metric, after, until).await;
    assert!(all.len() >= 3, "the suite needs three complete intervals, found {}", all.len());
    let mut end = after;
    for measured in &all {
        assert!(measured.start >= end, "intervals come in order and do not overlap, and none begins before {after}");
        assert!(measured.end > measured.start && measured.end <= until, "an interval ends after its start, by {until}");
        for sample in [&measured.arms.stable, &measured.arms.candidate] {
            if let Sample::Counts { requests, errors } = sample {
                assert!(errors <= requests, "there are no more errors than requests");
            }
        }
        end = measured.end;
    }
    assert_eq!(ask(source, metric, after, until).await, all, "the same question has the same answer");
    for (index, measured) in (1..).zip(&all) {
        let rest = all.get(index..).unwrap_or_default();
        assert_eq!(ask(source, metric, measured.end, until).await, rest, "what follows an interval begins at its end");
        let part = all.get(..index).unwrap_or_default();
        assert_eq!(ask(source, metric, after, measured.end).await, part, "an interval is given once it is complete");
    }
    assert_eq!(ask(source, metric, until, until).await, [], "no time holds no interval");
}

async fn ask(source: &dyn MetricSource, metric: &MetricName, after: Time, until: Time) -> Vec<Measured> {
    must(source.intervals(metric, after, until).await, "the source answers")
}
