use std::sync::Arc;

use bellwether_core::{Decision, Time, Verdict};
use bellwether_gate::{Evidence, Gate};

use crate::{Attempt, Calendar};

/// A calendar as the gate of one change: its class and its override are known.
///
/// A calendar without them is a gate as well. Both judge by the time alone and need no evidence.
///
/// # Example: a security fix with a recorded override
/// ```
/// use std::sync::Arc;
///
/// use bellwether_core::{Time, Verdict};
/// use bellwether_gate::{Evidence, Gate};
/// use bellwether_window::{Attempt, Calendar, CalendarGate, Holidays, Override, preset};
///
/// let holidays = Holidays::new("ours", "2026-01-01".parse()?, "2027-01-01".parse()?);
/// let calendar = Arc::new(Calendar::new(preset::seed_003("Europe/Berlin", holidays, Vec::new()))?);
/// let friday: Time = "2026-03-06T13:00:00+01:00".parse()?;
/// assert_eq!(calendar.check(&Evidence::default(), friday).outcome, Verdict::Fail);
///
/// let until: Time = "2026-03-06T18:00:00+01:00".parse()?;
/// let granted = Override::new("ada".parse()?, "CVE-2026-1234", friday, until);
/// let attempt = Attempt::forward().with_class("security_hotfix").with_granted(granted);
/// let gate = CalendarGate::new(calendar, attempt);
/// assert_eq!(gate.check(&Evidence::default(), friday).outcome, Verdict::Pass);
/// assert_eq!(gate.check(&Evidence::default(), until).outcome, Verdict::Fail, "the override has run out");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CalendarGate {
    calendar: Arc<Calendar>,
    attempt: Attempt,
}

impl CalendarGate {
    /// The gate of one change.
    pub const fn new(calendar: Arc<Calendar>, attempt: Attempt) -> Self {
        Self { calendar, attempt }
    }
}

impl Gate for CalendarGate {
    fn check(&self, _: &Evidence, now: Time) -> Decision<Verdict> {
        self.calendar.ask(&self.attempt, now).map(|state| self.calendar.verdict(state))
    }
}

impl Gate for Calendar {
    fn check(&self, _: &Evidence, now: Time) -> Decision<Verdict> {
        self.state(now).map(|state| self.verdict(state))
    }
}
