use bellwether_core::{Arms, Duration, Time};
use bellwether_stats::{Counts, ShareCheck};
use serde::{Deserialize, Serialize};

use crate::harm_process::HarmProcess;
use crate::pass_process::PassProcess;
use crate::stored_metric::StoredStage;
use crate::taken::{Taken, add};
use crate::{MetricSpec, MinimumEvidence, Missing, SpecError};

/// What is known of one metric at the current stage.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "StoredStage", try_from = "StoredStage")]
pub(crate) struct StageState {
    pub(crate) pass: PassProcess,
    pub(crate) intervals: u64,
    pub(crate) totals: Arms<Counts>,
    /// The last interval that was evidence.
    pub(crate) last: Option<Taken>,
    /// The end of the last interval that arrived.
    pub(crate) arrived: Option<Time>,
    /// Why the last settled interval was no evidence.
    pub(crate) missing: Option<Missing>,
    /// Whether the share of the requests is the intended one.
    pub(crate) share: ShareCheck,
    /// How many certificates of no harm have expired here.
    pub(crate) expired: u32,
    /// The start of the first interval that is evidence for the current one.
    pub(crate) since: Option<Time>,
}

impl StageState {
    pub(crate) fn new(spec: &MetricSpec, harm: &HarmProcess) -> Result<Self, SpecError> {
        Ok(Self {
            pass: PassProcess::new(spec, harm)?,
            intervals: 0,
            totals: Arms::default(),
            last: None,
            arrived: None,
            missing: None,
            share: ShareCheck::default(),
            expired: 0,
            since: None,
        })
    }

    /// Begins a new certificate with an interval that starts when the current one has expired: what was shown so long ago
    /// says little about now.
    pub(crate) fn renew(&mut self, start: Time, ttl: Duration, fresh: impl FnOnce() -> Option<PassProcess>) {
        let is_over = self.since.is_some_and(|since| start >= since.after(ttl));
        if !is_over {
            return;
        }
        let Some(pass) = fresh() else { return };
        *self = Self {
            pass,
            intervals: 0,
            totals: Arms::default(),
            since: None,
            expired: self.expired.saturating_add(1),
            ..self.clone()
        };
    }

    /// Begins the test of no harm of a distribution, as soon as it was learned where to compare.
    pub(crate) fn begin_values(&mut self, fresh: impl FnOnce() -> Option<PassProcess>) {
        if let PassProcess::Values(None) = self.pass {
            self.pass = fresh().unwrap_or(PassProcess::Values(None));
        }
    }

    /// Counts an interval that is evidence.
    pub(crate) fn count(&mut self, taken: &Taken) {
        self.intervals = self.intervals.saturating_add(1);
        add(&mut self.totals, taken.arms);
        self.since.get_or_insert(taken.start);
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
