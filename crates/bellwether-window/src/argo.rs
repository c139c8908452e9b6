//! Argo CD's sync windows: its documents and its rules of combination, with windows that are right across clock changes.
//!
//! A window is active from each start of its cron pattern (as `robfig/cron` reads it, five fields) for its duration: the
//! start is in it, the end is not. A start in an hour that the clocks skip is left out, one in an hour that they repeat
//! counts once, at its first pass. Argo CD itself leaves the start out, uses the offset of *now* for the whole look back and
//! takes a zone that it does not know for UTC; where that changes a window a finding says so.
//!
//! Any active deny stops a sync; a manual one passes when every active deny allows that. Without an active deny an active
//! allow lets everything pass; when there are only inactive ones a manual sync passes if each of them allows that. Without
//! any window everything passes. A sync that runs goes on when it may, or when all that stops it (the active denies, or
//! else the inactive allows) permits an overrun and it was allowed when it began.

use std::{fmt, sync::Arc};

use bellwether_core::{Finding, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    Skipped,
    cron::Cron,
    schedule::CronSchedule,
    zone::{DAY, Zone},
};

mod go_duration;

/// Windows, and who asks: may a sync begin, or go on?
///
/// # Example: a deny in the night
/// ```
/// use bellwether_window::argo::{Known, Question};
///
/// let question: Question = serde_json::from_str(r#"{
///     "windows": [{ "kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "timeZone": "Europe/Berlin" }],
///     "now": "2026-03-29T04:07:00Z", "manual": false, "op_start": ""
/// }"#)?;
/// let answer = question.answer();
/// assert_eq!(answer.active, [Known::Is(true)], "22:00 to 07:00: the clocks have gone forward meanwhile");
/// assert_eq!(answer.can_sync, Known::Is(false));
/// assert_eq!(answer.findings[0].rule, "argo.differs", "Argo CD says that it ended at 06:00");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The windows that match the application.
    #[serde(deserialize_with = "or_default")]
    pub windows: Vec<Window>,
    /// When the question is asked.
    pub now: Time,
    /// Whether a person asked for the sync.
    #[serde(default, deserialize_with = "or_default")]
    pub manual: bool,
    /// When the sync began, if it runs already; empty otherwise.
    #[serde(default, deserialize_with = "time_or_empty")]
    pub op_start: Option<Time>,
}

/// One sync window, as an `AppProject` declares it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Window {
    /// What it does.
    pub kind: Kind,
    /// Its starts: a cron pattern of five fields.
    pub schedule: String,
    /// How long it lasts, as Go writes durations: `1h30m`.
    pub duration: String,
    /// The zone of its starts; UTC without one.
    #[serde(default, deserialize_with = "or_default")]
    pub time_zone: String,
    /// Whether a person may sync in spite of it.
    #[serde(default, deserialize_with = "or_default")]
    pub manual_sync: bool,
    /// Whether a sync that runs may go on in spite of it.
    #[serde(default, deserialize_with = "or_default")]
    pub sync_overrun: bool,
    /// Has no effect: it selects applications, and that was done before.
    #[serde(default, deserialize_with = "or_default")]
    pub and_operator: bool,
    /// Has no effect: see `andOperator`.
    #[serde(default, deserialize_with = "or_default")]
    pub applications: Vec<String>,
    /// Has no effect: see `andOperator`.
    #[serde(default, deserialize_with = "or_default")]
    pub namespaces: Vec<String>,
    /// Has no effect: see `andOperator`.
    #[serde(default, deserialize_with = "or_default")]
    pub clusters: Vec<String>,
    /// What it is for.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
}

/// What a window does while it is active.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It lets syncs pass; outside it they stop.
    Allow,
    /// It stops syncs.
    Deny,
}

/// What the windows say.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Answer {
    /// Whether each window is active.
    pub active: Vec<Known>,
    /// Whether the sync may begin, or go on.
    pub can_sync: Known,
    /// What is wrong with a window, and where Argo CD itself says something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// A yes or a no, unless a window is broken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Known {
    /// Yes or no.
    Is(bool),
    /// A window has a schedule, a duration or a zone that is none.
    Error,
}

impl Question {
    /// Answers as Argo CD combines its windows.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let mut findings = Vec::new();
        let rows: Vec<Option<Row<'_>>> =
            self.windows.iter().enumerate().map(|it| self.row(it, &mut findings)).collect();
        let active = rows.iter().map(|row| row.as_ref().map_or(Known::Error, |row| Known::Is(row.is_active))).collect();
        let can_sync = rows
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map_or(Known::Error, |rows| Known::Is(self.allows(&rows, |row| row.is_active) || self.overruns(&rows)));
        Answer { active, can_sync, findings }
    }

    fn row<'a>(&self, (index, window): (usize, &'a Window), findings: &mut Vec<Finding>) -> Option<Row<'a>> {
        let now = self.now.unix_millis();
        match window.schedule(now, self.op_start.map_or(now, Time::unix_millis)) {
            Ok((starts, schedule)) => {
                let is_active = schedule.is_active(now);
                findings.extend(starts.difference(index, is_active));
                let was_active = self.op_start.is_some_and(|start| schedule.is_active(start.unix_millis()));
                Some(Row { window, is_active, was_active })
            }
            Err(broken) => {
                findings.push(broken.finding(index, window));
                None
            }
        }
    }

    /// Whether a sync may begin, given which windows are active.
    fn allows(&self, rows: &[Row<'_>], is_active: impl Fn(&Row<'_>) -> bool) -> bool {
        match stopping(rows, is_active) {
            Some(windows) => self.manual && windows.iter().all(|window| window.manual_sync),
            None => true,
        }
    }

    /// Whether a sync that runs may go on in spite of what would stop it now.
    fn overruns(&self, rows: &[Row<'_>]) -> bool {
        let permitted =
            stopping(rows, |row| row.is_active).is_some_and(|windows| windows.iter().all(|window| window.sync_overrun));
        self.op_start.is_some() && permitted && self.allows(rows, |row| row.was_active)
    }
}

