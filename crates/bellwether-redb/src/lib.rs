#![doc = include_str!("../README.md")]

mod file;
mod head;
mod open_error;
mod queue;
mod redb_journal;
mod store;

pub use open_error::OpenError;
pub use redb_journal::RedbJournal;
