/// How a request ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// The whole answer came, and it is no error.
    Well,
    /// The version failed: a bad status, an answer that broke off or stalled, or none for as long as a client is patient.
    Error,
    /// The client left sooner. Nobody knows how it would have ended, so it is no evidence for either side.
    Abandoned,
}
