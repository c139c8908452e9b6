//! Damage and full disks, on a disk in memory: a real one would have to be flushed for each of a hundred thousand files.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex};

use bellwether_core::{Fence, Time};
use bellwether_port::testing::example_plan;
use bellwether_port::{Body, Course, Opened};
use redb::{DatabaseError, StorageBackend};

use super::*;
use crate::file::{open_by, write_tables};

/// A file in memory, with as much room as it is given. Clones are the same file.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<Stored>>);

#[derive(Debug, Default)]
struct Stored {
    bytes: Vec<u8>,
    /// How many more writes succeed; without a limit where it is absent.
    room: Option<u32>,
    /// How often everything was flushed.
    flushes: u32,
}

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Stored { bytes, ..Stored::default() })))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }

    fn set_room(&self, room: Option<u32>) {
        self.0.lock().unwrap().room = room;
    }

    fn flushes(&self) -> u32 {
        self.0.lock().unwrap().flushes
    }

    fn database(&self, builder: &redb::Builder) -> Result<Database, DatabaseError> {
        builder.create_with_backend(self.clone())
    }

    fn store(&self) -> Result<Store, OpenError> {
        DISK.set(self.clone());
        let path = PathBuf::from("rollouts.redb");
        let database = RwLock::new(Some(open_disk(&path)?));
        Ok(Store { path, open: open_disk, database })
    }
}

thread_local! {
    /// The disk that a test's store opens again.
    static DISK: RefCell<Disk> = RefCell::default();
}

