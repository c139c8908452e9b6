//! The examples of bellwether: run them with `cargo run --example NAME`.
