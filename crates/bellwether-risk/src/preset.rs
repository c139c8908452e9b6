//! Named rules and matrices, each taken from one published deployment guide.
//!
//! A guide speaks of middleware or payments, not of paths, so the globs are this crate's reading of it: where the common
//! layouts of repositories put such code. They are data to start from.

use crate::{Matrix, RuleSet, Rules};

/// The document of [`seed_003`], as a file to start from.
pub const SEED_003_RULES: &str = include_str!("../presets/seed-003-rules.json");

/// The document of [`seed_003_matrix`], as a file to start from.
pub const SEED_003_MATRIX: &str = include_str!("../presets/seed-003-matrix.json");

/// `seed-003-patterns-reference`: the trigger classes of the deployment strategy decision matrix.
///
/// Tests, documents and code behind a flag that is off are zero; new files and utilities that are labelled `not-called` are
/// low; middleware, interfaces and added migrations are medium; authentication, payment, data writes and migrations that
/// are changed, deleted or labelled `breaking-migration` are high. Everything else is unmatched, which is medium.
///
/// A sensitive path stays high behind a flag that is off: the level is the maximum.
#[must_use]
#[expect(clippy::expect_used, reason = "the text is part of this crate, and the tests read it")]
pub fn seed_003() -> RuleSet {
    serde_json::from_str(SEED_003_RULES).expect("the preset is a rule set")
}

/// The rules of [`seed_003`], ready to classify.
///
/// # Example: a document and a login
/// ```
/// use bellwether_core::Level;
/// use bellwether_risk::{Change, Classifier, File, Status, preset};
///
/// let rules = preset::seed_003_rules();
/// let guide = File::new("docs/guide.md", Status::Modified);
/// assert_eq!(rules.classify(&Change::new(vec![guide.clone()])).outcome, Level::Zero);
///
/// let login = File::new("src/auth/login.rs", Status::Modified);
/// let decision = rules.classify(&Change::new(vec![guide, login]));
/// assert_eq!(decision.outcome, Level::High);
/// assert_eq!(decision.findings.len(), 2, "the document is named as well");
/// ```
#[expect(clippy::expect_used, reason = "the text is part of this crate, and the tests compile it")]
pub fn seed_003_rules() -> Rules {
    seed_003().compile().expect("the preset compiles")
}

/// `seed-003-patterns-reference`: the approach, the waits and the monitoring of each level.
#[must_use]
#[expect(clippy::expect_used, reason = "the text is part of this crate, and the tests read it")]
pub fn seed_003_matrix() -> Matrix {
    serde_json::from_str(SEED_003_MATRIX).expect("the preset is a matrix")
}

#[cfg(test)]
mod tests;
