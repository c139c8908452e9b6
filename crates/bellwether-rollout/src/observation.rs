use bellwether_core::{Arms, Fence, Route, Time, Weight};
use serde::{Deserialize, Serialize};

/// What the world looked like: only this, never an intention, moves a rollout.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The instant from which on the world looked like this.
    pub as_of: Time,
    /// The router's route; absent when it could not be asked.
    #[serde(default)]
    pub route: Option<Route>,
    /// Both arms' units; absent when nobody scales or it could not be asked.
    #[serde(default)]
    pub units: Option<Arms<Units>>,
    /// The fence of the last command that the router carried out. A router that keeps none gets it from the driver,
    /// once an observation was issued after the command returned.
    #[serde(default)]
    pub applied: Option<Fence>,
}

/// The units of one version.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// How many are asked for.
    pub want: u32,
    /// How many exist.
    pub exist: u32,
    /// How many are ready to serve.
    pub ready: u32,
}

impl Observation {
    /// Whether both versions' ready units carry a route.
    pub(crate) fn carries(&self, route: &Route, replicas: Option<u32>) -> bool {
        let Some(replicas) = replicas else { return true };
        let Some(units) = self.units else { return false };
        units.candidate.ready >= route.exposure().of(replicas) && units.stable.ready >= route.share.rest().of(replicas)
    }

    /// The share that stable's ready units cannot take back yet.
    pub(crate) fn share_beyond_stable(&self, replicas: Option<u32>) -> Weight {
        let Some(replicas) = replicas else { return Weight::ZERO };
        let ready = self.units.map_or(0, |units| units.stable.ready);
        Weight::carried_by(ready, replicas).rest()
    }
}
