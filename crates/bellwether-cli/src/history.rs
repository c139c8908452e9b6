//! What a journal holds of its rollouts, read from a journal's file or from an export of one.

use std::{fs::File, io::Read, path::Path};

use bellwether_core::RolloutId;
use bellwether_port::{Journal, Record};
use bellwether_redb::RedbJournal;

use crate::{complaint::Complaint, export, source::Source};

/// The first bytes of every redb file (its design document, "Database header").
const REDB_MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";

/// Everything that is written down about one rollout, verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct History {
    /// Which one.
    pub(crate) rollout: RolloutId,
    /// Its records, from the first to the last.
    pub(crate) records: Vec<Record>,
}

/// Reads one rollout's history, or all of them. A journal's file is recognised by its first bytes; anything else is read
/// as an export.
pub(crate) fn read(source: &Source, wanted: Option<&RolloutId>) -> Result<Vec<History>, Complaint> {
    let histories = match source {
        Source::File(path) if is_redb(source, path)? => read_redb(path, wanted),
        Source::File(_) | Source::Standard => export::read(source, wanted),
    };
    histories.map_err(|complaint| complaint.of(source))
}

/// Reads the history of the one rollout that is meant.
pub(crate) fn read_one(source: &Source, wanted: Option<&RolloutId>) -> Result<History, Complaint> {
    let mut histories = read(source, wanted)?;
    match (histories.pop(), histories.as_slice()) {
        (Some(history), []) => Ok(history),
        (last, others) => {
            let names = others.iter().chain(&last).map(|history| history.rollout.as_str());
            let names: Vec<&str> = names.collect();
            let message = format_args!("expected --rollout, because there is more than one: {}", names.join(", "));
            Err(Complaint::new("call", "", message).of(source))
        }
    }
}

fn is_redb(source: &Source, path: &Path) -> Result<bool, Complaint> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| source.unreadable(&error))?;
    file.take(9).read_to_end(&mut head).map_err(|error| source.unreadable(&error))?;
    Ok(head == REDB_MAGIC)
}

fn read_redb(path: &Path, wanted: Option<&RolloutId>) -> Result<Vec<History>, Complaint> {
    let journal = RedbJournal::open(path).map_err(|error| refused_without(path, &error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Complaint::new("unreadable", "", error))?;
    runtime.block_on(async {
        let rollouts = match wanted {
            Some(rollout) => vec![rollout.clone()],
            None => journal.open_rollouts().await.map_err(|error| refused_without(path, &error))?,
        };
        if rollouts.is_empty() {
            let message = "expected --rollout, because none of the journal's rollouts is under way";
            return Err(Complaint::new("call", "", message));
        }
        let mut histories = Vec::new();
        for rollout in rollouts {
            let records = journal.read(&rollout, 0).await.map_err(|error| refused_without(path, &error))?;
            if records.is_empty() {
                return Err(missing(&rollout, "no record of it"));
            }
            histories.push(History { rollout, records });
        }
        Ok(histories)
    })
}

/// The journal has no such rollout.
pub(crate) fn missing(rollout: &RolloutId, found: &str) -> Complaint {
    Complaint::new("missing", "", format_args!("expected the rollout {rollout}, found {found}"))
}

/// The error of a journal, which names the file itself: once is enough.
fn refused_without(path: &Path, error: &impl ToString) -> Complaint {
    let text = error.to_string();
    let name = format!("{}: ", path.display());
    Complaint::new("refused", "", text.replacen(&name, "", 1))
}
