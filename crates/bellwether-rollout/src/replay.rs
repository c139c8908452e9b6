use alloc::{boxed::Box, vec::Vec};

use bellwether_core::Decision;
use serde::{Deserialize, Serialize};

use crate::{Event, Move, State, step};

/// The version of the rules of the machine and of the judge beside it: raised whenever the same log would give another
/// decision or another verdict.
///
/// With 2 the judge checks the share of the requests, lets a certificate of no harm expire, and says more about each
/// metric.
pub const RULES: u32 = 2;

/// An event and what was decided on it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stepped {
    /// The event.
    pub event: Event,
    /// The decision.
    pub decision: Decision<Move>,
}

/// Tells where a log and the machine part.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("entry {index} of the log: expected the decision {found}, found {expected}")]
pub struct Divergence {
    /// The entry's index.
    pub index: usize,
    /// What the log says.
    pub expected: Box<Decision<Move>>,
    /// What the machine decides.
    pub found: Box<Decision<Move>>,
}

/// Decides everything again and compares.
///
/// # Errors
/// The first entry whose decision is another one now.
pub fn replay<'a>(state: State, log: impl IntoIterator<Item = &'a Stepped>) -> Result<State, Divergence> {
    log.into_iter().enumerate().try_fold(state, |state, (index, entry)| {
        let (state, found) = step(state, &entry.event);
        if found == entry.decision {
            return Ok(state);
        }
        Err(Divergence { index, expected: Box::new(entry.decision.clone()), found: Box::new(found) })
    })
}

/// Steps every event and keeps what was decided.
pub(crate) fn fold<'a>(state: State, events: impl IntoIterator<Item = &'a Event>) -> (State, Vec<Decision<Move>>) {
    let mut decisions = Vec::new();
    let last = events.into_iter().fold(state, |state, event| {
        let (after, decision) = step(state, event);
        decisions.push(decision);
        after
    });
    (last, decisions)
}
