#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod histogram;
mod interval;
mod judge;
mod metric_spec;
mod missing;
mod sample;
mod sequential;
mod sequential_spec;
mod series;
mod unique;

pub use bellwether_stats::Dependence;

pub use crate::histogram::{Histogram, HistogramError};
pub use crate::interval::{Interval, IntervalError};
pub use crate::judge::{Judge, JudgeFn, judge_fn};
pub use crate::metric_spec::MetricSpec;
pub use crate::missing::Missing;
pub use crate::sample::{Sample, SampleError};
pub use crate::sequential::Sequential;
pub use crate::sequential_spec::{Guard, MinimumEvidence, Schedule, SequentialSpec, SpecError};
pub use crate::series::Series;
