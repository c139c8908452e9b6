//! Calendars of deployment windows: a time in; open, discouraged or closed and the reasons out.
//!
//! A [`Calendar`] is data ([`CalendarDraft`]) that was checked: cron windows, weekly ranges, freezes, holidays with the days
//! before them, each in a time zone that is named. It says what holds at a time ([`Calendar::state`]), when that changes
//! ([`Calendar::transitions`]) and when it opens ([`Calendar::next_open`]), across every change of the clocks.
//!
//! It is a [`Gate`](bellwether_gate::Gate) of forward moves. Whoever goes back is never held by a calendar, and a class of
//! changes that the calendar exempts may pass with a recorded [`Override`].
//!
//! [`argo`] answers as Argo CD's sync windows do.

pub mod argo;
mod attempt;
mod calendar;
mod calendar_gate;
mod cron;
mod day;
mod draft;
mod error;
mod holidays;
mod moment;
pub mod preset;
mod schedule;
mod state;
mod time_of_day;
mod transitions;
mod zone;

pub use attempt::{Attempt, Direction, Override};
pub use calendar::Calendar;
pub use calendar_gate::CalendarGate;
pub use day::{Day, ParseTextError};
pub use draft::{
    CalendarDraft, CronWindow, DateRange, Exemption, HolidayRule, Lead, OnDiscouraged, Rule, Skipped, Weekday,
    WeeklyRange, When,
};
pub use error::CalendarError;
pub use holidays::{Holiday, Holidays};
pub use moment::Moment;
pub use state::{Effect, State};
pub use time_of_day::TimeOfDay;
pub use transitions::{Transition, Transitions};

/// The release of the IANA time zone database that calendars use, such as `2025b`.
pub const ZONE_DATA: &str = chrono_tz::IANA_TZDB_VERSION;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

#[cfg(all(test, feature = "schema"))]
mod schema_tests {
    use super::*;

    #[test]
    fn the_schemas_name_the_fields_and_refuse_others() {
        for (schema, field) in [
            (schemars::schema_for!(CalendarDraft), "otherwise"),
            (schemars::schema_for!(Attempt), "direction"),
            (schemars::schema_for!(argo::Question), "windows"),
        ] {
            assert!(schema.pointer(&format!("/properties/{field}")).is_some(), "{field}");
            assert_eq!(schema.get("additionalProperties"), Some(&false.into()), "{field}");
        }
    }
}
