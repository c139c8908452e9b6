//! With releases that come faster than they soak, some release still reaches the last environment.
//!
//! A host obeys [`Graph::goal`] minute by minute: it begins what is to enter, finds it exposed in the same minute, and
//! tells the verdict of its verification when the adversary gives one.

use std::collections::BTreeMap;

use bellwether_core::{EnvironmentName, ReleaseId, Verdict};
use bellwether_promotion::{Cause, Ending, Event, Facts, Graph, History, Kind};
use proptest::prelude::*;

use crate::world::{World, digests, environment, made, minute};

/// Environments with a stream of releases through them.
#[derive(Clone)]
struct Stream {
    graph: Graph,
    history: History,
    minute: u64,
    made: u64,
    /// Who entered where, and when.
    entries: Vec<(u64, EnvironmentName, ReleaseId)>,
    /// Who is exposed and not verified yet, since when.
    unverified: BTreeMap<EnvironmentName, (ReleaseId, u64)>,
    /// What the adversary said of whom in staging.
    verdicts: BTreeMap<String, Verdict>,
    made_at: BTreeMap<String, u64>,
}

impl Stream {
    fn new(environments: &str) -> Self {
        let graph = World::new(environments).graph;
        let (history, entries, unverified) = (History::default(), Vec::new(), BTreeMap::new());
        let (verdicts, made_at) = (BTreeMap::new(), BTreeMap::new());
        Self { graph, history, minute: 0, made: 0, entries, unverified, verdicts, made_at }
    }

    fn push(&mut self, kind: Kind) {
        self.history.push(&self.graph, &Event { at: minute(self.minute), kind });
    }

    fn make(&mut self) {
        self.made += 1;
        let name = format!("r{:03}", self.made);
        self.push(Kind::Made(made(&name)));
        self.made_at.insert(name, self.minute);
    }

    fn judge(&mut self, place: &EnvironmentName, verdict: Verdict) {
        let Some((release, _)) = self.unverified.remove(place) else { return };
        if place.as_str() == "staging" {
            self.verdicts.insert(release.to_string(), verdict);
        }
        self.push(Kind::Verified { environment: place.clone(), release, verdict });
    }

    /// Everything that was exposed that long ago passes.
    fn pass_after(&mut self, delay: u64) {
        let due = self.unverified.iter().filter(|(_, (_, since))| since + delay <= self.minute);
        for place in due.map(|(place, _)| place.clone()).collect::<Vec<_>>() {
            self.judge(&place, Verdict::Pass);
        }
    }

    /// Does what is to be done now, until there is nothing more. A wake is always later than the question.
    fn obey(&mut self) {
        loop {
            let goal = self.graph.goal(&Facts::new(&self.history, minute(self.minute))).outcome;
            assert!(goal.wake.is_none_or(|wake| wake > minute(self.minute)));
            if goal.enter.is_empty() {
                return;
            }
            for (environment, release) in goal.enter {
                let kind = |ended| match ended {
                    false => Kind::Begun {
                        environment: environment.clone(),
                        release: release.clone(),
                        cause: Cause::Automatic,
                    },
                    true => Kind::Ended {
                        environment: environment.clone(),
                        release: release.clone(),
                        ending: Ending::Arrived,
                    },
                };
                self.push(kind(false));
                let digests = digests(release.as_str());
                self.push(Kind::Exposed { environment: environment.clone(), release: release.clone(), digests });
                self.push(kind(true));
                self.unverified.insert(environment.clone(), (release.clone(), self.minute));
                self.entries.push((self.minute, environment, release));
            }
        }
    }

    /// The minutes at which releases entered an environment, and which.
    fn entered(&self, place: &str) -> Vec<(u64, &str)> {
        let there = self.entries.iter().filter(|(_, environment, _)| environment.as_str() == place);
        there.map(|(minute, _, release)| (*minute, release.as_str())).collect()
    }
}

