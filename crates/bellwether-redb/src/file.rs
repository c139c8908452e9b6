//! Making and opening the file: it is never half made, and never taken for another one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use redb::backends::InMemoryBackend;
use redb::{
    Builder, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, StorageBackend, StorageError,
    TableDefinition, TableError,
};

use crate::OpenError;
use crate::head::HeadBytes;

/// Each record's stored bytes, by rollout and number.
pub(crate) const RECORDS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("records");
/// The last record of each rollout. It shows a missing end, which the records alone could not.
pub(crate) const HEADS: TableDefinition<'_, &str, HeadBytes> = TableDefinition::new("heads");
/// Facts about the file itself.
const FILE: TableDefinition<'_, &str, u64> = TableDefinition::new("file");

/// The layout of the tables.
const SCHEMA: u64 = 1;

/// Opens a journal's file; makes it where there is none.
pub(crate) fn open_or_create(path: &Path) -> Result<Database, OpenError> {
    if !path.try_exists().map_err(|error| io_error(path, &error))? {
        create(path)?;
    }
    open(path)
}

/// Opens a journal's file after checking every page of it: damage is an error here, not a surprise later.
pub(crate) fn open(path: &Path) -> Result<Database, OpenError> {
    open_by(path, |builder| builder.open(path))
}

/// Opens a copy of a journal's file in memory. The file is only read: opening it otherwise writes to it, and a repair
/// after a crash would as well.
pub(crate) fn open_copy(path: &Path) -> Result<Database, OpenError> {
    let bytes = read_unlocked(path)?;
    open_by(path, |builder| {
        let copy = InMemoryBackend::new();
        copy.set_len(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        copy.write(0, &bytes)?;
        builder.create_with_backend(copy)
    })
}

/// Reads the file while nobody writes to it. After a crash redb gives no lock to a reader; who opened the file meanwhile
/// is noticed by asking again.
fn read_unlocked(path: &Path) -> Result<Vec<u8>, OpenError> {
    let lock = lock(path)?;
    let bytes = fs::read(path).map_err(|error| io_error(path, &error))?;
    if lock.is_none() && self::lock(path)?.is_some() {
        return Err(OpenError::Locked { path: path.into() });
    }
    Ok(bytes)
}

/// Keeps writers away; none where the file would have to be repaired first.
fn lock(path: &Path) -> Result<Option<ReadOnlyDatabase>, OpenError> {
    let open = || Builder::new().open_read_only(path);
    let opened = panic::catch_unwind(AssertUnwindSafe(open)).map_err(|_| corrupt(path, &"it cannot be read"))?;
    match opened {
        Ok(lock) => Ok(Some(lock)),
        Err(DatabaseError::RepairAborted) => Ok(None),
        Err(error) => Err(database_error(path, error)),
    }
}

/// Opens a journal's file in the way that is handed over.
pub(crate) fn open_by(
    path: &Path,
    open: impl FnOnce(&Builder) -> Result<Database, DatabaseError>,
) -> Result<Database, OpenError> {
    let mut builder = Builder::new();
    builder.set_check_integrity_on_open(true);
    // A build of redb with debug assertions panics where a release build says that the file is damaged.
    let opened = panic::catch_unwind(AssertUnwindSafe(|| open(&builder)));
    let opened = opened.map_err(|_| corrupt(path, &"it cannot be read"))?;
    let database = opened.map_err(|error| database_error(path, error))?;
    check_schema(path, &database)?;
    Ok(database)
}

/// Makes the file under another name and links it into place: whoever finds it finds it whole, and if somebody else was
/// faster, his is taken.
fn create(path: &Path) -> Result<(), OpenError> {
    let draft = draft_of(path);
    let linked = fill(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(io_error(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    });
    let removed = fs::remove_file(&draft).map_err(|error| io_error(&draft, &error));
    linked.and(removed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| io_error(folder, &error))
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{}.new", std::process::id()));
    name.into()
}

fn fill(draft: &Path) -> Result<(), OpenError> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(io_error(draft, &error)),
        Ok(()) | Err(_) => {}
    }
    let database = Database::create(draft).map_err(|error| database_error(draft, error))?;
    write_tables(&database).map_err(|error| foreign(draft, &error))?;
    database.close().map_err(|error| database_error(draft, error))
}

pub(crate) fn write_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(RECORDS)?;
    transaction.open_table(HEADS)?;
    transaction.open_table(FILE)?.insert("schema", SCHEMA)?;
    Ok(transaction.commit()?)
}

fn check_schema(path: &Path, database: &Database) -> Result<(), OpenError> {
    let found = read_schema(database).map_err(|error| foreign(path, &error))?.unwrap_or_default();
    if found == SCHEMA {
        return Ok(());
    }
    Err(OpenError::Schema { path: path.into(), expected: SCHEMA, found })
}

fn read_schema(database: &Database) -> Result<Option<u64>, redb::Error> {
    let transaction = database.begin_read()?;
    let missing = |error: TableError| redb::Error::from(error);
    transaction.open_table(RECORDS).map_err(missing)?;
    transaction.open_table(HEADS).map_err(missing)?;
    let found = transaction.open_table(FILE).map_err(missing)?.get("schema")?;
    Ok(found.map(|schema| schema.value()))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "redb's errors may grow; what is new is shown as it is")]
fn database_error(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::Locked { path: path.into() },
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() != ErrorKind::InvalidData => {
            io_error(path, &error)
        }
        DatabaseError::Storage(error) => corrupt(path, &error),
        other => corrupt(path, &other),
    }
}

fn corrupt(path: &Path, error: &dyn ToString) -> OpenError {
    OpenError::Corrupt { path: path.into(), error: error.to_string() }
}

fn foreign(path: &Path, error: &redb::Error) -> OpenError {
    OpenError::Foreign { path: path.into(), error: error.to_string() }
}

fn io_error(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Io { path: path.into(), error: error.to_string() }
}
