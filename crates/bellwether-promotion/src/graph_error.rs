use alloc::string::{String, ToString};

/// Tells which place of a graph is wrong, what was expected there and what was found.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct GraphError {
    /// The place in the document, such as `$.environments[1].from[0]`.
    pub at: String,
    /// What may stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl GraphError {
    #[expect(clippy::needless_pass_by_value, reason = "it is only printed, whether a value or a reference is at hand")]
    pub(crate) fn new(at: impl Into<String>, expected: impl Into<String>, found: impl ToString) -> Self {
        Self { at: at.into(), expected: expected.into(), found: found.to_string() }
    }
}
