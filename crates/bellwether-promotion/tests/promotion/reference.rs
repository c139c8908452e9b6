//! A second opinion: the same questions answered minute by minute from the raw log, without any of the library's state.

use std::collections::BTreeSet;

use bellwether_core::{Duration, Verdict};
use bellwether_promotion::{
    Approvals, Ask, Cause, Ending, Environment, Event, Facts, Graph, History, Kind, Need, OnNewer, OnOlder, Order,
    Site, Standing, Trigger, Verification,
};
use proptest::{prelude::*, sample::select};

use crate::world::{digests, environment, made, minute, person, release};

const RELEASES: [&str; 3] = ["r1", "r2", "r3"];

/// One thing that happens in one environment, at a minute, to a release by its index.
#[derive(Clone, Copy, Debug)]
struct Happening {
    at: u64,
    place: usize,
    release: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Begun(Cause),
    Ended(Ending),
    Exposed,
    /// Found with other bytes.
    Moved,
    Interrupted,
    Verified(Verdict),
    /// By one of three people, of whom the first is the author; perhaps for a few minutes only.
    Approved(usize, Option<u64>),
    Declined(usize),
    Held,
    Resumed,
}

const PEOPLE: [&str; 3] = ["ann", "bob", "cem"];

fn whats() -> impl Strategy<Value = What> {
    let cause = select(vec![Cause::Automatic, Cause::Person, Cause::Return]);
    let verdict = select(vec![Verdict::Pass, Verdict::Pass, Verdict::Fail, Verdict::Inconclusive, Verdict::NoData]);
    prop_oneof![
        3 => cause.prop_map(What::Begun),
        3 => select(vec![Ending::Arrived, Ending::WentBack]).prop_map(What::Ended),
        8 => Just(What::Exposed),
        1 => Just(What::Moved),
        1 => Just(What::Interrupted),
        5 => verdict.prop_map(What::Verified),
        2 => (0..3_usize, prop::option::of(1..9_u64)).prop_map(|(who, until)| What::Approved(who, until)),
        1 => (0..3_usize).prop_map(What::Declined),
        1 => Just(What::Held),
        1 => Just(What::Resumed),
    ]
}

fn graphs() -> impl Strategy<Value = Vec<Environment>> {
    prop::collection::vec(environments(), 2..6).prop_map(|drawn| {
        let mut environments: Vec<Environment> = Vec::new();
        for (index, (mut environment, before)) in drawn.into_iter().enumerate() {
            environment.name = name(index);
            environment.from = (0..index).filter(|other| before >> other & 1 == 1).map(name).collect();
            if environment.from.is_empty() {
                environment.site = Site::Deployed;
                environment.soak = Duration::ZERO;
            }
            if environment.site == Site::Junction {
                let (from, need) = (environment.from, environment.need);
                environment = Environment::new(name(index));
                (environment.site, environment.from, environment.need) = (Site::Junction, from, need);
            }
            environments.push(environment);
        }
        environments
    })
}

fn environments() -> impl Strategy<Value = (Environment, u32)> {
    let kinds = (
        select(vec![Site::Deployed, Site::Deployed, Site::Deployed, Site::Junction]),
        select(vec![Need::All, Need::One]),
        select(vec![Verification::Required, Verification::None]),
        select(vec![Trigger::Automatic, Trigger::Person]),
        select(vec![OnNewer::Wait, OnNewer::Replace]),
        select(vec![OnOlder::Hold, OnOlder::Continue]),
        select(vec![Order::Newest, Order::Oldest]),
    );
    let times = (select(vec![0, 2, 5_u64]), prop::option::of(2..4_u64), 1..6_u64);
    (kinds, times, any::<bool>(), any::<u32>()).prop_map(|(kinds, (soak, silence, settle), is_approved, before)| {
        let mut environment = Environment::new(name(0));
        (environment.site, environment.need, environment.verification, environment.trigger) =
            (kinds.0, kinds.1, kinds.2, kinds.3);
        (environment.on_newer, environment.on_older, environment.order) = (kinds.4, kinds.5, kinds.6);
        environment.soak = Duration::from_minutes(soak);
        environment.silence = silence.map(Duration::from_minutes);
        environment.settle = Duration::from_minutes(settle);
        environment.approvals = is_approved.then(|| Approvals { count: 1, of: Vec::new() });
        (environment, before)
    })
}

