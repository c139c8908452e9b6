//! Histories as JSON Lines: one record a line, readable, and still verified by the digests of its journal.

use std::{collections::BTreeMap, io::BufRead};

use bellwether_core::{Digest, Fence, RolloutId, Time};
use bellwether_port::{Body, Chain, Fault, Record, RecordError, SCHEMA};
use bellwether_rollout::RULES;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    complaint::Complaint,
    document,
    history::{History, missing},
    line::{Size, next_line},
    node::Node,
    source::{Source, too_large},
};

/// A record may have this many bytes; a snapshot of many metrics is the largest.
const LINE_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// One record, as it is written.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "JournalRecord")]
pub(crate) struct ExportedRecord<'a> {
    /// The rollout whose journal it is of.
    rollout: &'a RolloutId,
    /// Its number, from 0.
    seq: u64,
    /// When it was written.
    at: Time,
    /// Who wrote it.
    fence: Fence,
    /// The digest of the record before.
    previous: Digest,
    /// The digest of this one.
    digest: Digest,
    /// What it says, as its journal has it.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    body: &'a RawValue,
}

/// One record, as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportedRecord {
    rollout: RolloutId,
    seq: u64,
    at: Time,
    fence: Fence,
    previous: Digest,
    digest: Digest,
    body: Body,
}

/// A history as lines, without the last line's end.
pub(crate) fn write(history: &History) -> Result<String, Complaint> {
    let lines = history.records.iter().map(|record| {
        let unreadable = |error: &dyn ToString| Complaint::new("unreadable", "", error.to_string());
        let text = std::str::from_utf8(record.json()).map_err(|error| unreadable(&error))?;
        let exported = ExportedRecord {
            rollout: &history.rollout,
            seq: record.seq(),
            at: record.at(),
            fence: record.fence(),
            previous: record.previous(),
            digest: record.digest(),
            body: serde_json::from_str(text).map_err(|error| unreadable(&error))?,
        };
        serde_json::to_string(&exported).map_err(|error| unreadable(&error))
    });
    Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// Reads an export: every record's digest is computed anew, and must be the one that the line says.
pub(crate) fn read(
    source: &Source,
    reader: &mut impl BufRead,
    wanted: Option<&RolloutId>,
) -> Result<Vec<History>, Complaint> {
    let mut histories = Histories::default();
    let mut bytes = Vec::new();
    let mut number = 0_u64;
    while let Some(size) = next_line(reader, &mut bytes, LINE_BYTES_MAX).map_err(|error| source.unreadable(&error))? {
        number = number.saturating_add(1);
        let taken = match size {
            Size::Whole => histories.take(&bytes),
            Size::Cut => Err(too_large(LINE_BYTES_MAX)),
        };
        taken.map_err(|complaint| complaint.within(&format!("line {number}")))?;
    }
    histories.give(wanted)
}

/// The chains of an export, which may hold the journals of many rollouts in any order.
#[derive(Default)]
struct Histories(BTreeMap<RolloutId, (Chain, Vec<Record>)>);

impl Histories {
    fn take(&mut self, line: &[u8]) -> Result<(), Complaint> {
        let node = document::json_line(line)?;
        check_versions(&node)?;
        let ImportedRecord { rollout, seq, at, fence, previous, digest, body } = document::typed(node)?;
        let (chain, records) =
            self.0.entry(rollout.clone()).or_insert_with(|| (Chain::new(rollout.clone()), Vec::new()));
        let wrong = |fault| refused(&RecordError::new(rollout.clone(), seq, fault));
        if seq != chain.next_seq() {
            return Err(wrong(Fault::Gap { expected: chain.next_seq(), found: seq }));
        }
        let record = chain.next(at, fence, &body).map_err(|error| refused(&error))?;
        if previous != record.previous() {
            return Err(wrong(Fault::Unlinked { expected: record.previous(), found: previous }));
        }
        if digest != record.digest() {
            return Err(wrong(Fault::Altered { expected: digest, found: record.digest() }));
        }
        chain.push(&record).map_err(|error| refused(&error))?;
        records.push(record);
        Ok(())
    }

    fn give(mut self, wanted: Option<&RolloutId>) -> Result<Vec<History>, Complaint> {
        let names: Vec<&str> = self.0.keys().map(RolloutId::as_str).collect();
        let Some(wanted) = wanted else {
            let histories = self.0.into_iter().map(|(rollout, (_, records))| History { rollout, records });
            let histories: Vec<History> = histories.collect();
            let nothing = || Complaint::new("missing", "", "expected a journal or an export of one, found nothing");
            return if histories.is_empty() { Err(nothing()) } else { Ok(histories) };
        };
        let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let (_, records) = self.0.remove(wanted).ok_or_else(|| missing(wanted, &found))?;
        Ok(vec![History { rollout: wanted.clone(), records }])
    }
}

fn refused(error: &RecordError) -> Complaint {
    Complaint::new("refused", "", error)
}

/// A newer record need not have a shape that is known here, so its versions are looked at first.
fn check_versions(node: &Node) -> Result<(), Complaint> {
    let Some(body) = node.get("body") else { return Ok(()) };
    let Some(stated) = body.get("opened").or_else(|| body.get("adopted")) else { return Ok(()) };
    for (field, known, what) in [("schema", SCHEMA, "journal schema"), ("rules", RULES, "machine rules")] {
        if let Some(Node::Unsigned(found)) = stated.get(field)
            && *found > u64::from(known)
        {
            let message = format_args!("expected {what} {known} or older, found {found}: a newer build wrote it");
            let place = if body.get("opened").is_some() { "opened" } else { "adopted" };
            return Err(Complaint::new("refused", format!("$.body.{place}.{field}"), message));
        }
    }
    Ok(())
}
