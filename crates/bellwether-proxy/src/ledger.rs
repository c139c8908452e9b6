use std::collections::VecDeque;

use bellwether_core::{Arms, Duration, Time, Weight};

use crate::{Count, CountedInterval, arm::Arm};

/// How far back intervals are kept.
const KEPT: Duration = Duration::from_hours(1);

/// Counts requests and errors of both arms, interval by interval.
///
/// A request belongs to the interval in which it arrived, since that is when it was exposed to a version. An interval
/// closes when it is over and all its requests have an outcome, or when `grace` has passed since its end; it is never
/// revised afterwards. Outcomes that come later are counted as late.
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
}

#[derive(Clone, Debug)]
struct Entry {
    share: Weight,
    /// Whether the share was in force from the start to the end.
    whole: bool,
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
    pub(crate) pending: u64,
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
        };
        ledger.first = ledger.number(now);
        ledger.closed = ledger.first;
        ledger.entries.push_back(Entry { whole: false, ..Entry::new(share) });
        ledger
    }

    /// Counts a request and tells which interval it belongs to.
    pub(crate) fn arrive(&mut self, now: Time, arm: Arm) -> i64 {
        self.roll(now);
        arm.of_mut(&mut self.totals).requests += 1;
        if let Some(entry) = self.entries.back_mut() {
            arm.of_mut(&mut entry.arms).requests += 1;
            entry.pending += 1;
        }
        self.newest()
    }

    /// Counts the outcome of a request that belongs to the interval of that number.
    pub(crate) fn settle(&mut self, now: Time, number: i64, (arm, error): (Arm, bool)) {
        self.roll(now);
        let errors = u64::from(error);
        arm.of_mut(&mut self.totals).errors += errors;
        let is_late = number < self.closed;
        if is_late {
            let late = arm.of_mut(&mut self.late);
            late.requests += 1;
            late.errors += errors;
        }
        let Some(entry) = self.entry_mut(number) else { return };
        entry.pending = entry.pending.saturating_sub(1);
        if !is_late {
            arm.of_mut(&mut entry.arms).errors += errors;
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
            pending: self.entries.iter().map(|entry| entry.pending).sum(),
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
        Self { share, whole: true, arms: Arms::default(), pending: 0 }
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
        ledger.settle(at(1_600), number, (Arm::Candidate, true));
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
        assert_eq!(before[0].arms.stable, Count { requests: 1, errors: 0 });
        ledger.settle(at(6_000), number, (Arm::Stable, true));
        assert_eq!(all(&mut ledger, at(6_000)), before);
        let summary = ledger.summary(at(6_000));
        assert_eq!(summary.late.stable, Count { requests: 1, errors: 1 });
        assert_eq!(summary.totals.stable, Count { requests: 1, errors: 1 });
    }

    #[test]
    fn a_slow_request_holds_back_what_came_after_it_so_that_order_is_kept() {
        let mut ledger = ledger();
        let slow = ledger.arrive(at(0), Arm::Stable);
        let quick = ledger.arrive(at(1_000), Arm::Stable);
        ledger.settle(at(1_001), quick, (Arm::Stable, false));
        assert_eq!(all(&mut ledger, at(3_000)), []);
        ledger.settle(at(3_000), slow, (Arm::Stable, false));
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
        fn every_request_is_in_exactly_one_interval(
            requests in prop::collection::vec((0_i64..4_000, 0_i64..9_000, any::<bool>(), any::<bool>()), 0..60),
        ) {
            let mut events: Vec<(i64, usize, bool)> = Vec::new();
            let mut arrival = 0;
            for (index, (gap, length, ..)) in requests.iter().enumerate() {
                arrival += gap;
                events.push((arrival, index, true));
                events.push((arrival + length, index, false));
            }
            events.sort_by_key(|(time, index, arrives)| (*time, *index, !arrives));
            let mut ledger = ledger();
            let mut numbers = vec![0; requests.len()];
            let mut seen: Vec<CountedInterval> = Vec::new();
            let mut late = 0;
            for (time, index, arrives) in events {
                let (_, _, candidate, error) = requests[index];
                let arm = if candidate { Arm::Candidate } else { Arm::Stable };
                if arrives {
                    numbers[index] = ledger.arrive(at(time), arm);
                } else {
                    late += u64::from(ledger.start(numbers[index] + 1).after(GRACE) <= at(time));
                    ledger.settle(at(time), numbers[index], (arm, error));
                }
                let now = all(&mut ledger, at(time));
                prop_assert_eq!(now.get(..seen.len()), Some(seen.as_slice()));
                seen = now;
            }
            let intervals = all(&mut ledger, at(400_000));
            let counted: u64 =
                intervals.iter().map(|interval| interval.arms.stable.requests + interval.arms.candidate.requests).sum();
            let errors: u64 =
                intervals.iter().map(|interval| interval.arms.stable.errors + interval.arms.candidate.errors).sum();
            let summary = ledger.summary(at(400_000));
            prop_assert_eq!(counted, requests.len() as u64);
            prop_assert_eq!(summary.late.stable.requests + summary.late.candidate.requests, late);
            let late_errors = summary.late.stable.errors + summary.late.candidate.errors;
            let expected = requests.iter().filter(|(_, _, _, error)| *error).count() as u64;
            prop_assert_eq!(errors + late_errors, expected);
            prop_assert_eq!(summary.pending, 0);
        }
    }
}
