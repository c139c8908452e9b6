//! Seven days of a calendar as a table: a row a day, a sign for each half hour.

use bellwether_core::{Duration, Time};
use bellwether_window::{Calendar, State};

use super::local::Local;

/// Half hours of a day.
const CELLS: usize = 48;
const DAYS: usize = 7;
/// Offsets from UTC are whole quarters of an hour, so that a quarter never lies in two cells.
const QUARTER: Duration = Duration::from_minutes(15);
/// A day, and what the clocks may have moved meanwhile.
const MARGIN: Duration = Duration::from_hours(28);

/// The day of a time and the six after it, with a sign below that time.
pub(super) fn of(calendar: &Calendar, now: Time) -> String {
    let first = Local::of(calendar, now);
    let mut text = format!("{:16}{}", "", "00    03    06    09    12    15    18    21");
    for (number, row) in (first.day()..).zip(cells(calendar, now, first.day())) {
        text += &format!("\n{}  {}", Local::beginning(number).date(), signs(&row));
        if number == first.day() {
            let place = usize::try_from(first.minute() / 30).unwrap_or_default();
            text += &format!("\n{:16}{}^", "", " ".repeat(place));
        }
    }
    text + "\n\na sign is half an hour, the worst of it: █ open, ░ discouraged, · closed, ? unknown; none where the clocks skip it"
}

/// The worst state of each half hour; none in those that the clocks skip.
fn cells(calendar: &Calendar, now: Time, first: i64) -> [[Option<State>; CELLS]; DAYS] {
    let mut rows: [[Option<State>; CELLS]; DAYS] = [[None; CELLS]; DAYS];
    // A quarter of an hour of UTC is one of every zone.
    let start = now.before(MARGIN).unix_millis();
    let step = i64::try_from(QUARTER.as_millis()).unwrap_or(i64::MAX);
    let mut at = Time::from_unix_millis(start - start.rem_euclid(step));
    let end = now.after(MARGIN.saturating_mul(7));
    let mut transitions = calendar.transitions(at, end).peekable();
    let mut state = calendar.state(at).outcome;
    while at < end {
        let next = at.after(QUARTER);
        let mut worst = state;
        while let Some(transition) = transitions.next_if(|transition| transition.at < next) {
            state = transition.to;
            worst = if transition.at == at { state } else { worst.max(state) };
        }
        let local = Local::of(calendar, at);
        let row = usize::try_from(local.day() - first).ok().and_then(|day| rows.get_mut(day));
        let cell = usize::try_from(local.minute() / 30).ok().zip(row).and_then(|(cell, row)| row.get_mut(cell));
        if let Some(cell) = cell {
            *cell = Some(cell.map_or(worst, |before| before.max(worst)));
        }
        at = next;
    }
    rows
}

fn signs(row: &[Option<State>]) -> String {
    let sign = |state: &Option<State>| match state {
        Some(State::Open) => '█',
        Some(State::Discouraged) => '░',
        Some(State::Closed) => '·',
        Some(State::Unknown) => '?',
        None => ' ',
    };
    row.iter().map(sign).collect::<String>().trim_end().to_owned()
}
