use crate::failure::Failure;
use crate::package::Package;
use crate::step::{Step, run_all};
use crate::tree::Tree;

const BENCHES: &str = "bellwether-benches";
const EXAMPLES: &str = "bellwether-examples";

/// Rollouts that are simulated of each of twenty plans: a hundred thousand, about a minute on two cores.
const SEEDS: &str = "5000";

pub(crate) fn run() -> Result<(), Failure> {
    run_all("test", &steps(&Package::published(&Tree::load()?)?))
}

fn steps(packages: &[Package]) -> Vec<Step> {
    let mut steps = vec![
        // Benches are compiled below; as test targets they would only be built once more.
        Step::cargo(["test", "--workspace", "--exclude", BENCHES]),
        Step::cargo(["check", "-p", BENCHES, "--benches"]),
        // Golden logs alone, and with the feature another crate of a host may turn on: the bytes must not move.
        Step::cargo(["test", "-p", EXAMPLES, "--test", "golden"]),
        Step::cargo(["test", "-p", EXAMPLES, "--test", "golden", "--features", "num-traits-std"]),
        // A workspace of its own; the shared folder keeps it from building foreign crates once more.
        Step::cargo(["test", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target"]),
        Step::cargo(["run", "--release", "--example", "canary"]),
        Step::cargo(["run", "--example", "by_hand"]),
    ];
    if let Some(step) = with_all_features(packages) {
        steps.insert(1, step);
    }
    steps
}

/// One call for every crate that has features, because each call builds what the features share anew.
fn with_all_features(packages: &[Package]) -> Option<Step> {
    let named = packages.iter().filter(|package| !package.features().is_empty());
    let named: Vec<&str> = named.flat_map(|package| ["-p", &package.name]).collect();
    let ends = (["test"], ["--all-features"]);
    let step = || Step::cargo(ends.0.into_iter().chain(named.iter().copied()).chain(ends.1));
    (!named.is_empty()).then(|| step().with_variable("BELLWETHER_SEEDS", SEEDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(tree: &Tree) -> Vec<String> {
        steps(&Package::published(tree).unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn crates_with_features_are_tested_once_more_with_all_of_them() {
        let tree = Tree::from([
            ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n[features]\nx = []"),
            ("crates/b/Cargo.toml", "[package]\nname = \"b\"\n[features]\ndefault = []"),
        ]);
        let line = "BELLWETHER_SEEDS=\"5000\" cargo test -p a --all-features";
        assert_eq!(lines(&tree).get(1).unwrap(), line);
    }

    #[test]
    fn the_golden_logs_are_tested_alone_and_with_the_feature_that_moves_other_libraries() {
        let lines = lines(&Tree::default());
        let golden = "cargo test -p bellwether-examples --test golden";
        assert!(lines.contains(&golden.to_owned()), "{lines:?}");
        assert!(lines.contains(&format!("{golden} --features num-traits-std")), "{lines:?}");
    }
}
