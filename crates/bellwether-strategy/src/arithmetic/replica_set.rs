use core::num::Wrapping;

use serde::{Deserialize, Deserializer, Serialize};

/// A set of pods of one version: how many are wanted and how many are there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReplicaSet {
    /// How many pods are wanted (`spec.replicas`); one when it is not said, as the API server defaults it.
    #[serde(deserialize_with = "one_if_null")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub spec: i32,
    /// How many pods are available (`status.availableReplicas`).
    pub available: i32,
}

impl ReplicaSet {
    /// A set of which that many pods are wanted, and that many available.
    #[must_use]
    pub const fn new(spec: i32, available: i32) -> Self {
        Self { spec, available }
    }

    /// The wanted pods of several sets together; the sum wraps as the originals' does.
    pub(crate) fn spec_of(sets: impl IntoIterator<Item = Self>) -> Wrapping<i32> {
        sets.into_iter().map(|set| Wrapping(set.spec)).sum()
    }

    /// The available pods of several sets together; the sum wraps as the originals' does.
    pub(crate) fn available_of(sets: impl IntoIterator<Item = Self>) -> Wrapping<i32> {
        sets.into_iter().map(|set| Wrapping(set.available)).sum()
    }
}

impl Default for ReplicaSet {
    fn default() -> Self {
        Self::new(1, 0)
    }
}

fn one_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(1))
}
