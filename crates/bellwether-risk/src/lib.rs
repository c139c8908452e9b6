//! Risk classification: facts about a change in, a level and its reasons out.
//!
//! A [`Classifier`] looks at a [`Change`] (its files, commits, labels and flags) and answers with one of four
//! [`Level`](bellwether_core::Level)s. The usual one is data: a [`RuleSet`] compiled into [`Rules`]. The level is the
//! maximum over everything that fired, every rule that fired is a finding, and nothing is harmless by default: only a
//! change whose every path is known to be harmless is of level zero.
//!
//! A [`Matrix`] says what each level asks of a rollout. It is for people to read; a strategy makes the plan.

mod approach;
mod change;
mod classifier;
mod commit;
mod compiled_rule;
mod error;
mod fact;
mod matrix;
pub mod preset;
pub mod prior;
mod rule;
mod rules;

pub use approach::{Approach, Span, Stage};
pub use change::{Change, Commit, File, Flag, FlagState, Status};
pub use classifier::{Classifier, ClassifierFn, classifier_fn};
pub use commit::{Header, is_breaking};
pub use error::{MatrixError, RuleError};
pub use matrix::Matrix;
pub use rule::{Combine, Risk, Rule, RuleSet};
pub use rules::Rules;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

#[cfg(all(test, feature = "schema"))]
mod schema_tests {
    use super::*;

    #[test]
    fn the_schemas_name_the_fields_and_refuse_others() {
        for (schema, field) in [
            (schemars::schema_for!(Change), "files"),
            (schemars::schema_for!(RuleSet), "rules"),
            (schemars::schema_for!(Matrix), "medium"),
        ] {
            assert!(schema.pointer(&format!("/properties/{field}")).is_some(), "{field}");
            assert_eq!(schema.get("additionalProperties"), Some(&false.into()), "{field}");
        }
    }
}
