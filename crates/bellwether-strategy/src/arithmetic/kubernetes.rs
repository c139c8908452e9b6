//! Deployments: `pkg/controller/deployment` of Kubernetes.

use serde::{Deserialize, Serialize};

mod fencepost;
mod progress;
mod proportion;
mod rolling;

pub use fencepost::{Fenceposts, Limits, max_unavailable, min_available, resolve_fenceposts};
pub use progress::{
    Completion, Progress, Status, Timeout, deployment_complete, deployment_progressing, deployment_timed_out,
};
pub use proportion::{RecordedSet, Scale, Sizes, proportional_scale};
pub use rolling::{
    Cleanup, Growth, NewSet, OldSets, cleanup_unhealthy_replicas, new_rs_new_replicas, reconcile_new_replica_set,
    reconcile_old_replica_sets, scale_down_old_for_rolling_update,
};

/// How a Deployment replaces its pods.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DeploymentStrategy {
    /// Old pods are replaced by new ones within [`Bounds`](super::Bounds).
    #[default]
    RollingUpdate,
    /// All old pods are removed first.
    Recreate,
}