/// Three minutes of soak.
fn pair(on_newer: &str) -> Stream {
    Stream::new(&format!(
        r#"{{"name": "staging", "trigger": "automatic", "on_newer": "{on_newer}", "settle": "2m"}},
           {{"name": "production", "trigger": "automatic", "on_newer": "{on_newer}", "settle": "2m",
             "from": ["staging"], "soak": "3m"}}"#
    ))
}

/// Every pattern of arrivals over ten minutes; each release passes in the minute after it is exposed.
fn with_each_pattern(on_newer: &str, mut check: impl FnMut(u32, &Stream)) {
    for pattern in 0..1_u32 << 10 {
        let mut stream = pair(on_newer);
        for minute in 0..15 {
            stream.minute = minute;
            if minute < 10 && pattern >> minute & 1 == 1 {
                stream.make();
            }
            stream.pass_after(1);
            stream.obey();
        }
        check(pattern, &stream);
    }
}

#[test]
fn whenever_releases_come_the_first_one_that_soaks_is_let_soak() {
    with_each_pattern("wait", |pattern, stream| {
        let first = u64::from(pattern.trailing_zeros());
        let entered = stream.entered("production");
        if pattern == 0 {
            return assert!(entered.is_empty());
        }
        assert_eq!(entered.first(), Some(&(first + 3, "r001")), "{pattern:010b}");
        // Nobody waits longer than the soak of the one before and the own.
        let last = stream.entered("staging").last().copied().unwrap();
        let arrival = u64::from(pattern.ilog2());
        assert!(last.0 <= arrival.max(first) + 3, "{pattern:010b}: {:?}", stream.entries);
        assert_eq!(last.1, format!("r{:03}", stream.made), "the newest gets in: {pattern:010b}");
    });
}

/// The same model finds the starvation that kargo#5342 tells of, so that it would find one of ours.
#[test]
fn with_replace_a_release_every_two_minutes_starves_production_for_ever() {
    let mut starved = Vec::new();
    with_each_pattern("replace", |pattern, stream| {
        if stream.entered("production").iter().all(|(minute, _)| *minute > 10) {
            starved.push(pattern);
        }
    });
    for pattern in [0b11_1111_1111, 0b01_0101_0101] {
        assert!(starved.contains(&pattern), "{pattern:010b}");
    }
    assert!(!starved.contains(&0b10_0100_1001), "every three minutes is as slow as the soak");
}

/// Every order of arrivals and of verdicts that come, fail, or never come, eight minutes long.
#[test]
fn in_no_order_of_arrivals_and_verdicts_is_a_release_that_passes_cut_short() {
    let mut ends = 0;
    explore(&pair("wait"), 8, &mut ends);
    assert!(ends > 10_000, "{ends} runs");
}

/// One minute with each thing that can happen in it.
fn explore(stream: &Stream, left: u32, ends: &mut u64) {
    if left == 0 {
        *ends += 1;
        return check_run(stream);
    }
    let staging = environment("staging");
    let can_be_judged = stream.unverified.get(&staging).is_some_and(|(_, since)| *since < stream.minute);
    let verdicts: &[Option<Verdict>] =
        if can_be_judged { &[Some(Verdict::Pass), Some(Verdict::Fail), None] } else { &[None] };
    for verdict in verdicts {
        for comes in [true, false] {
            let mut next = stream.clone();
            if let Some(verdict) = verdict {
                next.judge(&staging, *verdict);
            }
            if comes {
                next.make();
            }
            next.obey();
            next.minute += 1;
            explore(&next, left - 1, ends);
        }
    }
}

