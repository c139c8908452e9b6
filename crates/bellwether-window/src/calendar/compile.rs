use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bellwether_core::{Duration, Finding};

use crate::{
    Calendar, CalendarDraft, CalendarError, CronWindow, DateRange, Effect, HolidayRule, Holidays, Moment, Rule,
    Skipped, WeeklyRange, When,
    calendar::{CompiledRule, notice},
    cron::Cron,
    error::quoted,
    moment::Reading,
    schedule::{CronSchedule, Schedule, Span, Spans, Week},
    zone::{DAY, END, FIRST, Shown, Zone, time},
};

/// More rules, ranges or exemptions than anybody keeps in one calendar.
const PARTS_MAX: usize = 1_000;
/// More holidays than a century has.
const DAYS_MAX: usize = 10_000;
/// The longest window of a pattern.
const DURATION_MAX: Duration = Duration::from_hours(366 * 24);
/// The longest name, in bytes.
const NAME_MAX: usize = 200;
/// Names of findings that are not a rule's.
const RESERVED: &str = "calendar.";

pub(super) fn calendar(draft: CalendarDraft) -> Result<Calendar, CalendarError> {
    check_head(&draft)?;
    let mut compiler = Compiler { draft: &draft, zones: BTreeMap::new(), findings: Vec::new() };
    let zone = compiler.zone("$.zone", &draft.zone)?;
    compiler.holidays()?;
    let rules = compiler.rules()?;
    compiler.exemptions()?;
    let findings = compiler.findings;
    let mut calendar = Calendar { draft, zone, rules, findings };
    let odd = notice::of(&calendar);
    calendar.findings.extend(odd);
    Ok(calendar)
}

fn check_head(draft: &CalendarDraft) -> Result<(), CalendarError> {
    if draft.schema != CalendarDraft::SCHEMA {
        return Err(CalendarError::new("$.schema", "schema 1", draft.schema.to_string()));
    }
    check_name("$.name", &draft.name)?;
    for (at, count) in
        [("$.rules", draft.rules.len()), ("$.exemptions", draft.exemptions.len()), ("$.holidays", draft.holidays.len())]
    {
        check_count(at, count, 0, PARTS_MAX)?;
    }
    Ok(())
}

/// Reads the parts of a draft, each with its place.
struct Compiler<'a> {
    draft: &'a CalendarDraft,
    zones: BTreeMap<&'a str, Arc<Zone>>,
    findings: Vec<Finding>,
}

impl<'a> Compiler<'a> {
    fn zone(&mut self, at: &str, name: &'a str) -> Result<Arc<Zone>, CalendarError> {
        if let Some(zone) = self.zones.get(name) {
            return Ok(Arc::clone(zone));
        }
        let expected = "the name of a time zone, such as Europe/Berlin or UTC";
        let zone = Zone::named(name).ok_or_else(|| CalendarError::new(at, expected, quoted(name)))?;
        let zone = Arc::new(zone);
        self.zones.insert(name, Arc::clone(&zone));
        Ok(zone)
    }

    fn holidays(&self) -> Result<(), CalendarError> {
        let mut names = BTreeSet::new();
        for (index, list) in self.draft.holidays.iter().enumerate() {
            let at = format!("$.holidays[{index}]");
            check_name(&format!("{at}.name"), &list.name)?;
            check_new(&mut names, format!("{at}.name"), &list.name)?;
            check_count(&format!("{at}.days"), list.days.len(), 0, DAYS_MAX)?;
            if list.until <= list.from {
                let expected = format!("a day after {}", list.from);
                return Err(CalendarError::new(format!("{at}.until"), expected, list.until.to_string()));
            }
            check_days(&at, list)?;
        }
        Ok(())
    }

    fn rules(&mut self) -> Result<Vec<CompiledRule>, CalendarError> {
        let mut ids = BTreeSet::new();
        let mut rules = Vec::with_capacity(self.draft.rules.len());
        for (index, rule) in self.draft.rules.iter().enumerate() {
            let at = format!("$.rules[{index}]");
            check_name(&format!("{at}.id"), &rule.id)?;
            if rule.id.starts_with(RESERVED) {
                let expected = "a name that does not begin with `calendar.`";
                return Err(CalendarError::new(format!("{at}.id"), expected, quoted(&rule.id)));
            }
            check_new(&mut ids, format!("{at}.id"), &rule.id)?;
            rules.push(self.rule(&at, rule)?);
        }
        Ok(rules)
    }

