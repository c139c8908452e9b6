//! What a journal holds of its rollouts, read from a journal's file or from an export of one.

use std::{
    io::{BufRead, Read},
    path::Path,
};

use bellwether_core::RolloutId;
use bellwether_port::{Journal, Record};
use bellwether_redb::{OpenError, RedbJournal};

use crate::{complaint::Complaint, export, source::Source};

/// The first bytes of every redb file (its design document, "Database header").
const REDB_MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";

/// As many names are shown of a journal that has many.
const NAMES_MAX: usize = 20;

/// Everything that is written down about one rollout, verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct History {
    /// Which one.
    pub(crate) rollout: RolloutId,
    /// Its records, from the first to the last.
    pub(crate) records: Vec<Record>,
}

/// Which rollouts of a journal's file are meant when none is named and none is under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    /// Every one.
    Every,
    /// The only one.
    Only,
}

/// Reads one rollout's history, or all of them. A journal's file is recognised by its first bytes; anything else is read
/// as an export.
pub(crate) fn read(source: &Source, wanted: Option<&RolloutId>, ended: Ended) -> Result<Vec<History>, Complaint> {
    let histories = begin(source).and_then(|(head, rest)| match source {
        Source::File(path) if head == REDB_MAGIC && path.is_file() => read_redb(path, wanted, ended),
        Source::File(_) | Source::Standard if head == REDB_MAGIC => {
            let expected = "expected a journal's file by its name, or an export of it";
            Err(Complaint::new("unreadable", "", format_args!("{expected}, found a journal's file on a pipe")))
        }
        Source::File(_) | Source::Standard => export::read(source, &mut head.as_slice().chain(rest), wanted),
    });
    histories.map_err(|complaint| complaint.of(source))
}

/// Reads the history of the one rollout that is meant.
pub(crate) fn read_one(source: &Source, wanted: Option<&RolloutId>) -> Result<History, Complaint> {
    let mut histories = read(source, wanted, Ended::Only)?;
    match (histories.pop(), histories.as_slice()) {
        (Some(history), []) => Ok(history),
        (last, others) => {
            let names = others.iter().chain(&last).map(|history| &history.rollout);
            Err(unnamed(names).of(source))
        }
    }
}

/// The first bytes, which tell what it is, and the rest: a pipe gives each byte once.
fn begin(source: &Source) -> Result<(Vec<u8>, impl BufRead), Complaint> {
    let mut reader = source.open()?;
    let mut head = Vec::with_capacity(REDB_MAGIC.len());
    reader.by_ref().take(9).read_to_end(&mut head).map_err(|error| source.unreadable(&error))?;
    Ok((head, reader))
}

fn read_redb(path: &Path, wanted: Option<&RolloutId>, ended: Ended) -> Result<Vec<History>, Complaint> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Complaint::new("unreadable", "", error))?;
    let journal = RedbJournal::open_read_only(path).map_err(|error| unopened(path, &error))?;
    runtime.block_on(async {
        let rollouts = match wanted {
            Some(rollout) => vec![rollout.clone()],
            None => meant(path, &journal, ended).await?,
        };
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

/// The rollouts that are under way; without any those that have ended, because a driver closes them.
async fn meant(path: &Path, journal: &RedbJournal, ended: Ended) -> Result<Vec<RolloutId>, Complaint> {
    let under_way = journal.open_rollouts().await.map_err(|error| refused_without(path, &error))?;
    if !under_way.is_empty() {
        return Ok(under_way);
    }
    let rollouts = journal.rollouts().await.map_err(|error| refused_without(path, &error))?;
    match (rollouts.as_slice(), ended) {
        ([], _) => Err(Complaint::new("missing", "", "expected a journal with a rollout in it, found an empty one")),
        ([_], _) | (_, Ended::Every) => Ok(rollouts),
        (_, Ended::Only) => Err(unnamed(&rollouts)),
    }
}

/// More than one rollout could be meant.
fn unnamed<'a>(rollouts: impl IntoIterator<Item = &'a RolloutId>) -> Complaint {
    let names: Vec<&str> = rollouts.into_iter().map(RolloutId::as_str).collect();
    let shown: Vec<&str> = names.iter().take(NAMES_MAX).copied().collect();
    let more = names.len().saturating_sub(shown.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = format_args!("expected --rollout with one of {}{more}, found none", shown.join(", "));
    Complaint::new("call", "", message)
}

/// The journal has no such rollout.
pub(crate) fn missing(rollout: &RolloutId, found: &str) -> Complaint {
    Complaint::new("missing", "", format_args!("expected the rollout {rollout}, found {found}"))
}

/// Why a journal's file cannot be asked.
#[expect(clippy::wildcard_enum_match_arm, reason = "the errors may grow; what is new is shown as it is")]
fn unopened(path: &Path, error: &OpenError) -> Complaint {
    match error {
        OpenError::Locked { .. } => {
            let message = "expected a journal that nobody has open, found that somebody else has the journal open";
            Complaint::new("refused", "", message)
        }
        OpenError::Corrupt { error, .. } => {
            Complaint::new("refused", "", format_args!("expected a whole journal, found a damaged one: {error}"))
        }
        OpenError::Io { error, .. } => Complaint::new(
            "unreadable",
            "",
            format_args!("expected a whole journal, found one that cannot be read: {error}"),
        ),
        other => refused_without(path, other),
    }
}

/// The error of a journal, which names the file itself: once is enough.
fn refused_without(path: &Path, error: &impl ToString) -> Complaint {
    let text = error.to_string();
    let name = format!("{}: ", path.display());
    Complaint::new("refused", "", text.replacen(&name, "", 1))
}
