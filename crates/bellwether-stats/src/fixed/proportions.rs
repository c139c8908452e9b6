use serde::{Deserialize, Serialize};

use crate::counts::Counts;

use super::undefined::Undefined;

/// Holds how many of how many had an event, in both arms.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, so that nobody swaps the arms")]
pub struct Proportions {
    /// The arm that is judged.
    pub treatment: Counts,
    /// The arm it is compared with.
    pub control: Counts,
}

/// Holds a difference of two proportions with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct DifferenceInterval {
    /// The treatment's proportion minus the control's.
    pub difference: f64,
    /// The smallest difference in the interval.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Proportions {
    pub(super) fn check(&self) -> Result<(), Undefined> {
        for Counts { exposure, events } in [self.treatment, self.control] {
            if exposure == 0 || events > exposure {
                return Err(Undefined::Impossible { events, exposure });
            }
        }
        Ok(())
    }

    pub(super) fn difference(&self) -> f64 {
        proportion(self.treatment) - proportion(self.control)
    }

    /// Where both proportions would have to be if they were equal.
    pub(super) fn pooled(&self) -> f64 {
        let (treatment, control) = (self.treatment, self.control);
        (treatment.events as f64 + control.events as f64) / (treatment.exposure as f64 + control.exposure as f64)
    }
}

pub(super) fn proportion(counts: Counts) -> f64 {
    counts.events as f64 / counts.exposure as f64
}
