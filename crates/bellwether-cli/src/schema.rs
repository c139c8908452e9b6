use bellwether_risk::{Change, RuleSet};
use bellwether_strategy::PlanDraft;
use clap::ValueEnum;
use schemars::{Schema, schema_for};

use crate::{
    arithmetic,
    export::{ExportEnd, ExportedRecord},
    frame::Unanswered,
    release::ReleaseDocument,
    verb::{
        check::CheckAnswer,
        explain::ExplainAnswer,
        journal::VerifyAnswer,
        plan::PlanAnswer,
        replay::ReplayAnswer,
        risk::{CHANGE_REQUIRED, RiskAnswer},
    },
};

/// The inputs and answers that have a JSON Schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Name {
    /// What `risk` reads
    Change,
    /// What `risk --rules` reads
    Rules,
    /// What `risk` answers
    RiskAnswer,
    /// What `plan` reads
    Release,
    /// What `plan` writes and `plan --check` reads
    Plan,
    /// What `plan --lines` answers
    PlanAnswer,
    /// What `plan --check` answers
    CheckAnswer,
    /// What `plan arithmetic` reads: the functions of other systems, and their fields
    Arithmetic,
    /// What `replay` answers
    ReplayAnswer,
    /// What `explain` answers
    ExplainAnswer,
    /// What `journal verify` answers
    VerifyAnswer,
    /// A line of what `journal export` writes
    JournalRecord,
    /// The last line of what `journal export` writes
    JournalEnd,
    /// What `--lines` answers to a line that cannot be read
    Error,
}

impl Name {
    /// The schema, generated from the type that reads or writes it.
    pub(crate) fn schema(self) -> Schema {
        match self {
            Self::Change => requiring(schema_for!(Change), CHANGE_REQUIRED),
            Self::Rules => schema_for!(RuleSet),
            Self::RiskAnswer => schema_for!(RiskAnswer),
            Self::Release => schema_for!(ReleaseDocument),
            Self::Plan => schema_for!(PlanDraft),
            Self::PlanAnswer => schema_for!(PlanAnswer),
            Self::CheckAnswer => schema_for!(CheckAnswer),
            Self::Arithmetic => arithmetic::schema(),
            Self::ReplayAnswer => schema_for!(ReplayAnswer),
            Self::ExplainAnswer => schema_for!(ExplainAnswer),
            Self::VerifyAnswer => schema_for!(VerifyAnswer),
            Self::JournalRecord => schema_for!(ExportedRecord<'_>),
            Self::JournalEnd => schema_for!(ExportEnd),
            Self::Error => schema_for!(Unanswered),
        }
    }
}

/// The schema with fields that the command demands and the library does not.
fn requiring(mut schema: Schema, fields: &[&str]) -> Schema {
    schema.insert("required".to_owned(), fields.into());
    schema
}
