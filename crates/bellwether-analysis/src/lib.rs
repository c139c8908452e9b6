#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

pub mod argo;
pub mod burn_rate;
mod counted;
mod explain;
mod guard;
mod interval;
mod judge;
pub mod kayenta;
mod metric_spec;
mod metric_state;
mod minimum_evidence;
mod missing;
mod monitor;
mod monitor_state;
mod outage;
mod sample;
mod schedule;
mod sequential;
mod sequential_spec;
mod series;
mod spec_error;
mod taken;
pub mod threshold;
mod unique;

pub use bellwether_stats::{Buckets, Dependence, Exponential, Histogram, HistogramError};

pub use crate::guard::Guard;
pub use crate::interval::{Interval, IntervalError};
pub use crate::judge::{Judge, JudgeFn, judge_fn};
pub use crate::metric_spec::MetricSpec;
pub use crate::minimum_evidence::MinimumEvidence;
pub use crate::missing::Missing;
pub use crate::monitor::Monitor;
pub use crate::monitor_state::{MonitorState, RestoreError};
pub use crate::sample::{Sample, SampleError};
pub use crate::schedule::Schedule;
pub use crate::sequential::Sequential;
pub use crate::sequential_spec::SequentialSpec;
pub use crate::series::Series;
pub use crate::spec_error::SpecError;
