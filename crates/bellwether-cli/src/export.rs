//! Histories as JSON Lines: one record a line, readable, and still verified by the digests of its journal.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use bellwether_core::{Digest, Fence, RolloutId, Time};
use bellwether_port::{Body, Chain, Fault, Head, Record, RecordError, SCHEMA};
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

/// The last line of an export, without which it was cut off.
#[derive(Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportEnd {
    /// Where each rollout of the export ends.
    end: Vec<RolloutEnd>,
}

/// Where one rollout ends.
#[derive(Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct RolloutEnd {
    rollout: RolloutId,
    /// How many records it has.
    records: u64,
    /// The digest of the last one.
    digest: Digest,
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

/// The line after the last record of all these histories.
pub(crate) fn write_end(histories: &[History]) -> Result<String, Complaint> {
    let end = histories.iter().filter_map(|History { rollout, records }| {
        let last = records.last()?;
        Some(RolloutEnd { rollout: rollout.clone(), records: last.seq().saturating_add(1), digest: last.digest() })
    });
    serde_json::to_string(&ExportEnd { end: end.collect() }).map_err(|error| Complaint::new("unreadable", "", error))
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
struct Histories {
    chains: BTreeMap<RolloutId, (Chain, Vec<Record>)>,
    /// The rollouts whose last record was followed by an end line.
    ended: BTreeSet<RolloutId>,
}

impl Histories {
    fn take(&mut self, line: &[u8]) -> Result<(), Complaint> {
        let node = document::json_line(line)?;
        if node.get("end").is_some() {
            return self.end(document::typed(node)?);
        }
        check_versions(&node)?;
        let ImportedRecord { rollout, seq, at, fence, previous, digest, body } = document::typed(node)?;
        let (chain, records) =
            self.chains.entry(rollout.clone()).or_insert_with(|| (Chain::new(rollout.clone()), Vec::new()));
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
        self.ended.remove(&rollout);
        Ok(())
    }

    fn end(&mut self, ExportEnd { end }: ExportEnd) -> Result<(), Complaint> {
        for RolloutEnd { rollout, records, digest } in end {
            let head = records.checked_sub(1).map(|seq| Head { seq, digest });
            let none = Chain::new(rollout.clone());
            let chain = self.chains.get(&rollout).map_or(&none, |(chain, _)| chain);
            chain.expect_head(head).map_err(|error| refused(&error))?;
            self.ended.insert(rollout);
        }
        Ok(())
    }

    /// An export that was cut at a line's end is whole in every line.
    fn check_ended(&self) -> Result<(), Complaint> {
        let Some(rollout) = self.chains.keys().find(|rollout| !self.ended.contains(*rollout)) else { return Ok(()) };
        let message =
            format_args!("expected an end line after the last record of {rollout}, found none: the end is missing");
        Err(Complaint::new("missing", "", message))
    }

    fn give(mut self, wanted: Option<&RolloutId>) -> Result<Vec<History>, Complaint> {
        self.check_ended()?;
        let names: Vec<&str> = self.chains.keys().map(RolloutId::as_str).collect();
        let Some(wanted) = wanted else {
            let histories = self.chains.into_iter().map(|(rollout, (_, records))| History { rollout, records });
            let histories: Vec<History> = histories.collect();
            let nothing = || Complaint::new("missing", "", "expected a journal or an export of one, found nothing");
            return if histories.is_empty() { Err(nothing()) } else { Ok(histories) };
        };
        let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let (_, records) = self.chains.remove(wanted).ok_or_else(|| missing(wanted, &found))?;
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
