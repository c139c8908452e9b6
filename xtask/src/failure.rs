use std::fmt;
use std::io;
use std::process::ExitCode;

/// Why a command of this package ended without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The words after `cargo xtask` name no command.
    Usage(String),
    /// A file or folder could not be read.
    Read { path: String, source: io::Error },
    /// A program could not be started.
    Start { line: String, source: io::Error },
    /// A program ran and reported an error.
    Ended { line: String, status: String },
    /// A manifest is not what Cargo accepts.
    Manifest { path: String, text: String },
    /// The repository breaks this many rules; each was printed.
    Untidy(usize),
}

impl Failure {
    /// 2 for a mistake in the call, 1 for everything that was found.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Usage(_)) { 2 } else { 1 })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text.trim_end()),
            Self::Read { path, source } => write!(f, "cannot read {path}: {source}"),
            Self::Start { line, source } => write!(f, "cannot start `{line}`: {source}"),
            Self::Ended { line, status } => write!(f, "`{line}` failed: {status}"),
            Self::Manifest { path, text } => write!(f, "{path} is not a manifest: {text}"),
            Self::Untidy(count) => write!(f, "tidy found {count} thing(s) to mend"),
        }
    }
}

impl std::error::Error for Failure {}
