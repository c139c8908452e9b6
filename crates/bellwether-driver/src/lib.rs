#![doc = include_str!("../README.md")]

mod answers;
mod backoff;
mod calls;
mod command;
mod driver;
mod end;
mod error;
mod gates;
mod handle;
mod health;
mod hooks;
mod log;
mod meter;
mod not_before;
mod open;
mod options;
mod outbox;
mod outside;
mod ports;
mod round;
mod setup;
mod status;
mod timeline;
mod within;
mod world;

pub use driver::Driver;
pub use end::{End, Outcome};
pub use error::DriverError;
pub use handle::Handle;
pub use options::{OnStuck, Options};
pub use ports::Ports;
pub use setup::Setup;
pub use status::Status;
