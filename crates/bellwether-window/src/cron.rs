use chrono::Datelike;
use croner::{CronPattern as Pattern, Weekday, parser::CronParser};

use crate::{
    Day,
    zone::{DAY, MINUTE},
};

mod robfig;
mod text;

/// A cron pattern of five fields: the minutes of each day at which something starts, by the wall clock.
///
/// `croner` reads the pattern and decides which days match. The walk through time is ours, because what happens at a
/// clock change depends on what starts, and because a look back never goes further than a window is long.
#[derive(Clone, Debug)]
pub(crate) struct Cron {
    pattern: Pattern,
    minutes: u64,
    hours: u32,
    months: u16,
    is_daily: bool,
}

impl Cron {
    /// Reads a pattern in the syntax of this crate: five fields, `7` for Sunday, names, steps, `L`, `W`, `#`, nicknames.
    ///
    /// # Errors
    /// What was expected, when the text is something else or matches no day that exists.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let cron = Self::from_pattern(&text::normal(text)?)?;
        let days = crate::zone::FIRST / DAY..crate::zone::END / DAY;
        cron.next_day(days.start, days.end)
            .map(|_| cron)
            .ok_or("a day of the month that exists, such as 28 2 for 28 February")
    }

    /// Reads a pattern as `robfig/cron` does, which Argo CD uses; none when it refuses the text.
    ///
    /// A pattern that never matches, such as 30 February, is taken.
    pub(crate) fn robfig(text: &str) -> Option<Self> {
        let normal = robfig::normal(text)?;
        let cron = Self::from_pattern(&normal.text).ok()?;
        Some(if normal.is_never { Self { minutes: 0, ..cron } } else { cron })
    }

    fn from_pattern(text: &str) -> Result<Self, &'static str> {
        let pattern = CronParser::new().parse(text).map_err(|_| text::EXPECTED)?.pattern;
        let bits = |values: Vec<u16>| values.into_iter().fold(0_u64, |bits, value| bits | (1 << value));
        let narrow = |bits: u64| u32::try_from(bits).unwrap_or(u32::MAX);
        let months = bits(pattern.months.values());
        Ok(Self {
            minutes: bits(pattern.minutes.values()),
            hours: narrow(bits(pattern.hours.values())),
            months: u16::try_from(months).unwrap_or(u16::MAX),
            is_daily: months.count_ones() == 12 && matches_every_day(&pattern),
            pattern,
        })
    }

    /// The last start in a range of local milliseconds, both ends included.
    pub(crate) fn latest(&self, from: i64, until: i64) -> Option<i64> {
        let first = from.div_euclid(DAY);
        let mut day = until.div_euclid(DAY);
        let mut minute = until.rem_euclid(DAY) / MINUTE;
        while day >= first {
            day = self.last_day(day, first)?;
            if let Some(start) = self.last_minute(minute_of(day, until, minute)) {
                let start = day * DAY + start * MINUTE;
                return (start >= from).then_some(start);
            }
            day -= 1;
            minute = LAST_MINUTE;
        }
        None
    }

    /// The first start in a range of local milliseconds, both ends included.
    pub(crate) fn earliest(&self, from: i64, until: i64) -> Option<i64> {
        // A start is at a full minute.
        let from = from.div_euclid(MINUTE) * MINUTE + if from.rem_euclid(MINUTE) > 0 { MINUTE } else { 0 };
        let mut day = from.div_euclid(DAY);
        let mut minute = from.rem_euclid(DAY) / MINUTE;
        let end = until.div_euclid(DAY) + 1;
        while day < end {
            let next = self.next_day(day, end)?;
            if next > day {
                minute = 0;
            }
            day = next;
            if let Some(start) = self.first_minute(minute) {
                let start = day * DAY + start * MINUTE;
                return (start <= until).then_some(start);
            }
            day += 1;
            minute = 0;
        }
        None
    }

    /// The longest time between a start and the next one on days without a clock change; none unless every day matches.
    pub(crate) fn longest_pause(&self) -> Option<i64> {
        if !self.is_daily {
            return None;
        }
        let mut before = self.last_minute(LAST_MINUTE)? - MINUTES;
        let mut longest = 0;
        let mut next = self.first_minute(0);
        while let Some(minute) = next {
            longest = longest.max(minute - before);
            before = minute;
            next = self.first_minute(minute + 1);
        }
        Some(longest * MINUTE)
    }

    /// The first day from one on that matches, before `end`.
    fn next_day(&self, day: i64, end: i64) -> Option<i64> {
        let mut day = day;
        while day < end {
            let date = Day::from_number(day).date();
            if self.months & (1 << date.month()) == 0 {
                day += i64::from(date.num_days_in_month()) - i64::from(date.day0());
            } else if self.matches(date) {
                return Some(day);
            } else {
                day += 1;
            }
        }
        None
    }

    /// The last day up to one that matches, from `first` on.
    fn last_day(&self, day: i64, first: i64) -> Option<i64> {
        let mut day = day;
        while day >= first {
            let date = Day::from_number(day).date();
            if self.months & (1 << date.month()) == 0 {
                day -= i64::from(date.day());
            } else if self.matches(date) {
                return Some(day);
            } else {
                day -= 1;
            }
        }
        None
    }

    fn matches(&self, date: chrono::NaiveDate) -> bool {
        let weekday = match date.weekday() {
            chrono::Weekday::Mon => Weekday::Monday,
            chrono::Weekday::Tue => Weekday::Tuesday,
            chrono::Weekday::Wed => Weekday::Wednesday,
            chrono::Weekday::Thu => Weekday::Thursday,
            chrono::Weekday::Fri => Weekday::Friday,
            chrono::Weekday::Sat => Weekday::Saturday,
            chrono::Weekday::Sun => Weekday::Sunday,
        };
        self.is_daily || self.pattern.day_match(date.year(), date.month(), date.day(), weekday).unwrap_or_default()
    }

    /// The last minute of a day at which something starts, up to one.
    fn last_minute(&self, minute: i64) -> Option<i64> {
        let (hour, minute) = (minute / 60, minute % 60);
        let same_hour = highest(self.minutes & up_to(minute)).filter(|_| self.hours & (1 << hour) != 0);
        if let Some(found) = same_hour {
            return Some(hour * 60 + found);
        }
        let hour = highest(u64::from(self.hours) & up_to(hour) & !(1 << hour))?;
        Some(hour * 60 + highest(self.minutes)?)
    }

    /// The first minute of a day at which something starts, from one on.
    fn first_minute(&self, minute: i64) -> Option<i64> {
        if minute > LAST_MINUTE {
            return None;
        }
        let (hour, minute) = (minute / 60, minute % 60);
        let same_hour = lowest(self.minutes & from(minute)).filter(|_| self.hours & (1 << hour) != 0);
        if let Some(found) = same_hour {
            return Some(hour * 60 + found);
        }
        let hour = lowest(u64::from(self.hours) & from(hour) & !(1 << hour))?;
        Some(hour * 60 + lowest(self.minutes)?)
    }
}

