//! Fakes for every port, a simulated world and the conformance suites that adapters run.

mod example_plan;
mod fake_journal;

pub use example_plan::example_plan;
pub use fake_journal::{FakeJournal, JournalFault};
