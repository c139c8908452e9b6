use bellwether_core::Duration;
use serde::{Deserialize, Serialize};

use crate::FailureLimits;

/// How a rollout behaves beside its steps. Every wait has an end, and says what happens then.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// What a newer release does to this one.
    pub supersede: Supersede,
    /// How long scaling and shifting may each take before the rollout goes back. Kubernetes, Argo Rollouts and
    /// Flagger agree on 600 s.
    pub deadline: Duration,
    /// How long requests in flight are waited for after traffic left a version.
    pub drain: Duration,
    /// How long stable is kept after the candidate carries everything.
    pub standby: Duration,
    /// How long the step at 100 % bakes when the plan does not name that step itself.
    pub final_bake: Duration,
    /// How many units stable keeps while the candidate carries a share.
    #[serde(skip_serializing_if = "StableSizing::is_full")]
    pub stable_sizing: StableSizing,
    /// How long missing data is waited for.
    pub no_data: Wait,
    /// How long a gate is waited for.
    pub gate: Wait,
    /// How long a person is waited for.
    pub human: Wait,
    /// How long an approval is waited for. Time never approves.
    #[serde(skip_serializing_if = "is_usual_approval")]
    pub approval: Wait,
    /// How many failures of a soft check, a threshold or a probe, send the rollout back.
    #[serde(skip_serializing_if = "FailureLimits::is_usual")]
    pub failures: FailureLimits,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            supersede: Supersede::Replace,
            deadline: Duration::from_seconds(600),
            drain: Duration::from_seconds(30),
            standby: Duration::ZERO,
            final_bake: Duration::ZERO,
            stable_sizing: StableSizing::Full,
            no_data: Wait { until: Duration::from_minutes(10), then: OnDeadline::Human },
            gate: Wait { until: Duration::from_hours(72), then: OnDeadline::RollBack },
            human: Wait { until: Duration::from_hours(72), then: OnDeadline::RollBack },
            approval: APPROVAL,
            failures: FailureLimits::default(),
        }
    }
}

/// Three days, the default of Spinnaker's manual judgement; then it goes back.
const APPROVAL: Wait = Wait { until: Duration::from_hours(72), then: OnDeadline::RollBack };

/// A plan that says nothing else is written as it was before there were approvals, so its identity stays.
fn is_usual_approval(wait: &Wait) -> bool {
    *wait == APPROVAL
}

/// How many units stable keeps while the candidate carries a share.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StableSizing {
    /// All of them: the only sizing with which going back is one change of the router.
    #[default]
    Full,
    /// As many as its share needs. Fewer units are paid for, and going back waits until stable has grown again.
    FollowsTraffic,
}

impl StableSizing {
    /// A plan that says nothing else is written as it was before there was a choice, so its identity stays.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

/// A wait with its end.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// How long.
    pub until: Duration,
    /// What happens then.
    pub then: OnDeadline,
}

/// What happens when a wait ends without what it waited for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDeadline {
    /// The rollout goes back.
    RollBack,
    /// A person is asked, and waited for.
    #[default]
    Human,
    /// The rollout goes on without a certificate, and says so. Never a default, and only for low risk or at most 25 %.
    ProceedUncertified,
    /// Stable is kept: an experiment has ended without a reason to change anything. Only for inconclusive evidence of a
    /// comparison.
    Keep,
}

/// What a newer release does to a rollout that is under way.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Supersede {
    /// This one goes back first, then the newer one starts.
    Replace,
    /// The newer one waits until this one has ended.
    Queue,
    /// The newer one is refused.
    Reject,
}
