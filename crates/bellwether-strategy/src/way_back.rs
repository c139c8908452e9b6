use bellwether_core::{Decision, Duration, Finding, Method, Target};
use serde::{Deserialize, Serialize};

use crate::{Plan, Refusal, StableSizing};

/// A way of going back, and how long it takes at most.
///
/// Source of the times: the rollback methods "feature flag kill switch < 10 seconds", "traffic switch < 30 seconds",
/// "revert deployment < 2 minutes", "deploy previous version < 5 minutes".
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WayBack {
    /// How.
    pub method: Method,
    /// How long at most.
    pub time: Duration,
}

impl WayBack {
    /// The flag is switched off.
    pub const FLAG: Self = Self { method: Method::Flag, time: Duration::from_seconds(10) };
    /// All traffic goes back to stable, which still has its units.
    pub const TRAFFIC: Self = Self { method: Method::Traffic, time: Duration::from_seconds(30) };
    /// The previous revision is returned to: its units come back one after another.
    pub const REVISION: Self = Self { method: Method::Revision, time: Duration::from_minutes(2) };
    /// The old version is deployed again, because nothing of it is left.
    pub const REDEPLOY: Self = Self { method: Method::Redeploy, time: Duration::from_minutes(5) };

    /// How a plan goes back: by one switch of its router while stable has all its units, otherwise units first, and by
    /// units alone where there is no router.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        if let Some(exchange) = plan.exchange() {
            return if exchange.outage { Self::REDEPLOY } else { Self::REVISION };
        }
        match (plan.conduct().stable_sizing, plan.capacity()) {
            (StableSizing::FollowsTraffic, Some(_)) => Self::REVISION,
            (StableSizing::Full | StableSizing::FollowsTraffic, _) => Self::TRAFFIC,
        }
    }

    /// Says so when a service must be back sooner than this way takes.
    pub(crate) fn too_slow(self, rto: Duration) -> Option<Finding> {
        (rto < self.time).then(|| {
            Finding::critical("plan.slow_rollback", "going back takes about {estimate}, the service allows {rto}")
                .figure("estimate", self.time)
                .figure("rto", rto)
                .flips_when("going back took at most {rto}")
        })
    }

    /// Refuses a target that must be back sooner than this way takes.
    ///
    /// # Errors
    /// The recovery time objective is shorter.
    pub(crate) fn check(self, target: &Target) -> Result<(), Refusal> {
        let slow = target.rto.and_then(|rto| self.too_slow(rto));
        slow.map_or(Ok(()), |finding| Err(Refusal::Target(Decision::new(()).because(finding))))
    }
}
