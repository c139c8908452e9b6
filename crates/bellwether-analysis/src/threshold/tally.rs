use serde::Serialize;

use super::limits::Limits;
use super::outcome::{Outcome, Phase};

/// Counts how the measurements of one metric ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "an answer has nothing to hide")]
pub struct Tally {
    /// Those that ended without an error.
    pub count: u32,
    /// Those that succeeded.
    pub successful: u32,
    /// Those that failed.
    pub failed: u32,
    /// Those that were neither.
    pub inconclusive: u32,
    /// Those with an error.
    pub error: u32,
    /// Errors since the last measurement without one.
    pub consecutive_error: u32,
    /// Successes since the last measurement that was none.
    pub consecutive_success: u32,
}

impl Tally {
    /// Counts one more measurement.
    pub fn take(&mut self, outcome: Outcome) {
        let (is_error, is_success) = (outcome == Outcome::Error, outcome == Outcome::Successful);
        let of_kind = match outcome {
            Outcome::Successful => &mut self.successful,
            Outcome::Failed => &mut self.failed,
            Outcome::Inconclusive => &mut self.inconclusive,
            Outcome::Error => &mut self.error,
        };
        *of_kind = of_kind.saturating_add(1);
        self.count = self.count.saturating_add(u32::from(!is_error));
        self.consecutive_error = if is_error { self.consecutive_error.saturating_add(1) } else { 0 };
        self.consecutive_success = if is_success { self.consecutive_success.saturating_add(1) } else { 0 };
    }

    /// Where the metric stands, by the rules of Argo Rollouts 1.8 in their order.
    ///
    /// A run that is terminated ends a metric well that nothing speaks against, even one that was never measured.
    #[must_use]
    pub fn phase(&self, limits: &Limits, is_terminating: bool) -> Phase {
        if self.count == 0 && self.error == 0 {
            return if is_terminating { Phase::Successful } else { Phase::Pending };
        }
        let wants_successes = limits.consecutive_success_limit > 0;
        if limits.failure_limit.is_some_and(|limit| self.failed > limit) {
            Phase::Failed
        } else if self.inconclusive > limits.inconclusive_limit {
            Phase::Inconclusive
        } else if self.consecutive_error > limits.consecutive_error_limit {
            Phase::Error
        } else if wants_successes && self.consecutive_success >= limits.consecutive_success_limit {
            Phase::Successful
        } else if limits.count.is_some_and(|count| self.count >= count) {
            match (wants_successes, limits.failure_limit) {
                (true, Some(_)) => Phase::Inconclusive,
                (true, None) => Phase::Failed,
                (false, _) => Phase::Successful,
            }
        } else if is_terminating {
            Phase::Successful
        } else {
            Phase::Running
        }
    }
}
