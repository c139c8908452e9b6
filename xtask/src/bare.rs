use crate::failure::Failure;
use crate::package::Package;
use crate::step::{Step, run_all};
use crate::toolchain::{BARE_TARGET, ensure_target};
use crate::tree::Tree;

/// Builds each crate that says `no_std` for a target that has nothing else: one call a crate, because features
/// unify within a call, and a crate that leans on a feature of its neighbour would pass.
pub(crate) fn run() -> Result<(), Failure> {
    let names = names(&Tree::load()?)?;
    let target = ensure_target(BARE_TARGET).then_some(BARE_TARGET);
    if target.is_none() {
        println!("\n{}", "!".repeat(100));
        println!("!! {BARE_TARGET} is missing and cannot be installed: building for this machine instead.");
        println!("!! That does not prove that the crates need no operating system.");
        println!("{}", "!".repeat(100));
    }
    run_all("bare", &steps(&names, target))
}

fn names(tree: &Tree) -> Result<Vec<String>, Failure> {
    let packages = Package::published(tree)?.into_iter();
    Ok(packages.filter(|package| package.is_no_std(tree)).map(|package| package.name).collect())
}

fn steps(names: &[String], target: Option<&str>) -> Vec<Step> {
    let target: Vec<&str> = target.into_iter().flat_map(|target| ["--target", target]).collect();
    names.iter().map(|name| Step::cargo(["build", "--lib", "-p", name].iter().chain(&target).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crates_without_the_standard_library_are_built_each_in_its_own_call() {
        let tree = Tree::from([
            ("crates/a/Cargo.toml", "[package]\nname = \"a\""),
            ("crates/a/src/lib.rs", "#![no_std]"),
            ("crates/b/Cargo.toml", "[package]\nname = \"b\""),
            ("crates/b/src/lib.rs", ""),
            ("crates/c/Cargo.toml", "[package]\nname = \"c\""),
            ("crates/c/src/lib.rs", "#![no_std]"),
        ]);
        let lines: Vec<_> = steps(&names(&tree).unwrap(), Some("t")).iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["cargo build --lib -p a --target t", "cargo build --lib -p c --target t"]);
    }

    #[test]
    fn without_the_target_the_build_is_one_for_this_machine() {
        let lines: Vec<_> = steps(&["a".to_owned()], None).iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["cargo build --lib -p a"]);
    }
}
