//! Fakes for every port, a simulated world and the conformance suites that adapters run.

pub mod conformance;
mod example_plan;
mod fake_clock;
mod fake_hooks;
mod fake_inbox;
mod fake_journal;
mod fake_metrics;
mod fake_notifier;
mod fake_router;
mod fake_workload;
mod history;
mod invariants;
mod must;
mod simulated_world;
mod simulation;
mod troubles;
mod world_ports;

pub use example_plan::example_plan;
pub use fake_clock::FakeClock;
pub use fake_hooks::FakeHooks;
pub use fake_inbox::FakeInbox;
pub use fake_journal::{FakeJournal, JournalFault};
pub use fake_metrics::{FakeMetrics, Rates};
pub use fake_notifier::{FakeEvidence, FakeNotifier};
pub use fake_router::{FakeRouter, RouterFault};
pub use fake_workload::FakeWorkload;
pub use history::History;
pub use invariants::{Transition, Violation, check_invariants, check_round, invariants};
pub use simulated_world::SimulatedWorld;
pub use simulation::{Failure, Simulation};
pub use troubles::Troubles;
pub use world_ports::WorldPorts;
