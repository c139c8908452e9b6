//! The traits through which a rollout touches the world, the journal's records, and a simulated world.
