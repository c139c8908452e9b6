//! A calendar, or a list of holidays, from an iCalendar file (RFC 5545).

use bellwether_core::Finding;
use bellwether_window::{Calendar, CalendarDraft, DateRange, Effect, Holidays, Rule, When};
use serde::Serialize;

use crate::{
    answer::{Answer, Status},
    command::Import,
    complaint::Complaint,
    document,
    look::{Look, Role},
    source::Source,
};

mod event;
mod line;
mod occurrences;
mod recurrence;
mod stamp;

use event::{Event, Place};
use line::Component;

/// An iCalendar file may have this many bytes.
const FILE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// What was imported.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Imported {
    /// A calendar with a rule for each event.
    Calendar {
        #[serde(flatten)]
        draft: Box<CalendarDraft>,
        #[serde(skip)]
        findings: Vec<Finding>,
    },
    /// A list of holidays.
    Holidays {
        #[serde(flatten)]
        list: Holidays,
        #[serde(skip)]
        findings: Vec<Finding>,
    },
}

pub(super) fn answer(import: &Import) -> Result<Imported, Complaint> {
    let source = Source::new(import.file.clone());
    let bytes = source.read(FILE_BYTES_MAX)?;
    let read = document::utf8(&bytes).and_then(|text| imported(text, import));
    read.map_err(|complaint| complaint.of(&source))
}

fn imported(text: &str, import: &Import) -> Result<Imported, Complaint> {
    check_zone(&import.zone).map_err(|complaint| complaint.of("--zone"))?;
    let file = Component::read(text)?;
    let mut findings = Vec::new();
    let events = Event::all(&file.components, &import.zone, &mut findings)?;
    let named = import.name.clone().or_else(|| file.text("X-WR-CALNAME"));
    let name = named.unwrap_or_else(|| "imported".to_owned());
    if let (true, Some(from), Some(until)) = (import.holidays, import.from, import.until) {
        let mut list = Holidays::new(name, from, until);
        for event in &events {
            list.days.extend(event.holidays(import)?);
        }
        list.days.sort_by(|one, other| (one.date, &one.name).cmp(&(other.date, &other.name)));
        return Ok(Imported::Holidays { list, findings });
    }
    let draft = calendar(name, &file, &events, import)?;
    let calendar = Calendar::new(draft).map_err(|error| super::wrong(&error.at, &error))?;
    findings.extend(calendar.findings().iter().cloned());
    Ok(Imported::Calendar { draft: Box::new(calendar.into()), findings })
}

/// A rule for each event that has a time left after the limits.
fn calendar(name: String, file: &Component, events: &[Event], import: &Import) -> Result<CalendarDraft, Complaint> {
    let is_closed = file.text("X-CALENDAR-TYPE").is_some_and(|kind| kind == "DEFAULT_CLOSED");
    let (effect, otherwise) = if is_closed { (Effect::Open, Effect::Closed) } else { (Effect::Closed, Effect::Open) };
    let (effect, otherwise) = (import.effect.unwrap_or(effect), import.otherwise.unwrap_or(otherwise));
    let mut draft = CalendarDraft::new(name, import.zone.clone(), otherwise);
    for event in events {
        let spans: Vec<DateRange> = event.ranges(import)?;
        if spans.is_empty() {
            continue;
        }
        let taken =
            draft.rules.iter().filter(|rule| rule.id == event.id || rule.id.starts_with(&format!("{}#", event.id)));
        let id = match taken.count() {
            0 => event.id.clone(),
            count => format!("{}#{}", event.id, count + 1),
        };
        let mut rule = Rule::new(id, effect, event.summary.clone(), When::Dates(spans));
        rule.zone = event.zone().filter(|zone| *zone != import.zone).map(str::to_owned);
        draft.rules.push(rule);
    }
    Ok(draft)
}

/// Refuses a zone that no calendar can hang in.
fn check_zone(zone: &str) -> Result<(), Complaint> {
    local_calendar(zone).map(|_| ())
}

/// A calendar that only knows its zone.
fn local_calendar(zone: &str) -> Result<Calendar, Complaint> {
    Calendar::new(CalendarDraft::new("zone", zone, Effect::Open)).map_err(|error| super::wrong("", &error))
}

fn left_out(place: Place, why: &'static str) -> Finding {
    Finding::info("window.left_out", "{place} is left out: {why}").figure("place", place.to_string()).figure("why", why)
}

impl Answer for Imported {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, look: &Look) -> String {
        let head = match self {
            Self::Calendar { draft, .. } => format!("{}: {} rules", draft.name, draft.rules.len()),
            Self::Holidays { list, .. } => format!("{}: {} holidays", list.name, list.days.len()),
        };
        let document = self.document().unwrap_or_default();
        format!("{}{}\n{document}", look.paint(Role::Outcome, &head), look.findings(self.beside()))
    }

    fn beside(&self) -> &[Finding] {
        match self {
            Self::Calendar { findings, .. } | Self::Holidays { findings, .. } => findings,
        }
    }
}
