//! The benches of bellwether: run one with `cargo bench -p bellwether-benches --bench NAME`.
