use bellwether_core::Duration;
use serde::{Deserialize, Serialize};

use crate::{Effect, Holidays, Moment, TimeOfDay};

/// A calendar as data: what it is called, where it hangs, its rules, and what holds where none of them does.
///
/// Public fields, because anybody may write one; [`Calendar::new`](crate::Calendar::new) checks it.
///
/// Of the rules that are active at a time the strongest speaks: closed before discouraged before open. Where none is
/// active, `otherwise` holds.
///
/// # Example: open on weekdays, closed at night
/// ```
/// use bellwether_core::Time;
/// use bellwether_window::{Calendar, CalendarDraft, State};
///
/// let draft: CalendarDraft = serde_json::from_str(r#"{
///     "schema": 1, "name": "checkout", "zone": "Europe/Berlin", "otherwise": "discouraged",
///     "rules": [
///         { "id": "days", "effect": "open", "reason": "somebody is there",
///           "when": { "weekly": [{ "days": ["mon", "tue", "wed", "thu"], "from": "10:00", "until": "16:00" }] } },
///         { "id": "night", "effect": "closed", "reason": "backups run",
///           "when": { "cron": { "start": "0 22 * * *", "duration": "8h" } } }
///     ]
/// }"#)?;
/// let calendar = Calendar::new(draft)?;
/// let monday: Time = "2026-03-02T11:00:00+01:00".parse()?;
/// assert_eq!(calendar.state(monday).outcome, State::Open);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CalendarDraft {
    /// The schema number of the document: 1.
    pub schema: u32,
    /// What the calendar is called.
    pub name: String,
    /// The zone of every rule that names none, such as `Europe/Berlin`. There is no default: a calendar whose zone was
    /// guessed is wrong by hours.
    pub zone: String,
    /// What holds where no rule is active.
    pub otherwise: Effect,
    /// What a discouraged time means for a gate.
    #[serde(default)]
    pub on_discouraged: OnDiscouraged,
    /// The rules, in any order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Lists of holidays that rules may name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holidays>,
    /// Which changes may pass in spite of a rule, with a recorded override.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<Exemption>,
}

impl CalendarDraft {
    /// The schema number that this build reads and writes.
    pub const SCHEMA: u32 = 1;

    /// A calendar without rules.
    #[must_use]
    pub fn new(name: impl Into<String>, zone: impl Into<String>, otherwise: Effect) -> Self {
        Self {
            schema: Self::SCHEMA,
            name: name.into(),
            zone: zone.into(),
            otherwise,
            on_discouraged: OnDiscouraged::Hold,
            rules: Vec::new(),
            holidays: Vec::new(),
            exemptions: Vec::new(),
        }
    }

    /// Adds a rule.
    #[must_use]
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a list of holidays.
    #[must_use]
    pub fn with_holidays(mut self, holidays: Holidays) -> Self {
        self.holidays.push(holidays);
        self
    }

    /// Adds an exemption.
    #[must_use]
    pub fn with_exemption(mut self, exemption: Exemption) -> Self {
        self.exemptions.push(exemption);
        self
    }

    /// Sets what a discouraged time means for a gate.
    #[must_use]
    pub const fn with_on_discouraged(mut self, on_discouraged: OnDiscouraged) -> Self {
        self.on_discouraged = on_discouraged;
        self
    }
}

/// What a discouraged time means for a gate.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDiscouraged {
    /// The question stays open, so that the rollout waits or a person decides.
    #[default]
    Hold,
    /// It passes, with a warning.
    Pass,
}

/// One rule: when it is active, and what holds then.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its stable name, which is the rule of its findings.
    pub id: String,
    /// What holds while it is active.
    pub effect: Effect,
    /// Why, in a few words: "backups run".
    pub reason: String,
    /// Its zone, where it is not the calendar's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// When it is active.
    pub when: When,
}

impl Rule {
    /// A rule in the calendar's zone.
    #[must_use]
    pub fn new(id: impl Into<String>, effect: Effect, reason: impl Into<String>, when: When) -> Self {
        Self { id: id.into(), effect, reason: reason.into(), zone: None, when }
    }

    /// Sets a zone of its own.
    #[must_use]
    pub fn with_zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }
}

