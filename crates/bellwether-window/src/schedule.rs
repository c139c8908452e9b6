//! When a rule is active, ready to be asked. All numbers are milliseconds of UTC.

mod cron_schedule;
mod spans;
mod week;

pub(crate) use cron_schedule::CronSchedule;
pub(crate) use spans::{Span, Spans};
pub(crate) use week::Week;

/// When a rule is active.
#[derive(Clone, Debug)]
pub(crate) enum Schedule {
    Cron(Box<CronSchedule>),
    Week(Week),
    Spans(Spans),
}

/// Whether a rule is active at an instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Activity {
    Active,
    Inactive,
    /// Nobody knows: a list of holidays does not reach so far.
    Unknown,
}

impl Activity {
    pub(crate) const fn when(is_active: bool) -> Self {
        if is_active { Self::Active } else { Self::Inactive }
    }
}

impl Schedule {
    pub(crate) fn activity(&self, now: i64) -> Activity {
        match self {
            Self::Cron(cron) => Activity::when(cron.is_active(now)),
            Self::Week(week) => Activity::when(week.is_active(now)),
            Self::Spans(spans) => spans.activity(now),
        }
    }

    /// An instant after `now` up to which the activity stays as it is, at most the first change; later than `limit` when
    /// there is none before.
    pub(crate) fn until(&self, now: i64, limit: i64) -> i64 {
        match self {
            Self::Cron(cron) => cron.until(now, limit),
            Self::Week(week) => week.until(now),
            Self::Spans(spans) => spans.until(now),
        }
    }

    /// What the active span is called, where it has a name of its own.
    pub(crate) fn label(&self, now: i64) -> Option<&str> {
        match self {
            Self::Cron(_) | Self::Week(_) => None,
            Self::Spans(spans) => spans.label(now),
        }
    }
}
