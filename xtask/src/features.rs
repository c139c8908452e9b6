use crate::failure::Failure;
use crate::package::Package;
use crate::step::{Step, run_all};
use crate::tree::Tree;

/// Checks each crate alone, as a host that takes only this one builds it, and then each of its features alone.
pub(crate) fn run() -> Result<(), Failure> {
    let packages = Package::published(&Tree::load()?)?;
    run_all("features", &packages.iter().flat_map(steps).collect::<Vec<_>>())
}

fn steps(package: &Package) -> Vec<Step> {
    let name = package.name.as_str();
    let alone = Step::cargo(["check", "-p", name]);
    let features = package.features().into_iter();
    let features = features.map(|it| Step::cargo(["check", "-p", name, "--no-default-features", "--features", it]));
    std::iter::once(alone).chain(features).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_checked_as_it_is_and_then_feature_by_feature() {
        let manifest = "[package]\nname = \"a\"\n[features]\ndefault = []\nx = []\ny = []\n";
        let packages = Package::published(&Tree::from([("crates/a/Cargo.toml", manifest)])).unwrap();
        let lines: Vec<_> = packages.iter().flat_map(steps).map(|step| step.to_string()).collect();
        assert_eq!(
            lines,
            [
                "cargo check -p a",
                "cargo check -p a --no-default-features --features x",
                "cargo check -p a --no-default-features --features y",
            ]
        );
    }
}