/// When a rule is active. Every span contains its beginning and not its end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum When {
    /// From each start for a length of time.
    Cron(CronWindow),
    /// In ranges of every week, by the wall clock: while the clock shows a time within one of them. A range in an hour
    /// that the clocks repeat is active twice.
    Weekly(Vec<WeeklyRange>),
    /// In spans of dates: freezes.
    Dates(Vec<DateRange>),
    /// On the days of a list and before them.
    Holidays(HolidayRule),
}

/// A start that repeats, and how long the window lasts from there.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CronWindow {
    /// The starts by the wall clock: a cron pattern of five fields. `7` is Sunday as `0` is; names, steps, `L`, `LW`,
    /// `15W`, `5#3`, `5L` and nicknames such as `@daily` are understood. When both the day of the month and the day of the
    /// week say something, either of them suffices.
    pub start: String,
    /// How long each window lasts: real time, whatever the clocks do meanwhile. At most 366 days.
    pub duration: Duration,
    /// What happens to a start in an hour that the clocks skip. Without it a closed window begins at the first valid
    /// instant, and any other is left out. A start in an hour that is repeated counts once, at its first pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
}

impl CronWindow {
    /// A window from each start.
    #[must_use]
    pub fn new(start: impl Into<String>, duration: Duration) -> Self {
        Self { start: start.into(), duration, skipped: None }
    }

    /// Sets what happens to a start in an hour that the clocks skip.
    #[must_use]
    pub const fn with_skipped(mut self, skipped: Skipped) -> Self {
        self.skipped = Some(skipped);
        self
    }
}

/// What happens to a start in an hour that the clocks skip.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// The window begins when the clocks have gone forward.
    FirstValid,
    /// There is no window.
    Skip,
}

/// A range of some days of every week.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct WeeklyRange {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins.
    pub from: TimeOfDay,
    /// When it ends: on the next day when that is not after `from`.
    pub until: TimeOfDay,
}

impl WeeklyRange {
    /// A range of some days.
    #[must_use]
    pub fn new(days: impl Into<Vec<Weekday>>, from: TimeOfDay, until: TimeOfDay) -> Self {
        Self { days: days.into(), from, until }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

/// A span of dates.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// When it begins: `2026-12-15` is the beginning of that day.
    pub from: Moment,
    /// The first moment after it: `2027-01-04` ends it with the third of January.
    pub until: Moment,
}

impl DateRange {
    /// A span of dates.
    #[must_use]
    pub const fn new(from: Moment, until: Moment) -> Self {
        Self { from, until }
    }
}

/// The days of a list of holidays, and days before them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct HolidayRule {
    /// The name of the list.
    pub list: String,
    /// How many days before each holiday it begins.
    #[serde(default)]
    pub lead_days: u8,
    /// Which days count as such.
    #[serde(default)]
    pub lead: Lead,
}

impl HolidayRule {
    /// The days of a list.
    #[must_use]
    pub fn new(list: impl Into<String>) -> Self {
        Self { list: list.into(), lead_days: 0, lead: Lead::Days }
    }

    /// Sets how many days before each holiday the rule begins.
    #[must_use]
    pub const fn with_lead(mut self, days: u8, lead: Lead) -> Self {
        self.lead_days = days;
        self.lead = lead;
        self
    }
}

/// Which days count before a holiday.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// Every day.
    #[default]
    Days,
    /// Monday to Friday except holidays; the days between are closed too. Before a Monday that is a holiday it begins on
    /// the Friday.
    WorkingDays,
}

/// A kind of change that may pass in spite of rules, with a recorded override.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The class of change, such as `security_fix`.
    pub class: String,
    /// Why it may pass.
    pub reason: String,
    /// The rules that it may pass by. Without them all, and whatever holds where no rule is active.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

impl Exemption {
    /// A class that may pass by every rule.
    #[must_use]
    pub fn new(class: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { class: class.into(), reason: reason.into(), rules: Vec::new() }
    }

    /// Adds a rule that it may pass by; then it may pass by no other.
    #[must_use]
    pub fn with_rule(mut self, rule: impl Into<String>) -> Self {
        self.rules.push(rule.into());
        self
    }

    /// Whether the class may pass by a rule.
    #[must_use]
    pub fn covers(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|known| known == rule)
    }
}
