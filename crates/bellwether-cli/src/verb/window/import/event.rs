use std::{collections::BTreeSet, fmt};

use bellwether_core::Finding;
use bellwether_window::{DateRange, Day, Holiday};
use chrono::{Duration, NaiveDateTime};

use crate::{
    command::Import,
    complaint::Complaint,
    fault::{cut, one_line},
};

use super::{
    left_out,
    line::Component,
    occurrences,
    stamp::{Kind, Stamp},
};

/// An event of an iCalendar file.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) place: Place,
    /// Its identifier, fit for a rule.
    pub(super) id: String,
    /// What it is called.
    pub(super) summary: String,
    pub(super) start: Stamp,
    pub(super) length: Duration,
    /// How it repeats.
    pub(super) rules: Vec<String>,
    /// Starts beside the first one.
    pub(super) added: Vec<NaiveDateTime>,
    /// Starts that do not happen, or happen otherwise.
    pub(super) removed: BTreeSet<NaiveDateTime>,
    pub(super) calendar_zone: String,
}

/// Which event of the file, counted from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place(usize);

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VEVENT[{}]", self.0)
    }
}

/// An identifier has room for a number after this many bytes.
const ID_MAX: usize = 180;

impl Event {
    /// The events that happen. An occurrence that was moved is one of its own, and its old time one that does not happen.
    pub(super) fn all(
        components: &[Component],
        calendar_zone: &str,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Self>, Complaint> {
        let mut events: Vec<Self> = Vec::new();
        let mut moved: Vec<(String, Stamp)> = Vec::new();
        for (number, component) in components.iter().filter(|component| component.name == "VEVENT").enumerate() {
            let place = Place(number);
            if let Some(original) = stamps(component, "RECURRENCE-ID", place)?.into_iter().next() {
                moved.push((identifier(component, place), original));
            }
            if component.text("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
                findings.push(left_out(place, "it is cancelled"));
                continue;
            }
            let event = Self::read(component, place, calendar_zone)?;
            if event.length <= Duration::zero() {
                findings.push(left_out(place, "it has no length"));
                continue;
            }
            events.push(event);
        }
        for (id, original) in moved {
            for event in events.iter_mut().filter(|event| event.id == id && !event.rules.is_empty()) {
                let start = original.by(&event.start.kind, calendar_zone)?;
                event.removed.insert(start);
            }
        }
        Ok(events)
    }

    fn read(component: &Component, place: Place, calendar_zone: &str) -> Result<Self, Complaint> {
        let start = stamps(component, "DTSTART", place)?.into_iter().next();
        let start = start.ok_or_else(|| missing(place, "DTSTART"))?;
        let length = length(component, place, &start)?;
        let by_start = |name: &str| -> Result<Vec<NaiveDateTime>, Complaint> {
            stamps(component, name, place)?.iter().map(|stamp| stamp.by(&start.kind, calendar_zone)).collect()
        };
        let rules = component.lines.iter().filter(|line| line.name == "RRULE");
        Ok(Self {
            place,
            id: identifier(component, place),
            summary: one_line(&component.text("SUMMARY").unwrap_or_else(|| "an event".to_owned())),
            rules: rules.map(|rule| rule.value.clone()).collect(),
            added: by_start("RDATE")?,
            removed: by_start("EXDATE")?.into_iter().collect(),
            calendar_zone: calendar_zone.to_owned(),
            start,
            length,
        })
    }

    /// The zone that it names.
    pub(super) fn zone(&self) -> Option<&str> {
        match &self.start.kind {
            Kind::Zoned(zone) => Some(zone),
            Kind::Date | Kind::Floating | Kind::Utc => None,
        }
    }

    /// When it happens, within the limits.
    pub(super) fn ranges(&self, import: &Import) -> Result<Vec<DateRange>, Complaint> {
        let ranges = self.spans(import)?.into_iter().filter_map(|(start, end)| {
            Some(DateRange::new(Stamp::moment(start, &self.start.kind)?, Stamp::moment(end, &self.start.kind)?))
        });
        Ok(ranges.collect())
    }

    /// The days on which it happens, within the limits.
    pub(super) fn holidays(&self, import: &Import) -> Result<Vec<Holiday>, Complaint> {
        if self.start.kind != Kind::Date {
            let at = format!("{}.DTSTART", self.place);
            return Err(Complaint::new("invalid", at, "expected a whole day for a holiday, found a time"));
        }
        let mut days = Vec::new();
        for (start, end) in self.spans(import)? {
            let mut day = start;
            while day < end {
                let date: Option<Day> = day.format("%Y-%m-%d").to_string().parse().ok();
                let is_within = |date: &Day| {
                    import.from.is_none_or(|from| *date >= from) && import.until.is_none_or(|until| *date < until)
                };
                days.extend(date.filter(is_within).map(|date| Holiday::new(date, self.summary.clone())));
                day += Duration::days(1);
            }
        }
        Ok(days)
    }

    /// The local beginnings and ends that touch the time between the limits.
    fn spans(&self, import: &Import) -> Result<Vec<(NaiveDateTime, NaiveDateTime)>, Complaint> {
        let limit = |day: Option<Day>| {
            day.and_then(|day| NaiveDateTime::parse_from_str(&format!("{day}T00:00:00"), "%Y-%m-%dT%H:%M:%S").ok())
        };
        let (from, until) = (limit(import.from), limit(import.until));
        let starts = occurrences::of(self, from, until)?;
        let spans = starts.into_iter().filter_map(|start| Some((start, start.checked_add_signed(self.length)?)));
        let is_within = |(start, end): &(NaiveDateTime, NaiveDateTime)| {
            from.is_none_or(|from| *end > from) && until.is_none_or(|until| *start < until)
        };
        Ok(spans.filter(is_within).collect())
    }
}

/// The time from an event's start to its end: that of a day where a day has no end.
fn length(component: &Component, place: Place, start: &Stamp) -> Result<Duration, Complaint> {
    if let Some(end) = stamps(component, "DTEND", place)?.into_iter().next() {
        if end.kind == start.kind {
            return Ok(end.naive - start.naive);
        }
        let message = "expected an end in the zone of its beginning, found another";
        return Err(Complaint::new("invalid", format!("{place}.DTEND"), message));
    }
    if let Some(text) = component.text("DURATION") {
        return duration(&text).ok_or_else(|| {
            let message = format_args!("expected a duration such as PT1H30M or P2D, found \"{}\"", cut(&text));
            Complaint::new("invalid", format!("{place}.DURATION"), message)
        });
    }
    Ok(if start.kind == Kind::Date { Duration::days(1) } else { Duration::zero() })
}

/// `P2W`, `P1DT2H`, `PT90M`: each unit once, the larger before the smaller.
fn duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (days, time) = text.split_once('T').map_or((text, None), |(days, time)| (days, Some(time)));
    let sum = sum(days, &[('W', 604_800), ('D', 86_400)])?;
    let time = match time {
        Some("") => return None,
        Some(time) => self::sum(time, &[('H', 3_600), ('M', 60), ('S', 1)])?,
        None if days.is_empty() => return None,
        None => 0,
    };
    Duration::try_seconds(sum.checked_add(time)?)
}

