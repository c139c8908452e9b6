use alloc::{format, string::String};
use core::fmt;

/// Tells which field of a [`SequentialSpec`](crate::SequentialSpec) no judge can be built from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpecError {
    /// The field's path, such as `metrics.errors.tolerance`.
    pub field: String,
    /// What would have been accepted.
    pub expected: &'static str,
    /// What was there.
    pub found: f64,
}

impl SpecError {
    pub(crate) fn number(field: &str, expected: &'static str, found: f64) -> Self {
        Self { field: field.into(), expected, found }
    }

    pub(crate) fn within(self, place: &str) -> Self {
        Self { field: format!("{place}.{}", self.field), ..self }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "use `{}`: expected {}, found {}", self.field, self.expected, self.found)
    }
}

impl core::error::Error for SpecError {}

impl From<bellwether_stats::SpecError> for SpecError {
    fn from(error: bellwether_stats::SpecError) -> Self {
        Self::number(error.field, error.expected, error.found)
    }
}
