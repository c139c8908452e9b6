use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bellwether_core::{Decision, ReleaseId, RolloutId};
use bellwether_gate::Evidence;
use bellwether_rollout::Move;

use crate::{EvidenceSource, Notifier, PortError};

/// Keeps what was told. Clones keep it together.
#[derive(Clone, Debug, Default)]
pub struct FakeNotifier(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    decisions: Vec<(RolloutId, u64, Decision<Move>)>,
    is_down: bool,
}

impl FakeNotifier {
    /// Takes the other end away, or brings it back.
    pub fn set_down(&self, is_down: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_down = is_down;
    }

    /// What was told so far, repetitions included.
    #[must_use]
    pub fn told(&self) -> Vec<(RolloutId, u64, Decision<Move>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).decisions.clone()
    }
}

#[async_trait]
impl Notifier for FakeNotifier {
    async fn notify(&self, rollout: &RolloutId, seq: u64, decision: &Decision<Move>) -> Result<(), PortError> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_down {
            return Err(PortError::transient("nobody listens"));
        }
        told.decisions.push((rollout.clone(), seq, decision.clone()));
        Ok(())
    }
}

/// Gives the evidence that it holds; `None` when it does not answer.
#[derive(Clone, Debug, Default)]
pub struct FakeEvidence(Arc<Mutex<Option<Evidence>>>);

impl FakeEvidence {
    /// A source that answers with this.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self(Arc::new(Mutex::new(Some(evidence))))
    }

    /// Answers with this from now on, or not at all.
    pub fn set(&self, evidence: Option<Evidence>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = evidence;
    }
}

#[async_trait]
impl EvidenceSource for FakeEvidence {
    async fn evidence(&self, _release: &ReleaseId) -> Result<Evidence, PortError> {
        let evidence = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        evidence.ok_or_else(|| PortError::transient("the evidence source does not answer"))
    }
}
