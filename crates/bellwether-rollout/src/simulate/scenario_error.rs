use alloc::string::{String, ToString};

/// Tells which place of a scenario is wrong, what was expected there and what was found.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
pub struct ScenarioError {
    at: String,
    expected: String,
    found: String,
}

impl ScenarioError {
    #[expect(clippy::needless_pass_by_value, reason = "it is only printed, whether a value or a reference is at hand")]
    pub(super) fn new(at: &str, expected: impl Into<String>, found: impl ToString) -> Self {
        Self { at: at.into(), expected: expected.into(), found: found.to_string() }
    }

    /// The place, such as `$.faults[2].after`.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }
}
