use crate::zone::{END, FIRST};

use super::Activity;

/// Spans of time that do not repeat.
#[derive(Clone, Debug)]
pub(crate) struct Spans {
    /// Sorted by their beginnings.
    spans: Vec<Span>,
    /// The same without overlaps.
    merged: Vec<(i64, i64)>,
    /// From when to when the list is complete.
    known: (i64, i64),
}

/// One of them.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) until: i64,
    /// What it is called.
    pub(crate) label: Option<String>,
}

impl Spans {
    pub(crate) fn new(mut spans: Vec<Span>) -> Self {
        spans.retain(|span| span.from < span.until);
        spans.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::new();
        for span in &spans {
            match merged.last_mut() {
                Some(last) if span.from <= last.1 => last.1 = last.1.max(span.until),
                Some(_) | None => merged.push((span.from, span.until)),
            }
        }
        Self { spans, merged, known: (FIRST, END) }
    }

    /// The same, complete from one instant to another only.
    pub(crate) const fn known(mut self, from: i64, until: i64) -> Self {
        self.known = (from, until);
        self
    }

    pub(crate) fn all(&self) -> &[(i64, i64)] {
        &self.merged
    }

    /// What is known to be active is, however far the list reaches.
    pub(crate) fn activity(&self, now: i64) -> Activity {
        let is_active = self.ending_after(now).is_some_and(|(from, _)| *from <= now);
        let is_known = self.known.0 <= now && now < self.known.1;
        if is_active || is_known { Activity::when(is_active) } else { Activity::Unknown }
    }

    pub(crate) fn until(&self, now: i64) -> i64 {
        let span = self.ending_after(now).map_or(i64::MAX, |(from, until)| if now < *from { *from } else { *until });
        let bounds = [self.known.0, self.known.1];
        bounds.into_iter().filter(|bound| *bound > now).fold(span, i64::min)
    }

    pub(crate) fn label(&self, now: i64) -> Option<&str> {
        self.spans.iter().find(|span| span.from <= now && now < span.until)?.label.as_deref()
    }

    fn ending_after(&self, now: i64) -> Option<&(i64, i64)> {
        self.merged.get(self.merged.partition_point(|(_, until)| *until <= now))
    }
}
