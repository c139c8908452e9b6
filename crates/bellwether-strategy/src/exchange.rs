use core::fmt;

use bellwether_core::{Arms, Weight};
use serde::{Deserialize, Serialize};

use crate::{PlanDraft, PlanError, StableSizing, Step, UnitsRule};

/// How one version's units are exchanged for the other's where no router splits traffic: it follows the ready units.
///
/// The units that are asked for stay within `replicas - unavailable` and `replicas + surge`. Both bounds are those of
/// a Kubernetes Deployment: a share of the surge is rounded up, one of the unavailable units down, and where both are
/// nothing, one unit may be missing (`ResolveFenceposts`). Stricter than there, the last unit is only taken away by
/// `outage`: without it one unit more is started instead.
///
/// # Example: a quarter more, a quarter less
/// ```
/// use bellwether_strategy::Exchange;
///
/// let bounds = Exchange::default().bounds(10);
/// assert_eq!((bounds.least, bounds.most), (8, 13));
/// assert_eq!(Exchange::RECREATE.bounds(10).least, 0);
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// How many units there may be beyond the replicas.
    pub surge: Amount,
    /// How many of the replicas may be missing.
    pub unavailable: Amount,
    /// Whether nobody may serve for a while.
    #[serde(default, skip_serializing_if = "is_false")]
    pub outage: bool,
}

/// A number of units, or a share of the replicas.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// So many units.
    Units(u32),
    /// A share of the replicas.
    Share(Weight),
}

/// The least and the most units that both versions may have together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Bounds {
    /// Fewer may not be ready because of what is asked for.
    pub least: u32,
    /// More may not be asked for.
    pub most: u32,
}

impl Default for Exchange {
    /// A quarter more and a quarter less, the default of a Kubernetes Deployment.
    fn default() -> Self {
        let quarter = Amount::Share(Weight::FULL.quarter());
        Self { surge: quarter, unavailable: quarter, outage: false }
    }
}

impl Exchange {
    /// The old version goes first, then the new one comes: nobody serves in between.
    pub const RECREATE: Self = Self { surge: Amount::Units(0), unavailable: Amount::Share(Weight::FULL), outage: true };

    /// One unit more at a time, and never one less.
    pub const ONE_MORE: Self = Self { surge: Amount::Units(1), unavailable: Amount::Units(0), outage: false };

    /// So many more and so many less, and somebody always serves.
    #[must_use]
    pub const fn new(surge: Amount, unavailable: Amount) -> Self {
        Self { surge, unavailable, outage: false }
    }

    /// The bounds for so many replicas.
    #[must_use]
    pub fn bounds(&self, replicas: u32) -> Bounds {
        let surge = self.surge.rounded_up(replicas);
        let unavailable = match self.unavailable.rounded_down(replicas).min(replicas) {
            0 if surge == 0 => 1,
            unavailable => unavailable,
        };
        let takes_the_last = unavailable >= replicas && !self.outage;
        let (surge, unavailable) =
            if takes_the_last { (surge.max(1), replicas.saturating_sub(1)) } else { (surge, unavailable) };
        Bounds { least: replicas.saturating_sub(unavailable), most: replicas.saturating_add(surge) }
    }

    /// The units that show a share: the candidate's rounded down, so that it meets no more users than the share says,
    /// but between nothing and everything each version has at least one where two units fit.
    ///
    /// # Example: 5 % of ten units
    /// ```
    /// use bellwether_core::Arms;
    /// use bellwether_strategy::Exchange;
    ///
    /// let units = Exchange::default().units_at("5 %".parse()?, 10);
    /// assert_eq!(units, Arms { stable: 9, candidate: 1 });
    /// # Ok::<(), bellwether_core::WeightError>(())
    /// ```
    #[must_use]
    pub fn units_at(&self, share: Weight, replicas: u32) -> Arms<u32> {
        let down = share.units_down(replicas);
        let candidate = match share {
            Weight::ZERO | Weight::FULL => down,
            _ if replicas < 2 => u32::from(self.bounds(replicas).most > replicas),
            _ => down.clamp(1, replicas.saturating_sub(1)),
        };
        let is_beside = share != Weight::FULL && replicas < 2;
        Arms { stable: if is_beside { replicas } else { replicas.saturating_sub(candidate) }, candidate }
    }

