use alloc::string::{String, ToString};

/// Tells which argument an original could not have computed with: it would have returned an error or stopped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field}: expected {expected}, found {found}")]
pub struct ArithmeticError {
    field: &'static str,
    expected: &'static str,
    found: String,
}

impl ArithmeticError {
    #[expect(clippy::needless_pass_by_value, reason = "it is only printed, whether a value or a reference is at hand")]
    pub(crate) fn new(field: &'static str, expected: &'static str, found: impl ToString) -> Self {
        Self { field, expected, found: found.to_string() }
    }

    /// The argument's name, such as `max_surge`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What the original needs there.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }

    /// What there is.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}
