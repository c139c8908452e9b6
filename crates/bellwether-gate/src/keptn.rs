//! Keptn's quality gates: the same verdict, score and refusals for the same documents.
//!
//! The rules are those of Keptn 1.4.5's lighthouse service. Where it passes by saying nothing the verdict stays Keptn's
//! and a finding says so.
//!
//! # Example: a relative criterion against the evaluation before
//! ```
//! use bellwether_gate::keptn::{Outcome, Question};
//!
//! let question: Question = serde_json::from_str(r#"{
//!     "slo": {
//!         "objectives": [{ "sli": "response_time", "pass": [{ "criteria": ["<=+10%", "<600"] }] }],
//!         "total_score": { "pass": "90%", "warning": "75%" }
//!     },
//!     "values": [{ "metric": "response_time", "success": true, "value": 120 }],
//!     "previous": [[{ "metric": "response_time", "success": true, "value": 100 }]]
//! }"#)?;
//! let evaluation = question.evaluate()?;
//! assert_eq!((evaluation.result, evaluation.score), (Outcome::Fail, 0.0), "120 is more than 110");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aggregate;
mod criterion;
mod evaluation;
mod number;
mod slo;

pub use evaluation::{Evaluation, Indicator, Outcome, Refusal, Status, Target};
pub use slo::{Comparison, CriteriaSet, Objective, Percentage, Question, SliValue, Slo, TotalScore};
