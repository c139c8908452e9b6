use alloc::boxed::Box;

use bellwether_core::{Decision, Level, Release, Target};

use crate::{BigBang, Canary, Plan, Refusal, WayBack};

/// A way of bringing a release to everybody.
///
/// The caller promises nothing. The implementer promises the same plan for the same release and target, a plan that
/// the target can carry out (shares are rounded *down* to the router's precision, with a finding), and a refusal that
/// names what is missing where there is none. Making a plan changes nothing in the world.
///
/// # Example: a strategy of one's own
/// ```
/// use bellwether_core::{Arms, Decision, Duration, Level, Release, Target, Version};
/// use bellwether_strategy::{Canary, CanaryStep, Plan, Refusal, Strategy};
///
/// /// Half of the users after an hour at one percent.
/// struct Cautious;
///
/// impl Strategy for Cautious {
///     fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
///         let steps = [("1 %", 1), ("50 %", 2)].map(|(share, hours)| {
///             CanaryStep::new(share.parse().expect("a share"), Duration::from_hours(hours))
///         });
///         Canary::new(steps).plan(release, target)
///     }
/// }
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = Cautious.plan(&release, &Target::default())?.outcome;
/// assert_eq!(plan.steps().len(), 3, "a last step at 100 % was added");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Strategy {
    /// Makes the plan.
    ///
    /// # Errors
    /// A [`Refusal`] that names what the target lacks.
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal>;

    /// How a plan of this strategy goes back: by its router, unless the strategy has a quicker way.
    fn way_back(&self, plan: &Plan) -> WayBack {
        WayBack::of(plan)
    }
}

/// The strategy that the deployment decision matrix gives each level: big-bang for zero risk, an hour hidden and then
/// everything for low, canaries of two and of five steps below 100 % for medium and high.
#[must_use]
pub fn for_level(level: Level) -> Box<dyn Strategy> {
    match level {
        Level::Zero => Box::new(BigBang),
        Level::Low => Box::new(Canary::low_risk()),
        Level::Medium => Box::new(Canary::medium_risk()),
        Level::High => Box::new(Canary::high_risk()),
    }
}
