//! The journal's records: what is stored, what is noticed, and what is decided again.

#![expect(clippy::unwrap_used, reason = "a journal that cannot be written fails the test")]

use bellwether_analysis::{Interval, Missing, Sample, Sequential};
use bellwether_core::{
    Arms, Decision, Digest, Duration, Fence, Finding, RolloutId, StageId, Time, Value, Verdict, Weight,
};
use bellwether_port::testing::{Simulation, Troubles, example_plan};
use bellwether_port::{
    Body, BodyKind, Chain, Course, Fault, NotDerived, Opened, Origin, Part, Record, ReplayError, SCHEMA, load, replay,
};
use bellwether_rollout::{Actor, Event, Kind, Move, Place, RULES, goal};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

const FENCE: Fence = Fence { token: 3, generation: 5 };

/// A journal that is written record by record.
#[derive(Clone)]
struct Log {
    chain: Chain,
    records: Vec<Record>,
    at: Time,
}

impl Log {
    fn open(opened: &Opened) -> Self {
        let at: Time = "2026-03-02T10:00:00Z".parse().unwrap();
        let log = Self { chain: Chain::new(opened.plan.id().clone()), records: Vec::new(), at };
        log.with(&Body::from(opened.clone()))
    }

    fn with(mut self, body: &Body) -> Self {
        let record = self.chain.next(self.at, FENCE, body).unwrap();
        self.chain.push(&record).unwrap();
        self.records.push(record);
        self
    }

    /// With a body that this build would not write: sealed by a chain all the same.
    fn with_json(mut self, json: &str) -> Self {
        let bytes = frame(self.chain.rollout(), &self.chain, self.at, json.as_bytes());
        let record = self.chain.read(&bytes).unwrap();
        self.records.push(record);
        self
    }

    fn rollout(&self) -> &RolloutId {
        self.chain.rollout()
    }

    fn load_error(&self) -> String {
        load(self.rollout(), &self.records).unwrap_err().to_string()
    }
}

/// The stored form, written down a second time from its documentation.
fn frame(rollout: &RolloutId, chain: &Chain, at: Time, json: &[u8]) -> Vec<u8> {
    let previous = chain.head().map_or([0; 32], |head| *head.digest.as_bytes());
    let header = [
        chain.next_seq().to_be_bytes().as_slice(),
        &at.unix_millis().to_be_bytes(),
        &FENCE.token.to_be_bytes(),
        &FENCE.generation.to_be_bytes(),
        &previous,
    ]
    .concat();
    let name = rollout.as_str().as_bytes();
    let hashed =
        [b"bellwether journal record 1".as_slice(), &(name.len() as u64).to_be_bytes(), name, &header, json].concat();
    let digest = Sha256::digest(hashed);
    [&[1], &u32::try_from(json.len()).unwrap().to_be_bytes()[..], &header, &digest, json].concat()
}

fn opened() -> Opened {
    Opened::new(example_plan("checkout-42"))
}

fn tick(number: u32, at: Time) -> Event {
    Event { id: format!("tick-{number}").parse().unwrap(), at, by: Actor::Driver, kind: Kind::Ticked }
}

/// A journal of a simulated rollout, with everything in it.
fn simulated(seed: u64) -> (RolloutId, Vec<Record>) {
    let simulation = Simulation::new(seed, example_plan("checkout-42")).with_judge(Sequential::default());
    let end = simulation.with_troubles(Troubles { commands: 0.0, ..Troubles::all() }).run().unwrap();
    (end.state().plan().id().clone(), end.records().to_vec())
}

#[test]
fn the_stored_form_is_what_its_documentation_says() {
    let log = Log::open(&opened());
    let bytes = log.records[0].to_bytes();
    assert_eq!(bytes, frame(log.rollout(), &Chain::new(log.rollout().clone()), log.at, log.records[0].json()));
    assert_eq!(log.records[0].fence(), FENCE);
    assert_eq!(log.records[0].at(), log.at);
    assert_eq!(log.records[0].kind(), Some(BodyKind::Opened));
}

#[test]
fn the_digest_of_a_journal_is_pinned() {
    // Golden: it changes only when what is written changes, and old journals must stay readable then.
    let event = tick(1, "2026-03-02T10:00:01Z".parse().unwrap());
    let finding = Finding::info("a.rule", "{ratio}").figure("ratio", Value::Ratio(0.1)).flips_when("less");
    let decision = Decision::new(Move::Enter(Place::Scale(0))).because(finding);
    let log = Log::open(&opened()).with(&Body::event(event, decision));
    assert_eq!(
        log.chain.head().unwrap().digest.to_string(),
        GOLDEN,
        "{}",
        String::from_utf8_lossy(log.records[1].json())
    );
}

