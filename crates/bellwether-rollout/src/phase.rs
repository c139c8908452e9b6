use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::fmt;

use bellwether_core::{Duration, GateName, Route, StageId, Time, Verdict, Weight};
use serde::{Deserialize, Serialize};

use crate::Hold;

/// Where a rollout stands. Each phase holds exactly what it knows.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// On its way through the steps.
    Stepping(Stepping),
    /// The candidate carries everything; the old version is drained, kept for a while and taken away.
    Finalising(Finalising),
    /// On its way back to stable.
    RollingBack(RollingBack),
    /// The candidate has replaced stable. The end.
    Completed {
        /// When.
        at: Time,
    },
    /// An experiment has ended without a reason to change anything, and stable has everything. The end.
    Kept {
        /// When.
        at: Time,
    },
    /// Stable has everything back. The end.
    RolledBack {
        /// When.
        at: Time,
        /// Why.
        cause: Cause,
    },
    /// Neither forward nor back without a person.
    Stuck(Stuck),
}

/// On its way through the steps.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stepping {
    /// The step's index.
    pub step: u32,
    /// How often the step had been entered before.
    pub entry: u32,
    /// How far within the step.
    pub sub: Sub,
    /// What stops forward moves; none means that nothing does.
    pub holds: Vec<Hold>,
    /// Whether the step's own exposure was asked for; what followed from that cannot be taken back.
    #[serde(default)]
    pub asked: bool,
    /// The exposure that is kept until the step's own is asked for.
    pub keep: Exposure,
    /// How far the step has baked.
    pub bake: Baking,
    /// Set between taking the rollout up again and the first look at the world.
    pub resume: Option<Resume>,
    /// How far the exchange of units has come, where traffic follows them: what goes further renews the deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub furthest: Option<u32>,
}

/// How far a rollout is within a step.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sub {
    /// Waiting for gates; the exposure before is kept.
    Gate {
        /// The gates that passed, and until when their pass may be used.
        passed: BTreeMap<GateName, Time>,
    },
    /// Waiting for units; the exposure before is kept.
    Scale {
        /// Until when.
        deadline: Time,
    },
    /// Waiting for the router to show the step's route.
    Shift {
        /// Until when.
        deadline: Time,
    },
    /// At the step's exposure.
    Bake,
}

/// An exposure that is kept, and the stage whose evidence it gives.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// Where traffic goes.
    pub route: Route,
    /// The stage; absent before the first step.
    pub stage: Option<StageId>,
}

/// How far a step has baked.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Baking {
    /// When the step's exposure was first observed.
    pub since: Option<Time>,
    /// The time at the observed exposure.
    pub total: Duration,
    /// When the exposure was last confirmed; absent while it is not.
    pub confirmed: Option<Time>,
    /// The latest verdict on this stage.
    pub verdict: Option<Verdict>,
    /// Since when there is no data.
    pub missing: Option<Time>,
    /// Since when no look has shown the exposure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Time>,
}

/// What is known since a rollout was taken up again.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Whether the missed intervals have been read and judged.
    pub caught_up: bool,
}

/// The candidate carries everything.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finalising {
    /// The last stage.
    pub stage: StageId,
    /// How far.
    pub sub: FinalSub,
    /// When somebody is called because what is due is not seen; absent before anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Time>,
}

/// How far a rollout is with taking the old version away.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FinalSub {
    /// The old version is kept for its last requests and as a standby.
    Standby {
        /// Until when.
        until: Time,
    },
    /// The old version's units are taken away.
    Shrink,
}

/// On its way back to stable.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RollingBack {
    /// Why.
    pub cause: Cause,
    /// Since when.
    pub since: Time,
    /// The candidate's share may not exceed this; it only falls.
    pub ceiling: Weight,
    /// How far.
    pub sub: BackSub,
    /// When somebody is called because what is due is not seen; absent before anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Time>,
}

/// How far a rollout is on its way back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BackSub {
    /// Waiting for stable's units, or for the router to show that stable has everything.
    Shift {
        /// When somebody is called because it takes too long. Going back is never given up.
        deadline: Time,
    },
    /// Waiting for the candidate's last requests.
    Drain {
        /// Until when.
        until: Time,
    },
    /// The candidate's units are taken away.
    Shrink,
}

