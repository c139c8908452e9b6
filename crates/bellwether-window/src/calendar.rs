use std::sync::Arc;

use bellwether_core::{Decision, Duration, Finding, Time, Verdict};
use serde::{Deserialize, Serialize};

use crate::{
    Attempt, CalendarDraft, CalendarError, Direction, Effect, OnDiscouraged, State, Transition, Transitions,
    schedule::{Activity, Schedule},
    zone::{END, FIRST, Zone},
};

mod compile;
mod exempt;
mod explain;
mod notice;

/// A [`CalendarDraft`] that was checked and is ready to be asked.
///
/// It answers for the years 1970 to 2099, as far as the zone data reach; beyond them it cannot tell.
///
/// # Example: when does it open?
/// ```
/// use bellwether_core::{Duration, Time};
/// use bellwether_window::{Calendar, Holidays, State, preset};
///
/// let holidays = Holidays::new("ours", "2026-01-01".parse()?, "2027-01-01".parse()?);
/// let calendar = Calendar::new(preset::seed_003("Europe/Berlin", holidays, Vec::new()))?;
///
/// let friday: Time = "2026-03-27T13:00:00+01:00".parse()?;
/// let decision = calendar.state(friday);
/// assert_eq!(decision.outcome, State::Closed);
/// assert_eq!(decision.findings[0].rule, "never.friday_afternoon");
///
/// // The clocks go forward in between.
/// let opens = calendar.next_open(friday, Duration::from_hours(7 * 24));
/// assert_eq!(opens, Some("2026-03-30T11:00:00+02:00".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
#[must_use]
#[serde(into = "CalendarDraft", try_from = "CalendarDraft")]
pub struct Calendar {
    draft: CalendarDraft,
    zone: Arc<Zone>,
    rules: Vec<CompiledRule>,
    findings: Vec<Finding>,
}

/// A rule that was checked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    pub(crate) id: String,
    pub(crate) effect: Effect,
    pub(crate) reason: String,
    pub(crate) list: Option<String>,
    pub(crate) schedule: Schedule,
}

impl Calendar {
    /// Checks a calendar and makes it ready to be asked.
    ///
    /// # Errors
    /// Another schema number; a zone that is not known; a pattern that is none or matches no day that exists; a duration of
    /// zero or of more than 366 days; an end that is not after its beginning; an identifier that is empty, taken or
    /// reserved; a list of holidays that is not there. The error names the place.
    pub fn new(draft: CalendarDraft) -> Result<Self, CalendarError> {
        compile::calendar(draft)
    }

    /// What it was made from.
    #[must_use]
    pub const fn draft(&self) -> &CalendarDraft {
        &self.draft
    }

    /// What is odd about the calendar although it is one: that it never opens, that freezes overlap, that a local time
    /// does not exist or exists twice.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the calendar says of a time to somebody who wants to go forward, and why.
    ///
    /// The decision stays the same until the next transition, so that it can be compared and recorded.
    pub fn state(&self, now: Time) -> Decision<State> {
        let now = now.unix_millis();
        let activities: Vec<Activity> = self.rules.iter().map(|rule| rule.schedule.activity(now)).collect();
        self.explained(self.outcome(&activities, now), &activities, now)
    }

    /// What the calendar says of a time to somebody: whoever goes back may always, and a recorded override counts.
    pub fn ask(&self, attempt: &Attempt, now: Time) -> Decision<State> {
        match attempt.direction {
            Direction::Back => Decision::new(State::Open).because(explain::going_back()),
            Direction::Forward => self.exempted(self.state(now), attempt, now),
        }
    }

    /// What a state means for a gate: open passes, closed fails, what cannot be told has no data, and a discouraged time
    /// leaves the question open unless the calendar says otherwise.
    #[must_use]
    pub const fn verdict(&self, state: State) -> Verdict {
        match (state, self.draft.on_discouraged) {
            (State::Open, _) | (State::Discouraged, OnDiscouraged::Pass) => Verdict::Pass,
            (State::Closed, _) => Verdict::Fail,
            (State::Discouraged, OnDiscouraged::Hold) => Verdict::Inconclusive,
            (State::Unknown, _) => Verdict::NoData,
        }
    }

    /// Every change of the state after a time, up to another.
    pub fn transitions(&self, after: Time, until: Time) -> Transitions<'_> {
        Transitions::new(self, after, until)
    }

    /// The first change of the state after a time, looked for that far ahead.
    #[must_use]
    pub fn next_transition(&self, after: Time, within: Duration) -> Option<Transition> {
        self.transitions(after, after.after(within)).next()
    }

    /// The first instant from a time on at which the calendar is open, looked for that far ahead.
    #[must_use]
    pub fn next_open(&self, from: Time, within: Duration) -> Option<Time> {
        let transitions = self.transitions(from, from.after(within));
        if transitions.state() == State::Open {
            return Some(from);
        }
        transitions.into_iter().find(|transition| transition.to == State::Open).map(|transition| transition.at)
    }

    /// The minutes that local time is ahead of UTC at a time, in the calendar's zone; negative behind it.
    #[must_use]
    pub fn offset_minutes(&self, now: Time) -> i64 {
        let now = now.unix_millis();
        (self.zone.local(now) - now) / crate::zone::MINUTE
    }

    pub(crate) fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }

    /// The strongest active rule speaks; a rule that nobody knows of and that would be stronger makes it unknown.
    pub(crate) fn outcome(&self, activities: &[Activity], now: i64) -> State {
        if !(FIRST..END).contains(&now) {
            return State::Unknown;
        }
        let strongest = |wanted: Activity| {
            let rules = self.rules.iter().zip(activities).filter(move |(_, activity)| **activity == wanted);
            rules.map(|(rule, _)| rule.effect).max()
        };
        let active = strongest(Activity::Active);
        let state = active.unwrap_or(self.draft.otherwise);
        match strongest(Activity::Unknown) {
            Some(effect) if active.is_none_or(|active| effect > active) && effect != state => State::Unknown,
            Some(_) | None => state.into(),
        }
    }
}

impl PartialEq for Calendar {
    /// Two calendars are the same when they were made from the same.
    fn eq(&self, other: &Self) -> bool {
        self.draft == other.draft
    }
}

impl From<Calendar> for CalendarDraft {
    fn from(calendar: Calendar) -> Self {
        calendar.draft
    }
}

impl TryFrom<CalendarDraft> for Calendar {
    type Error = CalendarError;

    fn try_from(draft: CalendarDraft) -> Result<Self, CalendarError> {
        Self::new(draft)
    }
}

#[cfg(test)]
mod tests;
