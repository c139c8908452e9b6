use bellwether_core::{Duration, Finding, Time, Verdict};
use bellwether_window::{
    Attempt, Calendar, CalendarDraft, CalendarError, Day, Holidays, State, Transition, argo, preset,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Question, Status},
    clock::system_time,
    command::{Options, Window, WindowFormat, WindowVerb},
    complaint::Complaint,
    document,
    finding_with_line::{FindingWithLine, with_lines},
    frame,
    look::{Look, Role},
    source::Source,
};

mod import;
mod local;
mod week;

use local::Local;

/// Calendars may have this many bytes.
const CALENDAR_BYTES_MAX: usize = 256 * 1_024;
/// A list of holidays may have this many bytes.
const HOLIDAYS_BYTES_MAX: usize = 1_024 * 1_024;
/// How far ahead the next changes are looked for: a leap year and a month.
const LOOK_AHEAD: Duration = Duration::from_hours(397 * 24);

/// Answers whatever is asked about windows.
pub(crate) fn run(call: Window, options: Options) -> Result<Status, Complaint> {
    if let Some(WindowVerb::Import(import)) = call.verb {
        frame::refuse_document_options(options)?;
        return frame::show(&import::answer(&import)?, options);
    }
    if let Some(WindowFormat::Argocd) = call.format {
        return frame::ask(&AskArgo, call.calendar, options);
    }
    let now = call.at.map_or_else(system_time, Ok)?;
    let ask = AskCalendar { now, attempt: call.mover.attempt(now) };
    let Some(zone) = call.zone else { return frame::ask(&ask, call.calendar, options) };
    frame::refuse_document_options(options)?;
    let source = call.holidays.map(|file| Source::new(Some(file)));
    let draft = from_preset(zone, source.as_ref())?;
    let calendar = Calendar::new(draft).map_err(|error| match (error.at.strip_prefix("$.holidays[0]"), source) {
        (Some(place), Some(source)) => wrong(&format!("${place}"), &error).of(source),
        (Some(_) | None, _) => wrong("", &error).of("--zone"),
    })?;
    frame::show(&ask.answer(calendar)?, options)
}

/// The preset with the holidays of a file. Without one nobody knows them, and the calendar says so.
fn from_preset(zone: String, source: Option<&Source>) -> Result<CalendarDraft, Complaint> {
    let holidays = match source {
        Some(source) => document::read::<Holidays>(source, HOLIDAYS_BYTES_MAX)?,
        None => nobody_knows()?,
    };
    Ok(preset::seed_003(zone, holidays, Vec::new()))
}

/// A list that is complete for one day long ago.
fn nobody_knows() -> Result<Holidays, Complaint> {
    let day = |text: &str| text.parse::<Day>().map_err(|error| Complaint::new("invalid", "", error));
    Ok(Holidays::new("holidays", day("1970-01-01")?, day("1970-01-02")?))
}

fn wrong(at: &str, error: &CalendarError) -> Complaint {
    Complaint::new("invalid", at, format_args!("expected {}, found {}", error.expected, error.found))
}

/// Asks a calendar about a time.
#[derive(Debug)]
struct AskCalendar {
    now: Time,
    attempt: Attempt,
}

/// What a calendar says of a time.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct WindowAnswer {
    /// The calendar's name.
    calendar: String,
    /// The calendar's zone.
    zone: String,
    /// The time that was asked about.
    at: Time,
    /// What the calendar says.
    outcome: State,
    /// What that means for a gate.
    verdict: Verdict,
    /// Why. The rules that decide come first.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    findings: Vec<Finding>,
    /// When the calendar changes next, if it does before `looked_until`.
    next_transition: Option<Transition>,
    /// The first instant from `at` on at which the calendar is open, if it is before `looked_until`.
    next_open: Option<Time>,
    /// How far ahead was looked.
    looked_until: Time,
    /// The release of the time zone database.
    zone_data: &'static str,
    /// What is odd about the calendar as a whole.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    notices: Vec<Finding>,
    #[serde(skip)]
    asked: Calendar,
}

