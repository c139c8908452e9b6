use serde::{Deserialize, Serialize};

use crate::{Day, HolidayRule, Lead};

/// A list of holidays, and the time for which it is complete.
///
/// Outside that time nobody has looked, so that a rule over the list cannot tell.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    /// What rules call the list.
    pub name: String,
    /// The first day that the list is complete for.
    pub from: Day,
    /// The first day that it is no longer complete for.
    pub until: Day,
    /// The holidays, in any order.
    pub days: Vec<Holiday>,
}

impl Holidays {
    /// A list without holidays, complete for a time.
    #[must_use]
    pub fn new(name: impl Into<String>, from: Day, until: Day) -> Self {
        Self { name: name.into(), from, until, days: Vec::new() }
    }

    /// Adds a holiday.
    #[must_use]
    pub fn with_day(mut self, date: Day, name: impl Into<String>) -> Self {
        self.days.push(Holiday { date, name: name.into() });
        self
    }
}

/// One day on which people are away.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Its date in the rule's zone.
    pub date: Day,
    /// What it is called.
    pub name: String,
}

impl Holiday {
    /// A holiday.
    #[must_use]
    pub fn new(date: Day, name: impl Into<String>) -> Self {
        Self { date, name: name.into() }
    }
}

impl Holidays {
    /// The day with which a rule begins that looks a number of days ahead, for something on a day.
    pub(crate) fn lead_start(&self, day: Day, rule: &HolidayRule) -> Day {
        let mut start = day;
        let mut left = rule.lead_days;
        while left > 0 {
            start = start.before();
            let is_working = !start.is_weekend() && !self.days.iter().any(|holiday| holiday.date == start);
            if rule.lead == Lead::Days || is_working {
                left -= 1;
            }
        }
        start
    }
}
