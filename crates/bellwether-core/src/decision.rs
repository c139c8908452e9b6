use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::Finding;

/// An outcome together with everything that led to it.
///
/// Deciding never fails: what is missing or wrong is an outcome with a finding, so a decision can always be shown,
/// stored and replayed.
///
/// # Example: an outcome with its reason
/// ```
/// use bellwether_core::{Decision, Finding, Level};
///
/// let decision = Decision::new(Level::High)
///     .because(Finding::warning("path.auth", "{path} decides who gets in").figure("path", "src/auth/login.rs"));
/// assert_eq!(decision.to_string(), "high\n  warning path.auth: src/auth/login.rs decides who gets in");
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[must_use]
#[serde(deny_unknown_fields)]
pub struct Decision<T> {
    /// What was decided.
    pub outcome: T,
    /// Why: rules, figures and what would have changed the outcome.
    pub findings: Vec<Finding>,
}

impl<T> Decision<T> {
    /// Builds a decision without findings yet.
    pub fn new(outcome: T) -> Self {
        Self { outcome, findings: Vec::new() }
    }

    /// Adds a reason.
    pub fn because(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// Changes the outcome and keeps the reasons.
    pub fn map<U>(self, function: impl FnOnce(T) -> U) -> Decision<U> {
        Decision { outcome: function(self.outcome), findings: self.findings }
    }
}

impl<T: fmt::Display> fmt::Display for Decision<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.outcome)?;
        for finding in &self.findings {
            write!(formatter, "\n  {finding}")?;
        }
        Ok(())
    }
}
