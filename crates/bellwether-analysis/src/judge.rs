use alloc::{boxed::Box, sync::Arc};

use bellwether_core::{Decision, Time, Verdict};

use crate::Series;

/// Answers whether the candidate is worse than what runs today.
///
/// The caller promises that the series holds every interval of the rollout that was journaled, that an interval is
/// never revised, and that `now` comes from the same clock as the intervals.
///
/// The implementer promises to answer from these alone (no clock, no randomness, no I/O), so that a replay gives the
/// same bytes; to answer for every input; never to turn absence of evidence into `Pass` or `Fail`; and to base `Pass`
/// on intervals of the series' own stage only. A judgement has no effect, so a crash during one loses nothing: it is
/// asked again.
///
/// # Example: a host's own rule
/// ```
/// use bellwether_analysis::{Judge, Series, judge_fn};
/// use bellwether_core::{Decision, Finding, StageId, Time, Verdict};
///
/// let nothing_measured = judge_fn(|series: &Series, _now: Time| {
///     let verdict = if series.metrics.is_empty() { Verdict::NoData } else { Verdict::Inconclusive };
///     Decision::new(verdict).because(Finding::info("house.rule", "{metrics} metrics").figure("metrics", 0_u64))
/// });
/// let judge: Box<dyn Judge> = Box::new(nothing_measured);
/// let series = Series::new(StageId { rollout: "checkout-41".parse()?, step: 0, entry: 0 });
/// assert_eq!(judge.judge(&series, "2026-03-02T10:00:00Z".parse()?).outcome, Verdict::NoData);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Judge {
    /// Judges the series' stage.
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict>;
}

/// Makes a judge of a function.
pub fn judge_fn<F: Fn(&Series, Time) -> Decision<Verdict>>(function: F) -> JudgeFn<F> {
    JudgeFn(function)
}

/// A judge that is a function; [`judge_fn`] builds it.
#[derive(Clone, Copy, Debug)]
pub struct JudgeFn<F>(F);

impl<F: Fn(&Series, Time) -> Decision<Verdict>> Judge for JudgeFn<F> {
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict> {
        (self.0)(series, now)
    }
}

impl<J: Judge + ?Sized> Judge for Arc<J> {
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict> {
        (**self).judge(series, now)
    }
}

impl<J: Judge + ?Sized> Judge for Box<J> {
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict> {
        (**self).judge(series, now)
    }
}
