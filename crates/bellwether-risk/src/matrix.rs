use bellwether_core::{Level, Weight};
use serde::{Deserialize, Serialize};

use crate::{Approach, MatrixError};

/// The schema number of the documents that this build reads and writes.
const SCHEMA: u32 = 1;

/// What each level asks for: one [`Approach`] a level.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Document")]
pub struct Matrix {
    schema: u32,
    name: String,
    zero: Approach,
    low: Approach,
    medium: Approach,
    high: Approach,
}

impl Matrix {
    /// Checks the approaches of the four levels, lowest first.
    ///
    /// # Errors
    /// An approach without stages; a span that ends before it begins; a stage that does not reach more users than the one
    /// before. The error names the place.
    pub fn new(name: impl Into<String>, approaches: [Approach; 4]) -> Result<Self, MatrixError> {
        let [zero, low, medium, high] = approaches;
        let matrix = Self { schema: SCHEMA, name: name.into(), zero, low, medium, high };
        for level in [Level::Zero, Level::Low, Level::Medium, Level::High] {
            check(matrix.approach(level), &format!("$.{level}.stages"))?;
        }
        Ok(matrix)
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a level asks for.
    #[must_use]
    pub const fn approach(&self, level: Level) -> &Approach {
        match level {
            Level::Zero => &self.zero,
            Level::Low => &self.low,
            Level::Medium => &self.medium,
            Level::High => &self.high,
        }
    }
}

fn check(approach: &Approach, at: &str) -> Result<(), MatrixError> {
    if approach.stages.is_empty() {
        return Err(MatrixError::new(at, "at least one stage", "none"));
    }
    let mut reached: Option<Weight> = None;
    for (index, stage) in approach.stages.iter().enumerate() {
        if stage.share.min > stage.share.max {
            return Err(MatrixError::new(format!("{at}[{index}].share"), "min at most max", stage.share.to_string()));
        }
        if stage.wait.min > stage.wait.max {
            return Err(MatrixError::new(format!("{at}[{index}].wait"), "min at most max", stage.wait.to_string()));
        }
        if let Some(before) = reached.filter(|before| stage.share.min <= *before) {
            let expected = format!("more than the {before} of the stage before");
            return Err(MatrixError::new(format!("{at}[{index}].share"), expected, stage.share.to_string()));
        }
        reached = Some(stage.share.max);
    }
    Ok(())
}

/// A matrix as it is written, before it is checked.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename = "Matrix")]
struct Document {
    schema: u32,
    name: String,
    zero: Approach,
    low: Approach,
    medium: Approach,
    high: Approach,
}

impl TryFrom<Document> for Matrix {
    type Error = MatrixError;

    fn try_from(document: Document) -> Result<Self, Self::Error> {
        if document.schema != SCHEMA {
            return Err(MatrixError::new("$.schema", SCHEMA.to_string(), document.schema.to_string()));
        }
        Self::new(document.name, [document.zero, document.low, document.medium, document.high])
    }
}
