//! A weighted HTTP proxy that splits traffic between two versions and counts what both answer.
//!
//! A [`Proxy`] runs in any tokio program. It gives each user a version and keeps them there while the share grows
//! ([`Allocation`]), counts requests and errors of both versions second by second, and takes its route from a
//! [`ProxyHandle`] in the same process or a [`ProxyClient`] in another, both of which are a router and a metric source
//! for a driver.

mod admin;
mod admin_error;
mod allocation;
mod answer;
mod arm;
mod classifier;
mod client;
mod config;
mod control;
mod deadline;
mod forward;
mod handle;
mod header;
mod ledger;
mod listener;
mod message;
mod outcome;
mod pool;
mod port;
mod proxy;
mod shared;
#[cfg(unix)]
mod socket;
mod start_error;
mod stop;
mod ticket;
mod token;
mod turn;
mod unsupported_route;
mod upload;
mod upstream;
mod users;

pub use allocation::Allocation;
pub use classifier::Classifier;
pub use client::ProxyClient;
pub use config::{Admin, Config, ConfigError};
pub use handle::ProxyHandle;
pub use message::{Count, CountedInterval, DistinctUsers, Intervals, RouteChange, RouteReading, Status};
pub use port::{capabilities, metrics};
pub use proxy::Proxy;
pub use start_error::StartError;
pub use token::{Token, TokenError};
pub use unsupported_route::UnsupportedRoute;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
