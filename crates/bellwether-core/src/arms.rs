use serde::{Deserialize, Serialize};

/// One value for each of the two versions of a rollout.
///
/// Traffic, units and counts are only ever split between these two, so a third version cannot receive traffic by
/// accident.
///
/// # Example: how many units each arm has
/// ```
/// use bellwether_core::Arms;
///
/// let units = Arms { stable: 9, candidate: 1 };
/// assert_eq!(units.map(|count| count * 2), Arms { stable: 18, candidate: 2 }, "both arms are mapped");
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Arms<T> {
    /// What runs today and is gone back to.
    pub stable: T,
    /// What is being rolled out.
    pub candidate: T,
}

impl<T> Arms<T> {
    /// Applies a function to both arms.
    pub fn map<U>(self, mut function: impl FnMut(T) -> U) -> Arms<U> {
        Arms { stable: function(self.stable), candidate: function(self.candidate) }
    }

    /// Borrows both arms.
    pub fn as_ref(&self) -> Arms<&T> {
        Arms { stable: &self.stable, candidate: &self.candidate }
    }
}
