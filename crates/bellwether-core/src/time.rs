use alloc::string::String;
use core::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Duration;

/// An instant in UTC, to the millisecond, written as RFC 3339.
///
/// Decisions never read a clock: time comes in with each event. The range is the years 0 to 9999, so that every
/// instant has a text form; arithmetic saturates at its ends.
///
/// # Example: time plus duration
/// ```
/// use bellwether_core::{Duration, Time};
///
/// let start: Time = "2026-03-29T01:59:00+01:00".parse()?;
/// assert_eq!(start.after(Duration::from_minutes(2)).to_string(), "2026-03-29T01:01:00.000Z");
/// # Ok::<(), bellwether_core::ParseTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Time(i64);

/// Tells why a text is not a [`Time`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a time such as 2026-03-29T01:59:00Z (RFC 3339, years 0 to 9999), found {found:?}")]
pub struct ParseTimeError {
    found: String,
}

impl Time {
    /// 0000-01-01T00:00:00.000Z.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// An instant by its milliseconds since 1970-01-01T00:00:00Z, cut to the range.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// The instant that much later, at most [`Time::MAX`].
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self::from_unix_millis(self.0.saturating_add_unsigned(duration.as_millis()))
    }

    /// The instant that much earlier, at least [`Time::MIN`].
    #[must_use]
    pub const fn before(self, duration: Duration) -> Self {
        Self::from_unix_millis(self.0.saturating_sub_unsigned(duration.as_millis()))
    }

    /// The time since an earlier instant; zero when that is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        if self.0 <= earlier.0 {
            return Duration::ZERO;
        }
        Duration::from_millis(self.0.abs_diff(earlier.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time: DateTime<Utc> = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        formatter.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Time {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseTimeError { found: text.chars().take(80).collect() };
        let millis = DateTime::parse_from_rfc3339(text).map_err(|_| error())?.timestamp_millis();
        if !(Self::MIN.0..=Self::MAX.0).contains(&millis) {
            return Err(error());
        }
        Ok(Self(millis))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Time {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time", "description": "RFC 3339." })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_of_the_range_have_a_text_form() {
        for time in [Time::MIN, Time::MAX] {
            assert_eq!(time.to_string().parse(), Ok(time));
        }
        assert_eq!(Time::from_unix_millis(i64::MAX), Time::MAX);
        assert_eq!(Time::MIN.before(Duration::MAX), Time::MIN);
        assert_eq!(Time::MAX.after(Duration::MAX), Time::MAX);
    }

    #[test]
    fn refuses_what_is_not_an_instant() {
        for text in
            ["", "2026-03-29", "2026-03-29T25:00:00Z", "2026-03-29T01:00:00", "now", "0000-01-01T00:30:00+01:00"]
        {
            assert!(text.parse::<Time>().is_err(), "{text:?} was taken");
        }
    }

    proptest! {
        #[test]
        fn every_instant_reads_back(millis in Time::MIN.0..=Time::MAX.0) {
            let time = Time::from_unix_millis(millis);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }
    }
}
