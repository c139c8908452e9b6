use std::{io::Read, path::Path};

use bellwether_risk::prior::{METRICS, Metrics, Row};
use csv::StringRecord;

use crate::{
    complaint::Complaint,
    source::{Source, too_large},
};

/// Half a million commits.
const HISTORY_BYTES_MAX: usize = 128 * 1_024 * 1_024;

/// One commit of a file.
pub(super) struct Commit {
    pub(super) name: String,
    pub(super) row: Row,
}

/// Reads the commits of a file; those without `bug` count as untouched where it is not demanded.
pub(super) fn read(path: &Path, needs_bug: bool) -> Result<Vec<Commit>, Complaint> {
    let source = Source::new(Some(path.to_owned()));
    commits(&source, needs_bug).map_err(|complaint| complaint.of(&source))
}

fn commits(source: &Source, needs_bug: bool) -> Result<Vec<Commit>, Complaint> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(HISTORY_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    source.open()?.take(limit).read_to_end(&mut bytes).map_err(|error| source.unreadable(&error))?;
    if bytes.len() > HISTORY_BYTES_MAX {
        return Err(too_large(HISTORY_BYTES_MAX));
    }
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let names = reader.headers().map_err(|error| broken(&error))?.clone();
    let columns = Columns::of(&names, needs_bug)?;
    let mut commits = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        commits.push(columns.commit(&record).map_err(|complaint| complaint.within(&format!("line {line}")))?);
    }
    Ok(commits)
}

/// Where the columns stand.
struct Columns {
    commit: usize,
    date: usize,
    bug: Option<usize>,
    metrics: Vec<usize>,
}

impl Columns {
    fn of(names: &StringRecord, needs_bug: bool) -> Result<Self, Complaint> {
        let find = |name: &str| names.iter().position(|found| found.trim() == name);
        let demanded = ["commit", "date"].into_iter().chain(METRICS).chain(needs_bug.then_some("bug"));
        let missing: Vec<&str> = demanded.filter(|name| find(name).is_none()).collect();
        if !missing.is_empty() {
            let message = format_args!(
                "expected columns {}, found {}",
                missing.join(", "),
                names.iter().collect::<Vec<_>>().join(", ")
            );
            return Err(Complaint::new("invalid", "line 1", message));
        }
        let at = |name: &str| find(name).unwrap_or_default();
        Ok(Self {
            commit: at("commit"),
            date: at("date"),
            bug: find("bug"),
            metrics: METRICS.into_iter().map(at).collect(),
        })
    }

    fn commit(&self, record: &StringRecord) -> Result<Commit, Complaint> {
        let text = |column: usize| record.get(column).unwrap_or_default().trim();
        let mut values = [0.0; METRICS.len()];
        for ((value, column), name) in values.iter_mut().zip(&self.metrics).zip(METRICS) {
            *value = number(name, text(*column))?;
        }
        let date = text(self.date);
        let date = date.parse().map_err(|_| wrong("date", "seconds since 1970", date))?;
        let bug = match self.bug.map(text) {
            None => false,
            Some("0") => false,
            Some("1") => true,
            Some(other) => return Err(wrong("bug", "0 or 1", other)),
        };
        let row = Row { date, bug, metrics: Metrics::from_array(values) };
        Ok(Commit { name: text(self.commit).to_owned(), row })
    }
}

fn number(name: &str, text: &str) -> Result<f64, Complaint> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    let number = number.ok_or_else(|| wrong(name, "a number from 0 on", text))?;
    if name == "fix" && number != 0.0 && number != 1.0 {
        return Err(wrong(name, "0 or 1", text));
    }
    Ok(number)
}

fn wrong(column: &str, expected: &str, found: &str) -> Complaint {
    Complaint::new("invalid", column, format_args!("expected {expected}, found {found:?}"))
}

fn broken(error: &csv::Error) -> Complaint {
    Complaint::new("syntax", "", format_args!("expected CSV with as many fields in each line, found: {error}"))
}
