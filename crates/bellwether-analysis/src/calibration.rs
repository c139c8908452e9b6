//! What a host's own past says of how its metrics should be judged.

mod aggregate;
mod calibrate;
mod noise;
mod replay;
mod report;

pub use self::calibrate::{History, Past, calibrate};
pub use self::report::{Calibration, FalseAlarms, Proposal};
