use alloc::vec::Vec;

use bellwether_core::{Finding, Time};

use crate::Standing;

/// What an examination has come to so far. One examination serves the whole list and the single question, so that the
/// two cannot disagree; where nobody reads the findings none is written.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    pub(crate) standing: Standing,
    pub(crate) wake: Option<Time>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) now: Time,
    is_told: bool,
}

impl Notes {
    /// With findings.
    pub(crate) const fn told(now: Time) -> Self {
        Self { standing: Standing::Enter, wake: None, findings: Vec::new(), now, is_told: true }
    }

    /// Without.
    pub(crate) const fn silent(now: Time) -> Self {
        Self { standing: Standing::Enter, wake: None, findings: Vec::new(), now, is_told: false }
    }

    /// As told as these, and nothing found yet.
    pub(crate) const fn fresh(&self) -> Self {
        Self { standing: Standing::Enter, wake: None, findings: Vec::new(), now: self.now, is_told: self.is_told }
    }

    /// Whether anybody reads the findings.
    pub(crate) const fn is_told(&self) -> bool {
        self.is_told
    }

    /// Something to know that decides nothing.
    pub(crate) fn tell(&mut self, finding: impl FnOnce() -> Finding) {
        if self.is_told {
            self.findings.push(finding());
        }
    }

    /// Something is missing.
    pub(crate) fn wait(&mut self, until: Option<Time>, finding: impl FnOnce() -> Finding) {
        self.standing = self.standing.worse(Standing::Wait);
        self.wake_at(until);
        self.tell(finding);
    }

    /// Something speaks against it.
    pub(crate) fn refuse(&mut self, finding: impl FnOnce() -> Finding) {
        self.standing = self.standing.worse(Standing::Refuse);
        self.tell(finding);
    }

    /// The answer may change at a time, if that is still to come.
    pub(crate) fn wake_at(&mut self, at: Option<Time>) {
        let next = at.filter(|at| *at > self.now);
        self.wake = match (self.wake, next) {
            (Some(wake), Some(next)) => Some(wake.min(next)),
            (wake, next) => wake.or(next),
        };
    }

    /// Takes over what another examination came to.
    pub(crate) fn add(&mut self, other: Self) {
        self.standing = self.standing.worse(other.standing);
        self.wake_at(other.wake);
        self.findings.extend(other.findings);
    }
}
