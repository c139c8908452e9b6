use bellwether_core::{Duration, EventId, Fence, RolloutId, Time};
use bellwether_rollout::{Actor, Event, Kind};

use crate::testing::{example_plan, must::must};
use crate::{AppendError, Body, Chain, Course, Journal, Opened, Record, load};

/// Checks the contract of [`Journal`]; `make` gives a journal over an empty store.
///
/// # Panics
/// A clause of the contract is broken.
///
/// # Example: the fake keeps the contract
/// ```
/// use bellwether_port::testing::{FakeJournal, conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// conformance::journal(async || FakeJournal::default()).await;
/// # }
/// ```
pub async fn journal<J: Journal>(make: impl AsyncFn() -> J) {
    gives_back_what_was_appended(&make().await).await;
    takes_the_same_record_twice(&make().await).await;
    refuses_what_does_not_follow(&make().await).await;
    refuses_a_lower_token(&make().await).await;
    keeps_rollouts_apart(&make().await).await;
    lists_open_rollouts(&make().await).await;
    keeps_large_records(&make().await).await;
}

/// Checks that a [`Journal`] keeps what it has acknowledged; each call of `open` opens the same store, which is empty at
/// first.
///
/// # Panics
/// A clause of the contract is broken.
pub async fn durable_journal<J: Journal>(open: impl AsyncFn() -> J) {
    let mut log = Log::new("durable");
    let mut records = Vec::new();
    for _ in 0..5 {
        let journal = open().await;
        assert_eq!(log.read(&journal, 0).await, records, "reopened: what was acknowledged is there, and nothing else");
        let head = records.last().cloned();
        if let Some(record) = &head {
            assert_eq!(journal.append(log.rollout(), record).await, Ok(()), "the last record again, after a crash");
        }
        records.extend([log.append(&journal).await, log.append(&journal).await]);
    }
    let journal = open().await;
    must(load(log.rollout(), &log.read(&journal, 0).await), "what was acknowledged can be loaded");
    must(journal.close(log.rollout()).await, "a rollout can be closed");
    drop(journal);
    assert_eq!(open().await.open_rollouts().await, Ok(vec![]), "reopened: closed rollouts stay closed");
}

async fn gives_back_what_was_appended(journal: &impl Journal) {
    let mut log = Log::new("appended");
    assert_eq!(log.read(journal, 0).await, [], "a rollout that was never opened has no records");
    let mut records = Vec::new();
    for _ in 0..20 {
        records.push(log.append(journal).await);
    }
    for from in [0, 1, 7, 19, 20, 21, u64::MAX] {
        let expected = records.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default();
        assert_eq!(log.read(journal, from).await, expected, "the records from {from} on, in order");
    }
}

async fn takes_the_same_record_twice(journal: &impl Journal) {
    let mut log = Log::new("twice");
    let records = [log.append(journal).await, log.append(journal).await, log.append(journal).await];
    for record in &records {
        assert_eq!(journal.append(log.rollout(), record).await, Ok(()), "a record that is stored is taken again");
    }
    assert_eq!(log.read(journal, 0).await, records, "and stored once");
}

async fn refuses_what_does_not_follow(journal: &impl Journal) {
    let mut log = Log::new("conflict");
    let (early, mut other) = (log.clone(), log.clone());
    let first = log.append(journal).await;
    let second = log.append(journal).await;
    let third = log.next(1);

    other.at = other.at.after(Duration::from_seconds(1));
    let another_first = other.next(1);
    other.push(&another_first);
    let another_second = other.next(1);
    other.push(&another_second);
    let another_third = other.next(1);
    for (record, why) in [
        (&another_first, "another first record"),
        (&another_second, "another record with a number that is taken"),
        (&another_third, "a record that follows another one than the last"),
    ] {
        let answer = journal.append(log.rollout(), record).await;
        assert_eq!(answer, Err(AppendError::Conflict { head: Some(1) }), "{why}");
    }
    log.push(&third);
    let fourth = log.next(1);
    let answer = journal.append(log.rollout(), &fourth).await;
    assert_eq!(answer, Err(AppendError::Conflict { head: Some(1) }), "a record after one that is missing");
    assert_eq!(log.read(journal, 0).await, [first, second.clone()], "nothing of it is stored");

    let mut elsewhere = Log { chain: Chain::new(name("conflict-2")), ..early };
    let opening = elsewhere.next(1);
    elsewhere.push(&opening);
    let second_first = elsewhere.next(1);
    let answer = journal.append(elsewhere.rollout(), &second_first).await;
    assert_eq!(answer, Err(AppendError::Conflict { head: None }), "an empty journal begins with its first record");
}

