use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bellwether_core::{Fence, HookId, RolloutId};

use crate::{Hooks, PortError};

/// Keeps what is in force, and when that changed. Clones keep it together.
#[derive(Clone, Debug, Default)]
pub struct FakeHooks(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    in_force: BTreeSet<HookId>,
    changes: Vec<BTreeSet<HookId>>,
    highest: Option<Fence>,
    is_down: bool,
}

impl FakeHooks {
    /// Takes the other end away, or brings it back.
    pub fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    /// What is in force now.
    #[must_use]
    pub fn in_force(&self) -> BTreeSet<HookId> {
        self.lock().in_force.clone()
    }

    /// Everything that was in force, one after the other; what was only repeated is not.
    #[must_use]
    pub fn changes(&self) -> Vec<BTreeSet<HookId>> {
        self.lock().changes.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Hooks for FakeHooks {
    async fn apply(&self, _: &RolloutId, hooks: &BTreeSet<HookId>, fence: Fence) -> Result<(), PortError> {
        let mut kept = self.lock();
        if kept.is_down {
            return Err(PortError::transient("nobody keeps hooks"));
        }
        if kept.highest.is_some_and(|highest| fence < highest) {
            return Err(PortError::Superseded);
        }
        kept.highest = Some(fence);
        if kept.in_force != *hooks {
            kept.in_force.clone_from(hooks);
            kept.changes.push(hooks.clone());
        }
        Ok(())
    }
}
