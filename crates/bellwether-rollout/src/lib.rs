//! The rollout machine: step, goal, replay and explain, as pure functions.