const GOLDEN: &str = "db1c83a952211553e8daf3e5828298e90ff30b3c5488ff2acaecc67afd5bc445";

#[test]
fn every_flipped_byte_of_a_journal_is_found_and_its_record_named() {
    let (rollout, records) = simulated(5);
    let stored: Vec<Vec<u8>> = records.iter().map(Record::to_bytes).take(60).collect();
    assert_eq!(stored.len(), 60);
    let verify = |seq: usize, bytes: &[u8]| {
        let mut chain = Chain::new(rollout.clone());
        stored
            .iter()
            .enumerate()
            .try_for_each(|(index, honest)| chain.verify(if index == seq { bytes } else { honest }))
    };
    for (seq, honest) in stored.iter().enumerate() {
        assert_eq!(verify(seq, honest), Ok(()));
        for place in 0..honest.len() {
            let mut bytes = honest.clone();
            bytes[place] ^= 1 << (place % 8);
            let error = Record::from_bytes(&rollout, seq as u64, &bytes).unwrap_err();
            assert_eq!(error.seq, seq as u64, "byte {place}");
        }
        let mut bytes = honest.clone();
        bytes[honest.len() / 2] ^= 1;
        assert_eq!(verify(seq, &bytes).unwrap_err().seq, seq as u64);
    }
}

#[test]
fn a_record_that_is_cut_off_or_goes_on_is_named() {
    let log = Log::open(&opened());
    let honest = log.records[0].to_bytes();
    for length in 0..honest.len() {
        let error = Record::from_bytes(log.rollout(), 0, &honest[..length]).unwrap_err();
        assert!(matches!(error.fault, Fault::Torn { found, .. } if found == length), "{length}: {error}");
        assert!(error.is_corrupt() && !error.is_newer());
    }
    let error = Record::from_bytes(log.rollout(), 0, &[honest.as_slice(), b"x"].concat()).unwrap_err();
    assert!(matches!(error.fault, Fault::Trailing { .. }), "{error}");
    let error = Record::from_bytes(log.rollout(), 0, &[&[2], &honest[1..]].concat()).unwrap_err();
    assert!(error.is_newer(), "another stored form: {error}");
}

#[test]
fn records_that_are_missing_doubled_moved_or_of_another_rollout_are_named() {
    let (rollout, records) = simulated(6);
    let check = |change: fn(&mut Vec<Record>)| {
        let mut records = records.clone();
        change(&mut records);
        load(&rollout, &records).unwrap_err().fault
    };
    assert_eq!(check(Vec::clear), Fault::Empty);
    assert_eq!(check(|records| drop(records.remove(7))), Fault::Gap { expected: 7, found: 8 });
    assert_eq!(check(|records| records.insert(7, records[6].clone())), Fault::Gap { expected: 7, found: 6 });
    assert_eq!(check(|records| records.swap(7, 8)), Fault::Gap { expected: 7, found: 8 });
    let other: RolloutId = "checkout-43".parse().unwrap();
    let error = Record::from_bytes(&other, 0, &records[0].to_bytes()).unwrap_err();
    assert!(matches!(error.fault, Fault::Altered { .. }), "a record belongs to its rollout: {error}");

    let fork = Log::open(&opened().with_origin(Origin::default().with_by("ada".parse().unwrap())));
    let mut chain = fork.chain;
    let error = chain.push(&records[1]).unwrap_err();
    assert!(matches!(error.fault, Fault::Unlinked { .. }), "{error}");
}

#[test]
fn a_missing_end_is_found_by_a_head_that_was_kept_elsewhere() {
    let (rollout, records) = simulated(7);
    let mut whole = Chain::new(rollout.clone());
    records.iter().try_for_each(|record| whole.push(record)).unwrap();
    let mut cut = Chain::new(rollout.clone());
    records[..records.len() - 1].iter().try_for_each(|record| cut.push(record)).unwrap();
    assert_eq!(whole.expect_head(whole.head()), Ok(()));
    let error = cut.expect_head(whole.head()).unwrap_err();
    let last = records.len() as u64 - 1;
    assert_eq!(error.fault, Fault::Truncated { expected: last }, "{error}");
    assert_eq!(Chain::new(rollout).expect_head(whole.head()).unwrap_err().fault, Fault::Truncated { expected: last });
    let error = whole.expect_head(cut.head()).unwrap_err();
    assert!(matches!(error.fault, Fault::Misplaced { .. }), "{error}");
    let mut head = whole.head().unwrap();
    head.digest = Digest::ZERO;
    assert!(matches!(whole.expect_head(Some(head)).unwrap_err().fault, Fault::Altered { .. }));
}

