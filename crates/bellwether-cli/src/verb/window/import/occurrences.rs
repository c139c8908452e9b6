//! When an event begins, by the clock of its zone.

use chrono::{Duration, NaiveDate, NaiveDateTime};

use crate::{complaint::Complaint, fault::cut};

use super::{
    event::Event,
    recurrence::Recurrence,
    stamp::{Kind, Stamp},
};

/// As many times as an event may happen between the limits.
const OCCURRENCES_MAX: usize = 1_000;

/// Its beginnings, sorted, from those on that reach over `from`.
pub(super) fn of(
    event: &Event,
    from: Option<NaiveDateTime>,
    until: Option<NaiveDateTime>,
) -> Result<Vec<NaiveDateTime>, Complaint> {
    let mut starts = event.added.clone();
    if event.rules.is_empty() {
        starts.push(event.start.naive);
    }
    for rule in &event.rules {
        starts.extend(repeated(event, rule, from, until)?);
    }
    starts.retain(|start| !event.removed.contains(start));
    starts.sort_unstable();
    starts.dedup();
    Ok(starts)
}

fn repeated(
    event: &Event,
    text: &str,
    from: Option<NaiveDateTime>,
    until: Option<NaiveDateTime>,
) -> Result<Vec<NaiveDateTime>, Complaint> {
    let wrong = |expected: &str| {
        let message = format_args!("expected {expected}, found \"{}\"", cut(text));
        Complaint::new("invalid", format!("{}.RRULE", event.place), message)
    };
    let rule = Recurrence::read(text).map_err(wrong)?;
    let own = match &rule.until {
        Some(end) => Some(local_end(event, end)?.ok_or_else(|| wrong("UNTIL as a date or a time"))?),
        None => None,
    };
    if own.is_none() && rule.count.is_none() && until.is_none() {
        return Err(wrong("--until beside an event that repeats without an end"));
    }
    let last = [own, until, last_moment()].into_iter().flatten().min().unwrap_or(event.start.naive);
    let reaches = |start: &NaiveDateTime| from.is_none_or(|from| *start + event.length > from);
    let starts: Vec<NaiveDateTime> =
        rule.starts(event.start.naive, last).filter(reaches).take(OCCURRENCES_MAX + 1).collect();
    if starts.len() > OCCURRENCES_MAX {
        return Err(wrong("an event that happens at most 1000 times between --from and --until"));
    }
    Ok(starts)
}

/// The end of what calendars answer for.
fn last_moment() -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(2099, 12, 31)?.and_hms_opt(23, 59, 59)
}

/// The rule's own end by the clock of the event: a date ends with its last second.
fn local_end(event: &Event, end: &str) -> Result<Option<NaiveDateTime>, Complaint> {
    let Some(stamp) = Stamp::read(end, None) else { return Ok(None) };
    let local = stamp.by(&event.start.kind, &event.calendar_zone)?;
    Ok(Some(if stamp.kind == Kind::Date { local + Duration::seconds(86_399) } else { local }))
}
