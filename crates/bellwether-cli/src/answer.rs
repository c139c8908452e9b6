use bellwether_core::Finding;
use serde::{Serialize, de::DeserializeOwned};

use crate::{complaint::Complaint, look::Look};

/// What a verb asks of each of its documents.
pub(crate) trait Question {
    /// The document.
    type Input: DeserializeOwned;
    /// The answer.
    type Answer: Answer;

    /// The most bytes that a document may have.
    const BYTES_MAX: usize;

    /// Whether `id` is a field of the document itself and not only of its line.
    const OWNS_ID: bool = false;

    /// Fields that the document must have although the library takes it without.
    const REQUIRED: &[&str] = &[];

    /// Answers one document.
    fn answer(&self, input: Self::Input) -> Result<Self::Answer, Complaint>;
}

/// An answer in its three forms: a status, a text for people, a document for programs.
pub(crate) trait Answer: Serialize {
    /// What the decision is.
    fn status(&self) -> Status;

    /// The text, without a line end.
    fn text(&self, look: &Look) -> String;

    /// The document; the serialised answer unless a counterpart reads something else.
    fn document(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// What the document has no place for.
    fn beside(&self) -> &[Finding] {
        &[]
    }
}

/// What a decision is, as the exit status tells it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// Pass, allowed.
    Pass,
    /// Fail, denied.
    Fail,
    /// The input or the call is wrong.
    Wrong,
    /// Neither: there is not enough to say so, nobody can tell, or something did not come to an end.
    Inconclusive,
}

impl From<Status> for std::process::ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Pass => 0,
            Status::Fail => 1,
            Status::Wrong => 2,
            Status::Inconclusive => 3,
        })
    }
}
