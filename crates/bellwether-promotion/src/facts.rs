use bellwether_core::{Decision, EnvironmentName, GateName, ReleaseId, Time, Verdict};
use bellwether_gate::{Evidence, Gate};
use serde::{Deserialize, Serialize};

use crate::History;

/// What a decision looks at: what happened, what the gates answered, and when it is asked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// What happened.
    pub history: &'a History,
    /// What the gates answered.
    pub answers: &'a [GateAnswer],
    /// When it is asked.
    pub now: Time,
}

impl<'a> Facts<'a> {
    /// A history at a time, without any gate having been asked.
    #[must_use]
    pub const fn new(history: &'a History, now: Time) -> Self {
        Self { history, answers: &[], now }
    }

    /// Sets what the gates answered.
    #[must_use]
    pub const fn with_answers(mut self, answers: &'a [GateAnswer]) -> Self {
        self.answers = answers;
        self
    }
}

/// What one gate of an environment answered: a calendar, a set of conditions, whatever implements
/// [`Gate`].
///
/// # Example: a window that is closed until the morning
/// ```
/// use bellwether_core::{Decision, Finding, Verdict};
/// use bellwether_promotion::GateAnswer;
///
/// let closed = Decision::new(Verdict::Fail).because(Finding::info("window.closed", "nothing is changed at night"));
/// let answer = GateAnswer::new("production".parse()?, "window".parse()?, closed)
///     .with_next("2026-03-04T10:00:00Z".parse()?);
/// assert!(answer.next.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GateAnswer {
    /// The environment that the gate stands before.
    pub environment: EnvironmentName,
    /// The gate.
    pub gate: GateName,
    /// The release that it was asked about; none when the answer is the same for all, as a calendar's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseId>,
    /// The answer.
    pub decision: Decision<Verdict>,
    /// From when on the answer does not count any more; without it, it counts at the time of the question alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
    /// When the gate may answer otherwise, where it knows: the next opening of a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

impl GateAnswer {
    /// An answer about all releases.
    #[must_use]
    pub const fn new(environment: EnvironmentName, gate: GateName, decision: Decision<Verdict>) -> Self {
        Self { environment, gate, release: None, decision, valid_until: None, next: None }
    }

    /// Asks a gate.
    #[must_use]
    pub fn ask(
        environment: EnvironmentName,
        (name, gate): (GateName, &dyn Gate),
        evidence: &Evidence,
        now: Time,
    ) -> Self {
        Self::new(environment, name, gate.check(evidence, now))
    }

    /// Says which release it is about.
    #[must_use]
    pub fn with_release(mut self, release: ReleaseId) -> Self {
        self.release = Some(release);
        self
    }

    /// Says from when on the answer does not count any more.
    #[must_use]
    pub const fn with_valid_until(mut self, until: Time) -> Self {
        self.valid_until = Some(until);
        self
    }

    /// Says when the gate may answer otherwise.
    #[must_use]
    pub const fn with_next(mut self, next: Time) -> Self {
        self.next = Some(next);
        self
    }
}
