use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::error::quoted;

/// A date of a calendar on the wall, written `2026-12-24`.
///
/// It has no zone of its own: the calendar's zone says when it begins.
///
/// # Example: a date that does not exist
/// ```
/// use bellwether_window::Day;
///
/// let eve: Day = "2026-12-24".parse()?;
/// assert_eq!(eve.to_string(), "2026-12-24");
/// assert!("2026-02-30".parse::<Day>().is_err());
/// # Ok::<(), bellwether_window::ParseTextError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(NaiveDate);

/// Tells why a text is not a day, a time of day or a moment.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct ParseTextError {
    expected: &'static str,
    found: String,
}

impl ParseTextError {
    pub(crate) fn new(expected: &'static str, found: &str) -> Self {
        Self { expected, found: quoted(found) }
    }
}

impl Day {
    /// Its distance from 1970-01-01.
    pub(crate) fn number(self) -> i64 {
        i64::from(self.0.num_days_from_ce()).saturating_sub(UNIX_DAY)
    }

    /// The day with that distance from 1970-01-01; the last one that chrono knows beyond it.
    pub(crate) fn from_number(number: i64) -> Self {
        let days = i32::try_from(number.saturating_add(UNIX_DAY)).unwrap_or(i32::MAX);
        Self(NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(NaiveDate::MAX))
    }

    pub(crate) const fn date(self) -> NaiveDate {
        self.0
    }

    pub(crate) fn before(self) -> Self {
        Self(self.0.checked_sub_days(Days::new(1)).unwrap_or(self.0))
    }

    pub(crate) fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Sat | Weekday::Sun)
    }
}

/// 1970-01-01, counted from the first day of year 1.
const UNIX_DAY: i64 = 719_163;

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Day {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let has_shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = has_shape.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
        date.map(Self).ok_or_else(|| ParseTextError::new("a date that exists, such as 2026-12-24", text))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date", "description": "A date in the calendar's zone." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_dates_that_do_not_exist() {
        for text in
            ["2026-02-30", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "", "2026-01-01T00:00"]
        {
            assert!(text.parse::<Day>().is_err(), "{text:?} was taken");
        }
        assert!("2028-02-29".parse::<Day>().is_ok());
    }

    #[test]
    fn counts_from_the_beginning_of_unix_time() {
        assert_eq!("1970-01-01".parse::<Day>().unwrap().number(), 0);
        assert_eq!(Day::from_number(-1).to_string(), "1969-12-31");
        // date -u -d 2026-03-29 +%s / 86400
        assert_eq!("2026-03-29".parse::<Day>().unwrap().number(), 20_541);
    }
}
