use crate::counts::Counts;
use crate::direction::Direction;
use crate::histogram::{Histogram, Tail};
use crate::rate_interval::RateInterval;

/// Holds how the values of both arms were distributed in one interval, and the share of the exposure the treatment was
/// meant to have.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueInterval {
    control: Tail,
    treatment: Tail,
    intended_share: Option<f64>,
}

impl ValueInterval {
    /// Counts what lies above every boundary, once for all tests.
    ///
    /// The realised share stands in where none is intended.
    #[must_use]
    pub fn new(control: &Histogram, treatment: &Histogram, intended_share: Option<f64>) -> Self {
        Self { control: control.tail(), treatment: treatment.tail(), intended_share }
    }

    /// What both arms did at an edge, rounded so that evidence of harm is weakest, where the treatment's values may be
    /// worse by a part of themselves.
    pub(crate) fn for_harm(&self, edge: f64, direction: Direction, tolerance: f64) -> RateInterval {
        let improved = direction.improve(edge, tolerance);
        let (control, treatment) = match direction {
            Direction::HigherIsWorse => (self.control.at_most_above(improved), self.treatment.at_least_above(edge)),
            Direction::LowerIsWorse => (
                self.control.total() - self.control.at_least_above(improved),
                self.treatment.total() - self.treatment.at_most_above(edge),
            ),
        };
        self.rates(control, treatment)
    }

    /// Returns what both arms had beyond an edge, rounded so that evidence of no harm is weakest; exact where the edge is
    /// a boundary of both.
    #[must_use]
    pub fn beyond(&self, edge: f64, direction: Direction) -> RateInterval {
        let (control, treatment) = match direction {
            Direction::HigherIsWorse => (self.control.at_least_above(edge), self.treatment.at_most_above(edge)),
            Direction::LowerIsWorse => (
                self.control.total() - self.control.at_most_above(edge),
                self.treatment.total() - self.treatment.at_least_above(edge),
            ),
        };
        self.rates(control, treatment)
    }

    fn rates(&self, control: u64, treatment: u64) -> RateInterval {
        RateInterval {
            control: Counts { exposure: self.control.total(), events: control },
            treatment: Counts { exposure: self.treatment.total(), events: treatment },
            intended_share: self.intended_share,
        }
    }
}
