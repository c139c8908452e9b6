use std::collections::VecDeque;

use bellwether_core::{Arms, Duration, Time, Weight};

use crate::{Count, CountedInterval, arm::Arm, outcome::Outcome};

/// How far back intervals are kept.
const KEPT: Duration = Duration::from_hours(1);

/// Counts requests and errors of both arms, interval by interval.
///
/// A request belongs to the interval in which it arrived, since that is when it was exposed to a version. An interval
/// closes when it is over and all its requests have an outcome, or when `grace` has passed since its end; it is never
/// revised afterwards. Outcomes that come later are counted as late.
///
/// Only a request that ended well or failed is one of the requests of its interval. One that was abandoned, or has no
/// outcome when its interval closes, is no evidence of health: counted as a request without an error it would make a
/// version that hangs look well.
#[derive(Debug)]
pub(crate) struct Ledger {
    tick: Duration,
    grace: Duration,
    /// The share that is in force.
    share: Weight,
    /// The number of the oldest entry; entry `n` begins `n` ticks after 1970.
    first: i64,
    entries: VecDeque<Entry>,
    /// The number of the oldest entry that is not closed.
    closed: i64,
    totals: Arms<Count>,
    late: Arms<Count>,
    pending: Arms<u64>,
    abandoned: Arms<u64>,
}

#[derive(Clone, Debug)]
struct Entry {
    share: Weight,
    /// Whether the share was in force from the start to the end.
    whole: bool,
    /// All requests that arrived.
    arrived: Arms<u64>,
    /// Those that ended well or failed before it closed.
    arms: Arms<Count>,
    /// Requests without an outcome.
    pending: u64,
}

/// What a ledger says about its whole life.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    pub(crate) closed_until: Time,
    pub(crate) totals: Arms<Count>,
    pub(crate) late: Arms<Count>,
    pub(crate) pending: Arms<u64>,
    pub(crate) abandoned: Arms<u64>,
}

/// Which intervals somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) after: Time,
    pub(crate) until: Time,
    pub(crate) limit: usize,
}

impl Ledger {
    /// Begins counting; the interval that is already running is marked as not whole.
    pub(crate) fn new(tick: Duration, grace: Duration, share: Weight, now: Time) -> Self {
        let mut ledger = Self {
            tick,
            grace,
            share,
            first: 0,
            entries: VecDeque::new(),
            closed: 0,
            totals: Arms::default(),
            late: Arms::default(),
            pending: Arms::default(),
            abandoned: Arms::default(),
        };
        ledger.first = ledger.number(now);
        ledger.closed = ledger.first;
        ledger.entries.push_back(Entry { whole: false, ..Entry::new(share) });
        ledger
    }

    /// Counts a request and tells which interval it belongs to.
    pub(crate) fn arrive(&mut self, now: Time, arm: Arm) -> i64 {
        self.roll(now);
        *arm.of_mut(&mut self.pending) += 1;
        if let Some(entry) = self.entries.back_mut() {
            *arm.of_mut(&mut entry.arrived) += 1;
            entry.pending += 1;
        }
        self.newest()
    }

    /// Counts the outcome of a request that belongs to the interval of that number.
    pub(crate) fn settle(&mut self, now: Time, number: i64, (arm, outcome): (Arm, Outcome)) {
        self.roll(now);
        let pending = arm.of_mut(&mut self.pending);
        *pending = pending.saturating_sub(1);
        if let Some(entry) = self.entry_mut(number) {
            entry.pending = entry.pending.saturating_sub(1);
        }
        match outcome {
            Outcome::Well => self.count(number, arm, Count { requests: 1, errors: 0 }),
            Outcome::Error => self.count(number, arm, Count { requests: 1, errors: 1 }),
            Outcome::Abandoned => *arm.of_mut(&mut self.abandoned) += 1,
        }
    }

    /// Counts evidence: in its interval, or as late if that is closed.
    fn count(&mut self, number: i64, arm: Arm, count: Count) {
        arm.of_mut(&mut self.totals).add(count);
        if number < self.closed {
            arm.of_mut(&mut self.late).add(count);
        } else if let Some(entry) = self.entry_mut(number) {
            arm.of_mut(&mut entry.arms).add(count);
        }
    }

