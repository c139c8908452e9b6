//! The written forms of what is known of a metric: which test's field is there says which kind it is.

use alloc::boxed::Box;

use bellwether_core::{Arms, Duration, Time};
use bellwether_stats::{Counts, GaugeHarm, Harm, NoHarm, RankHarm, RateRatio, ShareCheck, ValueNoHarm};
use serde::{Deserialize, Serialize};

use crate::Missing;
use crate::harm_process::HarmProcess;
use crate::metric_state::{Before, MetricState};
use crate::outage::Outage;
use crate::pass_process::PassProcess;
use crate::stage_state::StageState;
use crate::taken::Taken;
use crate::values_harm::ValuesHarm;

/// Tells that a stored state has no test, or more than one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected the state of one test, found {found}")]
pub(crate) struct TestsError {
    found: usize,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredMetric {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    harm: Option<Harm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<ValuesHarm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ranks: Option<RankHarm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gauges: Option<GaugeHarm>,
    is_suspect: bool,
    before: Option<Box<Before>>,
    steps_started: u32,
    hours_started: u32,
    baked: Duration,
    watermark: Option<Time>,
    overall: Arms<Counts>,
    outage: Outage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ratio: Option<RateRatio>,
    stage: StageState,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredStage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    no_harm: Option<NoHarm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Values>,
    #[serde(default, skip_serializing_if = "is_false")]
    never: bool,
    intervals: u64,
    totals: Arms<Counts>,
    last: Option<Taken>,
    arrived: Option<Time>,
    missing: Option<Missing>,
    #[serde(default)]
    share: ShareCheck,
    #[serde(default, skip_serializing_if = "is_zero")]
    expired: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
}

/// Apart from an absent field: the process may not be there yet.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Values {
    no_harm: Option<ValueNoHarm>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl From<MetricState> for StoredMetric {
    fn from(state: MetricState) -> Self {
        let (mut harm, mut values, mut ranks, mut gauges) = (None, None, None, None);
        match state.harm {
            HarmProcess::Rate(process) => harm = Some(process),
            HarmProcess::Values(process) => values = Some(process),
            HarmProcess::Ranks(process) => ranks = Some(process),
            HarmProcess::Gauges(process) => gauges = Some(process),
        }
        Self {
            harm,
            values,
            ranks,
            gauges,
            is_suspect: state.is_suspect,
            before: state.before,
            steps_started: state.steps_started,
            hours_started: state.hours_started,
            baked: state.baked,
            watermark: state.watermark,
            overall: state.overall,
            outage: state.outage,
            ratio: state.ratio,
            stage: state.stage,
        }
    }
}

impl TryFrom<StoredMetric> for MetricState {
    type Error = TestsError;

    fn try_from(stored: StoredMetric) -> Result<Self, TestsError> {
        let harm = only([
            stored.harm.map(HarmProcess::Rate),
            stored.values.map(HarmProcess::Values),
            stored.ranks.map(HarmProcess::Ranks),
            stored.gauges.map(HarmProcess::Gauges),
        ])?;
        Ok(Self {
            harm,
            is_suspect: stored.is_suspect,
            before: stored.before,
            steps_started: stored.steps_started,
            hours_started: stored.hours_started,
            baked: stored.baked,
            watermark: stored.watermark,
            overall: stored.overall,
            outage: stored.outage,
            ratio: stored.ratio,
            stage: stored.stage,
        })
    }
}

impl From<StageState> for StoredStage {
    fn from(state: StageState) -> Self {
        let (no_harm, values, never) = match state.pass {
            PassProcess::Rate(no_harm) => (Some(no_harm), None, false),
            PassProcess::Values(no_harm) => (None, Some(Values { no_harm }), false),
            PassProcess::Never => (None, None, true),
        };
        Self {
            no_harm,
            values,
            never,
            intervals: state.intervals,
            totals: state.totals,
            last: state.last,
            arrived: state.arrived,
            missing: state.missing,
            share: state.share,
            expired: state.expired,
            since: state.since,
        }
    }
}

impl TryFrom<StoredStage> for StageState {
    type Error = TestsError;

    fn try_from(stored: StoredStage) -> Result<Self, TestsError> {
        let pass = only([
            stored.no_harm.map(PassProcess::Rate),
            stored.values.map(|values| PassProcess::Values(values.no_harm)),
            stored.never.then_some(PassProcess::Never),
        ])?;
        Ok(Self {
            pass,
            intervals: stored.intervals,
            totals: stored.totals,
            last: stored.last,
            arrived: stored.arrived,
            missing: stored.missing,
            share: stored.share,
            expired: stored.expired,
            since: stored.since,
        })
    }
}

fn only<T, const N: usize>(tests: [Option<T>; N]) -> Result<T, TestsError> {
    let found = tests.iter().flatten().count();
    let mut tests = tests.into_iter().flatten();
    tests.next().filter(|_| found == 1).ok_or(TestsError { found })
}