fn name(index: usize) -> bellwether_core::EnvironmentName {
    environment(&format!("e{index}"))
}

fn logs() -> impl Strategy<Value = Vec<Happening>> {
    let one = (select(vec![0, 0, 1, 1, 2, 4_u64]), 0..5_usize, 0..3_usize, whats());
    prop::collection::vec(one, 0..40).prop_map(|drawn| {
        let mut at = 0;
        let happening = |(later, place, release, what)| {
            at += later;
            Happening { at, place, release, what }
        };
        drawn.into_iter().map(happening).collect()
    })
}

/// Rollouts that make sense in each environment, so that the way to the end is found as well.
fn orderly(logs: Vec<Happening>) -> Vec<Happening> {
    let whole = |one: Happening| {
        let rest = [What::Exposed, What::Ended(Ending::Arrived), What::Verified(Verdict::Pass)];
        let rest = rest.into_iter().filter(move |_| matches!(one.what, What::Begun(_)));
        [one.what].into_iter().chain(rest).map(move |what| Happening { what, ..one })
    };
    logs.into_iter().flat_map(whole).collect()
}

fn event(happening: &Happening) -> Event {
    let (place, name) = (name(happening.place), RELEASES[happening.release]);
    let id = release(name);
    let kind = match happening.what {
        What::Begun(cause) => Kind::Begun { environment: place, release: id, cause },
        What::Ended(ending) => Kind::Ended { environment: place, release: id, ending },
        What::Exposed => Kind::Exposed { environment: place, release: id, digests: digests(name) },
        What::Moved => Kind::Exposed { environment: place, release: id, digests: digests("zz") },
        What::Interrupted => Kind::Interrupted { environment: place, why: "restart".into() },
        What::Verified(verdict) => Kind::Verified { environment: place, release: id, verdict },
        What::Approved(who, until) => Kind::Approved {
            environment: place,
            release: id,
            digests: digests(name),
            by: person(PEOPLE[who]),
            until: until.map(|until| minute(happening.at + until)),
        },
        What::Declined(who) => {
            Kind::Declined { environment: place, release: id, by: person(PEOPLE[who]), why: "no".into() }
        }
        What::Held => Kind::Held { environment: place, by: person("bob"), why: "no".into() },
        What::Resumed => Kind::Resumed { environment: place, by: person("bob") },
    };
    Event { at: minute(happening.at), kind }
}

/// The graph as a list and the log as it was drawn.
struct Naive<'a> {
    graph: &'a [Environment],
    log: Vec<Happening>,
    now: u64,
}

/// What one look at one environment's part of the log gives.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Who was here one after the other: release, minute, number of the stay.
    line: Vec<(usize, u64, usize)>,
    under_way: Option<(usize, u64)>,
    /// The newest that ever began.
    highest: Option<usize>,
    held: bool,
    older: bool,
    stays: usize,
    /// Minutes in which a release was alone, fully exposed and looked at, by release and stay.
    minutes: Vec<(usize, usize)>,
    /// Who is alone and fully exposed, and since which look.
    exposed: Option<(usize, u64)>,
    ever: BTreeSet<usize>,
    moved: BTreeSet<usize>,
    back: BTreeSet<usize>,
    verdicts: [Option<Verdict>; 3],
}

