use alloc::collections::BTreeMap;

use bellwether_core::{Arms, Basis, MetricName, StageId, Time};
use bellwether_stats::Counts;
use serde::{Deserialize, Serialize};

use crate::metric_state::MetricState;
use crate::{MetricKind, MetricSpec, Sequential, unique};

/// What a [`Monitor`](crate::Monitor) has gathered: data for a snapshot.
///
/// Its numbers are written exactly, so a monitor that was stored goes on with the same bits.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MonitorState {
    schema: u32,
    /// Of the tests that gathered the evidence: others could not go on with it.
    pub(crate) fingerprint: u64,
    pub(crate) stage: Option<StageId>,
    /// What the stage may pass by.
    pub(crate) basis: Basis,
    /// The latest end of all intervals that arrived.
    pub(crate) frontier: Option<Time>,
    pub(crate) outage: Option<Tripped>,
    #[serde(deserialize_with = "unique::map")]
    pub(crate) metrics: BTreeMap<MetricName, MetricState>,
}

/// The outage that ended the judgement.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tripped {
    pub(crate) metric: MetricName,
    pub(crate) at: Time,
    pub(crate) arms: Arms<Counts>,
}

/// Tells why a stored state does not belong to a judge.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A format of another version.
    #[error("restore a monitor: expected schema {expected}, found {found}")]
    Schema {
        /// The format that this version writes.
        expected: u32,
        /// The format found.
        found: u32,
    },
    /// A judge with other metrics, other tests or another schedule: mixing both would keep neither's promise.
    #[error("restore a monitor: expected the state of the same metrics, tests and schedule, found another's")]
    OtherJudge,
}

impl MonitorState {
    const SCHEMA: u32 = 1;

    pub(crate) fn new(judge: &Sequential) -> Self {
        Self {
            schema: Self::SCHEMA,
            fingerprint: fingerprint(judge),
            stage: None,
            basis: Basis::Compare,
            frontier: None,
            outage: None,
            metrics: judge.fresh().clone(),
        }
    }

    /// The stage that the state belongs to, if one was entered.
    #[must_use]
    pub fn stage(&self) -> Option<&StageId> {
        self.stage.as_ref()
    }

    pub(crate) fn check(&self, judge: &Sequential) -> Result<(), RestoreError> {
        if self.schema != Self::SCHEMA {
            return Err(RestoreError::Schema { expected: Self::SCHEMA, found: self.schema });
        }
        if self.fingerprint != fingerprint(judge) || !self.metrics.keys().eq(judge.metrics().keys()) {
            return Err(RestoreError::OtherJudge);
        }
        Ok(())
    }
}

/// Sums up what the running evidence depends on (FNV-1a, <http://www.isthe.com/chongo/tech/comp/fnv/>): it finds a
/// changed configuration, not an attacker. Alpha, beta, minimum and guard may change; they are not in the evidence.
fn fingerprint(judge: &Sequential) -> u64 {
    let schedule = judge.spec().schedule;
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.push(u64::from(schedule.steps));
    hash.push(u64::from(schedule.hours));
    for (name, spec) in judge.metrics() {
        hash.push_bytes(name.as_str().as_bytes());
        let burst = match spec.dependence {
            bellwether_stats::Dependence::Clustered => 0,
            bellwether_stats::Dependence::Independent => 1,
            bellwether_stats::Dependence::BurstsUpTo(bound) => 2 + u64::from(bound),
        };
        hash.push(burst);
        for number in [spec.tolerance, spec.harm, spec.acceptable, spec.floor, judge.weight(name)] {
            hash.push(number.to_bits());
        }
        hash.push_values(spec);
    }
    hash.0
}

struct Fnv(u64);

impl Fnv {
    /// What the first version did not have counts only where it is not the default, so that its states go on.
    fn push_values(&mut self, spec: &MetricSpec) {
        let usual = MetricSpec::default();
        if spec.kind != usual.kind {
            self.push_bytes(match spec.kind {
                MetricKind::Rate => b"rate",
                MetricKind::Distribution => b"distribution",
                MetricKind::Samples => b"samples",
                MetricKind::Gauge => b"gauge",
            });
            self.push(spec.value_tolerance.to_bits());
            let usual = spec.usual.map(|usual| [usual.p5, usual.p90, usual.p99, usual.p999]);
            let numbers = spec.objective.into_iter().chain(usual.into_iter().flatten());
            numbers.for_each(|number| self.push(number.to_bits()));
        }
        if spec.direction != usual.direction {
            self.push_bytes(b"lower_is_worse");
        }
        if spec.warm_up != usual.warm_up {
            self.push(spec.warm_up.as_millis());
        }
    }

    fn push(&mut self, number: u64) {
        self.push_bytes(&number.to_le_bytes());
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
