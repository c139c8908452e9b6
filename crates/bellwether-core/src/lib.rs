//! The vocabulary that every bellwether crate speaks: plain data, no clock, no randomness, no I/O.
//!
//! A rule answers with a [`Decision`]: an outcome and the [`Finding`]s that led to it. Time is inside the data
//! ([`Time`], UTC), the traffic split is one number ([`Weight`], the candidate's share in basis points), and a
//! rollout is always between two [`Arms`]: what runs today and what shall run tomorrow.
#![no_std]

extern crate alloc;

mod arms;
mod basis;
mod decision;
mod digest;
mod duration;
mod finding;
mod identifier;
mod level;
mod release;
mod response;
mod route;
mod stage;
mod time;
mod verdict;
mod weight;

pub use arms::Arms;
pub use basis::Basis;
pub use decision::Decision;
pub use digest::{Digest, ParseDigestError};
pub use duration::{Duration, ParseDurationError};
pub use finding::{Figure, Finding, RuleName, Severity, Value};
pub use identifier::{
    ActorName, CheckName, CohortName, EnvironmentName, EventId, GateName, HookId, MetricName, ParseIdentifierError,
    ReleaseId, RolloutId, ServiceName, StepId,
};
pub use level::Level;
pub use release::{Release, Target, Version};
pub use response::{Method, Response};
pub use route::{Capabilities, Cohort, CohortSupport, Fence, Fencing, Route};
pub use stage::StageId;
pub use time::{ParseTimeError, Time};
pub use verdict::Verdict;
pub use weight::{Weight, WeightError};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
