use alloc::{borrow::Cow, boxed::Box};

use bellwether_core::{Arms, Duration, Time};
use bellwether_stats::{Counts, Harm, Histogram, RateRatio};
use serde::{Deserialize, Serialize};

use crate::harm_process::HarmProcess;
use crate::measurement::{Measured, Measurement};
use crate::outage::Outage;
use crate::pass_process::PassProcess;
use crate::stage_state::StageState;
use crate::stored_metric::StoredMetric;
use crate::taken::{Taken, add};
use crate::{Interval, MetricSpec, Missing, Schedule, Sequential, SpecError};

/// The mass that is bet at the start; a quarter more follows with the later steps and a quarter with the hours.
const AT_START: f64 = 0.5;
const WITH_STEPS: f64 = 0.25;
const WITH_HOURS: f64 = 0.25;

/// The weights of all metrics may sum to this much more than one, in logarithms.
const ROUNDING: f64 = 1e-9;

const HOUR_MILLIS: u64 = 3_600_000;

/// What is known of one metric.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "StoredMetric", try_from = "StoredMetric")]
pub(crate) struct MetricState {
    pub(crate) harm: HarmProcess,
    /// Whether the evidence of harm of this metric alone may have reached what all of them together need.
    pub(crate) is_suspect: bool,
    /// The evidence before the last interval, where that is needed to say what would have changed the outcome.
    pub(crate) before: Option<Box<Before>>,
    /// The highest step that bets were started for.
    pub(crate) steps_started: u32,
    /// The hours that bets were started for.
    pub(crate) hours_started: u32,
    /// The length of all intervals that were evidence.
    pub(crate) baked: Duration,
    /// The end of the last interval that arrived, evidence or not; what begins earlier comes too late.
    pub(crate) watermark: Option<Time>,
    pub(crate) overall: Arms<Counts>,
    pub(crate) outage: Outage,
    /// What is told people of the ratio of the rates; absent where there are none, or where an old state had none.
    pub(crate) ratio: Option<RateRatio>,
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

impl MetricState {
    /// Begins with half of the mass bet, or three quarters where there is no later step to bet a quarter at.
    pub(crate) fn new(spec: &MetricSpec, schedule: Schedule) -> Result<Self, SpecError> {
        let mut harm = HarmProcess::new(spec)?;
        harm.restart(if schedule.steps > 1 { AT_START } else { AT_START + WITH_STEPS });
        let ratio = if spec.kind.can_pass() { Some(RateRatio::new(spec.dependence)?) } else { None };
        Ok(Self {
            stage: StageState::new(spec, &harm)?,
            harm,
            is_suspect: false,
            before: None,
            steps_started: 0,
            hours_started: 0,
            baked: Duration::ZERO,
            watermark: None,
            overall: Arms::default(),
            outage: Outage::default(),
            ratio,
        })
    }

    /// Begins another stage: evidence of no harm is about an exposure.
    pub(crate) fn enter(&mut self, spec: &MetricSpec) {
        if let Ok(stage) = StageState::new(spec, &self.harm) {
            self.stage = stage;
        }
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
        match Measured::new(arrival.interval, arrival.spec) {
            Ok(measured) => {
                let is_outage = self.watch(&measured, arrival);
                let warm = measured.warm.and_then(|warm| self.judge(&warm, arrival));
                self.note(warm.err(), arrival);
                is_outage.then_some(self.outage.arms)
            }
            Err(missing) => {
                self.note(Some(missing), arrival);
                None
            }
        }
    }

    fn note(&mut self, missing: Option<Missing>, arrival: &Arrival<'_>) {
        if arrival.is_current && missing.is_some() {
            self.stage.missing = missing;
        }
    }

    /// Looks for an outage and at the share of the traffic, in which instances that are not warm count as well.
    fn watch(&mut self, measured: &Measured<'_>, arrival: &Arrival<'_>) -> bool {
        if let Ok(Measurement::Gauge(arms)) = &measured.warm {
            return self.outage.push_gauges(arms, arrival.spec);
        }
        let Some(arms) = measured.everything else { return false };
        let interval = arrival.interval;
        if arrival.is_current {
            let (stable, candidate) = (arms.stable.exposure, arms.candidate.exposure);
            self.stage.share.update(stable, candidate, interval.intended.fraction());
        }
        let is_rate = matches!(self.harm, HarmProcess::Rate(_));
        is_rate && self.outage.push(&arrival.judge.spec().guard, &Taken::new(interval, arms))
    }

