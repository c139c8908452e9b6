#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod absolute;
mod bits;
mod counts;
mod dependence;
mod floor;
mod harm;
mod harm_spec;
mod histogram;
mod histogram_error;
mod log_space;
mod mixture;
mod no_harm;
mod pass_spec;
mod rate_grid;
mod rate_interval;
mod share;
mod share_bets;
mod spec_error;

pub use crate::counts::Counts;
pub use crate::dependence::Dependence;
pub use crate::harm::Harm;
pub use crate::harm_spec::HarmSpec;
pub use crate::histogram::{Buckets, Exponential, Histogram, Tail};
pub use crate::histogram_error::{HistogramError, MergeError};
pub use crate::log_space::{log_add_exp, log_mean_exp, log_weighted_mean};
pub use crate::no_harm::NoHarm;
pub use crate::pass_spec::PassSpec;
pub use crate::rate_interval::RateInterval;
pub use crate::spec_error::SpecError;
