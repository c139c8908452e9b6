use bellwether_core::{Duration, Time};

/// How long a release was seen fully exposed during one stay.
///
/// Only time that observations vouch for is counted: an interruption stops it, and where observations are only good for
/// a while, so does silence.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Clock {
    counted: Duration,
    /// The last observation, while nothing has spoken against it.
    seen: Option<Time>,
    /// What the last observation or interruption added; taken back when that turns out to be from the future.
    last: Duration,
}

impl Clock {
    /// An observation: fully exposed.
    pub(crate) fn see(&mut self, at: Time, silence: Option<Duration>) {
        self.stop(at, silence);
        self.seen = Some(at);
    }

    /// Something that speaks against the last observation.
    pub(crate) fn stop(&mut self, at: Time, silence: Option<Duration>) {
        self.last = self.since_seen(at, silence);
        self.counted = self.counted.saturating_add(self.last);
        self.seen = None;
    }

    /// Time ran backwards: the last event was not when it said, so what it added is not known to have been.
    pub(crate) fn distrust(&mut self, at: Time) {
        self.counted = self.counted.saturating_sub(self.last);
        self.last = Duration::ZERO;
        self.seen = self.seen.map(|_| at);
    }

    /// What was counted until a time.
    pub(crate) fn at(&self, now: Time, silence: Option<Duration>) -> Duration {
        self.counted.saturating_add(self.since_seen(now, silence))
    }

    /// When a length is reached if nothing but time goes by; `None` when it is reached already, or needs another look.
    pub(crate) fn reaches(&self, length: Duration, silence: Option<Duration>) -> Option<Time> {
        let rest = length.saturating_sub(self.counted);
        let is_vouched = silence.is_none_or(|silence| rest <= silence);
        self.seen.filter(|_| is_vouched && !rest.is_zero()).map(|seen| seen.after(rest))
    }

    fn since_seen(&self, at: Time, silence: Option<Duration>) -> Duration {
        let since = self.seen.map_or(Duration::ZERO, |seen| at.since(seen));
        silence.map_or(since, |silence| since.min(silence))
    }
}
