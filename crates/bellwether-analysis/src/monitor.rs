use alloc::vec::Vec;

use bellwether_core::{Basis, Decision, Finding, MetricName, StageId, Time, Verdict};
use bellwether_stats::log_weighted_mean;

use crate::harm_process::HarmProcess;
use crate::metric_state::{Arrival, MetricState};
use crate::monitor_state::{MonitorState, RestoreError, Tripped};
use crate::{Interval, MetricSpec, MinimumEvidence, Sequential, explain};

/// The running form of the [`Sequential`] judge: it takes intervals one by one, over all metrics.
///
/// Judging a series is pushing its intervals, so both always give the same answer. What it has gathered is
/// [data](MonitorState) that can be stored and gone on with.
///
/// - An interval that begins before the end of the last one of its metric is a duplicate or came late, and is ignored:
///   intervals are never revised.
/// - An interval that was not settled, or belongs to another rollout or to a metric without a specification, is no
///   evidence.
/// - An interval of another stage than the entered one is evidence of harm, never of no harm.
/// - Once all metrics together have failed, later intervals change nothing: a fault that went away was one.
///
/// # Example: a fault is found within minutes
/// ```
/// use bellwether_analysis::{Interval, Monitor, Sample, Sequential};
/// use bellwether_core::{Arms, Basis, Duration, StageId, Time, Verdict, Weight};
///
/// let stage = StageId { rollout: "checkout-41".parse()?, step: 0, entry: 0 };
/// let mut monitor = Monitor::new(&Sequential::default());
/// monitor.enter(&stage, Basis::Compare);
/// let mut now: Time = "2026-03-02T10:00:00Z".parse()?;
/// let mut minutes = 0;
/// while monitor.verdict(now).outcome != Verdict::Fail {
///     let (start, end) = (now, now.after(Duration::from_minutes(1)));
///     let arms = Arms { stable: Sample::counts(5_700, 6)?, candidate: Sample::counts(300, 6)? };
///     let share = Weight::new(500)?;
///     let stage = stage.clone();
///     let interval = Interval { start, end, stage, intended: share, observed: share, settled: true, arms };
///     monitor.push(&"errors".parse()?, &interval);
///     now = end;
///     minutes += 1;
/// }
/// assert_eq!(minutes, 4, "2 % instead of 0.1 %");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    judge: Sequential,
    state: MonitorState,
}

impl Monitor {
    /// Begins without any evidence.
    #[must_use]
    pub fn new(judge: &Sequential) -> Self {
        Self { judge: judge.clone(), state: MonitorState::new(judge) }
    }

    /// Goes on where a monitor of the same judge was stored.
    ///
    /// # Errors
    /// A state of another format, or of a judge with other metrics, tests or schedule.
    pub fn restore(judge: &Sequential, state: MonitorState) -> Result<Self, RestoreError> {
        state.check(judge)?;
        Ok(Self { judge: judge.clone(), state })
    }

    /// What has been gathered so far, for a snapshot.
    #[must_use]
    pub fn state(&self) -> &MonitorState {
        &self.state
    }

    /// The judge that it runs.
    #[must_use]
    pub fn judge(&self) -> &Sequential {
        &self.judge
    }

    /// Says which stage intervals belong to from now on, and on what basis it may pass; call it before the stage's
    /// first interval.
    ///
    /// Where there is nothing to compare with ([`Basis::Guard`], [`Basis::Time`]) a stage passes as soon as the least
    /// number of intervals has come and nothing speaks against it: no evidence of harm from earlier stages, no outage.
    ///
    /// Evidence of no harm begins anew at another stage and goes on at the same one, so a drift and a return cost
    /// nothing. A stage of another rollout is about another candidate: everything begins anew.
    pub fn enter(&mut self, stage: &StageId, basis: Basis) {
        if self.state.stage.as_ref() == Some(stage) {
            self.state.basis = basis;
            return;
        }
        if self.state.stage.as_ref().is_some_and(|current| current.rollout != stage.rollout) {
            self.state = MonitorState::new(&self.judge);
        }
        for (state, spec) in self.state.metrics.values_mut().zip(self.judge.metrics().values()) {
            state.enter(spec);
        }
        self.state.stage = Some(stage.clone());
        self.state.basis = basis;
    }

    /// Takes a complete interval of a metric; the first one enters its stage if none was entered.
    pub fn push(&mut self, metric: &MetricName, interval: &Interval) {
        if self.state.stage.is_none() {
            self.enter(&interval.stage, Basis::Compare);
        }
        if self.is_foreign(interval) || self.is_over(interval.end) {
            return;
        }
        let is_current = self.state.stage.as_ref() == Some(&interval.stage);
        let (spec, state) = (self.judge.metrics().get(metric), self.state.metrics.get_mut(metric));
        let (Some(spec), Some(state)) = (spec, state) else { return };
        let arrival = Arrival { interval, is_current, spec, judge: &self.judge };
        if !state.arrives(&arrival) {
            return;
        }
        self.state.frontier = self.state.frontier.max(Some(interval.end));
        if !interval.settled {
            return;
        }
        if let Some(arms) = state.push(&arrival) {
            let tripped = || Tripped { metric: metric.clone(), at: interval.end, arms };
            self.state.outage.get_or_insert_with(tripped);
        }
    }