    fn rule(&mut self, at: &str, rule: &'a Rule) -> Result<CompiledRule, CalendarError> {
        let zone = match &rule.zone {
            Some(name) => self.zone(&format!("{at}.zone"), name)?,
            None => self.zone("$.zone", &self.draft.zone)?,
        };
        let schedule = match &rule.when {
            When::Cron(window) => {
                Schedule::Cron(Box::new(cron(&format!("{at}.when.cron"), window, rule.effect, zone)?))
            }
            When::Weekly(ranges) => Schedule::Week(weekly(&format!("{at}.when.weekly"), ranges, zone)?),
            When::Dates(ranges) => Schedule::Spans(self.dates(&format!("{at}.when.dates"), ranges, &zone)?),
            When::Holidays(holidays) => {
                Schedule::Spans(self.holiday_spans(&format!("{at}.when.holidays"), holidays, &zone)?)
            }
        };
        let list = match &rule.when {
            When::Holidays(holidays) => Some(holidays.list.clone()),
            When::Cron(_) | When::Weekly(_) | When::Dates(_) => None,
        };
        Ok(CompiledRule { id: rule.id.clone(), effect: rule.effect, reason: rule.reason.clone(), list, schedule })
    }

    fn dates(&mut self, at: &str, ranges: &[DateRange], zone: &Zone) -> Result<Spans, CalendarError> {
        check_count(at, ranges.len(), 1, PARTS_MAX)?;
        let mut spans = Vec::with_capacity(ranges.len());
        for (index, range) in ranges.iter().enumerate() {
            let from = self.instant(format!("{at}[{index}].from"), range.from, zone)?;
            let until = self.instant(format!("{at}[{index}].until"), range.until, zone)?;
            if until <= from && !is_after(range.until, range.from) {
                let expected = format!("a moment after {}", range.from);
                return Err(CalendarError::new(format!("{at}[{index}].until"), expected, range.until.to_string()));
            }
            spans.push(Span { from, until, label: None });
        }
        Ok(Spans::new(spans))
    }

    /// The instant of a moment. A local time that the clocks skip is the first valid instant after it, one that they show
    /// twice the first of the two; both are said.
    fn instant(&mut self, at: String, moment: Moment, zone: &Zone) -> Result<i64, CalendarError> {
        let out_of_reach = |at: String| CalendarError::new(at, "a moment from 1970 to 2099", moment.to_string());
        let local = match moment.reading() {
            Reading::Absolute(instant) if (FIRST..=END).contains(&instant) => return Ok(instant),
            Reading::Absolute(_) => return Err(out_of_reach(at)),
            Reading::Local(local) => local,
        };
        let shown = zone.shown(local).ok_or_else(|| out_of_reach(at.clone()))?;
        let notice = match shown {
            Shown::Once(_) => None,
            Shown::Skipped(_) => Some(("calendar.time_skipped", "the clocks skip {moment}, so {at} is {instant}")),
            Shown::Twice(_) => {
                Some(("calendar.time_repeated", "the clocks show {moment} twice, so {at} is the first, {instant}"))
            }
        };
        self.findings.extend(notice.map(|(rule, text)| {
            Finding::warning(rule, text)
                .figure("moment", moment.to_string())
                .figure("at", at)
                .figure("instant", time(shown.instant()))
        }));
        Ok(shown.instant())
    }

    fn holiday_spans(&self, at: &str, rule: &HolidayRule, zone: &Zone) -> Result<Spans, CalendarError> {
        let list = self.draft.holidays.iter().find(|list| list.name == rule.list).ok_or_else(|| {
            let expected = "the name of a list in $.holidays";
            CalendarError::new(format!("{at}.list"), expected, quoted(&rule.list))
        })?;
        // A day without a beginning, because the clocks skipped it, has no length either.
        let start = |day: i64| zone.shown(day * DAY).map_or(if day > 0 { END } else { FIRST }, Shown::instant);
        let spans = list.days.iter().map(|holiday| Span {
            from: start(list.lead_start(holiday.date, rule).number()),
            until: start(holiday.date.number() + 1),
            label: Some(holiday.name.clone()),
        });
        // Whether a day is near a holiday is known as far ahead as the list reaches.
        let known = list.lead_start(list.until, rule).max(list.from);
        Ok(Spans::new(spans.collect()).known(start(list.from.number()), start(known.number())))
    }

