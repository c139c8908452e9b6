use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::ParseTextError;

/// A time on a wall clock to the minute, from `00:00` to `24:00`.
///
/// `24:00` is the end of a day and `00:00` its beginning.
///
/// # Example: the end of a day
/// ```
/// use bellwether_window::TimeOfDay;
///
/// let end: TimeOfDay = "24:00".parse()?;
/// assert!(end > "23:59".parse()?);
/// # Ok::<(), bellwether_window::ParseTextError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// 00:00.
    pub const MIDNIGHT: Self = Self(0);
    /// 24:00.
    pub const END: Self = Self(24 * 60);

    /// Its distance from midnight on a day without a clock change, in minutes.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = ParseTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok());
        let parsed = text.split_once(':').filter(|_| text.len() == 5).and_then(|(hours, minutes)| {
            let (hours, minutes) = (number(hours)??, number(minutes)??);
            (minutes < 60 && hours <= 24).then(|| Self(hours * 60 + minutes)).filter(|time| *time <= Self::END)
        });
        parsed.ok_or_else(|| ParseTextError::new("a time of day from 00:00 to 24:00, such as 09:30", text))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TimeOfDay {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TimeOfDay".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "description": "A local time of day."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_minute_of_a_day_and_nothing_else() {
        for minutes in 0..=24 * 60 {
            let text = format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let time: TimeOfDay = text.parse().unwrap();
            assert_eq!((time.minutes(), time.to_string()), (minutes, text));
        }
        for text in ["24:01", "25:00", "12:60", "9:30", "09:30:00", "0930", "", "-1:00", "+1:00", "１２:00"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text:?} was taken");
        }
    }
}
