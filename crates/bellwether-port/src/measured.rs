use bellwether_analysis::{Interval, Sample};
use bellwether_core::{Arms, Route, StageId, Time};

/// What both arms did in one complete interval, as a metric source knows it: without the rollout's stage and goal.
///
/// # Example: a minute that was spent at the wanted share
/// ```
/// use bellwether_analysis::Sample;
/// use bellwether_core::{Arms, Route, StageId, Time, Weight};
/// use bellwether_port::{InForce, Measured};
///
/// let start: Time = "2026-03-02T10:00:00Z".parse()?;
/// let arms = Arms { stable: Sample::counts(5_700, 6)?, candidate: Sample::counts(300, 0)? };
/// let measured = Measured::new(start, "2026-03-02T10:01:00Z".parse()?, arms);
///
/// let stage = StageId { rollout: "checkout-42".parse()?, step: 0, entry: 0 };
/// let goal = Route::share(Weight::new(500)?);
/// let interval = measured.clone().into_interval(stage.clone(), &goal, &InForce::Throughout(goal.clone()));
/// assert!(interval.settled, "the driver saw the wanted route at every look");
///
/// let interval = measured.with_in_force(InForce::Changed).into_interval(stage, &goal, &InForce::Throughout(goal.clone()));
/// assert!(!interval.settled, "the source knows better");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Measured {
    /// When it began.
    pub start: Time,
    /// When it ended; not part of it.
    pub end: Time,
    /// What each arm did.
    pub arms: Arms<Sample>,
    /// What the source itself knows of the route during the interval.
    pub in_force: InForce,
}

/// Which route was in force during an interval.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "whoever makes an interval decides on every case")]
pub enum InForce {
    /// Nobody looked.
    #[default]
    Unknown,
    /// This one, from the start to the end.
    Throughout(Route),
    /// More than one.
    Changed,
}

impl Measured {
    /// An interval of a source that does not see the router.
    #[must_use]
    pub const fn new(start: Time, end: Time, arms: Arms<Sample>) -> Self {
        Self { start, end, arms, in_force: InForce::Unknown }
    }

    /// Sets what the source knows of the route.
    #[must_use]
    pub fn with_in_force(mut self, in_force: InForce) -> Self {
        self.in_force = in_force;
        self
    }

    /// Makes it evidence about a stage whose wanted route is `goal`.
    ///
    /// `seen` is what the driver's own looks at the router say; it counts only where the source does not know. The
    /// interval is settled when the wanted route was in force from its start to its end, for all that is known.
    #[must_use]
    pub fn into_interval(self, stage: StageId, goal: &Route, seen: &InForce) -> Interval {
        let in_force = if self.in_force == InForce::Unknown { seen } else { &self.in_force };
        let (observed, settled) = match in_force {
            InForce::Throughout(route) => (route.share, route == goal),
            InForce::Unknown | InForce::Changed => (goal.share, false),
        };
        Interval { start: self.start, end: self.end, stage, intended: goal.share, observed, settled, arms: self.arms }
    }
}