    fn exemptions(&self) -> Result<(), CalendarError> {
        for (index, exemption) in self.draft.exemptions.iter().enumerate() {
            let at = format!("$.exemptions[{index}]");
            check_name(&format!("{at}.class"), &exemption.class)?;
            for (number, name) in exemption.rules.iter().enumerate() {
                if !self.draft.rules.iter().any(|rule| rule.id == *name) {
                    let at = format!("{at}.rules[{number}]");
                    return Err(CalendarError::new(at, "the id of a rule", quoted(name)));
                }
            }
        }
        Ok(())
    }
}

fn cron(at: &str, window: &CronWindow, effect: Effect, zone: Arc<Zone>) -> Result<CronSchedule, CalendarError> {
    let cron = Cron::parse(&window.start)
        .map_err(|expected| CalendarError::new(format!("{at}.start"), expected, quoted(&window.start)))?;
    if window.duration.is_zero() || window.duration > DURATION_MAX {
        let expected = "a duration above zero and at most 366d";
        return Err(CalendarError::new(format!("{at}.duration"), expected, window.duration.to_string()));
    }
    let default = if effect == Effect::Closed { Skipped::FirstValid } else { Skipped::Skip };
    let duration = i64::try_from(window.duration.as_millis()).unwrap_or(i64::MAX);
    Ok(CronSchedule::new(cron, duration, window.skipped.unwrap_or(default), zone))
}

fn weekly(at: &str, ranges: &[WeeklyRange], zone: Arc<Zone>) -> Result<Week, CalendarError> {
    check_count(at, ranges.len(), 1, PARTS_MAX)?;
    for (index, range) in ranges.iter().enumerate() {
        check_count(&format!("{at}[{index}].days"), range.days.len(), 1, 7)?;
        let mut days = BTreeSet::new();
        if let Some(number) = range.days.iter().position(|day| !days.insert(*day)) {
            let at = format!("{at}[{index}].days[{number}]");
            return Err(CalendarError::new(at, "each day once", "it twice"));
        }
        if range.from == crate::TimeOfDay::END {
            let at = format!("{at}[{index}].from");
            return Err(CalendarError::new(at, "a time before 24:00", range.from.to_string()));
        }
        if range.from == range.until {
            let at = format!("{at}[{index}].until");
            let expected = "another time than the beginning (a whole day is 00:00 to 24:00)";
            return Err(CalendarError::new(at, expected, range.until.to_string()));
        }
    }
    Ok(Week::new(ranges, zone))
}

/// Whether a local time is later by the clock than another, whatever the instants are.
fn is_after(later: Moment, earlier: Moment) -> bool {
    matches!((later.reading(), earlier.reading()), (Reading::Local(later), Reading::Local(earlier)) if later > earlier)
}

fn check_days(at: &str, list: &Holidays) -> Result<(), CalendarError> {
    for (index, holiday) in list.days.iter().enumerate() {
        check_name(&format!("{at}.days[{index}].name"), &holiday.name)?;
        if holiday.date < list.from || holiday.date >= list.until {
            let expected = format!("a day of the list's time, from {} until {}", list.from, list.until);
            return Err(CalendarError::new(format!("{at}.days[{index}].date"), expected, holiday.date.to_string()));
        }
    }
    Ok(())
}

fn check_name(at: &str, name: &str) -> Result<(), CalendarError> {
    if !name.is_empty() && name.len() <= NAME_MAX && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let expected = format!("a name of 1 to {NAME_MAX} bytes without control characters");
    Err(CalendarError::new(at, expected, quoted(name)))
}

fn check_new<'a>(names: &mut BTreeSet<&'a str>, at: String, name: &'a str) -> Result<(), CalendarError> {
    if names.insert(name) {
        return Ok(());
    }
    Err(CalendarError::new(at, "a name that no other has", quoted(name)))
}

fn check_count(at: &str, count: usize, min: usize, max: usize) -> Result<(), CalendarError> {
    if (min..=max).contains(&count) {
        return Ok(());
    }
    Err(CalendarError::new(at, format!("{min} to {max} of them"), count.to_string()))
}