impl Naive<'_> {
    /// Walks through the minutes.
    fn seen(&self, place: usize) -> Seen {
        let mut seen = Seen::default();
        let silence = self.graph[place].silence.map_or(u64::MAX, |silence| silence.as_millis() / 60_000);
        for at in 0..=self.now {
            for happening in self.log.iter().filter(|it| it.place == place && it.at == at) {
                self.happen(&mut seen, happening);
            }
            if let Some((release, _)) = seen.exposed.filter(|(_, look)| at - look < silence && at < self.now) {
                seen.minutes.push((release, seen.stays));
            }
        }
        seen
    }

    fn happen(&self, seen: &mut Seen, Happening { at, place, release, what }: &Happening) {
        let (at, release) = (*at, *release);
        let here = seen.line.last().copied();
        let is_here = here.is_some_and(|(here, ..)| here == release);
        match *what {
            What::Begun(_) if seen.under_way.is_some_and(|(other, _)| other == release) => {}
            What::Begun(_) => {
                if !is_here {
                    seen.exposed = None;
                }
                seen.highest = seen.highest.max(Some(release));
                seen.under_way = Some((release, at));
            }
            What::Ended(ending) => {
                let ended = seen.under_way.filter(|(other, _)| *other == release);
                if ended.is_some() {
                    seen.under_way = None;
                }
                if ending == Ending::Arrived {
                    self.arrive(seen, (*place, release), at);
                } else {
                    let came = match ended {
                        Some((_, since)) => here.is_some_and(|(_, arrived, _)| arrived >= since),
                        None => !seen.back.contains(&release),
                    };
                    if is_here && came {
                        seen.line.pop();
                        seen.exposed = None;
                        seen.stays += 1;
                    }
                    seen.back.insert(release);
                }
            }
            What::Exposed | What::Moved => {
                self.give_way(seen, (release, at));
                self.arrive(seen, (*place, release), at);
                if *what == What::Moved || seen.moved.contains(&release) {
                    // Nothing that was found out before is about these bytes.
                    seen.minutes.retain(|(other, _)| *other != release);
                    seen.verdicts[release] = None;
                    seen.ever.remove(&release);
                    seen.moved.insert(release);
                    seen.exposed = None;
                }
                if *what == What::Exposed {
                    seen.moved.remove(&release);
                    seen.ever.insert(release);
                    seen.exposed = Some((release, at));
                }
            }
            What::Interrupted => seen.exposed = None,
            What::Verified(_) if seen.moved.contains(&release) => {}
            What::Verified(verdict) => seen.verdicts[release] = Some(verdict),
            What::Held => seen.held = true,
            What::Resumed => (seen.held, seen.older) = (false, false),
            What::Approved(..) | What::Declined(_) => {}
        }
    }

    /// A rollout that was exposed gives way to the one before.
    fn give_way(&self, seen: &mut Seen, (release, _): (usize, u64)) {
        let [.., (before, ..), (last, arrived, _)] = seen.line[..] else { return };
        if before == release && seen.under_way.is_some_and(|(other, since)| other == last && arrived >= since) {
            seen.line.pop();
            seen.exposed = None;
            seen.stays += 1;
        }
    }

    fn arrive(&self, seen: &mut Seen, (place, release): (usize, usize), at: u64) {
        seen.back.remove(&release);
        if seen.line.last().is_some_and(|(here, ..)| *here == release) {
            return;
        }
        seen.exposed = None;
        seen.stays += 1;
        seen.older = seen.highest > Some(release) && self.graph[place].on_older == OnOlder::Hold;
        seen.highest = seen.highest.max(Some(release));
        seen.line.push((release, at, seen.stays));
    }

    /// The most minutes of one stay.
    fn soaked(&self, seen: &Seen, release: usize) -> u64 {
        let minutes = |stay| seen.minutes.iter().filter(|it| **it == (release, stay)).count() as u64;
        (0..=seen.stays).map(minutes).max().unwrap_or(0)
    }

    /// Better first: enter, wait, refuse.
    fn upstream(&self, place: usize, release: usize, soak: u64) -> u8 {
        let before = self.graph[place].from.iter().map(|from| self.index(from));
        let parts: Vec<u8> = before.map(|before| self.part(before, release, soak)).collect();
        match self.graph[place].need {
            _ if parts.is_empty() => 0,
            Need::All => parts.into_iter().max().unwrap(),
            Need::One => parts.into_iter().min().unwrap(),
        }
    }

    fn part(&self, before: usize, release: usize, soak: u64) -> u8 {
        if self.graph[before].site == Site::Junction {
            return self.upstream(before, release, soak);
        }
        let seen = self.seen(before);
        let is_verified =
            self.graph[before].verification == Verification::None || seen.verdicts[release] == Some(Verdict::Pass);
        if seen.moved.contains(&release)
            || seen.verdicts[release] == Some(Verdict::Fail)
            || seen.back.contains(&release)
        {
            return 2;
        }
        u8::from(!(seen.ever.contains(&release) && is_verified && self.soaked(&seen, release) >= soak))
    }

    fn approved(&self, place: usize, release: usize) -> u8 {
        if self.graph[place].approvals.is_none() {
            return 0;
        }
        let last_word = |who: usize| {
            let said = |it: &&Happening| {
                it.place == place
                    && it.release == release
                    && matches!(it.what, What::Approved(by, _) | What::Declined(by) if by == who)
            };
            self.log.iter().rfind(said)
        };
        let words: Vec<&Happening> = (0..3).filter_map(last_word).collect();
        if words.iter().any(|word| matches!(word.what, What::Declined(_))) {
            return 2;
        }
        let counts = |word: &&&Happening| match word.what {
            What::Approved(by, until) => by != 0 && until.is_none_or(|until| word.at + until > self.now),
            What::Declined(_)
            | What::Begun(_)
            | What::Ended(_)
            | What::Exposed
            | What::Moved
            | What::Interrupted
            | What::Verified(_)
            | What::Held
            | What::Resumed => false,
        };
        u8::from(words.iter().filter(counts).count() == 0)
    }

    fn occupied(&self, place: usize, seen: &Seen) -> bool {
        let Some((release, since, _)) = seen.line.last().copied() else { return false };
        let environment = &self.graph[place];
        let is_lost = seen.moved.contains(&release)
            || seen.back.contains(&release)
            || seen.verdicts[release] == Some(Verdict::Fail);
        if is_lost || environment.on_newer == OnNewer::Replace {
            return false;
        }
        let settled = since + environment.settle.as_millis() / 60_000;
        let is_verified =
            environment.verification == Verification::None || seen.verdicts[release] == Some(Verdict::Pass);
        let is_shown = seen.ever.contains(&release) && is_verified;
        let wants = |behind: usize| {
            let soak = self.soak(behind);
            self.seen(behind).highest < Some(release)
                && self.soaked(seen, release) < soak
                && self.upstream(behind, release, soak) == 1
                && settled + soak > self.now
        };
        (!is_shown && settled > self.now) || self.behind(place).into_iter().any(wants)
    }

    fn behind(&self, place: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (index, environment) in self.graph.iter().enumerate() {
            if environment.from.iter().any(|from| self.index(from) == place) {
                if environment.site == Site::Junction {
                    found.extend(self.behind(index));
                } else {
                    found.insert(index);
                }
            }
        }
        found
    }

    fn soak(&self, place: usize) -> u64 {
        self.graph[place].soak.as_millis() / 60_000
    }

    fn index(&self, name: &bellwether_core::EnvironmentName) -> usize {
        self.graph.iter().position(|environment| environment.name == *name).unwrap()
    }

    fn standing(&self, place: usize, release: usize, by: Trigger) -> Standing {
        let environment = &self.graph[place];
        if environment.site == Site::Junction {
            return Standing::Refuse;
        }
        let seen = self.seen(place);
        if seen.under_way.is_some_and(|(other, _)| other == release) {
            return Standing::Wait;
        }
        if seen.line.last().is_some_and(|(here, ..)| *here == release) && !seen.moved.contains(&release) {
            return Standing::Present;
        }
        if by == Trigger::Automatic && seen.highest >= Some(release) {
            return Standing::Past;
        }
        let mut worst = self.upstream(place, release, self.soak(place)).max(self.approved(place, release));
        worst = worst.max(u8::from(seen.under_way.is_some()));
        if by == Trigger::Automatic {
            let is_closed = environment.trigger == Trigger::Person || seen.held || seen.older;
            worst = worst.max(u8::from(is_closed || self.occupied(place, &seen)));
        }
        [Standing::Enter, Standing::Wait, Standing::Refuse][usize::from(worst)]
    }

    fn pick(&self, place: usize) -> Option<usize> {
        let enters = |release: &usize| self.standing(place, *release, Trigger::Automatic) == Standing::Enter;
        let mut releases: Vec<usize> = (0..3).filter(enters).collect();
        if self.graph[place].order == Order::Newest {
            releases.reverse();
        }
        releases.first().copied()
    }
}

