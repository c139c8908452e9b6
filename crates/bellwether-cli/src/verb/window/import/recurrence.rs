//! Rules of recurrence (RFC 5545, 3.3.10) of days, weeks, months and years.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Recurrence {
    frequency: Frequency,
    interval: i64,
    pub(super) count: Option<u64>,
    /// The last time at which it may happen, as it is written.
    pub(super) until: Option<String>,
    by_day: Vec<(Option<i64>, Weekday)>,
    by_month_day: Vec<i64>,
    by_month: Vec<u32>,
    week_start: Weekday,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Recurrence {
    /// Reads a rule; what was expected when it is none, or has a part that is not read.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.to_ascii_uppercase();
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_month: Vec::new(),
            week_start: Weekday::Mon,
        };
        let mut names = Vec::new();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(EXPECTED)?;
            if names.contains(&name) {
                return Err(EXPECTED);
            }
            names.push(name);
            rule.take(name, value)?;
        }
        let has_ordinal = rule.by_day.iter().any(|(ordinal, _)| ordinal.is_some());
        let is_short = matches!(rule.frequency, Frequency::Daily | Frequency::Weekly);
        let is_wrong = (has_ordinal && is_short)
            || (!rule.by_month_day.is_empty() && rule.frequency == Frequency::Weekly)
            || (rule.count.is_some() && rule.until.is_some());
        if !names.contains(&"FREQ") || is_wrong { Err(EXPECTED) } else { Ok(rule) }
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let number =
            |value: &str, max: i64| value.parse::<i64>().ok().filter(|it| (1..=max).contains(it)).ok_or(EXPECTED);
        match name {
            "FREQ" => self.frequency = frequency(value).ok_or(FREQUENCY)?,
            "INTERVAL" => self.interval = number(value, 10_000)?,
            "COUNT" => self.count = Some(number(value, 1_000_000)?.unsigned_abs()),
            "UNTIL" => self.until = Some(value.to_owned()),
            "WKST" => self.week_start = weekday(value).ok_or(EXPECTED)?,
            "BYDAY" => self.by_day = value.split(',').map(day).collect::<Option<_>>().ok_or(EXPECTED)?,
            "BYMONTHDAY" => {
                let days: Option<Vec<i64>> = value.split(',').map(|it| signed(it, 31)).collect();
                self.by_month_day = days.ok_or(EXPECTED)?;
            }
            "BYMONTH" => {
                let months: Result<Vec<i64>, _> = value.split(',').map(|it| number(it, 12)).collect();
                self.by_month = months?.into_iter().filter_map(|month| u32::try_from(month).ok()).collect();
            }
            _ => return Err(PARTS),
        }
        Ok(())
    }

    /// The times at which it happens from its start on, until a time.
    pub(super) fn starts(&self, start: NaiveDateTime, until: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        let first = start.date();
        let days = first.iter_days().take_while(move |date| date.and_time(start.time()) <= until);
        let happens = days.filter(move |date| self.is_at(first, *date)).map(move |date| date.and_time(start.time()));
        happens.take(self.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX))
    }

    fn is_at(&self, first: NaiveDate, date: NaiveDate) -> bool {
        self.is_in_turn(first, date) && self.is_month(first, date) && self.is_day(first, date)
    }

    /// Whether the day's unit is one that counts, when only every second or third does.
    fn is_in_turn(&self, first: NaiveDate, date: NaiveDate) -> bool {
        let units = match self.frequency {
            Frequency::Daily => (date - first).num_days(),
            Frequency::Weekly => {
                let beginning = first.week(self.week_start).first_day();
                (date - beginning).num_days().div_euclid(7)
            }
            Frequency::Monthly => months(date) - months(first),
            Frequency::Yearly => i64::from(date.year()) - i64::from(first.year()),
        };
        units.rem_euclid(self.interval) == 0
    }

    fn is_month(&self, first: NaiveDate, date: NaiveDate) -> bool {
        let says_day = !self.by_day.is_empty() || !self.by_month_day.is_empty();
        if self.frequency == Frequency::Yearly && self.by_month.is_empty() && !says_day {
            return date.month() == first.month();
        }
        self.by_month.is_empty() || self.by_month.contains(&date.month())
    }

    fn is_day(&self, first: NaiveDate, date: NaiveDate) -> bool {
        let from_end = i64::from(date.day()) - i64::from(date.num_days_in_month()) - 1;
        let in_month = |day: &i64| *day == i64::from(date.day()) || *day == from_end;
        if !self.by_month_day.is_empty() && !self.by_month_day.iter().any(in_month) {
            return false;
        }
        match (self.by_day.is_empty(), self.by_month_day.is_empty(), self.frequency) {
            (false, _, _) => self.by_day.iter().any(|(ordinal, day)| self.is_weekday(date, *ordinal, *day)),
            (true, true, Frequency::Weekly) => date.weekday() == first.weekday(),
            (true, true, Frequency::Monthly | Frequency::Yearly) => date.day() == first.day(),
            (true, _, _) => true,
        }
    }

    /// Whether a date is such a day of the week: any, or that one of its month, or of its year where no month is said.
    fn is_weekday(&self, date: NaiveDate, ordinal: Option<i64>, weekday: Weekday) -> bool {
        let Some(ordinal) = ordinal else { return date.weekday() == weekday };
        let is_of_year = self.frequency == Frequency::Yearly && self.by_month.is_empty();
        let (before, length) = if is_of_year {
            (i64::from(date.ordinal0()), if date.leap_year() { 366 } else { 365 })
        } else {
            (i64::from(date.day0()), i64::from(date.num_days_in_month()))
        };
        let found = if ordinal > 0 { before / 7 + 1 } else { -((length - 1 - before) / 7) - 1 };
        date.weekday() == weekday && found == ordinal
    }
}

const EXPECTED: &str = "a rule of recurrence, such as FREQ=WEEKLY;BYDAY=FR";
const FREQUENCY: &str = "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY";
const PARTS: &str = "FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH and WKST only";

fn frequency(text: &str) -> Option<Frequency> {
    match text {
        "DAILY" => Some(Frequency::Daily),
        "WEEKLY" => Some(Frequency::Weekly),
        "MONTHLY" => Some(Frequency::Monthly),
        "YEARLY" => Some(Frequency::Yearly),
        _ => None,
    }
}

/// `FR`, `1MO`, `-1SU`.
fn day(text: &str) -> Option<(Option<i64>, Weekday)> {
    let (ordinal, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal = if ordinal.is_empty() { None } else { Some(signed(ordinal, 53)?) };
    Some((ordinal, weekday(name)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    match text {
        "MO" => Some(Weekday::Mon),
        "TU" => Some(Weekday::Tue),
        "WE" => Some(Weekday::Wed),
        "TH" => Some(Weekday::Thu),
        "FR" => Some(Weekday::Fri),
        "SA" => Some(Weekday::Sat),
        "SU" => Some(Weekday::Sun),
        _ => None,
    }
}

/// A number from 1 or from -1 on.
fn signed(text: &str, max: i64) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| (1..=max).contains(&number.abs()))
}

fn months(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

#[cfg(test)]
mod tests;
