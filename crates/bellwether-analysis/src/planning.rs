//! How long a step must bake to see what, and which ramp keeps the harm of a bad release small.

mod bake_question;
mod fixed_sample;
mod poisson;
mod ramp;
mod simulated;

pub use self::bake_question::{BakePlan, BakeQuestion, Detection, Reach};
pub use self::fixed_sample::fixed_sample_size;
pub use self::ramp::{Ramp, RampGoal, RampStep};
