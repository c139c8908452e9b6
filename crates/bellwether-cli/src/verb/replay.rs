use bellwether_core::{Digest, RolloutId};
use bellwether_port::{Divergence, NotDerived, Part, ReplayError, Replayed, replay};
use bellwether_rollout::Place;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Status},
    command::Replay,
    complaint::Complaint,
    history::{self, Ended, History},
    look::{Look, Role},
    source::Source,
};

/// How the decisions of some rollouts compare with what this build decides.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct ReplayAnswer {
    /// Whether everything that was derived again is equal.
    equal: bool,
    /// Each rollout.
    rollouts: Vec<RolloutReplay>,
}

/// How the decisions of one rollout compare.
#[derive(Debug, JsonSchema, Serialize)]
struct RolloutReplay {
    rollout: RolloutId,
    /// How many records its journal has.
    records: usize,
    /// The digest of the last record: kept elsewhere, it shows whether the end of a journal was cut off.
    head: Option<Digest>,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Everything that was derived again is equal.
    Equal {
        /// How many decisions of the machine were derived again.
        decisions: u64,
        /// How many verdicts of the judge were derived again.
        verdicts: u64,
        /// Where the rollout stands after the last record.
        place: Place,
        /// Records that were taken as they were written.
        not_derived: Vec<Taken>,
    },
    /// The first record that this build would have written otherwise.
    Diverged {
        /// Its number.
        seq: u64,
        /// What differs.
        what: String,
        /// What the journal says, as canonical JSON.
        journal: String,
        /// What was derived, as canonical JSON.
        derived: String,
    },
}

/// Records that were taken as they were written.
#[derive(Debug, JsonSchema, Serialize)]
struct Taken {
    first: u64,
    last: u64,
    why: String,
}

/// Derives everything again that a journal says was decided.
pub(crate) fn answer(call: Replay) -> Result<ReplayAnswer, Complaint> {
    let source = Source::new(call.file.journal);
    let histories = history::read(&source, call.file.rollout.as_ref(), Ended::Every)?;
    let rollouts = histories.iter().map(compare).collect::<Result<Vec<_>, _>>();
    let rollouts = rollouts.map_err(|complaint| complaint.of(&source))?;
    let equal = rollouts.iter().all(|rollout| matches!(rollout.outcome, Outcome::Equal { .. }));
    Ok(ReplayAnswer { equal, rollouts })
}

fn compare(history: &History) -> Result<RolloutReplay, Complaint> {
    let outcome = match replay(&history.rollout, &history.records) {
        Ok(replayed) => equal(replayed),
        Err(ReplayError::Divergence(divergence)) => diverged(divergence),
        Err(ReplayError::Record(error)) => return Err(Complaint::new("refused", "", error)),
        Err(other) => return Err(Complaint::new("refused", "", other)),
    };
    let head = history.records.last().map(bellwether_port::Record::digest);
    Ok(RolloutReplay { rollout: history.rollout.clone(), records: history.records.len(), head, outcome })
}

fn equal(replayed: Replayed) -> Outcome {
    let Replayed { course, decisions, verdicts, not_derived, .. } = replayed;
    let taken = |Part { first, last, why }: Part| Taken { first, last, why: NotDerived::to_string(&why) };
    let not_derived = not_derived.into_iter().map(taken).collect();
    Outcome::Equal { decisions, verdicts, place: course.state().place(), not_derived }
}

fn diverged(Divergence { seq, what, expected, found, .. }: Divergence) -> Outcome {
    Outcome::Diverged { seq, what: what.to_owned(), journal: expected, derived: found }
}

impl Answer for ReplayAnswer {
    fn status(&self) -> Status {
        if self.equal { Status::Pass } else { Status::Fail }
    }

    fn text(&self, look: &Look) -> String {
        self.rollouts.iter().map(|rollout| rollout.text(look)).collect::<Vec<_>>().join("\n")
    }
}

impl RolloutReplay {
    fn text(&self, look: &Look) -> String {
        match &self.outcome {
            Outcome::Equal { decisions, verdicts, place, not_derived } => {
                let equal = format!("replayed {decisions} decisions and {verdicts} verdicts, all equal");
                let equal = look.paint(Role::Outcome, &equal);
                let taken = |Taken { first, last, why }: &Taken| {
                    format!("\n  records {first} to {last} were taken as they were written: {why}")
                };
                let taken: String = not_derived.iter().map(taken).collect();
                format!("{}: {equal} ({} records, {place}){taken}", self.rollout, self.records)
            }
            Outcome::Diverged { seq, what, journal, derived } => {
                let head = look.paint(Role::Critical, &format!("record {seq}: {what} differs"));
                let (journal, derived) =
                    if look.explain { (journal.clone(), derived.clone()) } else { around(journal, derived) };
                format!("{}: {head}\n  journal: {journal}\n  derived: {derived}", self.rollout)
            }
        }
    }
}

/// How much is shown before and after the first difference.
const SHOWN: usize = 60;

/// Both texts around the place where they part.
fn around(left: &str, right: &str) -> (String, String) {
    let same = left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count();
    let cut = |text: &str| {
        let start = same.saturating_sub(SHOWN);
        let shown: String = text.chars().skip(start).take(2 * SHOWN).collect();
        let before = if start == 0 { "" } else { "..." };
        let after = if text.chars().count() > start + 2 * SHOWN { "..." } else { "" };
        format!("{before}{shown}{after}")
    };
    (cut(left), cut(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_with_what_stands_around_it() {
        let (left, right) = (format!("{}a{}", "x".repeat(500), "y".repeat(500)), format!("{}b", "x".repeat(500)));
        let (left, right) = around(&left, &right);
        assert_eq!(left, format!("...{}a{}...", "x".repeat(60), "y".repeat(59)));
        assert_eq!(right, format!("...{}b", "x".repeat(60)));
        assert_eq!(around("ä", "ö"), ("ä".to_owned(), "ö".to_owned()));
    }
}
