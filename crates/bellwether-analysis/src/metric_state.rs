use alloc::boxed::Box;

use bellwether_core::{Arms, Duration, Time};
use bellwether_stats::{Counts, Harm, NoHarm};
use serde::{Deserialize, Serialize};

use crate::outage::Outage;
use crate::taken::{Taken, add};
use crate::{Interval, MetricSpec, MinimumEvidence, Missing, Schedule, Sequential, SpecError};

/// The mass that is bet at the start; a quarter more follows with the later steps and a quarter with the hours.
const AT_START: f64 = 0.5;
const WITH_STEPS: f64 = 0.25;
const WITH_HOURS: f64 = 0.25;

/// The weights of all metrics may sum to this much more than one, in logarithms.
const ROUNDING: f64 = 1e-9;

const HOUR_MILLIS: u64 = 3_600_000;

/// What is known of one metric.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricState {
    pub(crate) harm: Harm,
    /// Whether the evidence of harm of this metric alone may have reached what all of them together need.
    pub(crate) is_suspect: bool,
    /// The evidence before the last interval, where that is needed to say what would have changed the outcome.
    pub(crate) before: Option<Box<Before>>,
    /// The highest step that bets were started for.
    steps_started: u32,
    /// The hours that bets were started for.
    hours_started: u32,
    /// The length of all intervals that were evidence.
    baked: Duration,
    /// The end of the last interval that arrived, evidence or not; what begins earlier comes too late.
    watermark: Option<Time>,
    pub(crate) overall: Arms<Counts>,
    pub(crate) outage: Outage,
    pub(crate) stage: StageState,
}

/// An interval and what it is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) interval: &'a Interval,
    /// Whether it belongs to the stage that is judged.
    pub(crate) is_current: bool,
    pub(crate) spec: &'a MetricSpec,
    pub(crate) judge: &'a Sequential,
}

/// The evidence before an interval.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    pub(crate) harm: Harm,
    pub(crate) interval: Taken,
}

/// What is known of one metric at the current stage.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageState {
    pub(crate) no_harm: NoHarm,
    pub(crate) intervals: u64,
    pub(crate) totals: Arms<Counts>,
    /// The last interval that was evidence.
    pub(crate) last: Option<Taken>,
    /// The end of the last interval that arrived.
    pub(crate) arrived: Option<Time>,
    /// Why the last settled interval was no evidence.
    missing: Option<Missing>,
}

impl MetricState {
    /// Begins with half of the mass bet, or three quarters where there is no later step to bet a quarter at.
    pub(crate) fn new(spec: &MetricSpec, schedule: Schedule) -> Result<Self, SpecError> {
        let mut harm = Harm::new(&spec.harm_spec())?;
        harm.restart(if schedule.steps > 1 { AT_START } else { AT_START + WITH_STEPS });
        Ok(Self {
            harm,
            is_suspect: false,
            before: None,
            steps_started: 0,
            hours_started: 0,
            baked: Duration::ZERO,
            watermark: None,
            overall: Arms::default(),
            outage: Outage::default(),
            stage: StageState::new(spec)?,
        })
    }

    /// Returns whether an interval arrives in time: after all that arrived before.
    pub(crate) fn arrives(&mut self, arrival: &Arrival<'_>) -> bool {
        let interval = arrival.interval;
        let too_late = self.watermark.is_some_and(|watermark| interval.start < watermark);
        if too_late || interval.end <= interval.start {
            return false;
        }
        self.watermark = Some(interval.end);
        if arrival.is_current {
            self.stage.arrived = Some(interval.end);
        }
        true
    }

    /// Takes a settled interval and returns what both arms did if the candidate is in an outage.
    pub(crate) fn push(&mut self, arrival: &Arrival<'_>) -> Option<Arms<Counts>> {
        let judge = arrival.judge.spec();
        let taken = Taken::new(arrival.interval);
        let is_outage = taken.is_ok_and(|taken| self.outage.push(&judge.guard, &taken));
        match taken.and_then(Taken::with_traffic) {
            Ok(taken) => {
                self.start_bets(judge.schedule, arrival.interval.stage.step);
                self.take(&taken, arrival);
                if arrival.is_current {
                    self.stage.take(&taken);
                }
            }
            Err(missing) if arrival.is_current => self.stage.missing = Some(missing),
            Err(_) => {}
        }
        is_outage.then_some(self.outage.arms)
    }

