use alloc::string::{String, ToString};

use bellwether_core::Decision;

/// Tells which place of a plan is wrong, what was expected there and what was found.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
pub struct PlanError {
    at: String,
    expected: String,
    found: String,
}

impl PlanError {
    #[expect(clippy::needless_pass_by_value, reason = "it is only printed, whether a value or a reference is at hand")]
    pub(crate) fn new(at: &str, expected: impl Into<String>, found: impl ToString) -> Self {
        Self { at: at.into(), expected: expected.into(), found: found.to_string() }
    }

    /// The place, such as `$.steps[2].route.share`.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }
}

/// Tells why a strategy makes no plan for this release and target.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The target lacks something, or demands something that the strategy cannot give; the findings say what.
    #[error("make a plan:\n  {}", .0.findings.iter().map(ToString::to_string).collect::<alloc::vec::Vec<_>>().join("\n  "))]
    Target(Decision<()>),
    /// The strategy's own numbers make no plan.
    #[error("make a plan: {0}")]
    Plan(#[from] PlanError),
}
