//! Burn rates: how fast a candidate spends the error budget of an objective.

mod judge;
mod spec;

pub use self::judge::BurnRate;
pub use self::spec::{Alert, BurnRateSpec, Objective};
