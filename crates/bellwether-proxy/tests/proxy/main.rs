//! The proxy between real HTTP servers and clients on loopback.
#![cfg(test)]

mod admin;
mod counting;
mod failing;
mod forwarding;
mod hanging;
mod ports;
mod splitting;
mod world;
