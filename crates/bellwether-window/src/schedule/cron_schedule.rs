use std::sync::Arc;

use crate::{
    Skipped,
    cron::Cron,
    zone::{Segment, Zone},
};

/// Windows that begin by a cron pattern and last for a length of real time.
#[derive(Clone, Debug)]
pub(crate) struct CronSchedule {
    cron: Cron,
    duration: i64,
    skipped: Skipped,
    zone: Arc<Zone>,
    /// Whether one window follows the other without a pause as long as the clocks are not changed.
    is_gapless: bool,
}

impl CronSchedule {
    pub(crate) fn new(cron: Cron, duration: i64, skipped: Skipped, zone: Arc<Zone>) -> Self {
        let is_gapless = cron.longest_pause().is_some_and(|pause| pause <= duration);
        Self { cron, duration, skipped, zone, is_gapless }
    }

    pub(crate) fn is_active(&self, now: i64) -> bool {
        self.latest_start(now).is_some()
    }

    pub(crate) fn until(&self, now: i64, limit: i64) -> i64 {
        match self.latest_start(now) {
            Some(start) => self.end_of_run(start, limit),
            None => self.next_start(now, limit).unwrap_or(i64::MAX),
        }
    }

    /// The last start whose window contains an instant.
    fn latest_start(&self, now: i64) -> Option<i64> {
        let after = now.saturating_sub(self.duration);
        for segment in self.zone.until(now).iter().rev() {
            let first = segment.fresh.max(segment.start.max(after + 1) + segment.offset);
            let last = now.min(segment.end - 1) + segment.offset;
            if let Some(local) = self.cron.latest(first, last) {
                return Some(local - segment.offset);
            }
            if segment.start <= after {
                return None;
            }
            if self.begins_at_change(segment) {
                return Some(segment.start);
            }
        }
        None
    }

    /// The first start after an instant, unless it is later than `limit`.
    pub(crate) fn next_start(&self, now: i64, limit: i64) -> Option<i64> {
        for segment in self.zone.from(now) {
            if segment.start > limit {
                return None;
            }
            if segment.start > now && self.begins_at_change(segment) {
                return Some(segment.start);
            }
            let first = segment.fresh.max(segment.start.max(now + 1) + segment.offset);
            let last = limit.min(segment.end - 1) + segment.offset;
            if let Some(local) = self.cron.earliest(first, last) {
                return Some(local - segment.offset);
            }
        }
        None
    }

    /// Whether a start fell into the hour that was skipped right before a segment, and begins with it.
    fn begins_at_change(&self, segment: &Segment) -> bool {
        let first = segment.start + segment.offset;
        let has_gap = segment.fresh < first;
        has_gap && self.skipped == Skipped::FirstValid && self.cron.latest(segment.fresh, first - 1).is_some()
    }

    /// The end of the windows that follow each other without a pause.
    fn end_of_run(&self, start: i64, limit: i64) -> i64 {
        let mut end = start.saturating_add(self.duration);
        while end <= limit {
            match self.latest_start(end) {
                Some(start) => end = self.end_of_gapless(start).max(start.saturating_add(self.duration)),
                None => return end,
            }
        }
        end
    }

    /// The change of the clocks up to which the windows from a start on have no pause; the start where they may have one.
    fn end_of_gapless(&self, start: i64) -> i64 {
        if !self.is_gapless {
            return start;
        }
        self.zone.at(start).map_or(start, |segment| segment.end)
    }
}
