use bellwether_core::Duration;
use serde::{Deserialize, Serialize};

use crate::{PlanDraft, PlanError};

/// The most failures that a window may count: each is remembered by its time.
const WINDOW_COUNT_MAX: u32 = 32;

/// How many failures of one soft check, a threshold or a probe, send a rollout back.
///
/// A hard failure, an alarm or harm that a judge found, is never counted: one is enough. The limits stand beside each
/// other, and the first that is reached counts. Three in a row is the default; a total over the whole rollout is none,
/// because a long rollout reaches every total.
///
/// # Example: three in a row, or five within ten minutes
/// ```
/// use bellwether_core::Duration;
/// use bellwether_strategy::{FailureLimits, FailureWindow};
///
/// let limits = FailureLimits {
///     window: Some(FailureWindow { count: 5, within: Duration::from_minutes(10) }),
///     ..FailureLimits::default()
/// };
/// assert_eq!((limits.consecutive, limits.total), (Some(3), None));
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FailureLimits {
    /// So many without a success between them.
    pub consecutive: Option<u32>,
    /// So many during the whole rollout.
    pub total: Option<u32>,
    /// So many within a time.
    pub window: Option<FailureWindow>,
}

/// So many failures within a time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FailureWindow {
    /// How many, at most 32.
    pub count: u32,
    /// Within which time.
    pub within: Duration,
}

impl Default for FailureLimits {
    fn default() -> Self {
        Self { consecutive: Some(3), total: None, window: None }
    }
}

impl FailureLimits {
    /// A plan that says nothing else is written as it was before failures were counted, so its identity stays.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

pub(crate) fn check_failures(draft: &PlanDraft) -> Result<(), PlanError> {
    let FailureLimits { consecutive, total, window } = draft.conduct.failures;
    let error = |at: &str, expected: &str, found: u32| {
        Err(PlanError::new(&alloc::format!("$.conduct.failures.{at}"), expected, found))
    };
    match (consecutive, total, window) {
        (Some(0), _, _) => error("consecutive", "at least 1", 0),
        (_, Some(0), _) => error("total", "at least 1", 0),
        (_, _, Some(FailureWindow { count, .. })) if count == 0 || count > WINDOW_COUNT_MAX => {
            error("window.count", "1 to 32", count)
        }
        _ => Ok(()),
    }
}
