//! Rollouts: `utils/replicaset` and `rollout/trafficrouting.go` of Argo Rollouts, as of version 1.9 and the fixes of
//! August 2026.

use serde::{Deserialize, Serialize};

use super::ArithmeticError;

mod approximation;
mod basic_canary;
mod fencepost;
mod threshold;
mod traffic_routed;

pub use approximation::{Approximation, approximate_weighted};
pub use basic_canary::{BasicCanary, basic_canary};
pub use fencepost::{Fenceposts, Limits, RolloutStrategy, max_surge, max_unavailable, resolve_fenceposts};
pub use threshold::{
    Demand, Progress, ProgressThreshold, ThresholdType, enough_replicas_for_weight, progress_threshold,
};
pub use traffic_routed::{
    DynamicStableScale, ObservedWeights, SetCanaryScale, Share, TrafficRouted, dynamic_stable_scale, traffic_routed,
    traffic_weight_to_replicas,
};

/// The whole traffic, unless a router's `maxTrafficWeight` says otherwise; `weightutil.MaxTrafficWeight`.
const WHOLE: i32 = 100;
/// The pods of a Rollout that does not say how many it wants; `defaults.GetReplicasOrDefault`.
const REPLICAS: i32 = 1;

/// How many pods the two versions should have.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Pods of the new version.
    pub canary: i32,
    /// Pods of the version before.
    pub stable: i32,
}

/// The weight that means all traffic. The original divides by it without a look: a float gives infinity, an integer
/// stops the controller.
fn whole(max_weight: Option<i32>) -> Result<i32, ArithmeticError> {
    match max_weight {
        Some(0) => Err(ArithmeticError::new("max_weight", "a whole number other than zero", 0)),
        Some(weight) => Ok(weight),
        None => Ok(WHOLE),
    }
}
