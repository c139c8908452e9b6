use alloc::string::String;

use serde::{Deserialize, Serialize};

/// `status.conditions[type=Progressing].reason` of a Deployment that is complete.
const NEW_REPLICA_SET_AVAILABLE: &str = "NewReplicaSetAvailable";
/// The reason after a time-out was found.
const PROGRESS_DEADLINE_EXCEEDED: &str = "ProgressDeadlineExceeded";
/// The deadline that means none: the API's default of ten minutes cannot be unset otherwise.
const NO_DEADLINE: i32 = i32::MAX;

/// What [`deployment_complete`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// How many pods are wanted.
    pub desired: i32,
    /// How many pods there are of any version (`status.replicas`).
    pub current: i32,
    /// How many of them have the newest version.
    pub updated: i32,
    /// How many are available.
    pub available: i32,
    /// How often the Deployment was changed (`metadata.generation`).
    #[serde(default)]
    pub generation: i64,
    /// Which change the other figures speak of (`status.observedGeneration`).
    #[serde(default)]
    pub observed_generation: i64,
}

/// A Deployment's pods, counted by what they are.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// How many pods there are of any version.
    pub replicas: i32,
    /// How many of them have the newest version.
    pub updated: i32,
    /// How many are ready.
    pub ready: i32,
    /// How many have been ready for long enough.
    pub available: i32,
}

/// What [`deployment_progressing`] looks at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The status before.
    pub old: Status,
    /// The status now.
    pub new: Status,
}

/// What [`deployment_timed_out`] looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Timeout {
    /// How long the Deployment may make no progress; none or 2147483647 means for ever.
    pub progress_deadline_seconds: Option<i32>,
    /// How long ago the Progressing condition was updated; none when it never was, which is longer than any deadline.
    pub elapsed_seconds: Option<i64>,
    /// Why the condition says what it says; none when there is no such condition.
    pub reason: Option<String>,
}

/// Says whether a Deployment has arrived; follows `DeploymentComplete`.
///
/// All pods are new and available and no old one is left, and the figures speak of the newest change.
#[must_use]
pub const fn deployment_complete(completion: &Completion) -> bool {
    completion.updated == completion.desired
        && completion.current == completion.desired
        && completion.available == completion.desired
        && completion.observed_generation >= completion.generation
}

/// Says whether a Deployment moved; follows `DeploymentProgressing`.
///
/// New pods grew, or old pods (the others) fell, or more are ready, or more are available.
#[must_use]
pub const fn deployment_progressing(progress: &Progress) -> bool {
    let Progress { old, new } = progress;
    new.updated > old.updated
        || new.replicas.wrapping_sub(new.updated) < old.replicas.wrapping_sub(old.updated)
        || new.ready > old.ready
        || new.available > old.available
}

/// Says whether a Deployment has made no progress for too long; follows `DeploymentTimedOut`.
///
/// One that once completed never times out, and one that timed out stays so. It is only a condition: the controller
/// does nothing about it.
#[must_use]
pub fn deployment_timed_out(timeout: &Timeout) -> bool {
    let deadline = match timeout.progress_deadline_seconds {
        None | Some(NO_DEADLINE) => return false,
        Some(seconds) => i64::from(seconds),
    };
    match timeout.reason.as_deref() {
        None | Some(NEW_REPLICA_SET_AVAILABLE) => false,
        Some(PROGRESS_DEADLINE_EXCEEDED) => true,
        Some(_) => timeout.elapsed_seconds.is_none_or(|elapsed| elapsed > deadline),
    }
}