/// Why a rollout goes back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A judge found harm.
    Judged,
    /// A rollback policy asked for it.
    Policy,
    /// An alarm went off.
    Alarm,
    /// Somebody sent it back.
    Aborted,
    /// A newer rollout takes its place.
    Superseded,
    /// A wait ended without what it waited for.
    Deadline,
    /// The candidate lost its ready units while the old version still had its own.
    Unready,
    /// Somebody refused to approve a step.
    Refused,
    /// A soft check failed too often.
    Checks,
    /// An experiment ended without a reason to change anything.
    Kept,
}

/// Neither forward nor back without a person.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stuck {
    /// Why.
    pub why: StuckReason,
    /// Since when.
    pub since: Time,
    /// The step it stands at.
    pub step: u32,
    /// The exposure that is kept.
    pub keep: Exposure,
}

/// Why a rollout can neither go forward nor back.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StuckReason {
    /// It should go back, and is past the point of no return.
    Floor {
        /// What can be done instead.
        alternatives: Vec<String>,
    },
    /// Neither version has a ready unit.
    NothingReady,
}

/// Where a rollout stands, in short.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At a step's gates.
    Gate(u32),
    /// Waiting for a step's units.
    Scale(u32),
    /// Waiting for a step's route.
    Shift(u32),
    /// At a step's exposure.
    Bake(u32),
    /// Keeping the old version for a while.
    Standby,
    /// Taking the old version away.
    ShrinkStable,
    /// Sending traffic back.
    ShiftBack,
    /// Waiting for the candidate's last requests.
    Drain,
    /// Taking the candidate away.
    ShrinkCandidate,
    /// The candidate has replaced stable.
    Completed,
    /// An experiment is over, stable is kept.
    Kept,
    /// Stable has everything back.
    RolledBack,
    /// Waiting for a person.
    Stuck,
}

impl Phase {
    /// The phase in short.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Stepping(stepping) => match stepping.sub {
                Sub::Gate { .. } => Place::Gate(stepping.step),
                Sub::Scale { .. } => Place::Scale(stepping.step),
                Sub::Shift { .. } => Place::Shift(stepping.step),
                Sub::Bake => Place::Bake(stepping.step),
            },
            Self::Finalising(finalising) => match finalising.sub {
                FinalSub::Standby { .. } => Place::Standby,
                FinalSub::Shrink => Place::ShrinkStable,
            },
            Self::RollingBack(back) => match back.sub {
                BackSub::Shift { .. } => Place::ShiftBack,
                BackSub::Drain { .. } => Place::Drain,
                BackSub::Shrink => Place::ShrinkCandidate,
            },
            Self::Completed { .. } => Place::Completed,
            Self::Kept { .. } => Place::Kept,
            Self::RolledBack { .. } => Place::RolledBack,
            Self::Stuck(_) => Place::Stuck,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate(step) => write!(formatter, "gate of step {step}"),
            Self::Scale(step) => write!(formatter, "scale of step {step}"),
            Self::Shift(step) => write!(formatter, "shift of step {step}"),
            Self::Bake(step) => write!(formatter, "bake of step {step}"),
            Self::Standby => formatter.write_str("standby"),
            Self::ShrinkStable => formatter.write_str("shrink stable"),
            Self::ShiftBack => formatter.write_str("shift back"),
            Self::Drain => formatter.write_str("drain"),
            Self::ShrinkCandidate => formatter.write_str("shrink candidate"),
            Self::Completed => formatter.write_str("completed"),
            Self::Kept => formatter.write_str("kept"),
            Self::RolledBack => formatter.write_str("rolled back"),
            Self::Stuck => formatter.write_str("stuck"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Judged => "a judge found harm",
            Self::Policy => "the rollback policy asked for it",
            Self::Alarm => "an alarm went off",
            Self::Aborted => "somebody sent it back",
            Self::Superseded => "a newer rollout takes its place",
            Self::Deadline => "a wait ended without what it waited for",
            Self::Unready => "the candidate lost its ready units",
            Self::Refused => "somebody refused to approve a step",
            Self::Checks => "a check failed too often",
            Self::Kept => "the experiment gave no reason to change anything",
        })
    }
}