    /// Puts another share in force; the running interval is marked as not whole.
    pub(crate) fn change_share(&mut self, now: Time, share: Weight) {
        self.roll(now);
        if share == self.share {
            return;
        }
        self.share = share;
        if let Some(entry) = self.entries.back_mut() {
            entry.whole = false;
        }
    }

    /// The closed intervals of a span, oldest first.
    pub(crate) fn closed(&mut self, now: Time, span: Span) -> Vec<CountedInterval> {
        self.roll(now);
        let numbered = (self.first..self.closed).zip(&self.entries);
        let intervals = numbered.map(|(number, entry)| CountedInterval {
            start: self.start(number),
            end: self.start(number + 1),
            share: entry.whole.then_some(entry.share),
            arms: entry.arms,
            unanswered: entry.unanswered(),
        });
        let inside = intervals.filter(|interval| interval.start >= span.after && interval.end <= span.until);
        inside.take(span.limit).collect()
    }

    pub(crate) fn summary(&mut self, now: Time) -> Summary {
        self.roll(now);
        Summary {
            closed_until: self.start(self.closed),
            totals: self.totals,
            late: self.late,
            pending: self.pending,
            abandoned: self.abandoned,
        }
    }

    /// Opens the intervals up to now, forgets those that are too old and closes those that are complete.
    fn roll(&mut self, now: Time) {
        let current = self.number(now);
        let kept = i64::try_from(KEPT.as_millis() / self.tick.as_millis().max(1)).unwrap_or(i64::MAX);
        if current - self.newest() > kept {
            self.entries.clear();
            self.first = current - kept;
        }
        while self.newest() < current {
            self.entries.push_back(Entry::new(self.share));
        }
        while self.newest() - self.first >= kept && self.entries.pop_front().is_some() {
            self.first += 1;
        }
        self.closed = self.closed.max(self.first);
        while self.closed < current && self.is_complete(self.closed, now) {
            self.closed += 1;
        }
    }

    fn is_complete(&self, number: i64, now: Time) -> bool {
        let answered = self.entry(number).is_none_or(|entry| entry.pending == 0);
        answered || now >= self.start(number + 1).after(self.grace)
    }

    fn newest(&self) -> i64 {
        self.first + i64::try_from(self.entries.len()).unwrap_or(i64::MAX) - 1
    }

    fn number(&self, time: Time) -> i64 {
        time.unix_millis().div_euclid(self.millis())
    }

    fn start(&self, number: i64) -> Time {
        Time::from_unix_millis(number.saturating_mul(self.millis()))
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.tick.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    fn entry(&self, number: i64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number - self.first).ok()?)
    }

    fn entry_mut(&mut self, number: i64) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(number - self.first).ok()?)
    }
}

impl Entry {
    fn new(share: Weight) -> Self {
        Self { share, whole: true, arrived: Arms::default(), arms: Arms::default(), pending: 0 }
    }

