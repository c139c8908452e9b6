use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{fault::one_line, node::Refusal};

/// Why the command did nothing: one line that says which input, which place in it, what was expected and what was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Complaint {
    input: Option<String>,
    wrong: Wrong,
}

/// The same as data, for `--lines`.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[schemars(rename = "Error")]
pub(crate) struct Wrong {
    /// What went wrong, as a machine reads it: `unreadable`, `too_large`, `syntax`, `too_deep`, `duplicate_key`,
    /// `invalid` or `refused`.
    kind: &'static str,
    /// What was expected and what was found.
    message: String,
    /// The place in the input, such as `$.steps[2].route.share`.
    at: String,
}

impl Complaint {
    pub(crate) fn new(kind: &'static str, at: impl Into<String>, message: impl fmt::Display) -> Self {
        let wrong = Wrong { kind, message: one_line(&message.to_string()), at: at.into() };
        Self { input: None, wrong }
    }

    /// Names the part of the input that the place is in, such as a line.
    pub(crate) fn within(mut self, part: &str) -> Self {
        let at = if self.wrong.at.is_empty() { part.to_owned() } else { format!("{part}: {}", self.wrong.at) };
        self.wrong.at = at;
        self
    }

    /// Names the file, or whatever the input came from.
    pub(crate) fn of(mut self, input: impl fmt::Display) -> Self {
        self.input.get_or_insert_with(|| one_line(&input.to_string()));
        self
    }

    /// The place in the input.
    pub(crate) fn at(&self) -> &str {
        &self.wrong.at
    }

    /// The same about another place, where the input was made of another document.
    pub(crate) fn at_place(mut self, at: String) -> Self {
        self.wrong.at = at;
        self
    }

    /// The complaint without its input.
    pub(crate) const fn wrong(&self) -> &Wrong {
        &self.wrong
    }
}

impl From<Refusal> for Complaint {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.kind, refusal.at, refusal.message)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(input) = &self.input {
            write!(formatter, "{input}: ")?;
        }
        if !self.wrong.at.is_empty() {
            write!(formatter, "{}: ", one_line(&self.wrong.at))?;
        }
        formatter.write_str(&self.wrong.message)
    }
}
