use serde::{Deserialize, Serialize};

use crate::SpecError;

/// Says how many measurements may end how before a metric is decided; the counters of Argo Rollouts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts write `Limits { count: Some(10), ..Default::default() }`")]
pub struct Limits {
    /// After how many measurements it ends; those with an error do not count. Without a number it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// How many may fail; with null any number may.
    pub failure_limit: Option<u32>,
    /// How many may be inconclusive, whenever.
    pub inconclusive_limit: u32,
    /// How many may have an error one after the other.
    pub consecutive_error_limit: u32,
    /// How many successes one after the other are enough; with 0 none are.
    pub consecutive_success_limit: u32,
}

/// None may fail or be inconclusive, four errors may follow each other, and it never ends by itself.
impl Default for Limits {
    fn default() -> Self {
        Self {
            count: None,
            failure_limit: Some(0),
            inconclusive_limit: 0,
            consecutive_error_limit: 4,
            consecutive_success_limit: 0,
        }
    }
}

impl Limits {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        if self.count == Some(0) {
            return Err(SpecError::number("count", "at least 1", 0.0));
        }
        Ok(())
    }
}
