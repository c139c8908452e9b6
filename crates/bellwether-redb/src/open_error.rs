use std::path::PathBuf;

/// Tells why a journal's file could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another journal of this one, has it open.
    #[error("{}: somebody else has the journal open; two drivers must not decide about the same rollouts", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged or cut off. It is left as it is.
    #[error("{}: the journal is damaged: {error}", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the store says.
        error: String,
    },
    /// The file is a redb file, and no journal.
    #[error("{}: expected a journal, found another redb file: {error}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is missing.
        error: String,
    },
    /// The file was written by a newer or an unknown build.
    #[error("{}: expected journal store schema {expected}, found {found}", .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema that this build reads and writes.
        expected: u64,
        /// The schema found.
        found: u64,
    },
    /// The file could not be reached.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: String,
    },
}
