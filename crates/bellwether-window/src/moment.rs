use std::{fmt, str::FromStr};

use bellwether_core::Time;
use chrono::{NaiveDateTime, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Day, ParseTextError};

/// A point in time as a person writes it: a day, a local time, or an instant with its offset.
///
/// `2026-12-15` is the beginning of that day and `2026-12-15T18:00` a local time, both in the rule's zone;
/// `2026-12-15T18:00:00Z` and `2026-12-15T18:00:00+01:00` are instants wherever the calendar is.
///
/// # Example: three ways to write it
/// ```
/// use bellwether_window::Moment;
///
/// for text in ["2026-12-15", "2026-12-15T18:00", "2026-12-15T18:00:00.000Z"] {
///     assert_eq!(text.parse::<Moment>()?.to_string(), text);
/// }
/// # Ok::<(), bellwether_window::ParseTextError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Moment(Form);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Form {
    Day(Day),
    Local(NaiveDateTime),
    Absolute(Time),
}

/// What a moment says, in the units of this crate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    /// Local milliseconds: those of UTC for the same reading of the clock.
    Local(i64),
    /// Milliseconds of UTC.
    Absolute(i64),
}

impl Moment {
    pub(crate) fn reading(self) -> Reading {
        match self.0 {
            Form::Day(day) => Reading::Local(day.number().saturating_mul(crate::zone::DAY)),
            Form::Local(local) => Reading::Local(local.and_utc().timestamp_millis()),
            Form::Absolute(time) => Reading::Absolute(time.unix_millis()),
        }
    }
}

impl From<Day> for Moment {
    fn from(day: Day) -> Self {
        Self(Form::Day(day))
    }
}

impl From<Time> for Moment {
    fn from(time: Time) -> Self {
        Self(Form::Absolute(time))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Day(day) => day.fmt(formatter),
            Form::Local(local) if local.and_utc().timestamp() % 60 == 0 => {
                write!(formatter, "{}", local.format("%Y-%m-%dT%H:%M"))
            }
            Form::Local(local) => write!(formatter, "{}", local.format("%Y-%m-%dT%H:%M:%S")),
            Form::Absolute(time) => time.fmt(formatter),
        }
    }
}

impl FromStr for Moment {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || {
            let expected = "a date or a local time that exists, such as 2026-12-15 or 2026-12-15T18:00, or an instant \
                            such as 2026-12-15T18:00:00Z";
            ParseTextError::new(expected, text)
        };
        let Some((day, rest)) = text.split_once('T') else {
            return text.parse().map(|day| Self(Form::Day(day))).map_err(|_| error());
        };
        if let Ok(instant) = text.parse() {
            return Ok(Self(Form::Absolute(instant)));
        }
        let day: Day = day.parse().map_err(|_| error())?;
        let time = local_time(rest).ok_or_else(error)?;
        Ok(Self(Form::Local(day.date().and_time(time))))
    }
}

/// `18:00` or `18:00:00`, every number with two digits.
fn local_time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(|part| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().map_or(Some(0), |seconds| seconds)?;
    parts.next().is_none().then(|| NaiveTime::from_hms_opt(hours, minutes, seconds)).flatten()
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
            "description": "The beginning of a day, a local time, or an instant with its offset (RFC 3339)."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_point_in_time() {
        for text in [
            "",
            "T10:00",
            "2026-02-30",
            "2026-02-30T10:00",
            "2026-02-30T10:00:00Z",
            "2026-03-01T24:00",
            "2026-03-01T9:00",
            "2026-03-01T10",
            "2026-03-01T10:00:00:00",
            "2026-03-01 10:00",
            "2026-03-01T10:00:60",
            "2026-03-01T10:00+01:00",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn an_offset_makes_it_an_instant() {
        let noon: Moment = "2026-06-01T12:00:00+02:00".parse().unwrap();
        assert_eq!(noon, "2026-06-01T10:00:00Z".parse().unwrap());
        assert_ne!(noon, "2026-06-01T12:00".parse().unwrap());
    }
}
