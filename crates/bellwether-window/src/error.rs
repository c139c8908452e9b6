use std::borrow::Cow;

/// Tells why a document is no calendar.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct CalendarError {
    /// The place in the document, such as `$.rules[3].when.cron.start`.
    pub at: String,
    /// What may stand there.
    pub expected: Cow<'static, str>,
    /// What stands there.
    pub found: String,
}

impl CalendarError {
    pub(crate) fn new(at: impl Into<String>, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        let found = found.into().chars().take(FOUND_MAX).collect();
        Self { at: at.into(), expected: expected.into(), found }
    }
}

/// As much of a wrong input as fits into one line.
const FOUND_MAX: usize = 120;

/// A text of the input as an error shows it.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(FOUND_MAX - 2).collect::<String>())
}
