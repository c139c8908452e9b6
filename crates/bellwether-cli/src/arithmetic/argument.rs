//! Arguments that are written down in another shape than the library takes.

use bellwether_strategy::arithmetic::{
    IntOrPercent, ReplicaSet, flagger,
    kubernetes::{self, OldSets, RecordedSet},
};
use schemars::JsonSchema;
use serde::{Deserialize, de::IgnoredAny};

use crate::complaint::Complaint;

/// One old set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Old {
    /// How many pods are wanted.
    replicas: i32,
    /// Pods beyond the wanted number.
    max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing.
    max_unavailable: Option<IntOrPercent>,
    /// How many pods the old set should have.
    old: i32,
    /// How many of them are available.
    ready: i32,
}

/// One old set and the new one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OldAndNew {
    /// How many pods are wanted.
    replicas: i32,
    /// Pods beyond the wanted number.
    max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing.
    max_unavailable: Option<IntOrPercent>,
    /// How many pods the old set should have.
    old: i32,
    /// How many pods the new set should have.
    new: i32,
    /// How many of the old set's are available.
    ready_old: i32,
    /// How many of the new set's are available.
    ready_new: i32,
}

/// One old set of which unavailable pods may go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Unhealthy {
    /// How many pods the old set should have.
    old: i32,
    /// How many of them are available.
    ready: i32,
    /// How many pods may be removed.
    max_cleanup: i32,
}

/// A Deployment whose wanted number of pods changed while several sets have some.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resize {
    /// How many pods are wanted now.
    replicas: i32,
    /// Pods beyond the wanted number.
    max_surge: Option<IntOrPercent>,
    /// Wanted pods that may be missing.
    max_unavailable: Option<IntOrPercent>,
    /// How many pods were wanted when the sets were last scaled.
    previous_replicas: i32,
    /// Pods beyond the wanted number then.
    previous_max_surge: Option<IntOrPercent>,
    /// How many pods the new set has, when there is one.
    new_rs: Option<i32>,
    /// How many of them are available; zero when it is not said.
    new_rs_available: Option<i32>,
    /// How many pods the old sets have.
    old_rs_newest_first: Vec<i32>,
    /// An old set that was last scaled when another number was wanted.
    recorded_desired: Option<Recorded>,
}

/// What an old set recorded.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Recorded {
    /// Which old set, counted from zero at the newest.
    old_rs_index: usize,
    /// How many pods were wanted.
    desired: i32,
}

/// The part of a Canary's analysis that tells how it is released; null for a Canary without one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Analysis {
    /// How often the analysis runs; zero when it is not said.
    iterations: Option<i64>,
    /// Conditions that choose the requests of the new version.
    #[serde(rename = "match")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    conditions: Option<Vec<IgnoredAny>>,
}

impl Old {
    pub(super) fn sets(&self) -> OldSets {
        OldSets {
            replicas: self.replicas,
            max_surge: self.max_surge.clone(),
            max_unavailable: self.max_unavailable.clone(),
            new: None,
            old: vec![ReplicaSet::new(self.old, self.ready)],
        }
    }
}

impl OldAndNew {
    pub(super) fn sets(&self) -> OldSets {
        OldSets {
            replicas: self.replicas,
            max_surge: self.max_surge.clone(),
            max_unavailable: self.max_unavailable.clone(),
            new: Some(ReplicaSet::new(self.new, self.ready_new)),
            old: vec![ReplicaSet::new(self.old, self.ready_old)],
        }
    }
}

impl Unhealthy {
    pub(super) fn cleanup(&self) -> kubernetes::Cleanup {
        kubernetes::Cleanup { old: vec![ReplicaSet::new(self.old, self.ready)], max_cleanup: self.max_cleanup }
    }
}

impl Resize {
    pub(super) fn scale(&self) -> Result<kubernetes::Scale, Complaint> {
        let count = self.old_rs_newest_first.len();
        if let Some(Recorded { old_rs_index, .. }) = self.recorded_desired.filter(|own| own.old_rs_index >= count) {
            let message = format_args!("expected the place of one of {count} old sets, found {old_rs_index}");
            return Err(Complaint::new("invalid", "$.in.recorded_desired.old_rs_index", message));
        }
        let old = self.old_rs_newest_first.iter().enumerate().map(|(at, spec)| {
            let own = self.recorded_desired.filter(|own| own.old_rs_index == at);
            self.recorded(*spec, 0, own.map_or(self.previous_replicas, |own| own.desired))
        });
        let available = self.new_rs_available.unwrap_or(0);
        Ok(kubernetes::Scale {
            replicas: self.replicas,
            max_surge: self.max_surge.clone(),
            max_unavailable: self.max_unavailable.clone(),
            new: self.new_rs.map(|spec| self.recorded(spec, available, self.previous_replicas)),
            old_newest_first: old.collect(),
        })
    }

    /// A set as it was annotated when that many pods were wanted. A surge that is no number counts as zero there.
    fn recorded(&self, spec: i32, available: i32, recorded_desired: i32) -> RecordedSet {
        let previous = kubernetes::Fenceposts {
            desired: self.previous_replicas,
            max_surge: self.previous_max_surge.clone(),
            max_unavailable: None,
        };
        let surge = kubernetes::resolve_fenceposts(&previous).unwrap_or_default().surge;
        RecordedSet { spec, available, recorded_desired, recorded_max: recorded_desired.wrapping_add(surge) }
    }
}

impl Analysis {
    pub(super) fn counted(analysis: Option<&Self>) -> flagger::Analysis {
        analysis.map_or_else(flagger::Analysis::default, |analysis| flagger::Analysis {
            iterations: analysis.iterations.unwrap_or(0),
            conditions: analysis.conditions.as_ref().map_or(0, Vec::len),
        })
    }
}