impl Question for AskCalendar {
    type Input = Calendar;
    type Answer = WindowAnswer;

    const BYTES_MAX: usize = CALENDAR_BYTES_MAX;

    fn answer(&self, calendar: Calendar) -> Result<WindowAnswer, Complaint> {
        let decision = calendar.ask(&self.attempt, self.now);
        let looked_until = self.now.after(LOOK_AHEAD);
        let next_open = calendar.next_open(self.now, LOOK_AHEAD);
        let mut findings = decision.findings;
        if next_open.is_none() && decision.outcome != State::Open {
            let text = "no opening is known before {until}";
            findings.push(Finding::warning("window.no_opening", text).figure("until", looked_until));
        }
        Ok(WindowAnswer {
            calendar: calendar.draft().name.clone(),
            zone: calendar.draft().zone.clone(),
            at: self.now,
            outcome: decision.outcome,
            verdict: calendar.verdict(decision.outcome),
            findings,
            next_transition: calendar.next_transition(self.now, LOOK_AHEAD),
            next_open,
            looked_until,
            zone_data: bellwether_window::ZONE_DATA,
            notices: calendar.findings().to_vec(),
            asked: calendar,
        })
    }
}

impl Answer for WindowAnswer {
    fn status(&self) -> Status {
        match self.verdict {
            Verdict::Pass => Status::Pass,
            Verdict::Fail => Status::Fail,
            Verdict::Inconclusive | Verdict::NoData => Status::Inconclusive,
        }
    }

    fn text(&self, look: &Look) -> String {
        let local = |time: Time| Local::of(&self.asked, time);
        let head = look.paint(Role::Outcome, &format!("{}: {}", self.calendar, self.outcome));
        let when = look.paint(Role::Quiet, &format!("on {} ({}, {})", local(self.at), self.zone, self.at));
        let reasons = look.findings(self.notices.iter().chain(&self.findings));
        let change = self.next_transition.map(|next| format!("\n{} from {}", next.to, local(next.at)));
        let is_said = self.next_transition.is_some_and(|next| Some(next.at) == self.next_open);
        let opening = self.next_open.filter(|next| *next > self.at && !is_said);
        let opening = opening.map(|next| format!("\nopen from {}", local(next))).unwrap_or_default();
        let week = week::of(&self.asked, self.at);
        format!("{head} {when}{reasons}{}{opening}\n\n{week}", change.unwrap_or_default())
    }
}

/// Asks what Argo CD's sync windows say.
#[derive(Clone, Copy, Debug)]
struct AskArgo;

/// What Argo CD's sync windows say.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct ArgoAnswer {
    /// Whether each window is active.
    active: Vec<argo::Known>,
    /// Whether the sync may begin, or go on.
    can_sync: argo::Known,
    /// What is wrong with a window, and where Argo CD itself says something else.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines", skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl Question for AskArgo {
    type Input = argo::Question;
    type Answer = ArgoAnswer;

    const BYTES_MAX: usize = CALENDAR_BYTES_MAX;

    fn answer(&self, question: argo::Question) -> Result<ArgoAnswer, Complaint> {
        let answer = question.answer();
        Ok(ArgoAnswer { active: answer.active, can_sync: answer.can_sync, findings: answer.findings })
    }
}

impl Answer for ArgoAnswer {
    fn status(&self) -> Status {
        match self.can_sync {
            argo::Known::Is(true) => Status::Pass,
            argo::Known::Is(false) => Status::Fail,
            argo::Known::Error => Status::Inconclusive,
        }
    }

    fn text(&self, look: &Look) -> String {
        let head = look.paint(Role::Outcome, &format!("can sync: {}", self.can_sync));
        let lines =
            self.active.iter().enumerate().map(|(index, active)| format!("\nwindows[{index}] active: {active}"));
        format!("{head}{}{}", lines.collect::<String>(), look.findings(&self.findings))
    }
}
