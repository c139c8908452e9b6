use alloc::{string::String, vec::Vec};

use bellwether_core::{Capabilities, Weight};
use serde::{Deserialize, Serialize};

use crate::CohortStep;

/// What a choice between strategies must know beside the release and its target: about the change itself, and about what
/// stands ready for it.
///
/// # Example: a new workflow for which the staff has volunteered
/// ```
/// use bellwether_core::{Cohort, Duration};
/// use bellwether_strategy::{ChangeKind, CohortStep, Needs};
///
/// let staff = Cohort { name: "staff".parse()?, size: "0.5 %".parse()?, matched: false };
/// let needs = Needs::default()
///     .with_kind(ChangeKind::Experience)
///     .with_cohorts([CohortStep::new(staff, Duration::from_hours(24))]);
/// assert_eq!(needs.cohorts.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// What the change is about.
    pub kind: ChangeKind,
    /// Whether it repairs something that hurts users now, so that waiting costs more than it saves.
    pub emergency: bool,
    /// Whether old and new must never serve side by side, as with a breaking change.
    pub full_cutover: bool,
    /// What the flag store can do, where the change is behind a flag.
    pub flag: Option<Capabilities>,
    /// The groups of users that may meet the change before others, smallest first.
    pub cohorts: Vec<CohortStep>,
    /// What cannot be undone, where something cannot.
    pub irreversible: Option<Irreversible>,
}

/// What a change is about, as far as it decides on the strategy.
/// Source: the decision framework "Blue/Green vs Canary vs Phased".
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Code of the application, new features.
    #[default]
    Application,
    /// What the application runs on, or a whole version against another.
    Infrastructure,
    /// How users work with it: major changes of the interface, new workflows.
    Experience,
}

/// Something that cannot be undone, such as a migration that drops what stable reads.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Irreversible {
    /// The exposure that calls for it: from the first step that reaches it there is no way back to stable.
    pub from: Weight,
    /// Why.
    pub why: String,
    /// What can be done instead of going back.
    pub alternatives: Vec<String>,
}

impl Needs {
    /// Sets what the change is about.
    #[must_use]
    pub const fn with_kind(mut self, kind: ChangeKind) -> Self {
        self.kind = kind;
        self
    }

    /// Says that the change repairs something that hurts users now.
    #[must_use]
    pub const fn in_emergency(mut self) -> Self {
        self.emergency = true;
        self
    }

    /// Says that old and new must never serve side by side.
    #[must_use]
    pub const fn with_full_cutover(mut self) -> Self {
        self.full_cutover = true;
        self
    }

    /// Sets what the flag store of the change can do.
    #[must_use]
    pub fn with_flag(mut self, store: Capabilities) -> Self {
        self.flag = Some(store);
        self
    }

    /// Sets the groups of users that may meet the change first, smallest first.
    #[must_use]
    pub fn with_cohorts(mut self, cohorts: impl IntoIterator<Item = CohortStep>) -> Self {
        self.cohorts = cohorts.into_iter().collect();
        self
    }

    /// Sets what cannot be undone.
    #[must_use]
    pub fn with_irreversible(mut self, irreversible: Irreversible) -> Self {
        self.irreversible = Some(irreversible);
        self
    }
}
