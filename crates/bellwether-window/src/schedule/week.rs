use std::sync::Arc;

use crate::{
    TimeOfDay, WeeklyRange,
    zone::{DAY, MINUTE, Zone},
};

const WEEK: i64 = 7 * DAY;

/// The distance of Thursday 1970-01-01 from the Monday before.
const THURSDAY: i64 = 3 * DAY;

/// Ranges of every week, from Monday 00:00 on.
#[derive(Clone, Debug)]
pub(crate) struct Week {
    ranges: Vec<(i64, i64)>,
    zone: Arc<Zone>,
}

impl Week {
    pub(crate) fn new(ranges: &[WeeklyRange], zone: Arc<Zone>) -> Self {
        let mut pieces: Vec<(i64, i64)> = ranges.iter().flat_map(pieces).collect();
        pieces.sort_unstable();
        Self { ranges: merged(pieces), zone }
    }

    pub(crate) fn is_active(&self, now: i64) -> bool {
        let at = self.time_of_week(now);
        self.ranges.iter().any(|(from, until)| *from <= at && at < *until)
    }

    pub(crate) fn until(&self, now: i64) -> i64 {
        if self.ranges == [(0, WEEK)] {
            return i64::MAX;
        }
        let at = self.time_of_week(now);
        let bounds = self.ranges.iter().flat_map(|(from, until)| [*from, *until]);
        let next = bounds.clone().find(|bound| *bound > at);
        let bound = next.or_else(|| bounds.min().map(|first| first + WEEK)).unwrap_or(i64::MAX);
        // Within a segment local time runs beside UTC; at its end the clocks are changed and the range is looked at anew.
        let segment = self.zone.at(now).map_or(i64::MAX, |segment| segment.end);
        segment.min(now.saturating_add(bound.saturating_sub(at)))
    }

    fn time_of_week(&self, now: i64) -> i64 {
        (self.zone.local(now) + THURSDAY).rem_euclid(WEEK)
    }
}

/// A range on each of its days; one that goes on beyond Sunday in two pieces.
fn pieces(range: &WeeklyRange) -> impl Iterator<Item = (i64, i64)> {
    let minutes = |time: TimeOfDay| i64::from(time.minutes()) * MINUTE;
    let (from, mut until) = (minutes(range.from), minutes(range.until));
    if until <= from {
        until += DAY;
    }
    range.days.iter().flat_map(move |day| {
        let start = i64::from(*day as u8) * DAY;
        let (from, until) = (start + from, start + until);
        [(from, until.min(WEEK)), (0, until - WEEK)].into_iter().filter(|(from, until)| from < until)
    })
}

/// Sorted ranges without overlaps.
fn merged(sorted: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (from, until) in sorted {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            Some(_) | None => merged.push((from, until)),
        }
    }
    merged
}
