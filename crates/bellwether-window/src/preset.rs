//! Named calendars, each taken from one published deployment guide: data to start from.

use crate::{CalendarDraft, Effect, HolidayRule, Holidays, Lead, Rule, WeeklyRange, When};

/// The part of [`seed_003`] that needs no facts of the host, as a file to start from.
pub const SEED_003_CALENDAR: &str = include_str!("../presets/seed-003-calendar.json");

/// `seed-003-patterns-reference`: open from Tuesday to Thursday, 10 to 14, and on Monday, 11 to 14; closed on Friday from 12,
/// every day from 16, at holidays and on the working day before them, and in peak traffic. Security hotfixes may pass at
/// any time.
///
/// The guide says nothing of the other times. They are discouraged, and each gap is a rule that names it: before 10 (11 on
/// Monday), 14 to 16, Friday morning, the weekend before 16.
///
/// The zone, the holidays and the hours of peak traffic are the host's: nobody can guess them. An empty list of ranges says
/// that there is no peak. Beyond the time that the list of holidays is complete for, the calendar cannot tell.
///
/// # Example: the week of a team in Berlin
/// ```
/// use bellwether_core::Time;
/// use bellwether_window::{Calendar, Holidays, State, preset};
///
/// let holidays = Holidays::new("ours", "2026-01-01".parse()?, "2027-01-01".parse()?)
///     .with_day("2026-05-14".parse()?, "Ascension Day");
/// let calendar = Calendar::new(preset::seed_003("Europe/Berlin", holidays, Vec::new()))?;
/// let at = |text: &str| text.parse::<Time>().map(|now| calendar.state(now).outcome);
/// assert_eq!(at("2026-05-12T11:00:00+02:00")?, State::Open);
/// assert_eq!(at("2026-05-13T11:00:00+02:00")?, State::Closed, "the day before Ascension Day");
/// assert_eq!(at("2026-05-18T09:00:00+02:00")?, State::Discouraged, "the guide does not say");
/// assert_eq!(at("2027-05-11T11:00:00+02:00")?, State::Unknown, "nobody knows the holidays of 2027");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
#[expect(clippy::expect_used, reason = "the text is part of this crate, and the tests read it")]
pub fn seed_003(zone: impl Into<String>, holidays: Holidays, peak: Vec<WeeklyRange>) -> CalendarDraft {
    let mut draft: CalendarDraft = serde_json::from_str(SEED_003_CALENDAR).expect("the preset is a calendar");
    draft.zone = zone.into();
    let near = HolidayRule::new(holidays.name.clone()).with_lead(1, Lead::WorkingDays);
    let reason = "the team is not available";
    draft.rules.push(Rule::new("never.holidays", Effect::Closed, reason, When::Holidays(near)));
    if !peak.is_empty() {
        let reason = "more users would be hit";
        draft.rules.push(Rule::new("never.peak", Effect::Closed, reason, When::Weekly(peak)));
    }
    draft.with_holidays(holidays)
}

#[cfg(test)]
mod tests {
    use bellwether_core::{Duration, Time};

    use super::*;
    use crate::{Calendar, State, Weekday};

    fn calendar() -> Calendar {
        let list = Holidays::new("ours", "2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap())
            .with_day("2026-04-06".parse().unwrap(), "Easter Monday");
        let peak = WeeklyRange::new([Weekday::Wed], "12:00".parse().unwrap(), "13:00".parse().unwrap());
        Calendar::new(seed_003("UTC", list, vec![peak])).unwrap()
    }

    /// The guide, word for word: "Tuesday-Thursday, 10am-2pm (optimal)", "Monday, 11am-2pm (acceptable)", never "Fridays
    /// after 12pm", "After 4pm". Every half hour of a week without a holiday, by a table written from these words.
    #[test]
    fn every_half_hour_of_a_week_is_what_the_guide_says_or_a_named_gap() {
        let calendar = calendar();
        let monday: Time = "2026-03-02T00:00:00Z".parse().unwrap();
        for half_hour in 0_u64..7 * 48 {
            let (day, hour) = (half_hour / 48, half_hour % 48 / 2);
            let now = monday.after(Duration::from_minutes(30 * half_hour));
            let decision = calendar.state(now);
            let expected = match (day, hour) {
                (_, 16..) | (4, 12..) | (2, 12) => State::Closed,
                (1..=3, 10..14) | (0, 11..14) => State::Open,
                _ => State::Discouraged,
            };
            assert_eq!(decision.outcome, expected, "{now}");
            if expected == State::Discouraged {
                assert!(decision.findings[0].rule.starts_with("gap."), "{decision}");
            }
        }
    }

    /// "Before holidays": the last working day before Easter Monday is Friday.
    #[test]
    fn the_working_day_before_a_holiday_is_closed_to_its_end() {
        let calendar = calendar();
        for (at, expected) in [
            ("2026-04-02T11:00:00Z", State::Open),
            ("2026-04-03T09:00:00Z", State::Closed),
            ("2026-04-05T09:00:00Z", State::Closed),
            ("2026-04-06T12:00:00Z", State::Closed),
            ("2026-04-07T11:00:00Z", State::Open),
        ] {
            assert_eq!(calendar.state(at.parse().unwrap()).outcome, expected, "{at}");
        }
    }

    #[test]
    fn the_preset_reads_back_and_is_not_odd() {
        let text = serde_json::to_string(&calendar()).unwrap();
        assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar());
        assert_eq!(calendar().findings(), []);
    }
}
