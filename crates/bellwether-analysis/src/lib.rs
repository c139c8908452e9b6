#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod explain;
mod histogram;
mod interval;
mod judge;
mod metric_spec;
mod metric_state;
mod missing;
mod monitor;
mod monitor_state;
mod outage;
mod sample;
mod sequential;
mod sequential_spec;
mod series;
mod taken;
mod unique;

pub use bellwether_stats::Dependence;

pub use crate::histogram::{Histogram, HistogramError};
pub use crate::interval::{Interval, IntervalError};
pub use crate::judge::{Judge, JudgeFn, judge_fn};
pub use crate::metric_spec::MetricSpec;
pub use crate::missing::Missing;
pub use crate::monitor::Monitor;
pub use crate::monitor_state::{MonitorState, RestoreError};
pub use crate::sample::{Sample, SampleError};
pub use crate::sequential::Sequential;
pub use crate::sequential_spec::{Guard, MinimumEvidence, Schedule, SequentialSpec, SpecError};
pub use crate::series::Series;
