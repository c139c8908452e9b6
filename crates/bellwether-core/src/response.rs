use serde::{Deserialize, Serialize};

use crate::{Time, Version};

/// What a rollback policy answers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Response {
    /// Nothing speaks against going on.
    Continue,
    /// Stay at this exposure; nothing moves forward.
    Hold {
        /// Until when, where that is known.
        until: Option<Time>,
    },
    /// Go back.
    RollBack {
        /// How.
        method: Method,
        /// To which version; `None` means the rollout's stable one.
        to: Option<Version>,
    },
}

/// A way of going back, fastest first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Switch the feature flag off.
    Flag,
    /// Send all traffic back to stable.
    Traffic,
    /// Return to the previous revision.
    Revision,
    /// Deploy a known good version again.
    Redeploy,
    /// Restore data from a backup.
    Restore,
    /// Going back is impossible: repair and go forward.
    Forward,
}
