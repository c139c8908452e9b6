use alloc::vec::Vec;

use bellwether_core::{Basis, Duration, GateName, HookId, Route, StepId};
use serde::{Deserialize, Serialize};

use crate::OnDeadline;

/// One exposure of a plan: how much traffic, on what grounds it may go on, and for how long it must bake.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in the plan.
    pub id: StepId,
    /// Where traffic goes.
    pub route: Route,
    /// How many units the candidate has, where the plan has a capacity.
    #[serde(default)]
    pub units: UnitsRule,
    /// What lets the step go forward.
    pub evidence: Basis,
    /// How long.
    pub bake: Bake,
    /// Gates that must pass before the step's exposure is asked for.
    #[serde(default)]
    pub gates: Vec<GateName>,
    /// What happens when the evidence is still inconclusive at `bake.max`.
    #[serde(default)]
    pub on_inconclusive: OnDeadline,
    /// How many people must approve the step, each for this very plan, before its exposure is asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub approvals: u32,
    /// What the host keeps in force while the step's exposure is: each is started before the shift and ended after the
    /// step, however often it is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookId>,
}

impl Step {
    /// A step without gates, approvals and hooks, whose candidate has the units that its share needs, and at which a
    /// person is asked when the evidence stays inconclusive.
    #[must_use]
    pub const fn new(id: StepId, route: Route, evidence: Basis, bake: Bake) -> Self {
        Self {
            id,
            route,
            units: UnitsRule::ByShare,
            evidence,
            bake,
            gates: Vec::new(),
            on_inconclusive: OnDeadline::Human,
            approvals: 0,
            hooks: Vec::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How many units the candidate has during a step.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnitsRule {
    /// As many as the exposure needs, rounded up.
    #[default]
    ByShare,
    /// A fixed number, but never fewer than the exposure needs.
    Count(u32),
}

/// How long a step stays at its exposure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bake {
    /// The time at the observed exposure that must pass at least.
    pub min: Duration,
    /// The time after which inconclusive evidence is no longer waited for.
    pub max: Duration,
}

impl Bake {
    /// A bake of at least `min`; the evidence may take twice as long, at most 24 hours more than `min`.
    #[must_use]
    pub fn at_least(min: Duration) -> Self {
        let day = Duration::from_hours(24);
        Self { min, max: min.saturating_mul(2).min(day).max(min).max(Duration::from_minutes(10)) }
    }

    /// How often an unchanged observation is confirmed: a twentieth of the bake, at least 1 s and at most 60 s.
    ///
    /// A gap of more than two heartbeats stops the bake clock: nobody was looking.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        let twentieth = Duration::from_millis(self.min.as_millis() / 20);
        twentieth.clamp(Duration::from_seconds(1), Duration::from_seconds(60))
    }
}
