use core::fmt;

use bellwether_core::{Duration, Weight};
use serde::{Deserialize, Serialize};

use crate::{Plan, StableSizing};

const MILLIS_PER_HOUR: u64 = 3_600_000;

/// Units times the time that they run: what a rollout costs beside what runs anyway.
///
/// # Example: five units for an hour and a half
/// ```
/// use bellwether_core::Duration;
/// use bellwether_strategy::UnitTime;
///
/// let cost = UnitTime::of(5, Duration::from_minutes(90));
/// assert_eq!(cost.to_string(), "7.50 unit-hours");
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct UnitTime(u64);

impl UnitTime {
    /// Nothing extra.
    pub const ZERO: Self = Self(0);

    /// So many units for so long.
    #[must_use]
    pub fn of(units: u32, time: Duration) -> Self {
        Self(time.as_millis().saturating_mul(u64::from(units)))
    }

    /// What a plan that goes as fast as it may runs beside the units that run anyway:
    /// `Σ (candidate + stable - replicas) × bake.min` over the steps, and what is left of stable for its standby or drain.
    ///
    /// Stable has all its units until the rollout ends, so everything that the candidate has is extra; where stable follows
    /// the traffic it has what its share needs, and nothing at the end. The time that units take to start is not known to
    /// a plan and not counted. `None` for a plan without a capacity: somebody else scales.
    ///
    /// # Example: 10 % for 2 h, 50 % for 4 h, then everybody, with ten units
    /// ```
    /// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
    /// use bellwether_strategy::{Canary, Strategy, UnitTime};
    ///
    /// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    /// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
    /// let plan = Canary::medium_risk().plan(&release, &Target::default().with_replicas(10))?.outcome;
    /// // 1 unit x 2 h, 5 units x 4 h, and at the end the 10 old ones for their last 30 seconds.
    /// let by_hand = 2 * 3_600 + 20 * 3_600 + 10 * 30;
    /// assert_eq!(UnitTime::extra_of(&plan), Some(UnitTime::of(1, Duration::from_seconds(by_hand))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn extra_of(plan: &Plan) -> Option<Self> {
        let replicas = plan.capacity()?.replicas;
        let conduct = plan.conduct();
        if let Some(exchange) = plan.exchange() {
            // Both versions share the replicas; what surges does so only while units start.
            return plan.steps().iter().try_fold(Self::ZERO, |sum, step| {
                let units = exchange.units_at(step.route.share, replicas);
                let extra = units.stable.saturating_add(units.candidate).saturating_sub(replicas);
                Some(sum.saturating_add(Self::of(extra, step.bake.min)))
            });
        }
        let stable = |share: Weight| match conduct.stable_sizing {
            StableSizing::Full => replicas,
            StableSizing::FollowsTraffic => share.rest().of(replicas),
        };
        let last = Self::of(stable(Weight::FULL), conduct.standby.max(conduct.drain));
        plan.steps().iter().try_fold(last, |sum, step| {
            let units = plan.candidate_units(step)?.saturating_add(stable(step.route.share)).saturating_sub(replicas);
            Some(sum.saturating_add(Self::of(units, step.bake.min)))
        })
    }

    /// The sum, at most what fits.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// In whole unit-milliseconds.
    #[must_use]
    pub const fn as_unit_millis(self) -> u64 {
        self.0
    }
}

impl fmt::Display for UnitTime {
    /// Unit-hours with two decimals, rounded up so that a cost is never shown as none.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0.div_ceil(MILLIS_PER_HOUR / 100);
        write!(formatter, "{}.{:02} unit-hours", hundredths / 100, hundredths % 100)
    }
}
