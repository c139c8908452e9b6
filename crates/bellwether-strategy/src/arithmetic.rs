//! The replica and weight arithmetic of other systems, with the same results as the originals for the same inputs.
//!
//! Somebody who comes from Kubernetes Deployments, Argo Rollouts or Flagger wants to know what his configuration does
//! and whether a plan of ours does the same. These functions answer it. They decide nothing here: a plan's own units
//! are counted by [`UnitsRule`](crate::UnitsRule), which cannot wrap and knows no weight above the whole.
//!
//! Every function names the original that it follows, with its known faults, which are kept: `int32` sums wrap,
//! weights may be above the whole, and where the original rounds a `float64` this rounds the same `f64` (the four basic
//! operations of IEEE 754 give the same bits everywhere, and nothing else is used). Only where the original stops with
//! a panic, or divides by zero, there is an [`ArithmeticError`] instead.
//!
//! The arguments of each function are one struct with names, because most of them are counts that could be swapped
//! unseen. Those structs stay open to struct literals: an original's argument list does not grow.

pub mod argo_rollouts;
pub mod flagger;
pub mod kubernetes;

mod bounds;
mod error;
mod int_or_percent;
mod null;
mod number;
mod replica_set;

pub use bounds::Bounds;
pub use error::ArithmeticError;
pub use int_or_percent::IntOrPercent;
pub use replica_set::ReplicaSet;