    /// Judges the entered stage: Fail before Pass, and Pass only while nothing is missing.
    pub fn verdict(&self, now: Time) -> Decision<Verdict> {
        let readings = self.readings();
        if let Some(tripped) = &self.state.outage {
            return explain::outage(tripped, self.judge.spec().guard, &readings);
        }
        let log_e = combined(&readings);
        if log_e >= self.judge.log_needed_to_fail() {
            return explain::harm(log_e, &readings);
        }
        let needed = || readings.iter().filter(|reading| !reading.spec.advisory);
        let missing: Vec<_> = needed().filter_map(|reading| explain::missing(reading, now)).collect();
        if !missing.is_empty() {
            return explain::verdict(Verdict::NoData, missing, &readings);
        }
        let (lacking, passed): (_, fn(&Reading<'_>) -> Finding) = match self.state.basis {
            Basis::Compare => (explain::lacking(log_e, &readings), explain::no_harm),
            Basis::Guard | Basis::Time => (explain::guard_lacking(log_e, &readings), explain::guard_is_quiet),
        };
        if !lacking.is_empty() {
            return explain::verdict(Verdict::Inconclusive, lacking, &readings);
        }
        explain::verdict(Verdict::Pass, needed().map(passed).collect(), &readings)
    }

    fn is_foreign(&self, interval: &Interval) -> bool {
        self.state.stage.as_ref().is_none_or(|current| current.rollout != interval.stage.rollout)
    }

    /// Whether the judgement had ended before an interval that ends at `end`.
    ///
    /// Intervals of several metrics that end together are one look, so the answer is sought when a later one arrives.
    fn is_over(&self, end: Time) -> bool {
        if self.state.frontier.is_none_or(|frontier| end <= frontier) {
            return false;
        }
        // All metrics together reach what is needed only if one of them does alone.
        let may_have_failed = self.state.metrics.values().any(|state| state.is_suspect);
        let has_failed = || combined(&self.readings()) >= self.judge.log_needed_to_fail();
        self.state.outage.is_some() || (may_have_failed && has_failed())
    }

    /// All metrics, those with the most evidence of harm first.
    fn readings(&self) -> Vec<Reading<'_>> {
        let parts = self.state.metrics.iter().zip(self.judge.metrics().values()).zip(self.judge.weights());
        let mut readings: Vec<_> = parts
            .map(|(((metric, state), spec), weight)| Reading {
                metric,
                spec,
                judge: &self.judge,
                state,
                weight: *weight,
                log_e: state.harm.log_e(),
            })
            .collect();
        readings.sort_by(|a, b| b.log_part().total_cmp(&a.log_part()));
        readings
    }
}

/// What is known of one metric, with the evidence of harm that it holds.
pub(crate) struct Reading<'a> {
    pub(crate) metric: &'a MetricName,
    pub(crate) spec: &'a MetricSpec,
    pub(crate) judge: &'a Sequential,
    pub(crate) state: &'a MetricState,
    pub(crate) weight: f64,
    pub(crate) log_e: f64,
}

impl Reading<'_> {
    /// Its part of the whole evidence, as a logarithm.
    fn log_part(&self) -> f64 {
        libm::log(self.weight) + self.log_e
    }

    /// The largest probability of passing a harmful candidate, by the certificate that is gathered now.
    pub(crate) fn beta(&self) -> f64 {
        self.judge.beta() * libm::exp2(-f64::from(self.state.stage.expired))
    }

    pub(crate) fn log_needed_to_pass(&self) -> f64 {
        -libm::log(self.beta())
    }

    pub(crate) fn passes(&self) -> bool {
        self.spec.kind.can_pass() && self.state.stage.pass.log_e() >= self.log_needed_to_pass()
    }

    pub(crate) fn minimum(&self) -> MinimumEvidence {
        self.spec.minimum.unwrap_or(self.judge.spec().minimum)
    }

    /// By which part of itself a value may be worse: of a gauge as much as the instances of stable need.
    pub(crate) fn value_tolerance(&self) -> f64 {
        match &self.state.harm {
            HarmProcess::Gauges(harm) => harm.tolerance().unwrap_or(self.spec.value_tolerance),
            HarmProcess::Rate(_) | HarmProcess::Values(_) | HarmProcess::Ranks(_) => self.spec.value_tolerance,
        }
    }
}

/// The evidence of harm of all metrics together.
fn combined(readings: &[Reading<'_>]) -> f64 {
    let pairs: Vec<_> = readings.iter().map(|reading| (reading.weight, reading.log_e)).collect();
    log_weighted_mean(&pairs)
}
