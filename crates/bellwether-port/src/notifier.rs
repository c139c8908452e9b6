use async_trait::async_trait;
use bellwether_core::{Decision, RolloutId};
use bellwether_rollout::Move;

use crate::PortError;

/// Tells people and other systems what was decided.
///
/// # Contract
/// The caller notifies in the order of the journal, after the append, at least once for every decision that it wants
/// told, and goes on whatever the answer is: telling never delays going back.
///
/// The implementer recognises a repetition by rollout and `seq`.
///
/// After a time-out, a dropped future or a crash the same decision is told again.
///
/// # Example: a line for each decision
/// ```
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use bellwether_core::{Decision, RolloutId};
/// use bellwether_port::{Notifier, PortError};
/// use bellwether_rollout::Move;
///
/// #[derive(Default)]
/// struct Lines(Mutex<Vec<String>>);
///
/// #[async_trait]
/// impl Notifier for Lines {
///     async fn notify(&self, rollout: &RolloutId, seq: u64, decision: &Decision<Move>) -> Result<(), PortError> {
///         self.0.lock().expect("nobody panics").push(format!("{rollout} {seq}: {decision}"));
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lines = Lines::default();
/// lines.notify(&"checkout-42".parse()?, 7, &Decision::new(Move::Hold)).await?;
/// assert_eq!(*lines.0.lock().expect("nobody panics"), ["checkout-42 7: hold"]);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Tells one decision.
    ///
    /// # Errors
    /// It could not be told; the caller tells it again later.
    async fn notify(&self, rollout: &RolloutId, seq: u64, decision: &Decision<Move>) -> Result<(), PortError>;
}