/// Whether every day of the month or every day of the week is named where either suffices.
fn matches_every_day(pattern: &Pattern) -> bool {
    let every_date = pattern.days.values().len() == 31;
    let every_weekday = pattern.days_of_week.values().len() == 7;
    match (pattern.is_dom_wildcard(), pattern.is_dow_wildcard()) {
        (true, true) => true,
        (true, false) => every_weekday,
        (false, true) => every_date,
        (false, false) => every_date || every_weekday,
    }
}

const MINUTES: i64 = 24 * 60;
const LAST_MINUTE: i64 = MINUTES - 1;

/// The minute to look back from on a day: the given one on the day that a range ends with, the last one before it.
fn minute_of(day: i64, until: i64, minute: i64) -> i64 {
    if day == until.div_euclid(DAY) { minute } else { LAST_MINUTE }
}

/// The bits from 0 to one, it included.
const fn up_to(bit: i64) -> u64 {
    u64::MAX >> (63 - bit)
}

/// The bits from one on.
const fn from(bit: i64) -> u64 {
    u64::MAX << bit
}

fn highest(bits: u64) -> Option<i64> {
    (bits != 0).then(|| 63 - i64::from(bits.leading_zeros()))
}

fn lowest(bits: u64) -> Option<i64> {
    (bits != 0).then(|| i64::from(bits.trailing_zeros()))
}

#[cfg(test)]
mod tests;