    /// What arrived and is no evidence; final once the entry is closed, since then neither side of it changes.
    fn unanswered(&self) -> Arms<u64> {
        let missing = |arm: Arm| arm.of(&self.arrived).saturating_sub(arm.of(&self.arms).requests);
        Arms { stable: missing(Arm::Stable), candidate: missing(Arm::Candidate) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICK: Duration = Duration::from_seconds(1);
    const GRACE: Duration = Duration::from_seconds(5);

    fn at(millis: i64) -> Time {
        Time::from_unix_millis(1_800_000_000_000 + millis)
    }

    fn ledger() -> Ledger {
        Ledger::new(TICK, GRACE, Weight::ZERO, at(0))
    }

    fn all(ledger: &mut Ledger, now: Time) -> Vec<CountedInterval> {
        ledger.closed(now, Span { after: Time::MIN, until: Time::MAX, limit: usize::MAX })
    }

    #[test]
    fn an_interval_closes_when_its_last_request_is_answered() {
        let mut ledger = ledger();
        let number = ledger.arrive(at(900), Arm::Candidate);
        assert_eq!(all(&mut ledger, at(1_500)), [], "one request has no outcome yet");
        ledger.settle(at(1_600), number, (Arm::Candidate, Outcome::Error));
        let intervals = all(&mut ledger, at(1_600));
        assert_eq!(intervals.len(), 1);
        assert_eq!((intervals[0].start, intervals[0].end), (at(0), at(1_000)), "of the arrival, not of the answer");
        assert_eq!(intervals[0].arms.candidate, Count { requests: 1, errors: 1 });
    }

    #[test]
    fn an_outcome_after_the_grace_is_late_and_changes_nothing_that_was_closed() {
        let mut ledger = ledger();
        let number = ledger.arrive(at(0), Arm::Stable);
        assert_eq!(all(&mut ledger, at(5_999)), []);
        let before = all(&mut ledger, at(6_000));
        assert_eq!(before[0].arms.stable, Count::default(), "a request that hangs is no evidence of health");
        assert_eq!(before[0].unanswered, Arms { stable: 1, candidate: 0 });
        ledger.settle(at(6_000), number, (Arm::Stable, Outcome::Error));
        assert_eq!(all(&mut ledger, at(6_000)), before);
        let summary = ledger.summary(at(6_000));
        assert_eq!(summary.late.stable, Count { requests: 1, errors: 1 });
        assert_eq!(summary.totals.stable, Count { requests: 1, errors: 1 });
    }

    #[test]
    fn an_abandoned_request_is_neither_a_request_nor_an_error_of_its_interval() {
        let mut ledger = ledger();
        let number = ledger.arrive(at(0), Arm::Candidate);
        assert_eq!(ledger.summary(at(0)).pending, Arms { stable: 0, candidate: 1 });
        ledger.settle(at(700), number, (Arm::Candidate, Outcome::Abandoned));
        let intervals = all(&mut ledger, at(1_000));
        assert_eq!((intervals[0].arms, intervals[0].unanswered.candidate), (Arms::default(), 1));
        let summary = ledger.summary(at(1_000));
        assert_eq!((summary.totals, summary.late, summary.pending), Default::default());
        assert_eq!(summary.abandoned, Arms { stable: 0, candidate: 1 });
    }

    #[test]
    fn a_request_that_hangs_for_longer_than_an_hour_stays_pending() {
        let mut ledger = ledger();
        let number = ledger.arrive(at(0), Arm::Stable);
        let later = at(2 * 3_600_000);
        assert_eq!(ledger.summary(later).pending, Arms { stable: 1, candidate: 0 });
        ledger.settle(later, number, (Arm::Stable, Outcome::Well));
        let summary = ledger.summary(later);
        assert_eq!((summary.pending, summary.late.stable.requests), (Arms::default(), 1));
    }

    #[test]
    fn a_slow_request_holds_back_what_came_after_it_so_that_order_is_kept() {
        let mut ledger = ledger();
        let slow = ledger.arrive(at(0), Arm::Stable);
        let quick = ledger.arrive(at(1_000), Arm::Stable);
        ledger.settle(at(1_001), quick, (Arm::Stable, Outcome::Well));
        assert_eq!(all(&mut ledger, at(3_000)), []);
        ledger.settle(at(3_000), slow, (Arm::Stable, Outcome::Well));
        assert_eq!(all(&mut ledger, at(3_000)).len(), 3);
    }

    #[test]
    fn an_interval_names_its_share_only_if_that_was_in_force_from_start_to_end() {
        let (five, ten) = (Weight::new(500).unwrap(), Weight::new(1_000).unwrap());
        let mut ledger = ledger();
        ledger.change_share(at(1_500), five);
        ledger.change_share(at(3_500), five);
        ledger.change_share(at(4_000), ten);
        let shares: Vec<Option<Weight>> = all(&mut ledger, at(6_000)).iter().map(|interval| interval.share).collect();
        // begun in the middle, changed, five, five (told again), changed at its very start, ten
        assert_eq!(shares, [None, None, Some(five), Some(five), None, Some(ten)]);
    }

    #[test]
    fn only_an_hour_is_kept_also_after_a_long_silence() {
        let mut ledger = ledger();
        for hours in [1, 2, 50] {
            let now = at(hours * 3_600_000 + 1);
            let intervals = all(&mut ledger, now);
            assert_eq!(intervals.len(), 3_599, "the running one is the last of 3,600");
            assert_eq!(intervals.last().unwrap().end, now.before(Duration::from_millis(1)));
        }
    }

    #[test]
    fn a_span_takes_whole_intervals_only() {
        let mut ledger = ledger();
        let span = Span { after: at(1_001), until: at(3_999), limit: 9 };
        let starts: Vec<Time> = ledger.closed(at(9_000), span).iter().map(|interval| interval.start).collect();
        assert_eq!(starts, [at(2_000)]);
    }

    proptest! {
        /// Against a plain list of all requests: what was closed never changes, and nothing is lost or counted twice.
        #[test]
        fn every_request_is_in_exactly_one_place(
            requests in prop::collection::vec((0_i64..4_000, 0_i64..9_000, any::<bool>(), outcome()), 0..60),
            cut in 0_usize..120,
        ) {
            let mut events: Vec<(i64, usize, bool)> = Vec::new();
            let mut arrival = 0;
            for (index, (gap, length, ..)) in requests.iter().enumerate() {
                arrival += gap;
                events.push((arrival, index, true));
                events.push((arrival + length, index, false));
            }
            events.sort_by_key(|(time, index, arrives)| (*time, *index, !arrives));
            // What comes after the cut never comes: those requests hang.
            events.truncate(cut);
            let mut ledger = ledger();
            let mut numbers = vec![0; requests.len()];
            let mut seen: Vec<CountedInterval> = Vec::new();
            let (mut sent, mut settled, mut in_time, mut late, mut abandoned) =
                (0_u64, 0_u64, Count::default(), Count::default(), 0_u64);
            for (time, index, arrives) in events {
                let (_, _, candidate, outcome) = requests[index];
                let arm = if candidate { Arm::Candidate } else { Arm::Stable };
                if arrives {
                    sent += 1;
                    numbers[index] = ledger.arrive(at(time), arm);
                } else {
                    settled += 1;
                    let is_late = ledger.start(numbers[index] + 1).after(GRACE) <= at(time);
                    let count = if is_late { &mut late } else { &mut in_time };
                    match outcome {
                        Outcome::Well => count.add(Count { requests: 1, errors: 0 }),
                        Outcome::Error => count.add(Count { requests: 1, errors: 1 }),
                        Outcome::Abandoned => abandoned += 1,
                    }
                    ledger.settle(at(time), numbers[index], (arm, outcome));
                }
                let now = all(&mut ledger, at(time));
                prop_assert_eq!(now.get(..seen.len()), Some(seen.as_slice()));
                seen = now;
            }
            let intervals = all(&mut ledger, at(400_000));
            let mut counted = Count::default();
            let mut unanswered = 0;
            for interval in &intervals {
                counted.add(interval.arms.stable);
                counted.add(interval.arms.candidate);
                unanswered += interval.unanswered.stable + interval.unanswered.candidate;
            }
            let summary = ledger.summary(at(400_000));
            let both = |arms: Arms<Count>| {
                let mut sum = arms.stable;
                sum.add(arms.candidate);
                sum
            };
            let pending = summary.pending.stable + summary.pending.candidate;
            prop_assert_eq!(counted, in_time);
            prop_assert_eq!(both(summary.late), late);
            prop_assert_eq!(summary.abandoned.stable + summary.abandoned.candidate, abandoned);
            prop_assert_eq!(pending, sent - settled);
            prop_assert_eq!(counted.requests + unanswered, sent);
            prop_assert_eq!(both(summary.totals).requests + abandoned + pending, sent);
        }
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop::sample::select(vec![Outcome::Well, Outcome::Error, Outcome::Abandoned])
    }
}
