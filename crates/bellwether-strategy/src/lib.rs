//! Deployment strategies as plans: a release and a target in, a checked [`Plan`] out.
//!
//! Every strategy makes a plan for the same machine, so a new strategy changes no machine. A [`Plan`] can only be
//! had through its checks: from a [`Strategy`], from [`PlanDraft`] by `TryFrom`, or by deserialising.
#![no_std]

extern crate alloc;

pub mod arithmetic;
pub mod preset;

mod ab_test;
mod big_bang;
mod blue_green;
mod canary;
mod capability;
mod capacity;
mod check;
mod choice;
mod choose;
mod cohort_step;
mod conduct;
mod draft;
mod error;
mod exchange;
mod failure_limits;
mod feature_flag;
mod mirror;
mod needs;
mod phased;
mod plan;
mod plan_change;
mod preference;
mod recreate;
mod rolling;
mod step;
mod strategy;
mod strategy_name;
mod table;
mod unit_time;
mod way_back;

pub use ab_test::AbTest;
pub use big_bang::BigBang;
pub use blue_green::BlueGreen;
pub use canary::{Canary, CanaryStep};
pub use capacity::Capacity;
pub use check::{Facts, check};
pub use choice::{Alternative, Choice, Feasibility, Prospect};
pub use choose::choose;
pub use cohort_step::CohortStep;
pub use conduct::{Conduct, OnDeadline, StableSizing, Supersede, Wait};
pub use draft::PlanDraft;
pub use error::{PlanError, Refusal};
pub use exchange::{Amount, Bounds, Exchange};
pub use failure_limits::{FailureLimits, FailureWindow};
pub use feature_flag::FeatureFlag;
pub use mirror::Mirror;
pub use needs::{ChangeKind, Irreversible, Needs};
pub use phased::Phased;
pub use plan::{Floor, Plan, SCHEMA};
pub use plan_change::PlanChange;
pub use recreate::Recreate;
pub use rolling::Rolling;
pub use step::{Bake, Step, UnitsRule};
pub use strategy::{Strategy, for_level};
pub use strategy_name::StrategyName;
pub use table::Table;
pub use unit_time::UnitTime;
pub use way_back::WayBack;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
