use alloc::collections::VecDeque;

use bellwether_core::Time;
use bellwether_strategy::FailureLimits;
use serde::{Deserialize, Serialize};

/// The failures of one soft check so far.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Failures {
    /// Since the last success.
    consecutive: u32,
    /// During the whole rollout.
    total: u32,
    /// When the last ones were, where a window counts them.
    recent: VecDeque<Time>,
}

impl Failures {
    pub(crate) fn passed(&mut self) {
        self.consecutive = 0;
    }

    /// Counts a failure, and says which limit it reaches.
    pub(crate) fn failed(&mut self, now: Time, limits: &FailureLimits) -> Option<(&'static str, u32)> {
        self.consecutive = self.consecutive.saturating_add(1);
        self.total = self.total.saturating_add(1);
        let within = limits.window.map_or(0, |window| {
            self.recent.push_back(now);
            self.recent.retain(|at| now.since(*at) <= window.within);
            u32::try_from(self.recent.len()).unwrap_or(u32::MAX)
        });
        let counts = [
            ("in a row", self.consecutive, limits.consecutive),
            ("during the rollout", self.total, limits.total),
            ("within the window", within, limits.window.map(|window| window.count)),
        ];
        let reached = counts.into_iter().find(|(_, count, limit)| limit.is_some_and(|limit| *count >= limit));
        reached.map(|(what, count, _)| (what, count))
    }

    /// How many in a row.
    pub(crate) const fn consecutive(&self) -> u32 {
        self.consecutive
    }
}
