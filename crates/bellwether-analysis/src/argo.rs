//! Argo Rollouts' analysis: its metrics with their conditions and counters, and what an `AnalysisRun` would say.
//!
//! The rules were read in Argo Rollouts' own source (`analysis/analysis.go`, `utils/analysis`) and are followed where they
//! are generous too; a finding says so then. Conditions are the part of the expression language that results are compared
//! with; one that goes beyond it is refused, and never passes because it could not be read.

mod document;
mod evaluate;
mod expression;
mod parse;
mod result;
mod run;
mod token;

pub use self::document::{AnalysisSpec, DryRun, Metric};
pub use self::expression::{Condition, ConditionError};
pub use self::result::Measured;
pub use self::run::{AnalysisRun, ArgoError, MetricRun, Run};
