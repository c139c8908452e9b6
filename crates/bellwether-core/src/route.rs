use serde::{Deserialize, Serialize};

use crate::{CohortName, Duration, Weight};

/// Where traffic goes: one type for what is wanted, what is observed and what a router is told.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The candidate's share of the traffic.
    pub share: Weight,
    /// The share of the traffic that is copied to the candidate, its answers thrown away.
    #[serde(default)]
    pub mirror: Weight,
    /// The users that go to the candidate regardless of the share.
    #[serde(default)]
    pub cohort: Option<Cohort>,
}

impl Route {
    /// Everything goes to stable.
    pub const STABLE: Self = Self { share: Weight::ZERO, mirror: Weight::ZERO, cohort: None };

    /// A plain split.
    #[must_use]
    pub const fn share(share: Weight) -> Self {
        Self { share, mirror: Weight::ZERO, cohort: None }
    }

    /// An upper bound of the traffic that can meet the candidate's answers: the share and the cohort together.
    #[must_use]
    pub fn exposure(&self) -> Weight {
        let cohort = self.cohort.as_ref().map_or(Weight::ZERO, |cohort| cohort.size);
        let sum = self.share.basis_points().saturating_add(cohort.basis_points());
        Weight::new(sum).unwrap_or(Weight::FULL)
    }
}

/// A group of users with its declared size.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// How the router or the flag store knows it.
    pub name: CohortName,
    /// The share of the traffic it stands for.
    pub size: Weight,
    /// Whether stable has a control group of the same kind and size, so that the two can be compared.
    #[serde(default)]
    pub matched: bool,
}

/// What a router can do.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// The smallest difference of two shares that it can express.
    pub precision: Weight,
    /// Whether it copies traffic.
    pub mirror: bool,
    /// Whether it can address groups of users.
    pub cohort: CohortSupport,
    /// How it tells a late command of an earlier owner from a current one.
    pub fencing: Fencing,
    /// How old an observation may be.
    pub staleness: Duration,
}

/// Whether a router can address groups of users.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CohortSupport {
    /// It cannot.
    None,
    /// It can, without a control group.
    Unmatched,
    /// It can, with a control group of the same size.
    Matched,
}

/// How a router refuses a command of an earlier owner.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fencing {
    /// It keeps the highest [`Fence`] and refuses lower ones.
    Token,
    /// It has a version of its own that a change must name.
    Version,
    /// It cannot; it is observed after each change and repaired.
    None,
}

/// Orders commands of one rollout: first by who owns it, then by how often the goal changed.
///
/// A router that keeps the highest fence it saw can refuse the late command of an owner that lost its lease.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fence {
    /// The lease token; each new owner has a higher one.
    pub token: u64,
    /// How often the rollout's goal had changed.
    pub generation: u64,
}