fn open_disk(path: &Path) -> Result<Database, OpenError> {
    let disk = DISK.with_borrow(Disk::clone);
    open_by(path, |builder| disk.database(builder))
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let stored = self.0.lock().unwrap();
        let end = offset.checked_add(out.len()).filter(|end| *end <= stored.bytes.len());
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(&stored.bytes[offset..end]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.lock().unwrap().bytes.resize(usize::try_from(length).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.lock().unwrap().flushes += 1;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let mut stored = self.0.lock().unwrap();
        if let Some(room) = &mut stored.room {
            *room = room.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        }
        stored.bytes[offset..offset + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// A disk with an empty journal, closed.
fn empty() -> Disk {
    let disk = Disk::default();
    let database = disk.database(&redb::Builder::new()).unwrap();
    write_tables(&database).unwrap();
    database.close().unwrap();
    disk
}

fn append(store: &Store, rollout: &RolloutId, record: &Record) -> Result<(), AppendError> {
    store.append_all(&[Append::new(rollout, record).0]).pop().unwrap()
}

/// The records of a rollout: an opening and snapshots of nothing.
fn written(count: usize) -> (RolloutId, Vec<Record>) {
    written_of("checkout-42", count)
}

fn written_of(rollout: &str, count: usize) -> (RolloutId, Vec<Record>) {
    let opened = Opened::new(example_plan(rollout));
    let mut chain = Chain::new(opened.plan.id().clone());
    let course = Course::open(&opened, Time::default());
    let bodies = std::iter::once(Body::from(opened)).chain(std::iter::repeat(Body::from(course.stored())));
    let records = bodies.take(count).map(|body| {
        let record = chain.next(Time::default(), Fence { token: 1, generation: 0 }, &body).unwrap();
        chain.push(&record).unwrap();
        record
    });
    let records = records.collect();
    (chain.rollout().clone(), records)
}

/// Every byte of a file that was closed, each with one bit turned over: an error, or the same records.
#[test]
fn every_flipped_byte_of_a_file_is_found_or_changes_nothing() {
    let (disk, (rollout, records)) = (empty(), written(3));
    let store = disk.store().unwrap();
    records.iter().for_each(|record| append(&store, &rollout, record).unwrap());
    drop(store);
    let whole = disk.bytes();
    let (mut found, mut harmless) = (0_u32, 0_u32);
    for place in places(&whole) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        match read_all(&Disk::of(bytes), &rollout) {
            Err(_) => found += 1,
            Ok((open, read)) => {
                assert!(read == records, "byte {place}: {} of {} records came back", read.len(), records.len());
                assert_eq!(open, std::slice::from_ref(&rollout), "byte {place}");
                harmless += 1;
            }
        }
    }
    assert!(found > 3_000 && harmless > 0, "{found} found, {harmless} harmless");
}

/// Everything but the inside of long runs of zeros, of which every 4,093rd byte stands for its neighbours.
fn places(bytes: &[u8]) -> Vec<usize> {
    let is_dull = |place: usize| {
        let around = place.saturating_sub(32)..(place + 32).min(bytes.len());
        bytes[around].iter().all(|byte| *byte == 0)
    };
    (0..bytes.len()).filter(|place| !is_dull(*place) || place % 4_093 == 0).collect()
}

/// What a driver reads that opens the file; a panic of redb's debug assertions is an error too, as it is behind the
/// journal's tasks.
fn read_all(disk: &Disk, rollout: &RolloutId) -> Result<(Vec<RolloutId>, Vec<Record>), String> {
    let read = || {
        let store = disk.store().map_err(|error| error.to_string())?;
        let open = store.open_rollouts().map_err(|error| error.to_string())?;
        let records = store.read(rollout, 0).map_err(|error| error.to_string())?;
        Ok((open, records))
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| Err("a panic".into()))
}

/// A disk that is full after n more writes, for every n until everything fits.
#[test]
fn a_full_disk_is_an_error_loses_nothing_acknowledged_and_is_gone_on_from_once_there_is_room() {
    let (rollout, records) = written(12);
    for room in 0.. {
        let disk = empty();
        let store = disk.store().unwrap();
        disk.set_room(Some(room));
        let refused = records.iter().position(|record| append(&store, &rollout, record).is_err());
        let Some(refused) = refused else { return };
        for _ in 0..2 {
            assert!(append(&store, &rollout, &records[refused]).is_err(), "still full");
        }
        disk.set_room(None);
        for record in records.iter().skip(refused) {
            append(&store, &rollout, record).unwrap_or_else(|error| panic!("room {room}: {error}"));
        }
        assert_eq!(store.read(&rollout, 0).unwrap(), records, "room {room}");
        drop(store);
        assert_eq!(read_all(&disk, &rollout).unwrap().1, records, "room {room}: opened again");
    }
}

/// A power cut after n more writes, for every n: what was acknowledged is there.
#[test]
fn a_crash_at_any_write_loses_nothing_that_was_acknowledged() {
    let (rollout, records) = written(4);
    for room in 0.. {
        let disk = empty();
        let store = disk.store().unwrap();
        disk.set_room(Some(room));
        let acknowledged = records.iter().take_while(|record| append(&store, &rollout, record).is_ok()).count();
        let after = Disk::of(disk.bytes());
        let read = after.store().unwrap().read(&rollout, 0).unwrap_or_else(|error| panic!("write {room}: {error}"));
        assert!(read.len() >= acknowledged, "write {room}: {acknowledged} were acknowledged, {} are there", read.len());
        assert!(records.starts_with(&read), "write {room}: what is there was appended");
        if acknowledged == records.len() {
            return;
        }
    }
}

/// Four rollouts with four records each, in the order in which drivers that take turns append them.
fn crowd() -> Vec<(RolloutId, Record)> {
    let rollouts: Vec<_> = (0..4).map(|number| written_of(&format!("checkout-{number}"), 4)).collect();
    let turn = |turn: usize| rollouts.iter().map(move |(rollout, records)| (rollout.clone(), records[turn].clone()));
    (0..4).flat_map(turn).collect()
}

fn together(store: &Store, crowd: &[(RolloutId, Record)]) -> Vec<Result<(), AppendError>> {
    let appends: Vec<_> = crowd.iter().map(|(rollout, record)| Append::new(rollout, record).0).collect();
    store.append_all(&appends)
}

#[test]
fn what_is_appended_together_is_durable_by_one_flush_and_each_is_answered_for_itself() {
    let disk = empty();
    let store = disk.store().unwrap();
    let (rollout, records) = written(2);
    let before = disk.flushes();
    append(&store, &rollout, &records[0]).unwrap();
    let flushes_of_one = disk.flushes() - before;

    let mut crowd = crowd();
    let (late, again) = ((rollout.clone(), records[0].clone()), crowd[0].clone());
    let other = written_of("checkout-1", 4).1;
    let of_old_owner = (rollout.clone(), sealed_by_nobody(&rollout, &records[0]));
    let misfit = (RolloutId::new("checkout-9").unwrap(), other[2].clone());
    crowd.extend([late, again, of_old_owner, misfit]);
    let before = disk.flushes();
    let answers = together(&store, &crowd);
    assert_eq!(disk.flushes() - before, flushes_of_one);
    assert!(answers[..18].iter().all(Result::is_ok), "also what was appended before: {answers:?}");
    assert_eq!(answers[18..], [Err(AppendError::Superseded), Err(AppendError::Conflict { head: None })]);
    for number in 0..4 {
        let (rollout, records) = written_of(&format!("checkout-{number}"), 4);
        assert_eq!(store.read(&rollout, 0).unwrap(), records);
    }
}

/// The record that would follow, by an owner whose token is lower.
fn sealed_by_nobody(rollout: &RolloutId, last: &Record) -> Record {
    let mut chain = Chain::new(rollout.clone());
    chain.push(last).unwrap();
    let body = Body::from(Course::open(&Opened::new(example_plan(rollout.as_str())), Time::default()).stored());
    chain.next(Time::default(), Fence::default(), &body).unwrap()
}

/// A disk that is full after n more writes, for every n: what was appended together is there for everybody who was told so,
/// and appended again it is there for all.
#[test]
fn a_full_disk_or_a_crash_loses_nothing_of_what_was_appended_together() {
    let crowd = crowd();
    for room in 0.. {
        let disk = empty();
        let store = disk.store().unwrap();
        disk.set_room(Some(room));
        let answers: Vec<_> = crowd.chunks(5).flat_map(|some| together(&store, some)).collect();
        let after = Disk::of(disk.bytes());
        let reopened = after.store().unwrap();
        for ((rollout, record), answer) in crowd.iter().zip(&answers) {
            let read = reopened.read(rollout, 0).unwrap_or_else(|error| panic!("write {room}: {error}"));
            assert!(answer.is_err() || read.contains(record), "write {room}: {rollout} {}", record.seq());
        }
        drop(reopened);
        DISK.set(disk.clone());
        disk.set_room(None);
        assert!(together(&store, &crowd).iter().all(Result::is_ok), "write {room}: there is room again");
        if answers.iter().all(Result::is_ok) {
            return;
        }
    }
}

/// Somebody's damage behind the journal's back: a head that cannot be read.
#[test]
fn a_damaged_rollout_fails_alone() {
    let disk = empty();
    let store = disk.store().unwrap();
    let crowd = crowd();
    assert!(together(&store, &crowd[..4]).iter().all(Result::is_ok));
    let transaction = store.begin_write().unwrap();
    transaction.open_table(HEADS).unwrap().insert("checkout-2", [9; 49]).unwrap();
    transaction.commit().unwrap();
    let answers = together(&store, &crowd[4..8]);
    let refused = |answer: &Result<(), AppendError>| matches!(answer, Err(AppendError::Refused(_)));
    assert_eq!(answers.iter().map(refused).collect::<Vec<_>>(), [false, false, true, false], "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
}
