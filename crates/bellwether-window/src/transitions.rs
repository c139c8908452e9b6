use bellwether_core::Time;
use serde::{Deserialize, Serialize};

use crate::{
    Calendar, Effect, State,
    schedule::Activity,
    zone::{END, FIRST, time},
};

/// A change of a calendar's state.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The first instant of the new state.
    pub at: Time,
    /// The new state.
    pub to: State,
}

/// The changes of a calendar's state in a time, one after the other.
#[derive(Clone, Debug)]
#[must_use]
pub struct Transitions<'a> {
    calendar: &'a Calendar,
    now: i64,
    until: i64,
    state: State,
    activities: Vec<Activity>,
    /// Up to when each activity stays as it is.
    ends: Vec<i64>,
}

impl<'a> Transitions<'a> {
    pub(crate) fn new(calendar: &'a Calendar, after: Time, until: Time) -> Self {
        let (now, until) = (after.unix_millis(), until.unix_millis());
        let rules = calendar.rules();
        let activities: Vec<Activity> = rules.iter().map(|rule| rule.schedule.activity(now)).collect();
        let ends = rules.iter().map(|rule| rule.schedule.until(now, until)).collect();
        Self { calendar, now, until, state: calendar.outcome(&activities, now), activities, ends }
    }

    /// The state after the last change.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The next instant at which the state may change. Closed stays closed as long as any rule that closes is active,
    /// whatever the others do meanwhile.
    fn next_look(&self) -> i64 {
        let rules = self.calendar.rules().iter().zip(&self.activities).zip(&self.ends);
        let closing = rules.filter(|((rule, it), _)| rule.effect == Effect::Closed && **it == Activity::Active);
        let closed = closing.map(|(_, end)| *end).max().unwrap_or(i64::MIN);
        let bound = [FIRST, END].into_iter().find(|bound| *bound > self.now).unwrap_or(i64::MAX);
        self.ends.iter().copied().min().unwrap_or(i64::MAX).max(closed).min(bound)
    }

    /// Asks those rules again whose activity may have changed.
    fn look(&mut self, now: i64) {
        self.now = now;
        let rules = self.calendar.rules().iter().zip(&mut self.activities).zip(&mut self.ends);
        for ((rule, activity), end) in rules.filter(|(_, end)| **end <= now) {
            *activity = rule.schedule.activity(now);
            *end = rule.schedule.until(now, self.until);
        }
    }
}

impl Iterator for Transitions<'_> {
    type Item = Transition;

    fn next(&mut self) -> Option<Transition> {
        loop {
            let now = self.next_look();
            if now > self.until {
                return None;
            }
            self.look(now);
            let state = self.calendar.outcome(&self.activities, now);
            if state != self.state {
                self.state = state;
                return Some(Transition { at: time(now), to: state });
            }
        }
    }
}
