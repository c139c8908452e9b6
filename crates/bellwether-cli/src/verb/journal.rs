use bellwether_core::{Digest, RolloutId};
use bellwether_port::{Chain, Head};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    answer::{Answer, Status},
    command::{HeadText, JournalFile, Verify},
    complaint::Complaint,
    export, frame,
    history::{self, Ended, History},
    look::{Look, Role},
    source::Source,
};

/// The last record of each verified journal.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct VerifyAnswer {
    /// Each rollout.
    rollouts: Vec<Verified>,
}

/// The last record of a verified journal.
#[derive(Debug, JsonSchema, Serialize)]
struct Verified {
    rollout: RolloutId,
    /// Its number.
    seq: u64,
    /// Its digest, over everything before it.
    digest: Digest,
}

/// Prints a journal as JSON Lines.
pub(crate) fn export(call: JournalFile) -> Result<Status, Complaint> {
    let source = Source::new(call.journal);
    let histories = history::read(&source, call.rollout.as_ref(), Ended::Only)?;
    for history in &histories {
        frame::print(&export::write(history).map_err(|complaint| complaint.of(&source))?)?;
    }
    frame::print(&export::write_end(&histories)?)?;
    Ok(Status::Pass)
}

/// Verifies every record and every link. Reading does it; what is left is the end.
pub(crate) fn verify(call: Verify) -> Result<VerifyAnswer, Complaint> {
    let Verify { file, head } = call;
    let source = Source::new(file.journal);
    let histories = match head {
        Some(head) => {
            let history = history::read_one(&source, file.rollout.as_ref())?;
            check_head(&history, head).map_err(|complaint| complaint.of(&source))?;
            vec![history]
        }
        None => history::read(&source, file.rollout.as_ref(), Ended::Every)?,
    };
    let verified = histories.into_iter().filter_map(|history| {
        let last = history.records.last()?;
        Some(Verified { seq: last.seq(), digest: last.digest(), rollout: history.rollout })
    });
    Ok(VerifyAnswer { rollouts: verified.collect() })
}

fn check_head(history: &History, HeadText { seq, digest }: HeadText) -> Result<(), Complaint> {
    let refused = |error: bellwether_port::RecordError| Complaint::new("refused", "", error);
    let mut chain = Chain::new(history.rollout.clone());
    history.records.iter().try_for_each(|record| chain.push(record)).map_err(refused)?;
    chain.expect_head(Some(Head { seq, digest })).map_err(refused)
}

impl Answer for VerifyAnswer {
    fn status(&self) -> Status {
        Status::Pass
    }

    fn text(&self, look: &Look) -> String {
        let line = |Verified { rollout, seq, digest }: &Verified| {
            format!("{rollout}: {}, head {seq}:{digest}", look.paint(Role::Outcome, "verified"))
        };
        self.rollouts.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
