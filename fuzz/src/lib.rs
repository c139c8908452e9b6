//! Fuzz targets: what every reader and every decision of bellwether promises for every input.
//!
//! A target is a function of bytes. It panics when a promise is broken, and says whether the bytes were a document that it
//! could read, so that the replay of the corpus can tell a good seed from a trap. `cargo fuzz` runs the targets through
//! the binaries of `fuzz_targets`; `tests/replay.rs` runs them over the corpus with the stable compiler.
#![forbid(unsafe_code)]

mod analysis;
mod canary;
mod change_rules;
mod decision;
mod events;
mod evidence_gate;
mod fixed_rules;
mod forge;
mod plan;
mod record;
mod script;
mod series;

pub use analysis::analysis;
pub use canary::canary;
pub use change_rules::change_rules;
pub use events::events;
pub use evidence_gate::evidence_gate;
pub use fixed_rules::fixed_rules;
pub use plan::plan;
pub use record::record;
pub use series::series;

/// A target: takes any bytes and returns whether it could read them.
pub type Target = fn(&[u8]) -> bool;

/// Every target by the name of its binary and of its folder in `corpus`.
pub const TARGETS: [(&str, Target); 9] = [
    ("analysis", analysis),
    ("canary", canary),
    ("change_rules", change_rules),
    ("events", events),
    ("evidence_gate", evidence_gate),
    ("fixed_rules", fixed_rules),
    ("plan", plan),
    ("record", record),
    ("series", series),
];