#[test]
fn newer_schemas_and_rules_are_refused_before_anything_else_is_read() {
    let log = Log::open(&opened());
    let newer = |schema: u32, rules: u32| {
        // A newer record need not have a shape that this build knows.
        let json = format!(r#"{{"opened":{{"schema":{schema},"rules":{rules},"stars":[1,2,3]}}}}"#);
        let chain = Chain::new(log.rollout().clone());
        let bytes = frame(log.rollout(), &chain, log.at, json.as_bytes());
        let record = Record::from_bytes(log.rollout(), 0, &bytes).unwrap();
        load(log.rollout(), &[record]).unwrap_err()
    };
    assert_eq!(newer(SCHEMA + 1, RULES).fault, Fault::NewerSchema { expected: SCHEMA, found: SCHEMA + 1 });
    assert_eq!(newer(SCHEMA, RULES + 1).fault, Fault::NewerRules { expected: RULES, found: RULES + 1 });
    assert!(newer(SCHEMA, RULES + 1).is_newer());
    let error = newer(SCHEMA, RULES).to_string();
    assert!(error.starts_with("journal checkout-42, record 0: at $.opened.stars: unknown field `stars`"), "{error}");

    let adopted = format!(r#"{{"adopted":{{"schema":{SCHEMA},"rules":{}}}}}"#, RULES + 1);
    let error = log.with_json(&adopted).load_error();
    assert!(error.starts_with("journal checkout-42, record 1: expected machine rules"), "{error}");
}

#[test]
fn what_cannot_be_read_is_named_by_its_place() {
    let log = Log::open(&opened());
    for (json, expected) in [
        ("", "record 1: at $."),
        ("{}", "record 1: at $."),
        (r#"{"frobbed":{}}"#, "unknown variant `frobbed`"),
        (r#"{"interval":{"metric":"","interval":{}}}"#, "at $.interval.metric: expected an identifier"),
        (r#"{"event":{"event":{"id":"1"}}}"#, "at $.event.event: missing field `at`"),
        (&format!("{}{}", r#"{"event":"#, "[".repeat(100_000)), "at $.event"),
    ] {
        let error = log.clone().with_json(json).load_error();
        assert!(error.contains(expected), "{error}");
    }
    let error = log.clone().with(&Body::from(opened())).load_error();
    assert!(error.contains("expected anything but an opening, found opened"), "{error}");
    let event = Body::event(tick(1, log.at), Decision::new(Move::Stay));
    let mut chain = Chain::new(log.rollout().clone());
    let first = chain.next(log.at, FENCE, &event).unwrap();
    chain.push(&first).unwrap();
    let error = load(log.rollout(), &[first]).unwrap_err().to_string();
    assert!(error.contains("expected the opening of the rollout, found event"), "{error}");
    let other = Log::open(&Opened::new(example_plan("checkout-43")));
    let chain = Chain::new(log.rollout().clone());
    let foreign = chain.next(log.at, FENCE, &other.records[0].body(other.rollout()).unwrap()).unwrap();
    let error = load(log.rollout(), &[foreign]).unwrap_err().to_string();
    assert!(error.contains("the plan: expected one of checkout-42, found one of checkout-43"), "{error}");
}

#[test]
fn a_number_that_is_none_is_refused_with_its_place() {
    let log = Log::open(&opened());
    let finding = Finding::info("a.rule", "{ratio}").figure("sound", 1_u64).figure("ratio", Value::Ratio(f64::NAN));
    let body = Body::event(tick(1, log.at), Decision::new(Move::Stay).because(finding));
    let error = log.chain.next(log.at, FENCE, &body).unwrap_err();
    assert_eq!(
        error.to_string(),
        "journal checkout-42, record 1: $.event.decision.findings[0].figures[1].value.ratio: expected a finite number, found NaN"
    );
    assert!(!error.is_corrupt() && !error.is_newer(), "what is stored is sound");
}

#[test]
fn an_older_rollout_is_adopted_and_the_part_before_is_not_derived_again() {
    let mut old = opened();
    old.rules = RULES - 1;
    let log = Log::open(&old);
    // Older rules decided something that this build never would.
    let odd = Body::event(tick(1, log.at), Decision::new(Move::Enter(Place::Completed)));
    let log = log.with(&odd).with(&odd);
    let loaded = load(log.rollout(), &log.records).unwrap();
    assert_eq!(loaded.rules, RULES - 1);
    let log = log.with(&loaded.adoption().unwrap());

    let loaded = load(log.rollout(), &log.records).unwrap();
    assert_eq!((loaded.rules, loaded.adoption()), (RULES, None), "taken over");
    let event = tick(2, log.at.after(Duration::from_seconds(1)));
    let (course, decision) = loaded.course.step(&event);
    let log = log.with(&Body::event(event, decision));
    let replayed = replay(log.rollout(), &log.records).unwrap();
    assert_eq!(replayed.course, course);
    assert_eq!(replayed.decisions, 1, "what this build decided");
    assert_eq!(
        replayed.not_derived,
        [Part { first: 1, last: 2, why: NotDerived::OlderRules }, Part { first: 3, last: 3, why: NotDerived::Adopted }]
    );
    let log = log.with(&odd);
    assert!(matches!(replay(log.rollout(), &log.records), Err(ReplayError::Divergence(_))));
}

/// A build of rules 1 wrote it, whose judge said less: nothing of it is derived again by other rules, and a driver of today
/// goes on from what it holds.
#[test]
fn a_judged_journal_of_the_first_rules_is_taken_as_it_was_written_and_gone_on_with() {
    let text = include_str!("golden/rules-1-judged.txt");
    let mut log = Log { chain: Chain::new("checkout-42".parse().unwrap()), records: Vec::new(), at: Time::MIN };
    for line in text.lines() {
        let parts: Vec<&str> = line.splitn(5, ' ').collect();
        log.at = parts[0].parse().unwrap();
        log = log.with_json(parts[4]);
        assert_eq!(log.records.last().unwrap().digest().to_string(), parts[3]);
    }
    let of_kind = |kind| log.records.iter().filter(|record| record.kind() == Some(kind)).count();
    assert_eq!((of_kind(BodyKind::Interval), of_kind(BodyKind::Snapshot)), (5, 1));

    let loaded = load(log.rollout(), &log.records).unwrap();
    assert_eq!(loaded.rules, 1);
    let verdict = loaded.course.verdict(loaded.at).unwrap();
    let evidence = verdict.findings.iter().find(|finding| finding.rule == "judge.evidence").unwrap();
    let requests = ["candidate_requests", "stable_requests"].map(|figure| evidence.value(figure).cloned());
    assert_eq!(
        requests,
        [1_500_u64, 28_500].map(|count| Some(Value::Count(count))),
        "the five minutes before the snapshot"
    );

    let replayed = replay(log.rollout(), &log.records).unwrap();
    assert_eq!((replayed.decisions, replayed.verdicts), (0, 0));
    assert!(replayed.not_derived.iter().all(|part| part.why == NotDerived::OlderRules), "{:?}", replayed.not_derived);

    let log = log.with(&loaded.adoption().unwrap());
    let loaded = load(log.rollout(), &log.records).unwrap();
    assert_eq!((loaded.rules, loaded.course.verdict(loaded.at)), (RULES, Some(verdict)));
}

/// A journal with a stage that is judged: the verdict that the judge gives after five intervals.
fn judged() -> (Log, Course, StageId, Time) {
    let opened = opened().with_judge(Sequential::default());
    let mut log = Log::open(&opened);
    let mut course = Course::open(&opened, log.at);
    let (rollout, records) = {
        let simulation =
            Simulation::new(1, example_plan("checkout-42")).with_judge(Sequential::default()).run().unwrap();
        (log.rollout().clone(), simulation.records().to_vec())
    };
    for record in records.iter().skip(1) {
        let body = record.body(&rollout).unwrap();
        if let Body::Event(stepped) = &body {
            let at_bake = course.state().place() == Place::Bake(0);
            if at_bake || matches!(stepped.event.kind, Kind::Judged { .. }) {
                break;
            }
            course = course.step(&stepped.event).0;
            log = log.with(&body);
        }
    }
    let stage = goal(course.state()).stage.unwrap();
    let metric = "errors".parse().unwrap();
    let mut now = course.state().now();
    for _ in 0..5 {
        let (start, end) = (now, now.after(Duration::from_minutes(1)));
        let arms = Arms { stable: Sample::counts(5_700, 6).unwrap(), candidate: Sample::counts(300, 1).unwrap() };
        let share = Weight::new(500).unwrap();
        let interval =
            Interval { start, end, stage: stage.clone(), intended: share, observed: share, settled: true, arms };
        log = log.with(&Body::interval(Clone::clone(&metric), interval.clone()));
        course.see(&metric, &interval);
        now = end;
    }
    assert_eq!(course.measured_until(&metric), Some(now));
    (log, course, stage, now)
}

fn with_verdict(log: Log, course: &Course, event: Event) -> Log {
    let (_, decision) = course.clone().step(&event);
    log.with(&Body::event(event, decision))
}

#[test]
fn a_verdict_is_derived_from_the_intervals_before_it() {
    let (log, course, stage, at) = judged();
    let decision = course.verdict(at).unwrap();
    let event = |decision: Decision<Verdict>| Event {
        kind: Kind::Judged { stage: stage.clone(), decision },
        ..tick(1_000, at)
    };
    let honest = with_verdict(log.clone(), &course, event(decision.clone()));
    let replayed = replay(honest.rollout(), &honest.records).unwrap();
    assert_eq!((replayed.verdicts, replayed.not_derived), (1, vec![]));

    let forged = with_verdict(log.clone(), &course, event(Decision { outcome: Verdict::Pass, ..decision.clone() }));
    let error = replay(forged.rollout(), &forged.records).unwrap_err();
    let ReplayError::Divergence(divergence) = error else { panic!("it can be read: {error}") };
    assert_eq!((divergence.what, divergence.seq), ("the verdict", forged.records.len() as u64 - 1));

    let failed = Missing::ProviderError.finding(&"errors".parse().unwrap());
    let other = StageId { step: 1, ..stage.clone() };
    for (why, event) in [
        (NotDerived::SourceFailed, event(Decision::new(Verdict::NoData).because(failed))),
        (NotDerived::Outside, Event { by: Actor::System("probe".parse().unwrap()), ..event(decision.clone()) }),
        (
            NotDerived::OtherStage,
            Event { kind: Kind::Judged { stage: other, decision: decision.clone() }, ..event(decision) },
        ),
    ] {
        let log = with_verdict(log.clone(), &course, event);
        let replayed = replay(log.rollout(), &log.records).unwrap();
        let seq = log.records.len() as u64 - 1;
        assert_eq!(replayed.not_derived, [Part { first: seq, last: seq, why }]);
    }
}

#[test]
fn a_snapshot_must_equal_the_fold() {
    let (log, course, ..) = judged();
    let honest = log.clone().with(&Body::from(course.stored()));
    assert_eq!(replay(honest.rollout(), &honest.records).unwrap().course, course);
    let loaded = load(honest.rollout(), &honest.records).unwrap();
    assert_eq!((loaded.course, loaded.since_snapshot), (course.clone(), 1));

    let mut stored = course.stored();
    stored.measured.clear();
    let forged = log.with(&Body::from(stored));
    let error = replay(forged.rollout(), &forged.records).unwrap_err().to_string();
    assert!(error.contains("the snapshot differs"), "{error}");
}

#[test]
fn a_snapshot_of_another_plan_or_judge_is_refused() {
    let log = Log::open(&opened());
    let other = Opened::new(example_plan("checkout-43"));
    let foreign = log.clone().with(&Body::from(Course::open(&other, log.at).stored()));
    assert!(foreign.load_error().contains("the snapshot: expected one of plan"), "{}", foreign.load_error());
    let judged = Course::open(&opened().with_judge(Sequential::default()), log.at).stored();
    let judged = log.with(&Body::from(judged));
    assert!(judged.load_error().contains("expected no judge, found the state of one"), "{}", judged.load_error());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn reading_any_bytes_is_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let rollout: RolloutId = "checkout-42".parse().unwrap();
        prop_assert!(Record::from_bytes(&rollout, 0, &bytes).is_err());
    }

    #[test]
    fn reading_any_sealed_text_never_panics(json in "\\PC{0,200}") {
        let log = Log::open(&opened()).with_json(&json);
        prop_assert!(load(log.rollout(), &log.records).is_err());
    }

    #[test]
    fn every_body_reads_back_and_is_written_the_same(seed in 0_u64..40, pick in any::<prop::sample::Index>()) {
        let (rollout, records) = simulated(seed);
        let record = pick.get(&records);
        let body = record.body(&rollout).unwrap();
        prop_assert_eq!(Some(body.kind()), record.kind());
        prop_assert_eq!(bellwether_port::canonical_json(&body).unwrap(), record.json());
    }
}
