use bellwether_stats::{Counts, Harm, HarmSpec, Histogram, RateInterval, ValueHarm, ValueInterval, ValueSpec};

use super::aggregate::Aggregate;
use super::calibrate::History;
use super::report::FalseAlarms;
use crate::SpecError;

/// The tolerances that are tried, smallest first.
pub(super) const TOLERANCES: [f64; 5] = [1.05, 1.1, 1.25, 1.5, 2.0];
pub(super) const VALUE_TOLERANCES: [f64; 5] = [0.0, 0.05, 0.1, 0.2, 0.3];

/// How often the past would have failed at a pair of tolerances.
pub(super) fn replay(past: &Aggregate, history: &History<'_>, by: (f64, f64)) -> Result<FalseAlarms, SpecError> {
    let length = usize::try_from(history.rollout.as_millis() / past.interval_millis.max(1)).unwrap_or(usize::MAX);
    if past.len() < length {
        return Err(SpecError::number("rollout", "at most as long as the past", length as f64));
    }
    let (instances, candidates) = (past.names.len(), history.candidates as usize);
    let (mut runs, mut alarms) = (0, 0);
    for piece in 0..past.len() / length {
        // Groups do not overlap: the same instance twice would be the same noise twice.
        for first in (0..=instances - candidates).step_by(candidates) {
            let group = Group { first, count: candidates, from: piece * length, until: (piece + 1) * length };
            runs += 1;
            alarms += u32::from(group.fails(past, history, by)?);
        }
    }
    Ok(FalseAlarms { tolerance: by.0, value_tolerance: by.1, alarms, runs })
}

/// Some instances that play the candidate on a piece of the past.
#[derive(Clone, Copy)]
struct Group {
    first: usize,
    count: usize,
    from: usize,
    until: usize,
}

impl Group {
    fn fails(self, past: &Aggregate, history: &History<'_>, (tolerance, tau): (f64, f64)) -> Result<bool, SpecError> {
        let needed = -libm::log(history.alpha);
        let Some(edges) = &past.edges else {
            let mut harm = Harm::new(&HarmSpec { tolerance, ..history.spec.harm_spec() })?;
            harm.restart(1.0);
            return Ok(past.counts.iter().take(self.until).skip(self.from).any(|counts| {
                harm.update(&self.rates(counts));
                harm.log_e() >= needed
            }));
        };
        let spec = ValueSpec { tolerance, value_tolerance: tau, ..history.spec.value_spec() };
        let mut harm = ValueHarm::new(&spec, edges.clone())?;
        harm.restart(1.0);
        Ok(past.histograms.iter().take(self.until).skip(self.from).any(|histograms| {
            let [control, treatment] = [false, true].map(|is_candidate| self.merged(histograms, is_candidate));
            if let (Some(control), Some(treatment)) = (control, treatment) {
                harm.update(&ValueInterval::new(&control, &treatment, None));
            }
            harm.log_e() >= needed
        }))
    }

    fn has(self, index: usize) -> bool {
        (self.first..self.first + self.count).contains(&index)
    }

    fn rates(self, counts: &[Counts]) -> RateInterval {
        let mut interval = RateInterval::default();
        for (index, counts) in counts.iter().enumerate() {
            let arm = if self.has(index) { &mut interval.treatment } else { &mut interval.control };
            arm.exposure = arm.exposure.saturating_add(counts.exposure);
            arm.events = arm.events.saturating_add(counts.events);
        }
        interval
    }

    fn merged(self, histograms: &[Option<Histogram>], is_candidate: bool) -> Option<Histogram> {
        let of_arm = histograms.iter().enumerate().filter(|(index, _)| self.has(*index) == is_candidate);
        let mut of_arm = of_arm.filter_map(|(_, histogram)| histogram.as_ref());
        let first = of_arm.next()?.clone();
        of_arm.try_fold(first, |sum, histogram| sum.merge(histogram).ok())
    }
}
