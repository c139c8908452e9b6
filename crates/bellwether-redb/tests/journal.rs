//! The contract of a journal, against the real file, and what a damaged file says.

#![expect(clippy::unwrap_used, reason = "a journal that cannot be written fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use bellwether_core::{Fence, RolloutId, Time};
use bellwether_port::testing::{conformance, example_plan};
use bellwether_port::{Body, Chain, Fault, Journal, Opened, ReadError, Record, load};
use bellwether_redb::{OpenError, RedbJournal};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use tempfile::TempDir;

const RECORDS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("records");
const HEADS: TableDefinition<'_, &str, [u8; 49]> = TableDefinition::new("heads");
const FILE: TableDefinition<'_, &str, u64> = TableDefinition::new("file");

#[tokio::test]
async fn the_file_keeps_the_contract() {
    let (folder, number) = (TempDir::new().unwrap(), AtomicUsize::new(0));
    let make = async || {
        let name = format!("{}.redb", number.fetch_add(1, Ordering::Relaxed));
        RedbJournal::open(folder.path().join(name)).unwrap()
    };
    conformance::journal(make).await;
    conformance::durable_journal(async || RedbJournal::open(folder.path().join("durable.redb")).unwrap()).await;
}

#[tokio::test]
async fn appends_of_many_tasks_are_stored_once_each_and_in_order() {
    let folder = TempDir::new().unwrap();
    let journal = RedbJournal::open(folder.path().join("rollouts.redb")).unwrap();
    let rollouts: Vec<_> = (0..8).map(|number| written(&format!("rollout-{number}"), 12)).collect();
    let tasks: Vec<_> = rollouts
        .iter()
        .cloned()
        .map(|(rollout, records)| {
            let journal = journal.clone();
            tokio::spawn(async move {
                for record in &records {
                    journal.append(&rollout, record).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for (rollout, records) in rollouts {
        assert_eq!(journal.read(&rollout, 0).await.unwrap(), records);
        assert_eq!(journal.verify(&rollout).await.unwrap().map(|head| head.seq), Some(11));
    }
}

/// A runtime that has ended runs nothing; the append is told so, and the next one finds a writer.
#[test]
fn an_append_whose_runtime_has_ended_fails_and_the_journal_goes_on_in_another_one() {
    let folder = TempDir::new().unwrap();
    let journal = RedbJournal::open(folder.path().join("rollouts.redb")).unwrap();
    let (rollout, records) = written("checkout-42", 2);
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ended = runtime().handle().clone();
    let error = ended.block_on(journal.append(&rollout, &records[0])).unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("rollouts.redb"), "{error}");
    runtime().block_on(async {
        for record in &records {
            journal.append(&rollout, record).await.unwrap();
        }
        assert_eq!(journal.read(&rollout, 0).await.unwrap(), records);
    });
}

/// A driver that is dropped while it appends.
#[tokio::test]
async fn an_append_that_nobody_waits_for_is_stored_in_its_place_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rollouts.redb");
    let (rollout, records) = written("checkout-42", 40);
    let journal = RedbJournal::open(&path).unwrap();
    for record in &records {
        drop(tokio::time::timeout(std::time::Duration::ZERO, journal.append(&rollout, record)).await);
    }
    let stored = journal.read(&rollout, 0).await.unwrap();
    assert!(records.starts_with(&stored), "{} are there", stored.len());
    for record in &records {
        journal.append(&rollout, record).await.unwrap();
    }
    drop(journal);
    let journal = RedbJournal::open(&path).expect("the lock goes with the journal, whatever was dropped before");
    assert_eq!(journal.read(&rollout, 0).await.unwrap(), records);
}

#[test]
fn a_second_journal_on_the_same_file_is_refused_with_the_file_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rollouts.redb");
    let journal = RedbJournal::open(&path).unwrap();
    let error = RedbJournal::open(&path).err().expect("it is locked");
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    drop(journal);
    assert!(RedbJournal::open(&path).is_ok(), "the lock goes with the journal");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left in the folder");
}

#[test]
fn an_empty_or_foreign_file_is_refused_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rollouts.redb");
    for content in [b"".as_slice(), b"not a database", &[0; 8192]] {
        fs::write(&path, content).unwrap();
        let error = RedbJournal::open(&path).err().expect("it is no journal");
        assert!(matches!(error, OpenError::Corrupt { .. } | OpenError::Io { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content, "{error}");
    }
    fs::remove_file(&path).unwrap();
    drop(Database::create(&path).unwrap());
    let error = RedbJournal::open(&path).err().expect("it has no tables");
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    let missing = folder.path().join("no-such-folder").join("rollouts.redb");
    assert!(matches!(RedbJournal::open(missing), Err(OpenError::Io { .. })));
}

#[test]
fn another_schema_is_refused() {
    let (_folder, path, ..) = stored(3);
    change(&path, |transaction| {
        transaction.open_table(FILE).unwrap().insert("schema", 2).unwrap();
    });
    let error = RedbJournal::open(&path).err().expect("it is newer");
    assert!(error.to_string().ends_with("expected journal store schema 1, found 2"), "{error}");
}

#[tokio::test]
async fn records_that_are_missing_or_changed_behind_the_journal_are_named() {
    for (what, change_it, expected) in [
        (
            "a lost end",
            change_lose_end as fn(&redb::WriteTransaction),
            "record 8: expected this to be followed up to record 9",
        ),
        ("a hole", change_lose_middle, "record 4: expected record 4, found record 5"),
        ("a lost head", change_lose_head, "expected the end of the journal, found record 9"),
        ("another body", change_body, "record 4: expected digest"),
        ("a swap", change_swap, "record 4: expected record 4, found record 5"),
    ] {
        let (_folder, path, rollout, records) = stored(10);
        change(&path, change_it);
        let journal = RedbJournal::open(&path).unwrap();
        let error = journal.read(&rollout, 0).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{what}: {error}");
        assert_eq!(journal.verify(&rollout).await.unwrap_err(), error, "{what}");
        let next = records.last().unwrap();
        if what == "a lost head" {
            assert!(journal.append(&rollout, next).await.is_err(), "an empty journal is not begun over an old one");
        }
    }
}

fn change_lose_end(transaction: &redb::WriteTransaction) {
    transaction.open_table(RECORDS).unwrap().remove(("checkout-42", 9)).unwrap();
}

fn change_lose_middle(transaction: &redb::WriteTransaction) {
    transaction.open_table(RECORDS).unwrap().remove(("checkout-42", 4)).unwrap();
}

fn change_lose_head(transaction: &redb::WriteTransaction) {
    transaction.open_table(HEADS).unwrap().remove("checkout-42").unwrap();
}

fn change_body(transaction: &redb::WriteTransaction) {
    let mut records = transaction.open_table(RECORDS).unwrap();
    let mut bytes = records.get(("checkout-42", 4)).unwrap().unwrap().value().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    records.insert(("checkout-42", 4), bytes.as_slice()).unwrap();
}

fn change_swap(transaction: &redb::WriteTransaction) {
    let mut records = transaction.open_table(RECORDS).unwrap();
    let bytes = records.get(("checkout-42", 5)).unwrap().unwrap().value().to_vec();
    records.insert(("checkout-42", 4), bytes.as_slice()).unwrap();
}

#[tokio::test]
async fn a_rollout_of_newer_rules_can_be_read_and_is_refused_when_it_is_loaded() {
    let (_folder, path, rollout, records) = stored(1);
    let rules = format!(r#""rules":{}"#, Opened::new(example_plan("checkout-42")).rules);
    let json = String::from_utf8(records[0].json().to_vec()).unwrap().replace(&rules, r#""rules":4000000"#);
    let other = sealed(&rollout, &json);
    change(&path, |transaction| {
        transaction.open_table(RECORDS).unwrap().insert((rollout.as_str(), 0), other.as_slice()).unwrap();
        let mut heads = transaction.open_table(HEADS).unwrap();
        let mut head = heads.get(rollout.as_str()).unwrap().unwrap().value();
        head[16..48].copy_from_slice(&other[69..101]);
        heads.insert(rollout.as_str(), head).unwrap();
    });
    let journal = RedbJournal::open(&path).unwrap();
    let records = journal.read(&rollout, 0).await.unwrap();
    let error = load(&rollout, &records).unwrap_err();
    assert!(matches!(error.fault, Fault::NewerRules { found: 4_000_000, .. }), "{error}");
}

/// The stored form of a first record with that body, as `bellwether-port` documents it.
fn sealed(rollout: &RolloutId, json: &str) -> Vec<u8> {
    use sha2::Digest as _;
    let header = [0_u64.to_be_bytes(), 0_i64.to_be_bytes(), 1_u64.to_be_bytes(), 0_u64.to_be_bytes()].concat();
    let (name, previous) = (rollout.as_str().as_bytes(), [0; 32]);
    let tag = b"bellwether journal record 1".as_slice();
    let hashed = [tag, &(name.len() as u64).to_be_bytes(), name, &header, &previous, json.as_bytes()].concat();
    let digest = sha2::Sha256::digest(hashed);
    [&[1], &u32::try_from(json.len()).unwrap().to_be_bytes()[..], &header, &previous, &digest, json.as_bytes()].concat()
}

#[tokio::test]
async fn a_file_that_is_cut_off_anywhere_is_refused() {
    let (folder, path, rollout, records) = stored(6);
    let whole = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.redb");
    for length in (0..whole.len()).step_by(509).chain([1, whole.len() - 1]) {
        fs::write(&cut, &whole[..length]).unwrap();
        let found = read_all(&cut, &rollout).await;
        assert!(found.is_err(), "cut to {length} of {} bytes: {:?}", whole.len(), found.map(|found| found.len()));
    }
    assert_eq!(read_all(&path, &rollout).await.unwrap(), records);
}

async fn read_all(path: &Path, rollout: &RolloutId) -> Result<Vec<Record>, String> {
    let journal = RedbJournal::open(path).map_err(|error| error.to_string())?;
    let open = journal.open_rollouts().await.map_err(|error| error.to_string())?;
    let records = journal.read(rollout, 0).await.map_err(|error: ReadError| error.to_string())?;
    assert_eq!(open, std::slice::from_ref(rollout), "what is open is still listed");
    Ok(records)
}

/// A rollout with that many records, in a file that was closed.
fn stored(count: u64) -> (TempDir, PathBuf, RolloutId, Vec<Record>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rollouts.redb");
    let (rollout, records) = written("checkout-42", count);
    let write = async {
        let journal = RedbJournal::open(&path).unwrap();
        for record in &records {
            journal.append(&rollout, record).await.unwrap();
        }
    };
    // In a thread of its own, because a test that has a runtime cannot wait for another one.
    let run = || tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(write);
    std::thread::scope(|scope| scope.spawn(run).join().unwrap());
    (folder, path, rollout, records)
}

/// A rollout that was opened and then only looked at.
fn written(rollout: &str, count: u64) -> (RolloutId, Vec<Record>) {
    let mut chain = Chain::new(RolloutId::new(rollout).unwrap());
    let opened = Opened::new(example_plan(rollout));
    let course = bellwether_port::Course::open(&opened, Time::default());
    let bodies = std::iter::once(Body::from(opened)).chain(std::iter::repeat(Body::from(course.stored())));
    let seal = |body: Body| {
        let record = chain.next(Time::default(), Fence { token: 1, generation: 0 }, &body).unwrap();
        chain.push(&record).unwrap();
        record
    };
    let records = bodies.take(usize::try_from(count).unwrap()).map(seal).collect();
    (RolloutId::new(rollout).unwrap(), records)
}

/// Changes the file behind the journal's back.
fn change(path: &Path, function: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    function(&transaction);
    transaction.commit().unwrap();
    drop(database.begin_read().unwrap());
}
