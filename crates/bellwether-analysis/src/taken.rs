use bellwether_core::{Arms, Time, Weight};
use bellwether_stats::{Counts, RateInterval};
use serde::{Deserialize, Serialize};

use crate::{Interval, Missing};

/// An interval in counts: of a rate those of the requests and errors, of a distribution those of the values and of those
/// beyond the edge that is shown, of others how many values or instances there were.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Taken {
    pub(crate) start: Time,
    pub(crate) end: Time,
    pub(crate) intended: Weight,
    pub(crate) arms: Arms<Counts>,
}

impl Taken {
    pub(crate) fn new(interval: &Interval, arms: Arms<Counts>) -> Self {
        Self { start: interval.start, end: interval.end, intended: interval.intended, arms }
    }

    /// Refuses an interval in which an arm that should have had traffic had none.
    pub(crate) fn with_traffic(self) -> Result<Self, Missing> {
        let lacks_candidate = self.intended > Weight::ZERO && self.arms.candidate.exposure == 0;
        let lacks_stable = self.intended < Weight::FULL && self.arms.stable.exposure == 0;
        if lacks_candidate || lacks_stable { Err(Missing::NoTraffic) } else { Ok(self) }
    }

    /// What the tests are told. A mirrored or hidden candidate has no intended share that its requests could be
    /// compared with, so the realised one stands in.
    pub(crate) fn rates(&self) -> RateInterval {
        RateInterval {
            control: self.arms.stable,
            treatment: self.arms.candidate,
            intended_share: self.intended_share(),
        }
    }

    pub(crate) fn intended_share(&self) -> Option<f64> {
        (self.intended > Weight::ZERO).then(|| self.intended.fraction())
    }

    /// Whether the candidate's rate was more than this many times that of stable.
    pub(crate) fn is_worse_than(&self, tolerance: f64) -> bool {
        let Arms { stable, candidate } = self.arms;
        let tolerated = tolerance * candidate.exposure as f64 * stable.events as f64;
        candidate.events as f64 * stable.exposure as f64 > tolerated
    }

    /// The same interval with another number of candidate errors.
    pub(crate) fn with_candidate_errors(mut self, errors: u64) -> Self {
        self.arms.candidate.events = errors;
        self
    }
}

/// Adds what both arms did. Totals are shown, not tested, so one that would not fit may stop at the largest number.
pub(crate) fn add(total: &mut Arms<Counts>, more: Arms<Counts>) {
    for (sum, part) in [(&mut total.stable, more.stable), (&mut total.candidate, more.candidate)] {
        sum.exposure = sum.exposure.saturating_add(part.exposure);
        sum.events = sum.events.saturating_add(part.events);
    }
}

/// The error rate; zero where there was no request.
pub(crate) fn rate(counts: Counts) -> f64 {
    if counts.exposure == 0 {
        return 0.0;
    }
    counts.events as f64 / counts.exposure as f64
}