/// A window, and whether it is and was active.
struct Row<'a> {
    window: &'a Window,
    is_active: bool,
    /// When the sync began.
    was_active: bool,
}

/// What stops a sync: the active denies, or else, when none is active, the allows. None when nothing does.
fn stopping<'a>(rows: &[Row<'a>], is_active: impl Fn(&Row<'a>) -> bool) -> Option<Vec<&'a Window>> {
    let of = |kind: Kind, active: bool| -> Vec<&'a Window> {
        let rows = rows.iter().filter(|row| row.window.kind == kind && is_active(row) == active);
        rows.map(|row| row.window).collect()
    };
    let denies = of(Kind::Deny, true);
    if !denies.is_empty() {
        return Some(denies);
    }
    let inactive = of(Kind::Allow, false);
    (of(Kind::Allow, true).is_empty() && !inactive.is_empty()).then_some(inactive)
}

impl Window {
    /// The window's starts, ready to be asked about two instants.
    fn schedule(&self, now: i64, other: i64) -> Result<(Starts, CronSchedule), Broken> {
        let cron = Cron::robfig(&self.schedule).ok_or(Broken::Schedule)?;
        let duration = go_duration::millis(&self.duration).ok_or(Broken::Duration)?;
        let name = if self.time_zone.is_empty() { "UTC" } else { &self.time_zone };
        let from = now.min(other).saturating_sub(duration).saturating_sub(MARGIN);
        let zone = Zone::between(name, from, now.max(other).saturating_add(MARGIN)).ok_or(Broken::Zone)?;
        let starts = Starts { cron: cron.clone(), duration, local: zone.local(now) };
        Ok((starts, CronSchedule::new(cron, duration, Skipped::Skip, Arc::new(zone))))
    }
}

/// More than any change of the clocks moves them.
const MARGIN: i64 = 3 * DAY;
/// As far as `robfig/cron` looks for a next start.
const FIVE_YEARS: i64 = 5 * 365 * DAY;

/// What Argo CD looks at: the starts by the clock of now.
struct Starts {
    cron: Cron,
    duration: i64,
    local: i64,
}

impl Starts {
    /// Says so where Argo CD itself comes to another end.
    fn difference(&self, index: usize, is_active: bool) -> Option<Finding> {
        let after = self.local.saturating_sub(self.duration);
        let is_found = self.cron.latest(after + 1, self.local - 1).is_some();
        // A pattern without a start in five years has its next one at the beginning of time, which is before now.
        let is_given_up = !is_found && self.cron.earliest(after + 1, after.saturating_add(FIVE_YEARS)).is_none();
        let theirs = is_found || is_given_up;
        let text = "Argo CD itself takes windows[{index}] for {theirs}: it leaves the first instant out, knows no change of \
                    the clocks within a window and takes one without a start in five years for active";
        (theirs != is_active).then(|| {
            Finding::warning("argo.differs", text)
                .figure("index", u64::try_from(index).unwrap_or(u64::MAX))
                .figure("theirs", if theirs { "active" } else { "inactive" })
        })
    }
}

/// What is wrong with a window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Broken {
    Schedule,
    Duration,
    Zone,
}

impl Broken {
    fn finding(self, index: usize, window: &Window) -> Finding {
        let (rule, text, found) = match self {
            Self::Schedule => (
                "argo.bad_schedule",
                "windows[{index}].schedule: expected a cron pattern of five fields, found {found}",
                &window.schedule,
            ),
            Self::Duration => (
                "argo.bad_duration",
                "windows[{index}].duration: expected a duration such as 1h30m, found {found}",
                &window.duration,
            ),
            Self::Zone => (
                "argo.bad_zone",
                "windows[{index}].timeZone: expected the name of a time zone, found {found}, which Argo CD takes for UTC",
                &window.time_zone,
            ),
        };
        Finding::critical(rule, text)
            .figure("index", u64::try_from(index).unwrap_or(u64::MAX))
            .figure("found", format!("{found:?}"))
    }
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Is(true) => "yes",
            Self::Is(false) => "no",
            Self::Error => "error",
        })
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(value) => serializer.serialize_bool(*value),
            Self::Error => serializer.serialize_str("error"),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Known {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Known".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "enum": [true, false, "error"], "description": "Yes or no, unless a window is broken." })
    }
}

/// A field that Go writes as `null` when it is empty.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A time, or an empty text for none.
fn time_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !text.is_empty() => text.parse().map(Some).map_err(de::Error::custom),
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