async fn refuses_a_lower_token(journal: &impl Journal) {
    let mut log = Log::new("token");
    let first = log.next(3);
    log.store(journal, &first).await;
    let late = log.next(2);
    assert_eq!(journal.append(log.rollout(), &late).await, Err(AppendError::Superseded), "an earlier owner's record");
    let second = log.next(4);
    log.store(journal, &second).await;
    assert_eq!(log.read(journal, 0).await, [first, second], "the later owner goes on");
}

async fn keeps_rollouts_apart(journal: &impl Journal) {
    // Names that a store which joins name and number carelessly would mix up.
    let mut logs = ["a", "a0", "a/0", "a\u{fffd}", "A"].map(Log::new);
    let mut records: Vec<Vec<Record>> = logs.iter().map(|_| Vec::new()).collect();
    for _ in 0..3 {
        for (log, records) in logs.iter_mut().zip(&mut records) {
            records.push(log.append(journal).await);
        }
    }
    for (log, records) in logs.iter().zip(&records) {
        assert_eq!(log.read(journal, 0).await, *records, "the records of {} alone", log.rollout());
    }
}

async fn lists_open_rollouts(journal: &impl Journal) {
    assert_eq!(journal.open_rollouts().await, Ok(vec![]), "an empty journal has no rollouts");
    let mut logs = ["b", "a", "c"].map(Log::new);
    for log in &mut logs {
        log.append(journal).await;
    }
    assert_eq!(journal.open_rollouts().await, Ok(["a", "b", "c"].map(name).into()), "in the order of their names");
    for _ in 0..2 {
        assert_eq!(journal.close(&name("b")).await, Ok(()), "closing is idempotent");
    }
    assert_eq!(journal.close(&name("never-opened")).await, Ok(()), "there is nothing to close");
    assert_eq!(journal.open_rollouts().await, Ok(["a", "c"].map(name).into()), "a closed one is left out");
    assert_eq!(journal.read(&name("b"), 0).await.map(|records| records.len()), Ok(1), "its records stay");
}

async fn keeps_large_records(journal: &impl Journal) {
    let mut log = Log::new("large");
    log.append(journal).await;
    let record = log.next_with("x".repeat(1 << 20), 1);
    log.store(journal, &record).await;
    assert_eq!(log.read(journal, 1).await, [record], "a record of a megabyte");
}

/// A rollout's log, made as a driver makes it.
#[derive(Clone)]
struct Log {
    chain: Chain,
    course: Option<Course>,
    at: Time,
}

impl Log {
    fn new(rollout: &str) -> Self {
        Self { chain: Chain::new(name(rollout)), course: None, at: Time::default() }
    }

    fn rollout(&self) -> &RolloutId {
        self.chain.rollout()
    }

    fn next(&mut self, token: u64) -> Record {
        self.next_with("a reason".into(), token)
    }

    /// The next record, and the course after it; the chain waits for [`Log::push`].
    fn next_with(&mut self, why: String, token: u64) -> Record {
        let body = match self.course.take() {
            None => {
                let opened = Opened::new(example_plan(self.rollout().as_str()));
                self.course = Some(Course::open(&opened, self.at));
                Body::from(opened)
            }
            Some(course) => {
                let id = must(EventId::new(format!("event-{}", self.chain.next_seq())), "a number is a name");
                let event = Event { id, at: self.at, by: Actor::Driver, kind: Kind::Paused { why } };
                let (course, decision) = course.step(&event);
                self.course = Some(course);
                Body::event(event, decision)
            }
        };
        must(self.chain.next(self.at, Fence { token, generation: 0 }, &body), "a record has a stored form")
    }

    fn push(&mut self, record: &Record) {
        must(self.chain.push(record), "a record follows the one before");
    }

    async fn store(&mut self, journal: &impl Journal, record: &Record) {
        assert_eq!(journal.append(self.rollout(), record).await, Ok(()), "the next record is taken");
        self.push(record);
    }

    async fn append(&mut self, journal: &impl Journal) -> Record {
        let record = self.next(1);
        self.store(journal, &record).await;
        record
    }

    async fn read(&self, journal: &impl Journal, from: u64) -> Vec<Record> {
        must(journal.read(self.rollout(), from).await, "what was appended can be read")
    }
}

fn name(rollout: &str) -> RolloutId {
    must(RolloutId::new(rollout), "a rollout has a name")
}
