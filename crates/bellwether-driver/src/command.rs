use bellwether_core::{Duration, Time};

use crate::backoff::Backoff;

/// After how long a command that was acknowledged is given again while the port does not show what it does.
const BLIND_AGAIN: Duration = Duration::from_seconds(30);

/// The last thing that a port was told.
pub(crate) struct Command<T> {
    /// What it was.
    what: Option<T>,
    /// When it answered that it has done so.
    returned_at: Option<Time>,
    again: Backoff,
}

impl<T> Default for Command<T> {
    fn default() -> Self {
        Self { what: None, returned_at: None, again: Backoff::default() }
    }
}

impl<T: PartialEq> Command<T> {
    /// Whether it may be given: another one at once; the same one after a failure once it has waited, and after a
    /// success only if a look since then still shows the difference, or if nothing can be seen for a while.
    pub(crate) fn may_be_given(&self, what: &T, last_look: Option<Time>, now: Time) -> bool {
        if self.what.as_ref() != Some(what) {
            return true;
        }
        match self.returned_at {
            Some(returned_at) => {
                let is_blind = || now.since(returned_at) >= BLIND_AGAIN;
                last_look.map_or_else(is_blind, |look| look > returned_at)
            }
            None => self.again.is_over(now),
        }
    }

    /// Whether it was given and has not been answered.
    pub(crate) fn is_waiting(&self, what: &T) -> bool {
        self.what.as_ref() == Some(what) && self.returned_at.is_none()
    }

    pub(crate) fn is_done(&self, what: &T) -> bool {
        self.what.as_ref() == Some(what) && self.returned_at.is_some()
    }

    /// What was given last and has returned, and when.
    pub(crate) fn done(&self) -> Option<(&T, Time)> {
        self.what.as_ref().zip(self.returned_at)
    }

    /// When it is given again after a failure.
    pub(crate) const fn retry_at(&self) -> Option<Time> {
        self.again.next()
    }

    pub(crate) fn give(&mut self, what: T) {
        if self.what.as_ref() != Some(&what) {
            self.again = Backoff::default();
        }
        self.what = Some(what);
        self.returned_at = None;
    }

    pub(crate) fn returned(&mut self, has_succeeded: bool, now: Time) {
        if has_succeeded {
            self.returned_at = Some(now);
            self.again = Backoff::default();
        } else {
            self.again.failed(now);
        }
    }
}
