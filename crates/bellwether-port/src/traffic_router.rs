use async_trait::async_trait;
use bellwether_core::{Capabilities, Fence, Route};

use crate::{Observed, PortError};

/// Splits traffic between the two arms of one rollout.
///
/// # Contract
/// The caller applies only routes that the capabilities can express, carries a fence that never falls while it owns the
/// rollout, and believes no command: only an observation moves a rollout.
///
/// The implementer makes `apply` idempotent: the same route and fence again is `Ok` and changes nothing. With
/// [`Fencing::Token`](bellwether_core::Fencing::Token) it keeps the highest fence and answers a lower one with
/// [`PortError::Superseded`], without an effect. `observe` asks the system, not a memory of the last command, and
/// reports a change that somebody else made. A share is never rounded up.
///
/// A time-out or a dropped future may have had its effect, also later. So may a crash between command and answer: the
/// next owner observes and applies the difference again.
///
/// # Example: a router in a variable
/// ```
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use bellwether_core::{Capabilities, CohortSupport, Duration, Fence, Fencing, Route, Time, Weight};
/// use bellwether_port::{Observed, PortError, TrafficRouter};
///
/// #[derive(Default)]
/// struct Variable(Mutex<(Route, Fence)>);
///
/// #[async_trait]
/// impl TrafficRouter for Variable {
///     fn capabilities(&self) -> Capabilities {
///         let precision = Weight::new(1).expect("one basis point is a share");
///         Capabilities {
///             precision,
///             mirror: false,
///             cohort: CohortSupport::None,
///             fencing: Fencing::Token,
///             staleness: Duration::ZERO,
///         }
///     }
///
///     async fn observe(&self) -> Result<Observed<Route>, PortError> {
///         let (route, fence) = self.0.lock().expect("nobody panics").clone();
///         Ok(Observed::new(route, Time::default()).with_applied(Some(fence)))
///     }
///
///     async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
///         let mut held = self.0.lock().expect("nobody panics");
///         if fence < held.1 {
///             return Err(PortError::Superseded);
///         }
///         *held = (route.clone(), fence);
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let router: Box<dyn TrafficRouter> = Box::new(Variable::default());
/// let route = Route::share(Weight::new(500)?);
/// router.apply(&route, Fence { token: 2, generation: 1 }).await?;
/// let late = router.apply(&Route::STABLE, Fence { token: 1, generation: 9 }).await;
/// assert_eq!(late, Err(PortError::Superseded), "an earlier owner's command");
/// assert_eq!(router.observe().await?.value, route);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait TrafficRouter: Send + Sync {
    /// What the router can do. The same answer for its whole life.
    fn capabilities(&self) -> Capabilities;

    /// The route that the router shows now.
    ///
    /// # Errors
    /// The router did not answer; nothing is known then.
    async fn observe(&self) -> Result<Observed<Route>, PortError>;

    /// Tells the router where traffic goes.
    ///
    /// # Errors
    /// After [`PortError::Transient`] the route may or may not be in force; after the others it is as before.
    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError>;
}
