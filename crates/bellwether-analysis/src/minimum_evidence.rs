use serde::{Deserialize, Serialize};

/// What each metric must have seen at a stage before it can pass: the events of both arms or the requests of the
/// candidate, and the intervals.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts build it field by field")]
pub struct MinimumEvidence {
    /// Errors in both arms together.
    pub events: u64,
    /// Requests of the candidate, which do instead of errors.
    pub requests: u64,
    /// Intervals, which nothing does instead of.
    pub intervals: u64,
}

/// Five errors or 1,000 candidate requests, and five intervals.
impl Default for MinimumEvidence {
    fn default() -> Self {
        Self { events: 5, requests: 1_000, intervals: 5 }
    }
}