fn sum(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut units = units.iter();
    let mut rest = text;
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|sign: char| !sign.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(end)?;
        let unit = after.chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(*seconds)?)?;
        rest = after.get(1..)?;
    }
    Some(sum)
}

fn identifier(component: &Component, place: Place) -> String {
    let uid = component.text("UID").unwrap_or_else(|| place.to_string());
    let mut id: String = uid.chars().filter(|sign| !sign.is_control()).collect();
    while id.len() > ID_MAX {
        id.pop();
    }
    if id.is_empty() || id.starts_with("calendar.") { format!("event.{id}") } else { id }
}

fn stamps(component: &Component, name: &str, place: Place) -> Result<Vec<Stamp>, Complaint> {
    let mut stamps = Vec::new();
    for line in component.lines.iter().filter(|line| line.name == name) {
        stamps.extend(Stamp::all(line, place)?);
    }
    Ok(stamps)
}

fn missing(place: Place, name: &str) -> Complaint {
    Complaint::new("invalid", place.to_string(), format_args!("expected a property {name}, found none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 5545, 3.3.6, and what it forbids.
    #[test]
    fn reads_the_durations_of_the_standard() {
        for (text, seconds) in [
            ("P15DT5H0M20S", 1_314_020),
            ("P7W", 4_233_600),
            ("PT1H0M0S", 3_600),
            ("PT15M", 900),
            ("P1D", 86_400),
            ("+PT1S", 1),
        ] {
            assert_eq!(duration(text).map(|it| it.num_seconds()), Some(seconds), "{text}");
        }
        for text in
            ["", "P", "PT", "P1DT", "1D", "P1H", "PT1D", "PT1M1H", "P-1D", "PD", "-P1D", "P1", "P99999999999999999999D"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
