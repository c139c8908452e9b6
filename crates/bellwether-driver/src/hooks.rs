use std::collections::BTreeSet;
use std::sync::Arc;

use bellwether_core::{Duration, Fence, HookId, RolloutId, Time};
use bellwether_port::{Clock, Hooks as Port, PortError};
use bellwether_rollout::Goal;

use crate::calls::{Answer, Calls, Slot};
use crate::command::Command;
use crate::setup::Setup;
use crate::within::ask;

/// Says which hooks are to be in force. Nothing waits for them.
pub(crate) struct Hooks {
    port: Option<Arc<dyn Port>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    rollout: RolloutId,
    command: Command<BTreeSet<HookId>>,
}

impl Hooks {
    pub(crate) fn new(setup: &Setup, rollout: RolloutId) -> Self {
        Self {
            port: setup.ports.hooks.clone(),
            clock: Arc::clone(&setup.ports.clock),
            timeout: setup.options.port_timeout,
            rollout,
            command: Command::default(),
        }
    }

    /// Names what is to be in force, where that changed, failed, or was said half a minute ago.
    pub(crate) fn close(&mut self, calls: &mut Calls, goal: &Goal, token: u64) {
        let Some(port) = self.port.clone() else { return };
        let hooks = goal.hooks.clone();
        if self.command.is_waiting(&hooks) && calls.is_under_way(&Slot::Hooks) {
            return;
        }
        if !self.command.may_be_given(&hooks, None, self.clock.now()) {
            return;
        }
        self.command.give(hooks.clone());
        let (clock, timeout, rollout) = (Arc::clone(&self.clock), self.timeout, self.rollout.clone());
        let fence = Fence { token, generation: goal.generation };
        calls.start(Slot::Hooks, async move {
            Answer::Hooks(ask(&*clock, timeout, port.apply(&rollout, &hooks, fence)).await)
        });
    }

    pub(crate) fn told(&mut self, answer: &Result<(), PortError>) {
        self.command.returned(answer.is_ok(), self.clock.now());
    }

    /// Whether somebody has not accepted yet what is to be in force.
    pub(crate) fn owes(&self, goal: &Goal) -> bool {
        self.port.is_some() && !self.command.is_done(&goal.hooks)
    }

    /// When it is tried again.
    pub(crate) const fn retry_at(&self) -> Option<Time> {
        self.command.retry_at()
    }
}
