//! Fixed thresholds with counters, as Argo Rollouts and Flagger have them.
//!
//! They say nothing about the chance of a false alarm: asked after every interval a threshold near the usual rate fails a
//! good candidate sooner or later. [`Sequential`](crate::Sequential) does not. One thing is better here than there: what
//! could not be measured is never a failure.

mod comparison;
mod judge;
mod limits;
mod outcome;
mod quantity;
mod spec;
mod tally;

pub use self::comparison::Comparison;
pub use self::judge::Threshold;
pub use self::limits::Limits;
pub use self::outcome::{Outcome, Phase};
pub use self::quantity::Quantity;
pub use self::spec::{MetricThreshold, ThresholdSpec};
pub use self::tally::Tally;
