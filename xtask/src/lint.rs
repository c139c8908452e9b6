use crate::failure::Failure;
use crate::step::{Step, run_all};
use crate::tidy;
use crate::toolchain::ensure_component;

pub(crate) fn run() -> Result<(), Failure> {
    ensure_component("rustfmt", "fmt")?;
    ensure_component("clippy", "clippy")?;
    // The cheapest first: what tidy finds is known before anything is built.
    tidy::run()?;
    run_all(
        "lint",
        &[
            Step::cargo(["fmt", "--all", "--check"]),
            Step::cargo(["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
            Step::cargo(["doc", "--workspace", "--no-deps", "--all-features"])
                .with_variable("RUSTDOCFLAGS", "-D warnings"),
        ],
    )
}
