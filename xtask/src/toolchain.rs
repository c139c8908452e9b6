use std::path::Path;

use crate::failure::Failure;
use crate::step::Step;

/// A processor without an operating system: what builds for it needs no clock, file, thread or hash seed.
pub(crate) const BARE_TARGET: &str = "thumbv7em-none-eabihf";

/// Adds a component of the toolchain (`rustfmt`, `clippy`) if the cargo command that needs it does not answer.
pub(crate) fn ensure_component(component: &str, command: &str) -> Result<(), Failure> {
    if Step::cargo([command, "--version"]).answer().is_some() {
        return Ok(());
    }
    Step::program("rustup", ["component", "add", component]).run()
}

/// Adds a target if it is missing; says whether it can be built for afterwards.
pub(crate) fn ensure_target(target: &str) -> bool {
    if is_installed(target) {
        return true;
    }
    if let Err(failure) = Step::program("rustup", ["target", "add", target]).run() {
        eprintln!("xtask: {failure}");
    }
    is_installed(target)
}

/// Asks the compiler instead of rustup, so that a toolchain from elsewhere counts too.
fn is_installed(target: &str) -> bool {
    let folder = Step::program("rustc", ["--print", "target-libdir", "--target", target]).answer();
    folder.is_some_and(|folder| Path::new(folder.trim()).is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_installed_and_an_invented_target_is_not() {
        let version = Step::program("rustc", ["-vV"]).answer().unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        assert!(is_installed(host));
        assert!(!is_installed("pdp7-none-elf"));
    }
}