fn check(environments: &[Environment], drawn: Vec<Happening>, later: u64) -> Result<(), TestCaseError> {
    let graph = Graph::new(environments.to_vec()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let is_deployed = |it: &Happening| environments.get(it.place).is_some_and(|place| place.site == Site::Deployed);
    let drawn: Vec<Happening> = drawn.into_iter().filter(is_deployed).collect();
    let now = drawn.last().map_or(0, |last| last.at) + later;
    let mut log: Vec<Event> =
        RELEASES.iter().map(|name| Event { at: minute(0), kind: Kind::Made(made(name)) }).collect();
    log.extend(drawn.iter().map(event));
    let history = History::of(&graph, &log);
    let naive = Naive { graph: environments, log: drawn, now };
    let facts = Facts::new(&history, minute(now));
    for place in 0..environments.len() {
        for (release_index, name_of) in RELEASES.iter().enumerate() {
            for by in [Trigger::Person, Trigger::Automatic] {
                let mut ask = Ask::by_person(release(name_of), name(place));
                ask.by = by;
                let decision = graph.entry(&facts, &ask);
                let expected = naive.standing(place, release_index, by);
                prop_assert_eq!(decision.outcome.standing, expected, "{:?} {}: {}", by, place, decision);
                check_wake(&graph, (&history, now), &ask)?;
            }
        }
        let picked = graph.pick(&facts, &name(place)).outcome.enter.map(|release| release.to_string());
        prop_assert_eq!(picked.as_deref(), naive.pick(place).map(|release| RELEASES[release]), "pick for {}", place);
    }
    Ok(())
}

/// Until the wake time alone changes nothing; without one it never does.
fn check_wake(graph: &Graph, (history, now): (&History, u64), ask: &Ask) -> Result<(), TestCaseError> {
    let at = |minutes: u64| graph.entry(&Facts::new(history, minute(minutes)), ask).outcome;
    let first = at(now);
    prop_assert!(first.wake.is_none_or(|wake| wake > minute(now)), "{first:?} at {now}");
    for later in (now + 1..now + 20).take_while(|later| first.wake.is_none_or(|wake| minute(*later) < wake)) {
        prop_assert_eq!(at(later).standing, first.standing, "{} at {}, asked at {}", ask.environment, later, now);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_log_is_answered_as_a_minute_by_minute_walk_answers_it(
        environments in graphs(), drawn in logs(), later in 0..8_u64,
    ) {
        check(&environments, drawn, later)?;
    }

    #[test]
    fn an_orderly_log_is_answered_as_a_minute_by_minute_walk_answers_it(
        environments in graphs(), drawn in logs(), later in 0..8_u64,
    ) {
        check(&environments, orderly(drawn), later)?;
    }
}
