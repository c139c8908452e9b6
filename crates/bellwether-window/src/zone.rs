use bellwether_core::Time;
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// A day without a clock change, in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;
/// A minute, in milliseconds.
pub(crate) const MINUTE: i64 = 60_000;

/// The first instant that calendars answer for: 1970-01-01T00:00:00Z.
pub(crate) const FIRST: i64 = 0;
/// The first instant that they no longer answer for: 2100-01-01T00:00:00Z, where the zone data ends.
pub(crate) const END: i64 = 4_102_444_800_000;

/// How far apart two looks at a zone's offset are. Since 1970 no zone has changed its clocks twice within six days.
const STEP_SECONDS: i64 = 3 * 86_400;

/// A time zone as what its clocks did: a list of segments, in each of which local time runs beside UTC.
///
/// All numbers are milliseconds. A *local* number is that of UTC for the same reading of the clock.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Zone {
    segments: Vec<Segment>,
}

/// A time in which the clocks were not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Segment {
    /// Its first instant.
    pub(crate) start: i64,
    /// The first instant after it.
    pub(crate) end: i64,
    /// Local time less UTC.
    pub(crate) offset: i64,
    /// The first local time that no segment before has had. After the clocks went back it is above this segment's first
    /// local time, after they went forward below.
    pub(crate) fresh: i64,
}

/// When a clock shows a local time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    /// Once.
    Once(i64),
    /// Never, because the clocks went forward over it at that instant.
    Skipped(i64),
    /// Twice, because the clocks went back; the first of them.
    Twice(i64),
}

impl Shown {
    /// The instant that counts: the first one, or the first valid instant after a skipped time.
    pub(crate) const fn instant(self) -> i64 {
        match self {
            Self::Once(instant) | Self::Skipped(instant) | Self::Twice(instant) => instant,
        }
    }
}

impl Zone {
    /// The zone of that name in the time that calendars answer for; none for an unknown name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::between(name, FIRST, END)
    }

    /// The zone of that name from one instant to another.
    pub(crate) fn between(name: &str, from: i64, until: i64) -> Option<Self> {
        let tz: Tz = name.parse().ok()?;
        let mut segments: Vec<Segment> = Vec::new();
        let mut start = from;
        while start < until {
            let end = next_change(tz, start, until);
            let offset = offset_seconds(tz, start.div_euclid(1_000)).saturating_mul(1_000);
            let fresh = segments.last().map_or(start + offset, |last| last.fresh.max(last.end + last.offset));
            segments.push(Segment { start, end, offset, fresh });
            start = end;
        }
        Some(Self { segments })
    }

    /// The segment of an instant and those after it.
    pub(crate) fn from(&self, instant: i64) -> &[Segment] {
        let index = self.segments.partition_point(|segment| segment.end <= instant);
        self.segments.get(index..).unwrap_or_default()
    }

    /// The segment of an instant and those before it, in the order of time.
    pub(crate) fn until(&self, instant: i64) -> &[Segment] {
        let index = self.segments.partition_point(|segment| segment.start <= instant);
        self.segments.get(..index).unwrap_or_default()
    }

    /// The segment of an instant, if the zone reaches so far.
    pub(crate) fn at(&self, instant: i64) -> Option<Segment> {
        self.from(instant).first().copied().filter(|segment| segment.start <= instant)
    }

    /// What the clocks show at an instant.
    pub(crate) fn local(&self, instant: i64) -> i64 {
        instant + self.at(instant).map_or(0, |segment| segment.offset)
    }

    /// When the clocks show a local time; none when the zone does not reach so far.
    pub(crate) fn shown(&self, local: i64) -> Option<Shown> {
        let index = self.segments.partition_point(|segment| segment.end + segment.offset <= local);
        let mut rest = self.segments.get(index..).unwrap_or_default().iter();
        let segment = rest.next()?;
        if local < segment.start + segment.offset {
            return (index > 0).then_some(Shown::Skipped(segment.start));
        }
        let is_again = rest.take(2).any(|later| later.start + later.offset <= local && local < later.fresh);
        let instant = local - segment.offset;
        Some(if is_again { Shown::Twice(instant) } else { Shown::Once(instant) })
    }
}

