use async_trait::async_trait;
use bellwether_core::ReleaseId;
use bellwether_gate::Evidence;

use crate::PortError;

/// Gives what was measured about a release before and beside its rollout: tests, coverage, scans, incidents.
///
/// # Contract
/// The caller hands the answer to its gates as it is, and takes an error for missing evidence.
///
/// The implementer leaves out what was not measured, never writes a zero for it, and says when each value was measured.
///
/// Asking has no effect, so a time-out, a dropped future and a crash lose nothing: it is asked again.
///
/// # Example: fixed evidence
/// ```
/// use async_trait::async_trait;
/// use bellwether_core::ReleaseId;
/// use bellwether_gate::Evidence;
/// use bellwether_port::{EvidenceSource, PortError};
///
/// struct Fixed(Evidence);
///
/// #[async_trait]
/// impl EvidenceSource for Fixed {
///     async fn evidence(&self, _release: &ReleaseId) -> Result<Evidence, PortError> {
///         Ok(self.0.clone())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let source: Box<dyn EvidenceSource> = Box::new(Fixed(Evidence::default()));
/// assert!(source.evidence(&"checkout-42".parse()?).await?.measurements.is_empty());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait EvidenceSource: Send + Sync {
    /// Everything that is known about a release.
    ///
    /// # Errors
    /// The source did not answer: every gate that needs it has no data then.
    async fn evidence(&self, release: &ReleaseId) -> Result<Evidence, PortError>;
}