/// Whoever passed in staging was in production before it was replaced there; nobody who did not keeps its place for
/// longer than its time while somebody newer is made.
fn check_run(stream: &Stream) {
    let staging = stream.entered("staging");
    let production = stream.entered("production");
    assert!(production.windows(2).all(|pair| pair[0].1 < pair[1].1), "production never goes to an older one");
    for (index, (since, release)) in staging.iter().enumerate() {
        let Some((replaced, _)) = staging.get(index + 1) else { continue };
        let entered = production.iter().find(|(_, other)| other == release).map(|(minute, _)| *minute);
        match stream.verdicts.get(*release) {
            Some(Verdict::Pass) => {
                let is_in = entered.is_some_and(|entered| entered >= since + 3 && entered <= *replaced);
                assert!(is_in, "{release} was cut short: {:?}", stream.entries);
            }
            _ => assert_eq!(entered, None, "{release} never passed: {:?}", stream.entries),
        }
        // Two minutes to be verified and three of soak.
        let newer = stream.made_at.iter().find(|(name, _)| name.as_str() > *release).map(|(_, minute)| *minute);
        let longest = (since + 2 + 3).max(newer.unwrap_or(0));
        assert!(*replaced <= longest, "{release} kept its place too long: {:?}", stream.entries);
    }
}

/// A row of environments, each with its own soak, through which a steady stream of good releases runs.
#[derive(Clone, Debug)]
struct Row {
    soaks: Vec<u64>,
    period: u64,
    delay: u64,
    order: &'static str,
    branches: u64,
}

fn rows() -> impl Strategy<Value = Row> {
    let soaks = prop::collection::vec(0..20_u64, 1..4);
    (soaks, 1..15_u64, 0..6_u64, prop::sample::select(vec!["newest", "oldest"]), 1..3_u64)
        .prop_map(|(soaks, period, delay, order, branches)| Row { soaks, period, delay, order, branches })
}

impl Row {
    /// `e0`, then one or two environments side by side that both must have seen a release, then the rest in a row.
    fn stream(&self) -> Stream {
        let common = format!(r#""trigger": "automatic", "order": "{}", "settle": "10m""#, self.order);
        let mut text = format!(r#"{{"name": "e0", {common}}}"#);
        let mut before = vec!["e0".to_owned()];
        for (index, soak) in self.soaks.iter().enumerate() {
            let count = if index == 0 && self.soaks.len() > 1 { self.branches } else { 1 };
            let names: Vec<String> = (0..count).map(|branch| format!("e{}{branch}", index + 1)).collect();
            let from: Vec<String> = before.iter().map(|name| format!("{name:?}")).collect();
            for name in &names {
                text +=
                    &format!(r#", {{"name": {name:?}, {common}, "soak": "{soak}m", "from": [{}]}}"#, from.join(","));
            }
            before = names;
        }
        Stream::new(&text)
    }

    /// How long one release takes from its making to the last environment, when every environment before is taken by
    /// another one that must verify and soak first.
    fn bound(&self) -> u64 {
        let longest = self.soaks.iter().max().copied().unwrap_or(0);
        (self.soaks.len() as u64 + 1) * 2 * (self.delay + longest + 1)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn with_a_steady_stream_releases_keep_reaching_the_last_environment(row in rows()) {
        let mut stream = row.stream();
        let bound = row.bound();
        for minute in 0..4 * bound {
            stream.minute = minute;
            if minute % row.period == 0 {
                stream.make();
            }
            stream.pass_after(row.delay);
            stream.obey();
        }
        let last = format!("e{}0", row.soaks.len());
        let entered = stream.entered(&last);
        prop_assert!(entered.first().is_some_and(|(minute, _)| *minute <= bound), "{entered:?} by {bound}");
        for (one, next) in entered.iter().zip(entered.iter().skip(1)) {
            prop_assert!(one.1 < next.1, "an older release came back: {entered:?}");
            prop_assert!(next.0 - one.0 <= bound.max(row.period), "{entered:?} by {bound}");
        }
        let latest = entered.last().map_or(0, |(minute, _)| *minute);
        prop_assert!(latest + bound.max(row.period) >= 4 * bound, "it stopped: {entered:?} by {bound}");
        if row.order == "oldest" && row.soaks.len() == 1 {
            let numbers: Vec<String> = (1..=entered.len()).map(|number| format!("r{number:03}")).collect();
            prop_assert!(entered.iter().map(|(_, name)| *name).eq(numbers.iter().map(String::as_str)), "{entered:?}");
        }
    }
}
