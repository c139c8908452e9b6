use core::fmt;

use bellwether_core::{Digest, GateName, RolloutId, Time};
use bellwether_strategy::{OnDeadline, Wait};
use serde::{Deserialize, Serialize};

/// Something that stops forward moves. Baking and judging go on, and the exposure stays.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Why.
    pub why: HoldReason,
    /// Who can end it.
    pub owner: Owner,
    /// Since when.
    pub since: Time,
    /// When it ends by itself.
    pub deadline: Time,
    /// What happens then.
    pub then: OnDeadline,
}

/// Why a rollout is held.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// Too few people have approved the step of this plan.
    Approval {
        /// The plan's identity: an approval of another plan does not count.
        digest: Digest,
    },
    /// A gate has not passed, or its pass is too old.
    Gate(GateName),
    /// A person paused it.
    Human,
    /// The evidence was still inconclusive at `bake.max`.
    Inconclusive,
    /// There was no data for too long.
    NoData,
    /// A rollback policy asked for it.
    Policy,
    /// An earlier rollout of the same service has not ended.
    Queue(RolloutId),
    /// Intervals that were missed while nobody watched are not judged yet.
    Unjudged,
    /// No look has shown the step's exposure for too long.
    Unseen,
}

/// Who can end a hold.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Time alone.
    Clock,
    /// A system: the driver, a gate, another rollout.
    System,
    /// A person.
    Human,
}

impl Hold {
    pub(crate) fn new(why: HoldReason, owner: Owner, since: Time, wait: Wait) -> Self {
        Self { why, owner, since, deadline: since.after(wait.until), then: wait.then }
    }
}

impl fmt::Display for HoldReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approval { digest } => write!(formatter, "somebody to approve plan {digest}"),
            Self::Gate(gate) => write!(formatter, "gate {gate}"),
            Self::Human => formatter.write_str("a person"),
            Self::Inconclusive => formatter.write_str("a person, because the evidence stayed inconclusive"),
            Self::NoData => formatter.write_str("a person, because there was no data"),
            Self::Policy => formatter.write_str("the rollback policy"),
            Self::Queue(rollout) => write!(formatter, "rollout {rollout} to end"),
            Self::Unjudged => formatter.write_str("the missed intervals to be judged"),
            Self::Unseen => formatter.write_str("a person, because nothing shows the exposure"),
        }
    }
}
