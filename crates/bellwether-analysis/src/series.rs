use alloc::{collections::BTreeMap, vec::Vec};

use bellwether_core::{Basis, MetricName, StageId};
use serde::{Deserialize, Serialize};

use crate::{Interval, unique};

/// Everything that was measured of a rollout so far: what a [`Judge`](crate::Judge) answers on.
///
/// It holds the intervals of earlier stages as well: evidence of harm accumulates over the whole rollout, evidence of
/// no harm belongs to the current stage.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct Series {
    /// The stage that is judged.
    pub stage: StageId,
    /// What the stage may pass by.
    #[serde(default)]
    pub basis: Basis,
    /// The intervals of each metric, in any order.
    #[serde(deserialize_with = "unique::map")]
    pub metrics: BTreeMap<MetricName, Vec<Interval>>,
}

impl Series {
    /// Builds a series without any interval yet.
    #[must_use]
    pub fn new(stage: StageId) -> Self {
        Self { stage, basis: Basis::Compare, metrics: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_metric_that_is_there_twice_is_refused() {
        let text = r#"{"stage":{"rollout":"r","step":0,"entry":0},"metrics":{"errors":[],"errors":[]}}"#;
        let error = serde_json::from_str::<Series>(text).unwrap_err().to_string();
        assert!(error.contains("expected each name once, found \"errors\" twice"), "{error}");
    }
}
