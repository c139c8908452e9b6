use serde::{Deserialize, Serialize};

/// Counts the exposure of one arm and the events among it, in one interval: requests and errors.
///
/// Any two numbers can be stored, because a scrape can deliver any two. More events than exposure are impossible for a
/// rate, yet happen when two counters are read a moment apart; the tests count such an excess only where it makes
/// their evidence weaker ([`Harm`](crate::Harm) ignores it in the treatment, [`NoHarm`](crate::NoHarm) in the
/// control).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// The requests, users or jobs that could have had an event.
    pub exposure: u64,
    /// Those that had one.
    pub events: u64,
}

impl Counts {
    /// Adds two counts, or returns `None` if a sum does not fit.
    ///
    /// A sum that silently stopped at the largest number would change the rate, hence the check.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let exposure = self.exposure.checked_add(other.exposure)?;
        let events = self.events.checked_add(other.events)?;
        Some(Self { exposure, events })
    }

    /// Returns true if there are no more events than exposure.
    #[must_use]
    pub fn is_possible(self) -> bool {
        self.events <= self.exposure
    }

    /// Drops the events that exceed the exposure.
    pub(crate) fn capped(self) -> Self {
        Self { exposure: self.exposure, events: self.events.min(self.exposure) }
    }
}
