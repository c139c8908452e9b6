use bellwether_analysis::burn_rate::BurnRate;
use bellwether_analysis::threshold::Threshold;
use bellwether_analysis::{Interval, Judge, Sample, Series};
use bellwether_core::{Decision, Time, Verdict};
use serde::Deserialize;

use crate::decision::{check_decision, check_stored};

/// What the target reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    threshold: Option<Threshold>,
    burn_rate: Option<BurnRate>,
    series: Series,
    now: Time,
}

/// Reads judges by fixed rules and a series as JSON: always an answer with finite figures, no pass and no fail without a
/// request of the candidate at the stage, and no fail by the error budget without a failed one.
pub fn fixed_rules(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return false };
    let Document { threshold, burn_rate, series, now } = document;
    if let Some(judge) = threshold {
        check_stored(&judge);
        drop(check(&judge, &series, now));
    }
    if let Some(judge) = burn_rate {
        check_stored(&judge);
        let decision = check(&judge, &series, now);
        let has_failed = |interval: &Interval| matches!(candidate(interval), Some((_, failed)) if failed > 0);
        assert!(decision.outcome != Verdict::Fail || intervals(&series).any(has_failed), "{decision:?}");
    }
    true
}

fn check(judge: &impl Judge, series: &Series, now: Time) -> Decision<Verdict> {
    for at in [now, Time::MIN, Time::MAX] {
        check_decision(&judge.judge(series, at));
    }
    let decision = judge.judge(series, now);
    let is_measured = intervals(series).any(|interval| matches!(candidate(interval), Some((all, _)) if all > 0));
    let says = matches!(decision.outcome, Verdict::Pass | Verdict::Fail);
    assert!(!says || is_measured, "{decision:?}");
    assert_eq!(judge.judge(&Series::new(series.stage.clone()), now).outcome, Verdict::NoData, "nothing was measured");
    decision
}

fn intervals(series: &Series) -> impl Iterator<Item = &Interval> {
    let of_stage = |interval: &&Interval| interval.settled && interval.stage == series.stage;
    series.metrics.values().flatten().filter(of_stage)
}

/// Its requests and how many of them failed, where both can be true.
fn candidate(interval: &Interval) -> Option<(u64, u64)> {
    let Sample::Counts { requests, errors } = interval.arms.candidate else { return None };
    (errors <= requests).then_some((requests, errors))
}