/// The first instant after one at which the clocks are changed, at most `until`.
fn next_change(tz: Tz, instant: i64, until: i64) -> i64 {
    let start = instant.div_euclid(1_000);
    let last = until.div_euclid(1_000);
    let offset = offset_seconds(tz, start);
    let mut before = start;
    while before < last {
        let after = before.saturating_add(STEP_SECONDS).min(last);
        if offset_seconds(tz, after) != offset {
            return first_change(tz, before, after).saturating_mul(1_000).min(until);
        }
        before = after;
    }
    until
}

/// Halves the seconds between two that have different offsets.
fn first_change(tz: Tz, mut before: i64, mut after: i64) -> i64 {
    let offset = offset_seconds(tz, before);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if offset_seconds(tz, middle) == offset {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

fn offset_seconds(tz: Tz, seconds: i64) -> i64 {
    let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc();
    tz.offset_from_utc_datetime(&utc).fix().local_minus_utc().into()
}

/// An instant of this crate as a time.
pub(crate) const fn time(instant: i64) -> Time {
    Time::from_unix_millis(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Time>().unwrap().unix_millis()
    }

    /// Instants of `zdump -v`, tzdata 2025b.
    #[test]
    fn the_segments_are_those_of_the_zone_compiler() {
        let changes = |name: &str, from: &str, until: &str| -> Vec<(String, i64)> {
            let zone = Zone::between(name, at(from), at(until)).unwrap();
            zone.segments.iter().skip(1).map(|it| (time(it.start).to_string(), it.offset / MINUTE)).collect()
        };
        let year = |name| changes(name, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        let pairs = |list: &[(&str, i64)]| list.iter().map(|(at, to)| ((*at).to_owned(), *to)).collect::<Vec<_>>();
        assert_eq!(
            year("Europe/Berlin"),
            pairs(&[("2026-03-29T01:00:00.000Z", 120), ("2026-10-25T01:00:00.000Z", 60)])
        );
        assert_eq!(
            year("Australia/Lord_Howe"),
            pairs(&[("2026-04-04T15:00:00.000Z", 630), ("2026-10-03T15:30:00.000Z", 660)])
        );
        assert_eq!(
            year("Africa/Casablanca"),
            pairs(&[("2026-02-15T02:00:00.000Z", 0), ("2026-03-22T02:00:00.000Z", 60)])
        );
        assert_eq!(year("Asia/Kathmandu"), []);
        assert_eq!(
            changes("Pacific/Apia", "2011-12-01T00:00:00Z", "2012-01-10T00:00:00Z"),
            pairs(&[("2011-12-30T10:00:00.000Z", 840)])
        );
        assert_eq!(Zone::named("Middle/Earth"), None);
        assert_eq!(Zone::named(""), None);
    }

    #[test]
    fn a_local_time_is_shown_once_twice_or_never() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let shown = |local: &str| zone.shown(at(local)).map(|shown| (shown, time(shown.instant()).to_string()));
        assert!(
            matches!(shown("2026-03-29T01:59:00Z"), Some((Shown::Once(_), it)) if it == "2026-03-29T00:59:00.000Z")
        );
        assert!(
            matches!(shown("2026-03-29T02:30:00Z"), Some((Shown::Skipped(_), it)) if it == "2026-03-29T01:00:00.000Z")
        );
        assert!(
            matches!(shown("2026-03-29T03:00:00Z"), Some((Shown::Once(_), it)) if it == "2026-03-29T01:00:00.000Z")
        );
        assert!(
            matches!(shown("2026-10-25T02:00:00Z"), Some((Shown::Twice(_), it)) if it == "2026-10-25T00:00:00.000Z")
        );
        assert!(
            matches!(shown("2026-10-25T02:59:00Z"), Some((Shown::Twice(_), it)) if it == "2026-10-25T00:59:00.000Z")
        );
        assert!(
            matches!(shown("2026-10-25T03:00:00Z"), Some((Shown::Once(_), it)) if it == "2026-10-25T02:00:00.000Z")
        );
        assert_eq!(zone.shown(END + DAY), None);
    }

    #[test]
    fn a_skipped_day_is_skipped_to_its_end() {
        let zone = Zone::named("Pacific/Apia").unwrap();
        let noon = zone.shown(at("2011-12-30T12:00:00Z")).unwrap();
        assert_eq!(noon, Shown::Skipped(at("2011-12-30T10:00:00Z")));
    }
}
