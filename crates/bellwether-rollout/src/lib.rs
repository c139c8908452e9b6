//! The rollout machine: pure functions over plain data.
//!
//! [`step`] takes a [`State`] and an [`Event`] and gives the next state and a decision; [`goal`] says what the world
//! should look like; [`difference`] says what must be changed for it. No clock, no randomness, no I/O: the same log
//! gives the same decisions, byte by byte, on every machine ([`replay`]), and every one can be explained ([`explain`]).
#![no_std]

extern crate alloc;

mod event;
mod exchange;
mod explain;
mod failures;
mod goal;
mod hold;
#[cfg(test)]
mod model;
mod movement;
mod observation;
mod phase;
mod replay;
mod simulate;
mod state;
mod step;
mod waiting;
mod wave;
mod what_if;

pub use event::{Actor, Event, Kind, sort_round};
pub use explain::{Explanation, explain};
pub use goal::{Difference, Goal, Wake, WakeReason, difference, goal};
pub use hold::{Hold, HoldReason, Owner};
pub use movement::Move;
pub use observation::{Observation, Units};
pub use phase::{
    BackSub, Baking, Cause, Exposure, FinalSub, Finalising, Phase, Place, Resume, RollingBack, Stepping, Stuck,
    StuckReason, Sub,
};
pub use replay::{Divergence, RULES, Stepped, replay};
pub use simulate::{
    After, Command, Scenario, ScenarioError, Simulated, SimulationEnd, WorldFault, simulate, simulate_each,
};
pub use state::{RestoreError, Snapshot, State, start, start_after};
pub use step::step;
pub use waiting::waiting_for;
pub use wave::{Member, OnFailure, Part, WaveDraft, WaveError, WaveGoal, WavePlan, wave_goal};
pub use what_if::{Changed, GoalDifference, WhatIf, what_if};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
