//! What a host has already: a release with its plan, what is judged, and the world. The world is pretended: a router that
//! obeys at once, and traffic of two thousand requests a second, none of which fails.

use std::{collections::BTreeMap, error::Error};

use bellwether_analysis::{Dependence, Interval, MetricSpec, Sample, Sequential, SequentialSpec};
use bellwether_core::{
    Arms, Duration, Fence, Level, MetricName, Release, Route, StageId, Target, Time, Version, Weight,
};
use bellwether_rollout::Observation;
use bellwether_strategy::{Canary, CanaryStep, Plan, Strategy};

const ROUND: Duration = Duration::from_seconds(1);
const REQUESTS: u32 = 2_000;

pub(crate) fn plan() -> Result<Plan, Box<dyn Error>> {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
    let shares = ["5 %", "50 %"].map(str::parse::<Weight>).into_iter().collect::<Result<Vec<_>, _>>()?;
    let steps = shares.into_iter().map(|share| CanaryStep::new(share, Duration::from_seconds(10)));
    Ok(Canary::new(steps).plan(&release, &Target::default())?.outcome)
}

/// Each request of this world fails on its own, so a request is the unit of evidence. Traffic of real users comes in
/// bursts: a real host leaves the default, `Dependence::Clustered`.
pub(crate) fn judge(errors: &MetricName) -> Result<Sequential, Box<dyn Error>> {
    let dependence = Dependence::Independent;
    let metric = MetricSpec { dependence, acceptable: 0.01, interval: ROUND, ..MetricSpec::default() };
    let metrics = BTreeMap::from([(errors.clone(), metric)]);
    Ok(Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() })?)
}

/// The router, the traffic and the time.
pub(crate) struct World {
    route: Route,
    applied: Option<Fence>,
    pub(crate) now: Time,
}

impl World {
    pub(crate) fn new(now: Time) -> Self {
        Self { route: Route::default(), applied: None, now }
    }

    /// Waits for the next round.
    pub(crate) fn sleep(&mut self) {
        self.now = self.now.after(ROUND);
    }

    pub(crate) fn observe(&self) -> Observation {
        Observation { as_of: self.now, route: Some(self.route.clone()), units: None, applied: self.applied }
    }

    pub(crate) fn apply(&mut self, route: Route, fence: Fence) {
        (self.route, self.applied) = (route, Some(fence));
    }

    /// The traffic since the last round, split as the router says.
    pub(crate) fn measure(&self, stage: &StageId) -> Result<Interval, Box<dyn Error>> {
        let share = self.route.share;
        let candidate = share.of(REQUESTS);
        let arms = Arms { stable: REQUESTS - candidate, candidate };
        let arms = Arms {
            stable: Sample::counts(arms.stable.into(), 0)?,
            candidate: Sample::counts(arms.candidate.into(), 0)?,
        };
        let (start, stage) = (self.now.before(ROUND), stage.clone());
        Ok(Interval { start, end: self.now, stage, intended: share, observed: share, settled: true, arms })
    }
}
