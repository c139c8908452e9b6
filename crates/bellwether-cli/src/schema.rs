use bellwether_analysis::{BakeQuestion, SequentialSpec, burn_rate::BurnRateSpec, threshold::ThresholdSpec};
use bellwether_gate::{AllOf, Evidence, keptn};
use bellwether_promotion::GraphDraft;
use bellwether_risk::{Change, RuleSet};
use bellwether_rollout::Scenario;
use bellwether_strategy::PlanDraft;
use bellwether_window::{CalendarDraft, Holidays, argo};
use clap::ValueEnum;
use schemars::{JsonSchema, Schema, generate::SchemaSettings, schema_for};

use crate::{
    arithmetic,
    export::{ExportEnd, ExportedRecord},
    frame::Unanswered,
    release::ReleaseDocument,
    verb::{
        bake::BakeAnswer,
        check::CheckAnswer,
        compare::CompareAnswer,
        explain::{EventDocument, ExplainAnswer},
        gate::{GateAnswer, KeptnAnswer},
        import::{FieldsAnswer, ImportAnswer},
        journal::VerifyAnswer,
        judge::{
            AnalysisAnswer, AnalysisDocument, CalibrateAnswer, Canary, HistoryDocument, JudgeAnswer, KayentaAnswer,
            SeriesDocument,
        },
        plan::PlanAnswer,
        presets::PresetsAnswer,
        promotion::{FactsDocument, GoalAnswer, GraphAnswer, PromotionAnswer},
        replay::ReplayAnswer,
        risk::{CHANGE_REQUIRED, RiskAnswer},
        simulate::SimulateAnswer,
        window::{ArgoAnswer, WindowAnswer},
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
    /// What `plan --compare` answers
    CompareAnswer,
    /// What `plan --presets` answers
    PresetsAnswer,
    /// What `plan import --print report` answers
    ImportAnswer,
    /// What `plan import --fields` answers
    ImportFields,
    /// What `plan arithmetic` reads: the functions of other systems, and their fields
    Arithmetic,
    /// What `judge --calibrate` reads
    History,
    /// What `judge --calibrate` answers
    CalibrateAnswer,
    /// What `bake` reads
    Bake,
    /// What `bake` answers
    BakeAnswer,
    /// What `simulate` reads beside a plan
    Scenario,
    /// What `simulate` answers
    SimulateAnswer,
    /// What `window` reads, and `window import` writes
    Calendar,
    /// What `window --holidays` reads
    Holidays,
    /// What `window` answers
    WindowAnswer,
    /// What `window --format argocd` reads
    ArgocdQuestion,
    /// What `window --format argocd` answers
    ArgocdAnswer,
    /// The environments that `promotion` reads
    Graph,
    /// The release and what happened, which `promotion` reads beside a graph
    Promotion,
    /// What `promotion` answers
    PromotionAnswer,
    /// What `promotion --goal` answers
    GoalAnswer,
    /// What `promotion --check` answers
    GraphAnswer,
    /// What `judge` reads
    Series,
    /// What `judge` answers
    JudgeAnswer,
    /// What `judge --judge threshold --spec` reads, a metric of it being the `spec` within a series
    Threshold,
    /// What `judge --judge burn-rate --spec` reads, a metric of it being the `spec` within a series
    BurnRate,
    /// What `judge --judge sequential --spec` reads, a metric of it being the `spec` within a series
    Sequential,
    /// What `judge --format kayenta` reads
    Canary,
    /// What `judge --format kayenta` answers
    CanaryAnswer,
    /// What `judge --format argo` reads
    Analysis,
    /// What `judge --format argo` answers
    AnalysisAnswer,
    /// The conditions that `gate` reads
    GateSet,
    /// What was measured, which `gate` reads beside conditions
    Evidence,
    /// What `gate` answers
    GateAnswer,
    /// What `gate --format keptn` reads
    KeptnQuestion,
    /// What `gate --format keptn` answers
    KeptnAnswer,
    /// What `replay` answers
    ReplayAnswer,
    /// What `explain --what-if` reads
    Event,
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
            Self::RiskAnswer => written::<RiskAnswer>(),
            Self::Release => schema_for!(ReleaseDocument),
            Self::Plan => schema_for!(PlanDraft),
            Self::PlanAnswer => written::<PlanAnswer>(),
            Self::CheckAnswer => written::<CheckAnswer>(),
            Self::CompareAnswer => written::<CompareAnswer>(),
            Self::PresetsAnswer => written::<PresetsAnswer>(),
            Self::ImportAnswer => written::<ImportAnswer>(),
            Self::ImportFields => written::<FieldsAnswer>(),
            Self::Arithmetic => arithmetic::schema(),
            Self::Scenario => schema_for!(Scenario),
            Self::History => schema_for!(HistoryDocument),
            Self::CalibrateAnswer => written::<CalibrateAnswer>(),
            Self::Bake => schema_for!(BakeQuestion),
            Self::BakeAnswer => written::<BakeAnswer>(),
            Self::SimulateAnswer => written::<SimulateAnswer>(),
            Self::Calendar => schema_for!(CalendarDraft),
            Self::Holidays => schema_for!(Holidays),
            Self::WindowAnswer => written::<WindowAnswer>(),
            Self::ArgocdQuestion => schema_for!(argo::Question),
            Self::ArgocdAnswer => written::<ArgoAnswer>(),
            Self::Graph => schema_for!(GraphDraft),
            Self::Promotion => schema_for!(FactsDocument),
            Self::PromotionAnswer => written::<PromotionAnswer>(),
            Self::GoalAnswer => written::<GoalAnswer>(),
            Self::GraphAnswer => written::<GraphAnswer>(),
            Self::Series => schema_for!(SeriesDocument),
            Self::JudgeAnswer => written::<JudgeAnswer>(),
            Self::Threshold => schema_for!(ThresholdSpec),
            Self::BurnRate => schema_for!(BurnRateSpec),
            Self::Sequential => schema_for!(SequentialSpec),
            Self::Canary => schema_for!(Canary),
            Self::CanaryAnswer => written::<KayentaAnswer>(),
            Self::Analysis => schema_for!(AnalysisDocument),
            Self::AnalysisAnswer => written::<AnalysisAnswer>(),
            Self::GateSet => schema_for!(AllOf),
            Self::Evidence => schema_for!(Evidence),
            Self::GateAnswer => written::<GateAnswer>(),
            Self::KeptnQuestion => schema_for!(keptn::Question),
            Self::KeptnAnswer => written::<KeptnAnswer>(),
            Self::ReplayAnswer => written::<ReplayAnswer>(),
            Self::Event => schema_for!(EventDocument),
            Self::ExplainAnswer => written::<ExplainAnswer>(),
            Self::VerifyAnswer => written::<VerifyAnswer>(),
            Self::JournalRecord => written::<ExportedRecord<'_>>(),
            Self::JournalEnd => written::<ExportEnd>(),
            Self::Error => written::<Unanswered>(),
        }
    }
}

/// The schema of what is only written: what is left out where there is none is not required.
fn written<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// The schema with fields that the command demands and the library does not.
fn requiring(mut schema: Schema, fields: &[&str]) -> Schema {
    schema.insert("required".to_owned(), fields.into());
    schema
}