    /// Takes an interval as evidence of harm.
    ///
    /// The ratio's evidence rises only in an interval that is worse than tolerated, and the whole is never above it: no
    /// other needs a copy of what was before, or a look at what is now.
    fn take(&mut self, taken: &Taken, arrival: &Arrival<'_>) {
        let is_worse = taken.is_worse_than(arrival.spec.tolerance);
        let before = (is_worse || self.is_suspect).then(|| self.harm.clone());
        self.harm.update(&taken.rates());
        if is_worse {
            self.is_suspect = self.harm.log_e_ratio() >= arrival.judge.log_needed_to_fail() - ROUNDING;
        }
        let is_suspect = self.is_suspect;
        self.before = before.filter(|_| is_suspect).map(|harm| Box::new(Before { harm, interval: *taken }));
        self.baked = self.baked.saturating_add(taken.end.since(taken.start));
        add(&mut self.overall, taken.arms);
    }

    /// Starts the bets that belong to a step or an hour which begins with the next interval.
    ///
    /// Hours are those of evidence, so that waiting at a gate does not use them up.
    fn start_bets(&mut self, schedule: Schedule, step: u32) {
        let later_steps = schedule.steps.saturating_sub(1);
        let started = step.min(later_steps).saturating_sub(self.steps_started);
        if started > 0 {
            self.harm.restart(WITH_STEPS * f64::from(started) / f64::from(later_steps));
            self.steps_started = self.steps_started.saturating_add(started);
        }
        let hours = u32::try_from(self.baked.as_millis() / HOUR_MILLIS).unwrap_or(u32::MAX).saturating_add(1);
        let started = hours.min(schedule.hours).saturating_sub(self.hours_started);
        if started > 0 {
            self.harm.restart(WITH_HOURS * f64::from(started) / f64::from(schedule.hours));
            self.hours_started = self.hours_started.saturating_add(started);
        }
    }
}

impl StageState {
    pub(crate) fn new(spec: &MetricSpec) -> Result<Self, SpecError> {
        Ok(Self {
            no_harm: NoHarm::new(&spec.pass_spec())?,
            intervals: 0,
            totals: Arms::default(),
            last: None,
            arrived: None,
            missing: None,
        })
    }

    /// Takes an interval of the current stage as evidence of no harm.
    pub(crate) fn take(&mut self, taken: &Taken) {
        self.no_harm.update(&taken.rates());
        self.intervals = self.intervals.saturating_add(1);
        add(&mut self.totals, taken.arms);
        self.last = Some(*taken);
        self.missing = None;
    }

    /// Why there is nothing to judge this stage by.
    pub(crate) fn missing(&self, freshness: Duration, now: Time) -> Option<Missing> {
        let is_far = |end: Time| now.since(end).max(end.since(now)) > freshness;
        let Some(arrived) = self.arrived else { return Some(Missing::NoSeries) };
        if is_far(arrived) {
            return Some(Missing::Stale);
        }
        if self.missing.is_some() {
            return self.missing;
        }
        let is_settled = self.last.is_some_and(|last| !is_far(last.end));
        (!is_settled).then_some(Missing::Unsettled)
    }

    /// Whether enough was seen for a pass to mean something.
    pub(crate) fn has_minimum(&self, minimum: MinimumEvidence) -> bool {
        self.intervals >= minimum.intervals
            && (self.events() >= minimum.events || self.totals.candidate.exposure >= minimum.requests)
    }

    /// The errors of both arms.
    pub(crate) fn events(&self) -> u64 {
        self.totals.stable.events.saturating_add(self.totals.candidate.events)
    }
}
