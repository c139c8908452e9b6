//! Quality gates: evidence in, one of four verdicts and the reasons out.
//!
//! A [`Gate`] is one question before a rollout may go on. The usual one is data: an [`AllOf`] set of typed
//! [`Condition`]s over the [`Evidence`], with a bound, a unit, an age and a sample size each. A host's own gate is a type
//! with one method, or a closure through [`gate_fn`].
//!
//! What is not measured never passes: a missing, stale or unreadable measurement is
//! [`NoData`](bellwether_core::Verdict::NoData), a small one is
//! [`Inconclusive`](bellwether_core::Verdict::Inconclusive), and neither is rounded into another verdict.
#![no_std]

extern crate alloc;

mod all_of;
mod answer;
mod condition;
mod evidence;
mod gate;
pub mod keptn;
mod operator;
pub mod preset;
mod reading;
mod unit;

pub use all_of::{AllOf, SetError, worst};
pub use condition::{Condition, Enforcement, OnMissing};
pub use evidence::{Evidence, Measurement};
pub use gate::{Gate, GateFn, gate_fn};
pub use operator::Operator;
pub use reading::Reading;
pub use unit::Unit;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

#[cfg(all(test, feature = "schema"))]
mod schema_tests {
    use super::*;

    #[test]
    fn the_schemas_name_the_fields_and_refuse_others() {
        for (schema, field) in
            [(schemars::schema_for!(Evidence), "measurements"), (schemars::schema_for!(AllOf), "conditions")]
        {
            assert!(schema.pointer(&alloc::format!("/properties/{field}")).is_some(), "{field}");
            assert_eq!(schema.get("additionalProperties"), Some(&false.into()), "{field}");
        }
    }
}
