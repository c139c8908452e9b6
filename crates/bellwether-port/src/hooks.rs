use std::collections::BTreeSet;

use async_trait::async_trait;
use bellwether_core::{Fence, HookId, RolloutId};

use crate::PortError;

/// Keeps in force what belongs to a step beside its traffic: a synthetic load, a feature for testers, a longer cache.
///
/// # Contract
/// The caller names everything that is to be in force now, not what changed, again after every failure and every half a
/// minute, because nobody can look. It never waits for the answer: a hook delays neither the way forward nor the way back.
/// Whatever must be *done* before a step is a gate instead. At the end of a rollout nothing is in force.
///
/// The implementer makes `apply` idempotent: it begins what is named and not in force, ends what is in force and not named,
/// and answers once both are accepted. It refuses a fence that is lower than the highest of that rollout, where it can.
///
/// A time-out or a dropped future may have had its effect. After a crash the next owner names everything again.
///
/// # Example: a set that is replaced
/// ```
/// use std::collections::BTreeSet;
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use bellwether_core::{Fence, HookId, RolloutId};
/// use bellwether_port::{Hooks, PortError};
///
/// #[derive(Default)]
/// struct InForce(Mutex<BTreeSet<HookId>>);
///
/// #[async_trait]
/// impl Hooks for InForce {
///     async fn apply(&self, _: &RolloutId, hooks: &BTreeSet<HookId>, _: Fence) -> Result<(), PortError> {
///         let mut before = self.0.lock().expect("nobody panics");
///         for begun in hooks.difference(&before) {
///             println!("{begun} begins");
///         }
///         for ended in before.difference(hooks) {
///             println!("{ended} ends");
///         }
///         *before = hooks.clone();
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let hooks = InForce::default();
/// let load = BTreeSet::from(["synthetic-load".parse()?]);
/// hooks.apply(&"checkout-42".parse()?, &load, Fence::default()).await?;
/// hooks.apply(&"checkout-42".parse()?, &load, Fence::default()).await?;
/// assert_eq!(*hooks.0.lock().expect("nobody panics"), load);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Hooks: Send + Sync {
    /// Keeps these hooks in force, and no other of that rollout.
    ///
    /// # Errors
    /// It may have had its effect, or a part of it; the caller names everything again. A lower fence than before is
    /// [`PortError::Superseded`].
    async fn apply(&self, rollout: &RolloutId, hooks: &BTreeSet<HookId>, fence: Fence) -> Result<(), PortError>;
}
