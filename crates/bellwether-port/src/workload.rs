use async_trait::async_trait;
use bellwether_core::{Arms, Fence};
use bellwether_rollout::Units;

use crate::{Observed, PortError};

/// Runs the units of both arms of one rollout.
///
/// # Contract
/// The caller believes no command, only observations, and asks for fewer units of an arm only after its traffic was
/// observed to have left.
///
/// The implementer makes `apply` idempotent and returns once the wish is accepted, not when units are ready; `observe`
/// tells how many exist and how many are ready to serve, and what is asked for, whoever asked. A unit that is being
/// taken away gets the time to finish its requests.
///
/// A time-out or a dropped future may have had its effect. After a crash between command and answer the next owner
/// observes and applies the difference again.
///
/// # Example: units that are ready at once
/// ```
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use bellwether_core::{Arms, Fence, Time};
/// use bellwether_port::{Observed, PortError, Workload};
/// use bellwether_rollout::Units;
///
/// #[derive(Default)]
/// struct Instant(Mutex<Arms<u32>>);
///
/// #[async_trait]
/// impl Workload for Instant {
///     async fn observe(&self) -> Result<Observed<Arms<Units>>, PortError> {
///         let units = self.0.lock().expect("nobody panics").map(|want| Units { want, exist: want, ready: want });
///         Ok(Observed::new(units, Time::default()))
///     }
///
///     async fn apply(&self, units: &Arms<u32>, _fence: Fence) -> Result<(), PortError> {
///         *self.0.lock().expect("nobody panics") = *units;
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), PortError> {
/// let workload: Box<dyn Workload> = Box::new(Instant::default());
/// workload.apply(&Arms { stable: 4, candidate: 1 }, Fence::default()).await?;
/// assert_eq!(workload.observe().await?.value.candidate.ready, 1);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Workload: Send + Sync {
    /// How many units are asked for, exist and are ready now.
    ///
    /// # Errors
    /// The system did not answer; nothing is known then.
    async fn observe(&self) -> Result<Observed<Arms<Units>>, PortError>;

    /// Asks for that many units of each arm.
    ///
    /// # Errors
    /// After [`PortError::Transient`] the wish may or may not be in force; after the others it is as before.
    async fn apply(&self, units: &Arms<u32>, fence: Fence) -> Result<(), PortError>;
}
