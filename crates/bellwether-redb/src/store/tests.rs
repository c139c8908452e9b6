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
}

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Stored { bytes, room: None })))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }

    fn set_room(&self, room: Option<u32>) {
        self.0.lock().unwrap().room = room;
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

/// The records of a rollout: an opening and snapshots of nothing.
fn written(count: usize) -> (RolloutId, Vec<Record>) {
    let opened = Opened::new(example_plan("checkout-42"));
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
    records.iter().for_each(|record| store.append(&rollout, record).unwrap());
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
        let refused = records.iter().position(|record| store.append(&rollout, record).is_err());
        let Some(refused) = refused else { return };
        for _ in 0..2 {
            assert!(store.append(&rollout, &records[refused]).is_err(), "still full");
        }
        disk.set_room(None);
        for record in records.iter().skip(refused) {
            store.append(&rollout, record).unwrap_or_else(|error| panic!("room {room}: {error}"));
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
        let acknowledged = records.iter().take_while(|record| store.append(&rollout, record).is_ok()).count();
        let after = Disk::of(disk.bytes());
        let read = after.store().unwrap().read(&rollout, 0).unwrap_or_else(|error| panic!("write {room}: {error}"));
        assert!(read.len() >= acknowledged, "write {room}: {acknowledged} were acknowledged, {} are there", read.len());
        assert!(records.starts_with(&read), "write {room}: what is there was appended");
        if acknowledged == records.len() {
            return;
        }
    }
}