    /// Takes an interval as evidence.
    fn judge(&mut self, warm: &Measurement<'_>, arrival: &Arrival<'_>) -> Result<(), Missing> {
        let exposures = warm.exposures().map(|exposure| Counts { exposure, events: 0 });
        let taken = Taken::new(arrival.interval, exposures).with_traffic()?;
        self.start_bets(arrival.judge.spec().schedule, arrival.interval.stage.step);
        if arrival.is_current {
            let (spec, harm) = (arrival.spec, &self.harm);
            let fresh = || PassProcess::new(spec, harm).ok();
            self.stage.renew(taken.start, arrival.judge.spec().certificate_ttl, fresh);
        }
        let taken = self.take(warm, taken, arrival);
        self.baked = self.baked.saturating_add(taken.end.since(taken.start));
        add(&mut self.overall, taken.arms);
        if let Some(ratio) = &mut self.ratio {
            ratio.update(&taken.rates());
        }
        if arrival.is_current {
            self.stage.count(&taken);
        }
        Ok(())
    }

    /// Shows an interval to the tests, and returns it in counts.
    fn take(&mut self, warm: &Measurement<'_>, taken: Taken, arrival: &Arrival<'_>) -> Taken {
        let taken = match warm {
            Measurement::Rate(arms) => return self.take_rates(Taken { arms: *arms, ..taken }, arrival),
            Measurement::Distribution(arms) => self.take_values(arms, taken, arrival),
            Measurement::Samples(arms) => {
                if let HarmProcess::Ranks(harm) = &mut self.harm {
                    harm.update(arms.stable, arms.candidate);
                }
                taken
            }
            Measurement::Gauge(arms) => {
                if let HarmProcess::Gauges(harm) = &mut self.harm {
                    harm.update(&arms.stable, &arms.candidate);
                }
                taken
            }
        };
        self.is_suspect = self.harm.log_e() >= arrival.judge.log_needed_to_fail() - ROUNDING;
        taken
    }

    /// The ratio's evidence rises only in an interval that is worse than tolerated, and the whole is never above it: no
    /// other needs a copy of what was before, or a look at what is now.
    fn take_rates(&mut self, taken: Taken, arrival: &Arrival<'_>) -> Taken {
        if let HarmProcess::Rate(harm) = &mut self.harm {
            let is_worse = taken.is_worse_than(arrival.spec.tolerance);
            let before = (is_worse || self.is_suspect).then(|| harm.clone());
            harm.update(&taken.rates());
            if is_worse {
                self.is_suspect = harm.log_e_ratio() >= arrival.judge.log_needed_to_fail() - ROUNDING;
            }
            let is_suspect = self.is_suspect;
            self.before = before.filter(|_| is_suspect).map(|harm| Box::new(Before { harm, interval: taken }));
        }
        if let (PassProcess::Rate(no_harm), true) = (&mut self.stage.pass, arrival.is_current) {
            no_harm.update(&taken.rates());
        }
        taken
    }

    fn take_values(&mut self, arms: &Arms<Cow<'_, Histogram>>, taken: Taken, arrival: &Arrival<'_>) -> Taken {
        let HarmProcess::Values(harm) = &mut self.harm else { return taken };
        let was_learning = harm.betting().is_none();
        let compared = harm.update(arms, taken.intended_share(), arrival.spec);
        let compared = compared.map(|(betting, interval)| (betting.primary, interval));
        if was_learning && harm.betting().is_some() {
            // What both arms did before has no counts at the edge that is shown.
            self.overall = Arms::default();
            self.stage.totals = Arms::default();
            self.stage.begin_values(|| PassProcess::new(arrival.spec, &self.harm).ok());
        }
        let Some((primary, interval)) = compared else {
            let is_learning = self.harm.as_values().is_some_and(|harm| harm.betting().is_none());
            return if is_learning { taken } else { Taken { arms: Arms::default(), ..taken } };
        };
        if let (PassProcess::Values(Some(no_harm)), true) = (&mut self.stage.pass, arrival.is_current) {
            no_harm.update(&interval);
        }
        let rates = interval.beyond(primary, arrival.spec.direction);
        Taken { arms: Arms { stable: rates.control, candidate: rates.treatment }, ..taken }
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
