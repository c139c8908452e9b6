use std::fmt;

use bellwether_core::Time;
use bellwether_window::Calendar;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// A time as the clocks of a calendar's zone show it: `Fri 2026-03-06 13:05`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Local {
    /// What UTC would be when its clocks show the same.
    shown: Time,
}

impl Local {
    pub(super) fn of(calendar: &Calendar, time: Time) -> Self {
        let offset = calendar.offset_minutes(time) * MINUTE;
        Self { shown: Time::from_unix_millis(time.unix_millis().saturating_add(offset)) }
    }

    /// The beginning of the day with that distance from 1970-01-01.
    pub(super) const fn beginning(day: i64) -> Self {
        Self { shown: Time::from_unix_millis(day.saturating_mul(DAY)) }
    }

    /// The day's distance from 1970-01-01.
    pub(super) const fn day(self) -> i64 {
        self.shown.unix_millis().div_euclid(DAY)
    }

    /// The minute of the day.
    pub(super) const fn minute(self) -> i64 {
        self.shown.unix_millis().rem_euclid(DAY) / MINUTE
    }

    /// `Fri 2026-03-06`.
    pub(super) fn date(self) -> String {
        let weekday = usize::try_from(self.day().rem_euclid(7)).ok().and_then(|index| WEEKDAYS.get(index));
        let text = self.shown.to_string();
        let date = text.split_once('T').map_or("", |(date, _)| date);
        format!("{} {date}", weekday.unwrap_or(&""))
    }
}

impl fmt::Display for Local {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:02}:{:02}", self.date(), self.minute() / 60, self.minute() % 60)?;
        match self.shown.unix_millis().rem_euclid(MINUTE) / 1_000 {
            0 => Ok(()),
            seconds => write!(formatter, ":{seconds:02}"),
        }
    }
}
