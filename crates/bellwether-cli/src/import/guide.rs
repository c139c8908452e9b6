use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    argo, deployment,
    field::{Becomes, Field},
    flagger, metadata,
};

/// What becomes of every field of the documents of one kind.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Guide {
    /// The kind, and whose it is.
    kind: &'static str,
    /// Every field that is known.
    fields: Vec<Line>,
}

/// What becomes of one field.
#[derive(Clone, Debug, JsonSchema, Serialize)]
struct Line {
    /// Where it stands. A map or a list stands for everything in it.
    path: &'static str,
    /// Whether and how it is kept.
    fate: Fate,
    /// What it becomes, or why it becomes nothing.
    how: &'static str,
}

/// Whether and how a field is kept.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    /// It is a part of the plan, or of a gate's set.
    Kept,
    /// It says nothing about how a rollout goes.
    Ignored,
    /// It means something else here; a warning says so.
    Changed,
    /// It protects the rollout there, and nothing here does it instead; a critical finding says so.
    Lost,
}

impl Guide {
    /// Of every kind.
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::of("every document", &[metadata::ROWS]),
            Self::of("Rollout (Argo Rollouts)", &[argo::row::ROLLOUT]),
            Self::of("Rollout with a canary", &[argo::row::CANARY, argo::row::STEP]),
            Self::of("Rollout with blue-green", &[argo::row::BLUE_GREEN]),
            Self::of("AnalysisTemplate and ClusterAnalysisTemplate (Argo Rollouts)", &[argo::row::ANALYSIS]),
            Self::of("Deployment (Kubernetes)", &[deployment::ROWS]),
            Self::of("Canary (Flagger)", &[flagger::row::CANARY, flagger::row::ANALYSIS]),
        ]
    }

    fn of(kind: &'static str, rows: &[&[Field]]) -> Self {
        Self { kind, fields: rows.iter().flat_map(|rows| rows.iter()).map(Line::from).collect() }
    }
}

impl From<&Field> for Line {
    fn from(field: &Field) -> Self {
        let (fate, how) = match field.becomes {
            Becomes::Kept(how) => (Fate::Kept, how),
            Becomes::Ignored(how) => (Fate::Ignored, how),
            Becomes::Changed(how) => (Fate::Changed, how),
            Becomes::Lost(how) => (Fate::Lost, how),
        };
        Self { path: field.path, fate, how }
    }
}

impl fmt::Display for Guide {
    /// A table in Markdown, as the guide has it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "## {}\n\n| field | becomes |\n|---|---|", self.kind)?;
        for Line { path, fate, how } in &self.fields {
            let fate = match fate {
                Fate::Kept => "",
                Fate::Ignored => "ignored: ",
                Fate::Changed => "differs: ",
                Fate::Lost => "**lost**: ",
            };
            write!(formatter, "\n| `{path}` | {fate}{how} |")?;
        }
        Ok(())
    }
}
