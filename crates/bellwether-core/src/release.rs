use alloc::{collections::BTreeMap, string::String, sync::Arc};
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{Arms, Capabilities, Duration, Level, ReleaseId, ServiceName};

/// What is deployed: a name for people and the digests that make it what it is (image, configuration, schema).
///
/// Two versions are the same only if their digests are: a tag that moved is another version.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// What people call it.
    pub name: Arc<str>,
    /// Digests by what they are of, such as `image`, `configuration` or `schema`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<String, String>,
}

impl Version {
    /// A version known by its name alone.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.into(), digests: BTreeMap::new() }
    }

    /// Adds a digest.
    #[must_use]
    pub fn with_digest(mut self, of: &str, digest: &str) -> Self {
        self.digests.insert(of.into(), digest.into());
        self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.name)
    }
}

/// A candidate on its way to replace what runs today.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its name.
    pub id: ReleaseId,
    /// The service.
    pub service: ServiceName,
    /// What runs today and what shall run.
    pub arms: Arms<Version>,
    /// How risky the change is.
    pub level: Level,
}

impl Release {
    /// A release of a service between two versions.
    #[must_use]
    pub const fn new(id: ReleaseId, service: ServiceName, arms: Arms<Version>, level: Level) -> Self {
        Self { id, service, arms, level }
    }
}

/// Where a release goes: what the service's surroundings can do and what they demand.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// How many units run; `None` when somebody else scales.
    pub replicas: Option<u32>,
    /// What the router can do; `None` without one.
    pub router: Option<Capabilities>,
    /// Requests a minute to the whole service.
    pub traffic_per_minute: Option<f64>,
    /// The error rate of stable, as a fraction.
    pub error_rate: Option<f64>,
    /// The recovery time objective: how long going back may take.
    pub rto: Option<Duration>,
}

impl Target {
    /// Sets the number of units.
    #[must_use]
    pub const fn with_replicas(mut self, replicas: u32) -> Self {
        self.replicas = Some(replicas);
        self
    }

    /// Sets what the router can do.
    #[must_use]
    pub const fn with_router(mut self, router: Capabilities) -> Self {
        self.router = Some(router);
        self
    }

    /// Sets the traffic in requests a minute.
    #[must_use]
    pub const fn with_traffic_per_minute(mut self, requests: f64) -> Self {
        self.traffic_per_minute = Some(requests);
        self
    }

    /// Sets the recovery time objective.
    #[must_use]
    pub const fn with_rto(mut self, rto: Duration) -> Self {
        self.rto = Some(rto);
        self
    }
}
