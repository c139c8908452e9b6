//! Decides which release may enter which environment next, and why not.
//!
//! A [`Graph`] says which environments there are and what each asks of a release: that the environments before have
//! verified it, how long it soaked there, who approved it, which gates pass. A log of [`Event`]s says what happened; a
//! [`History`] is what the log comes to. From the two and a time follows everything else, without a clock or a store:
//!
//! - [`Graph::entry`]: may this release enter this environment, and what would change the answer?
//! - [`Graph::journey`]: the same for every environment.
//! - [`Graph::goal`]: what should happen now without anybody asking, [returns](Graph::back) to the last good release
//!   included.
//!
//! What enters is what was verified: bytes are compared by digest, and a tag is no digest. Soak is counted from looks
//! that found the release alone and fully exposed; what nobody saw does not count. Only [`Standing::Enter`] lets a
//! release go forward; a return asks for no window, no approval and no gate.
#![no_std]

extern crate alloc;

mod advice;
mod approval;
mod artefact;
mod back;
mod case;
mod clock;
mod entry;
mod entry_gate;
mod environment;
mod event;
mod facts;
mod gates;
mod goal;
mod graph;
mod graph_error;
mod happen;
mod history;
mod journey;
mod notes;
mod parity;
mod person;
mod pick;
mod place;
pub mod preset;
mod rank;
mod record;
mod shape;
mod skip;
mod turn;
mod upstream;
mod walk;

pub use back::{Return, Way};
pub use entry::{Ask, Entry, Standing};
pub use entry_gate::EntryGate;
pub use environment::{
    Approvals, DataClass, Environment, Need, OnNewer, OnOlder, Order, Overrides, ReturnRule, Site, Trigger,
    Verification,
};
pub use event::{Cause, Ending, Event, Kind, Made, Override};
pub use facts::{Facts, GateAnswer};
pub use goal::Goal;
pub use graph::{Graph, GraphDraft};
pub use graph_error::GraphError;
pub use history::History;
pub use journey::{Journey, Stop};
pub use pick::Pick;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
