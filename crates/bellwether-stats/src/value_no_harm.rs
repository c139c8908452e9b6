use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::direction::Direction;
use crate::edges::Edges;
use crate::no_harm::NoHarm;
use crate::pass_spec::PassSpec;
use crate::spec_error::SpecError;
use crate::value_interval::ValueInterval;

/// Gathers evidence that the treatment's values are not harmful: at every named edge, such as the objective and the
/// baseline's 90 % and 99 %, its share beyond it is below `harm` times the control's, or acceptable in itself.
///
/// The evidence is the smallest of all edges: a treatment that is harmful at one of them passes with a probability of at
/// most `beta`, and no part of `beta` is spent on the others.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct ValueNoHarm {
    direction: Direction,
    edges: Edges,
    at_edges: Vec<NoHarm>,
}

impl ValueNoHarm {
    /// Creates the process with the evidence of no data: 1.
    ///
    /// # Errors
    ///
    /// Returns the field of the specification that no test can be built from.
    pub fn new(spec: &PassSpec, direction: Direction, edges: Edges) -> Result<Self, SpecError> {
        let at_edges = edges.values().iter().map(|_| NoHarm::new(spec)).collect::<Result<_, _>>()?;
        Ok(Self { direction, edges, at_edges })
    }

    /// Takes one interval into account, at every edge as [`NoHarm::update`] does.
    pub fn update(&mut self, interval: &ValueInterval) {
        for (edge, no_harm) in self.edges.values().iter().zip(&mut self.at_edges) {
            no_harm.update(&interval.beyond(*edge, self.direction));
        }
    }

    /// Returns the logarithm of the evidence: the smallest of all edges.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        self.at_edges.iter().map(NoHarm::log_e).fold(f64::INFINITY, f64::min)
    }

    /// Returns the edge with the least evidence, and what is known there.
    #[must_use]
    pub fn weakest(&self) -> Option<(f64, &NoHarm)> {
        let all = self.edges.values().iter().copied().zip(&self.at_edges);
        all.min_by(|(_, one), (_, two)| one.log_e().total_cmp(&two.log_e()))
    }

    /// Returns the edges.
    #[must_use]
    pub fn edges(&self) -> &Edges {
        &self.edges
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    direction: Direction,
    edges: Edges,
    at_edges: Vec<NoHarm>,
}

impl From<ValueNoHarm> for Stored {
    fn from(no_harm: ValueNoHarm) -> Self {
        Self { direction: no_harm.direction, edges: no_harm.edges, at_edges: no_harm.at_edges }
    }
}

impl TryFrom<Stored> for ValueNoHarm {
    type Error = SpecError;

    fn try_from(stored: Stored) -> Result<Self, SpecError> {
        let Stored { direction, edges, at_edges } = stored;
        if edges.values().len() != at_edges.len() {
            let found = at_edges.len() as f64;
            return Err(SpecError { field: "at_edges", expected: "one process an edge", found });
        }
        Ok(Self { direction, edges, at_edges })
    }
}
