use bellwether_core::{Arms, StageId, Time, Weight};
use serde::{Deserialize, Serialize};

use crate::Sample;

/// What both arms did in one complete interval of one metric.
///
/// An interval is closed when both arms have reported it, and is never revised. It carries its stage and both shares,
/// so that a judge needs nothing else to know what it says about which exposure.
///
/// # Example: one minute at 5 %
/// ```
/// use bellwether_analysis::Interval;
///
/// let interval: Interval = serde_json::from_str(r#"{
///     "start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:01:00Z",
///     "stage": {"rollout": "checkout-41", "step": 1, "entry": 0},
///     "intended": 500, "observed": 500, "settled": true,
///     "stable": {"requests": 5700, "errors": 6}, "candidate": {"requests": 300, "errors": 0}
/// }"#)?;
/// assert_eq!(interval.length().to_string(), "1m");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Stored"))]
#[serde(into = "Stored", try_from = "Stored")]
#[expect(clippy::exhaustive_structs, reason = "metric sources build it field by field; a new field concerns them all")]
pub struct Interval {
    /// When it began.
    pub start: Time,
    /// When it ended; not part of it.
    pub end: Time,
    /// The stage that the rollout was at.
    pub stage: StageId,
    /// The candidate's share of the traffic that was wanted.
    pub intended: Weight,
    /// The candidate's share that the router reported.
    pub observed: Weight,
    /// Whether the observed route equalled the goal during the whole interval. What is not settled is not evidence.
    pub settled: bool,
    /// What each arm did.
    pub arms: Arms<Sample>,
}

/// Tells why times are not those of an [`Interval`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected an `end` after the `start` ({start}), found {end}")]
pub struct IntervalError {
    start: Time,
    end: Time,
}

impl Interval {
    /// How long it was; zero if it does not end after its start.
    #[must_use]
    pub fn length(&self) -> bellwether_core::Duration {
        self.end.since(self.start)
    }
}

/// The written form, with the two arms beside the rest.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Interval"))]
#[serde(deny_unknown_fields)]
struct Stored {
    /// When it began.
    start: Time,
    /// When it ended; not part of it.
    end: Time,
    /// The stage that the rollout was at.
    stage: StageId,
    /// The candidate's share of the traffic that was wanted.
    intended: Weight,
    /// The candidate's share that the router reported.
    observed: Weight,
    /// Whether the observed route equalled the goal during the whole interval.
    settled: bool,
    /// What the running version did.
    stable: Sample,
    /// What the new version did.
    candidate: Sample,
}

impl From<Interval> for Stored {
    fn from(interval: Interval) -> Self {
        let Interval { start, end, stage, intended, observed, settled, arms } = interval;
        Self { start, end, stage, intended, observed, settled, stable: arms.stable, candidate: arms.candidate }
    }
}

impl TryFrom<Stored> for Interval {
    type Error = IntervalError;

    fn try_from(stored: Stored) -> Result<Self, IntervalError> {
        let Stored { start, end, stage, intended, observed, settled, stable, candidate } = stored;
        if end <= start {
            return Err(IntervalError { start, end });
        }
        Ok(Self { start, end, stage, intended, observed, settled, arms: Arms { stable, candidate } })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const MINUTE: &str = r#"{"start":"2026-03-02T10:00:00.000Z","end":"2026-03-02T10:01:00.000Z","stage":{"rollout":"r","step":0,"entry":0},"intended":500,"observed":500,"settled":true,"stable":{"requests":9,"errors":1},"candidate":{"requests":1,"errors":0}}"#;

    #[test]
    fn an_interval_reads_back_as_it_was_written() {
        let interval: Interval = serde_json::from_str(MINUTE).unwrap();
        assert_eq!(serde_json::to_string(&interval).unwrap(), MINUTE);
    }

    #[test]
    fn an_interval_that_covers_no_time_is_refused() {
        let error = serde_json::from_str::<Interval>(&MINUTE.replace("10:01", "10:00")).unwrap_err().to_string();
        assert!(error.contains("expected an `end` after the `start` (2026-03-02T10:00:00.000Z)"), "{error}");
    }
}