    /// The share that those units show, rounded up so that the same units show it again.
    #[must_use]
    pub fn shown_share(&self, share: Weight, replicas: u32) -> Weight {
        let Arms { stable, candidate } = self.units_at(share, replicas);
        Weight::carried_by(stable, candidate.saturating_add(stable)).rest()
    }
}

impl Amount {
    fn rounded_up(self, replicas: u32) -> u32 {
        match self {
            Self::Units(units) => units,
            Self::Share(share) => share.of(replicas),
        }
    }

    fn rounded_down(self, replicas: u32) -> u32 {
        match self {
            Self::Units(units) => units,
            Self::Share(share) => share.units_down(replicas),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Units(1) => formatter.write_str("1 unit"),
            Self::Units(units) => write!(formatter, "{units} units"),
            Self::Share(share) => share.fmt(formatter),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What a plan may not say where traffic follows the units.
pub(crate) fn check_exchange(draft: &PlanDraft) -> Result<(), PlanError> {
    let Some(capacity) = draft.capacity else { return Ok(()) };
    let Some(exchange) = capacity.exchange else { return Ok(()) };
    if exchange.surge == Amount::Units(0) && exchange.unavailable == Amount::Units(0) {
        return Err(PlanError::new("$.capacity.exchange", "a unit more or a unit less", "neither"));
    }
    if exchange.unavailable.rounded_down(capacity.replicas) >= capacity.replicas && !exchange.outage {
        let expected = alloc::format!("fewer than all {} units, or \"outage\": true", capacity.replicas);
        return Err(PlanError::new("$.capacity.exchange.unavailable", expected, exchange.unavailable));
    }
    if draft.conduct.stable_sizing != StableSizing::Full {
        let expected = "nothing: without a router stable always has the units that its share needs";
        return Err(PlanError::new("$.conduct.stable_sizing", expected, "follows_traffic"));
    }
    if !draft.conduct.standby.is_zero() {
        let expected = "0s: without a router nothing of the old version is left once the new one has everything";
        return Err(PlanError::new("$.conduct.standby", expected, draft.conduct.standby));
    }
    draft.steps.iter().enumerate().try_for_each(|(index, step)| check_step(step, index, capacity.replicas, exchange))
}

fn check_step(step: &Step, index: usize, replicas: u32, exchange: Exchange) -> Result<(), PlanError> {
    let bounds = exchange.bounds(replicas);
    let at = |field: &str| alloc::format!("$.steps[{index}].{field}");
    let route = &step.route;
    if route.mirror != Weight::ZERO || route.cohort.is_some() {
        let expected = "a share alone: without a router traffic follows the units";
        return Err(PlanError::new(&at("route"), expected, "a mirror or a cohort"));
    }
    if route.share == Weight::ZERO {
        let expected = "more than 0: without a router a candidate's unit is never hidden";
        return Err(PlanError::new(&at("route.share"), expected, route.share));
    }
    if step.units != UnitsRule::ByShare {
        let expected = "by_share: without a router the units are the share";
        return Err(PlanError::new(&at("units"), expected, "a count"));
    }
    if route.share != Weight::FULL && bounds.most < 2 {
        let expected = "100 %: one unit without a surge cannot be shared";
        return Err(PlanError::new(&at("route.share"), expected, route.share));
    }
    let shown = exchange.shown_share(route.share, replicas);
    if shown != route.share {
        let expected = alloc::format!("a share that whole units of {replicas} show, such as {shown}");
        return Err(PlanError::new(&at("route.share"), expected, route.share));
    }
    Ok(())
}
