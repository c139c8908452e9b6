#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

pub mod argo;
pub mod burn_rate;
mod calibration;
mod counted;
mod counter;
mod explain;
mod given;
mod guard;
mod harm_process;
mod instance;
mod interval;
mod judge;
pub mod kayenta;
mod measurement;
mod metric_kind;
mod metric_spec;
mod metric_state;
mod minimum_evidence;
mod missing;
mod monitor;
mod monitor_state;
mod outage;
mod pass_process;
mod planning;
mod sample;
mod schedule;
mod sequential;
mod sequential_spec;
mod series;
mod series_error;
mod spec_error;
mod stage_state;
mod stored_metric;
mod stored_spec;
mod taken;
pub mod threshold;
mod unique;
mod usual;
mod values_harm;

pub use bellwether_stats::{Buckets, Dependence, Direction, Exponential, Histogram, HistogramError};

pub use crate::calibration::{Calibration, FalseAlarms, History, Past, Proposal, calibrate};
pub use crate::counter::{CounterError, CounterReading, Increment, Spanned, increments, side_by_side};
pub use crate::guard::Guard;
pub use crate::instance::{Instance, Reading};
pub use crate::interval::{Interval, IntervalError};
pub use crate::judge::{Judge, JudgeFn, judge_fn};
pub use crate::metric_kind::MetricKind;
pub use crate::metric_spec::MetricSpec;
pub use crate::minimum_evidence::MinimumEvidence;
pub use crate::missing::Missing;
pub use crate::monitor::Monitor;
pub use crate::monitor_state::{MonitorState, RestoreError};
pub use crate::planning::{BakePlan, BakeQuestion, Detection, Ramp, RampGoal, RampStep, Reach, fixed_sample_size};
pub use crate::sample::{Sample, SampleError};
pub use crate::schedule::Schedule;
pub use crate::sequential::Sequential;
pub use crate::sequential_spec::SequentialSpec;
pub use crate::series::Series;
pub use crate::series_error::SeriesError;
pub use crate::spec_error::SpecError;
pub use crate::usual::Usual;
