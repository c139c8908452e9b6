use std::collections::BTreeSet;

use bellwether_core::Duration;
use serde::Deserialize;

/// Says which answers are errors of the version that gave them.
///
/// A connection that is refused, reset or too slow is always one: there the version did not answer at all.
///
/// # Example: too many requests is an error, not implemented is not
/// ```
/// use bellwether_proxy::Classifier;
///
/// let mut classifier = Classifier::default();
/// classifier.also.insert(429);
/// classifier.except.insert(501);
/// assert_eq!([200, 429, 500, 501].map(|status| classifier.is_error(status)), [false, true, true, false]);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Classifier {
    /// Statuses from this one on are errors.
    pub errors_from: u16,
    /// Statuses below it that are errors too.
    pub also: BTreeSet<u16>,
    /// Statuses that are none, whatever the rest says.
    pub except: BTreeSet<u16>,
    /// A client that waited this long for the beginning of an answer, or for more of it, and hung up met an error. One
    /// that hung up sooner says nothing: its request is abandoned, and neither a request nor an error of its arm.
    pub patience: Duration,
}

impl Classifier {
    /// Whether an answer with that status is an error.
    #[must_use]
    pub fn is_error(&self, status: u16) -> bool {
        (status >= self.errors_from || self.also.contains(&status)) && !self.except.contains(&status)
    }
}

impl Default for Classifier {
    /// 500 and above, and a second of patience.
    fn default() -> Self {
        Self { errors_from: 500, also: BTreeSet::new(), except: BTreeSet::new(), patience: Duration::from_seconds(1) }
    }
}
