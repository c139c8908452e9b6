use bellwether_core::Time;
use bellwether_window::{Day, Moment};
use chrono::{Duration, NaiveDateTime, NaiveTime};

use crate::{complaint::Complaint, fault::cut};

use super::{check_zone, event::Place, line::Line, local_calendar};

/// A date or a time of an iCalendar file, by the clock of its zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Stamp {
    pub(super) naive: NaiveDateTime,
    pub(super) kind: Kind,
}

/// What clock a stamp is by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A whole day.
    Date,
    /// The clock of the calendar.
    Floating,
    /// UTC.
    Utc,
    /// The clock of a zone.
    Zoned(String),
}

impl Stamp {
    /// The stamps of a line, which may hold several.
    pub(super) fn all(line: &Line, place: Place) -> Result<Vec<Self>, Complaint> {
        let zone = line.parameter("TZID").map(plain_zone);
        let name = line.name.as_str();
        if let Some(zone) = zone {
            check_zone(zone).map_err(|complaint| complaint.within(&format!("{place}.{name};TZID")))?;
        }
        let read = |text: &str| {
            Self::read(text, zone).ok_or_else(|| {
                let expected = "a date or a time such as 20261224 or 20261224T180000Z";
                let message = format_args!("expected {expected}, found \"{}\"", cut(text));
                Complaint::new("invalid", format!("{place}.{name}"), message)
            })
        };
        line.value.split(',').map(read).collect()
    }

    pub(super) fn read(text: &str, zone: Option<&str>) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let day: Day = match (date.len(), date.get(..4), date.get(4..6), date.get(6..)) {
            (8, Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}").parse().ok()?,
            _ => return None,
        };
        let midnight = NaiveDateTime::parse_from_str(&format!("{day}T000000"), "%Y-%m-%dT%H%M%S").ok()?;
        let Some(time) = time else { return Some(Self { naive: midnight, kind: Kind::Date }) };
        let digits = time.strip_suffix('Z').unwrap_or(time);
        let is_number = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let clock = is_number.then(|| NaiveTime::parse_from_str(digits, "%H%M%S").ok())??;
        let kind = match (time.ends_with('Z'), zone) {
            (true, _) => Kind::Utc,
            (false, Some(zone)) => Kind::Zoned(zone.to_owned()),
            (false, None) => Kind::Floating,
        };
        Some(Self { naive: midnight.date().and_time(clock), kind })
    }

    /// The same point of time by the clock of another kind; a whole day stays one.
    pub(super) fn by(&self, kind: &Kind, calendar_zone: &str) -> Result<NaiveDateTime, Complaint> {
        match (&self.kind, kind) {
            (Kind::Utc, Kind::Zoned(zone)) => shifted(self.naive, zone),
            (Kind::Utc, Kind::Floating) => shifted(self.naive, calendar_zone),
            _ => Ok(self.naive),
        }
    }

    /// As a calendar writes it.
    pub(super) fn moment(naive: NaiveDateTime, kind: &Kind) -> Option<Moment> {
        let text = match kind {
            Kind::Date => naive.format("%Y-%m-%d").to_string(),
            Kind::Floating | Kind::Zoned(_) => naive.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Kind::Utc => naive.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        };
        text.parse().ok()
    }
}

/// A time of UTC by the clock of a zone.
fn shifted(utc: NaiveDateTime, zone: &str) -> Result<NaiveDateTime, Complaint> {
    let minutes = local_calendar(zone)?.offset_minutes(Time::from_unix_millis(utc.and_utc().timestamp_millis()));
    Ok(utc.checked_add_signed(Duration::minutes(minutes)).unwrap_or(utc))
}

/// Some programs put a folder of their own before the name of a zone: `/mozilla.org/20050126_1/Europe/Berlin`.
fn plain_zone(text: &str) -> &str {
    let parts = if text.starts_with('/') { text.rmatch_indices('/').nth(1) } else { None };
    parts.and_then(|(index, _)| text.get(index + 1..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_of_the_standard_and_no_others() {
        let read = |text: &str, zone: Option<&str>| Stamp::read(text, zone).map(|it| (it.naive.to_string(), it.kind));
        assert_eq!(read("20261224", None), Some(("2026-12-24 00:00:00".to_owned(), Kind::Date)));
        assert_eq!(read("20261224T180000", None), Some(("2026-12-24 18:00:00".to_owned(), Kind::Floating)));
        assert_eq!(read("20261224T180000Z", Some("Asia/Tokyo")), Some(("2026-12-24 18:00:00".to_owned(), Kind::Utc)));
        let zoned = Kind::Zoned("Asia/Tokyo".to_owned());
        assert_eq!(read("20261224T180000", Some("Asia/Tokyo")), Some(("2026-12-24 18:00:00".to_owned(), zoned)));
        for text in
            ["", "2026-12-24", "20260230", "20261224T1800", "20261224T250000", "20261224T18000Z", "20261224T+80000"]
        {
            assert_eq!(Stamp::read(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_zone_with_a_folder_is_the_zone() {
        assert_eq!(plain_zone("/mozilla.org/20050126_1/Europe/Berlin"), "Europe/Berlin");
        assert_eq!(plain_zone("Europe/Berlin"), "Europe/Berlin");
        assert_eq!(plain_zone("UTC"), "UTC");
    }
}
