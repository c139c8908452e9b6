use crate::complaint::Complaint;
use crate::package::Package;
use crate::source::is_word;
use crate::tree::Tree;

use super::row::is_own;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CHANGELOG: &str = "CHANGELOG.md";
const README: &str = "README.md";
const CI: &str = ".ci/run";
/// What tests everything; a newcomer and the machine that guards the project type the same.
const TEST: &str = "cargo xtask test";
/// The headings of Keep a Changelog.
const HEADINGS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Complaint> {
    let mut complaints = changelog(tree.text(CHANGELOG).unwrap_or_default());
    for package in packages.iter().filter(|package| package.is_published()) {
        let readme = format!("{}{README}", package.folder());
        if tree.text(&readme).is_none_or(|text| text.trim().is_empty()) {
            complaints.push(Complaint::new(&readme, 1, "a crate says what it is and who wants it"));
        }
        complaints.extend([README, ARCHITECTURE].into_iter().filter_map(|path| unnamed(tree, path, &package.name)));
    }
    complaints.extend(foreign(tree));
    let silent = [README, CI].into_iter().filter(|path| !tree.text(path).is_some_and(|text| text.contains(TEST)));
    complaints.extend(silent.map(|path| Complaint::new(path, 1, format!("expected `{TEST}`"))));
    complaints
}

/// Every dependency of the workspace has a line that says why it and not another.
fn foreign(tree: &Tree) -> Vec<Complaint> {
    let table = tree.text("Cargo.toml").and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let dependencies = table.get("workspace").and_then(|it| it.get("dependencies")).and_then(toml::Value::as_table);
    let names = dependencies.into_iter().flat_map(toml::Table::keys).filter(|name| !is_own(name));
    names.filter_map(|name| unnamed(tree, ARCHITECTURE, name)).collect()
}

fn unnamed(tree: &Tree, path: &str, name: &str) -> Option<Complaint> {
    let is_named = tree.text(path).is_some_and(|text| names(text, name));
    (!is_named).then(|| Complaint::new(path, 1, format!("expected a line about `{name}`")))
}

/// Whether the text names the crate; `bellwether` is not named by `bellwether-core`.
fn names(text: &str, name: &str) -> bool {
    let joins = |character: char| is_word(character) || character == '-';
    text.match_indices(name).any(|(index, _)| {
        let (before, rest) = text.split_at(index);
        let after = rest.strip_prefix(name).unwrap_or_default();
        !before.ends_with(joins) && !after.starts_with(joins)
    })
}

/// What is not released yet has a section, with an effect on a user under a heading that everybody knows.
fn changelog(text: &str) -> Vec<Complaint> {
    let mut lines = text.lines().zip(1..).skip_while(|(line, _)| line.trim_end() != "## [Unreleased]");
    let Some((_, first)) = lines.next() else {
        return vec![Complaint::new(CHANGELOG, 1, "expected `## [Unreleased]`")];
    };
    let section: Vec<_> = lines.take_while(|(line, _)| !line.starts_with("## ")).collect();
    let headings = section.iter().filter_map(|(line, number)| line.strip_prefix("### ").map(|it| (it.trim(), *number)));
    let unknown = headings.filter(|(heading, _)| !HEADINGS.contains(heading));
    let unknown = unknown.map(|(heading, number)| {
        Complaint::new(CHANGELOG, number, format!("`{heading}` is not a heading of Keep a Changelog: {HEADINGS:?}"))
    });
    let mut complaints: Vec<_> = unknown.collect();
    let under_heading = section.iter().skip_while(|(line, _)| !line.starts_with("### "));
    if !under_heading.into_iter().any(|(line, _)| line.starts_with("- ")) {
        complaints.push(Complaint::new(CHANGELOG, first, "expected a line `- ...` under a heading `### ...`"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: (&str, &str) = ("crates/bellwether-core/Cargo.toml", "[package]\nname = \"bellwether-core\"\n");
    const GOOD: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n- Plans.\n";
    const RUN: (&str, &str) = (CI, "phase test cargo xtask test\n");

    fn found(tree: &Tree) -> Vec<String> {
        check(tree, &Package::all(tree).unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_changelog_with_an_effect_under_a_known_heading_passes() {
        assert!(changelog(GOOD).is_empty());
    }

    #[test]
    fn a_changelog_without_section_heading_or_line_is_named() {
        assert_eq!(changelog("## [0.1.0]\n### Added\n- a\n").len(), 1);
        assert_eq!(changelog("## [Unreleased]\n- a\n## [0.1.0]\n### Added\n- a\n").len(), 1);
        assert_eq!(changelog("## [Unreleased]\n### Added\n").len(), 1);
        assert_eq!(changelog("## [Unreleased]\n### News\n- a\n").first().map(|it| it.line), Some(2));
    }

    #[test]
    fn a_crate_is_named_in_both_documents_and_has_a_readme() {
        let readme = ("crates/bellwether-core/README.md", "# core");
        let named = "cargo xtask test\n| `bellwether-core` | the vocabulary |";
        assert!(
            found(&Tree::from([MANIFEST, readme, RUN, (CHANGELOG, GOOD), (README, named), (ARCHITECTURE, named)]))
                .is_empty()
        );
        let longer = "cargo xtask test\n| `bellwether-core-extra` | |";
        assert_eq!(
            found(&Tree::from([MANIFEST, RUN, (CHANGELOG, GOOD), (README, longer), (ARCHITECTURE, named)])),
            [
                "crates/bellwether-core/README.md:1: a crate says what it is and who wants it",
                "README.md:1: expected a line about `bellwether-core`",
            ]
        );
    }

    #[test]
    fn a_dependency_without_a_reason_is_named() {
        let root =
            ("Cargo.toml", "[workspace.dependencies]\nserde = \"1\"\nserde_json = \"1\"\nbellwether-a = \"1\"\n");
        let readme = (README, "Run `cargo xtask test`.");
        let complaints =
            found(&Tree::from([root, RUN, readme, (CHANGELOG, GOOD), (ARCHITECTURE, "- serde_json: text")]));
        assert_eq!(complaints, ["ARCHITECTURE.md:1: expected a line about `serde`"]);
    }

    #[test]
    fn the_readme_and_ci_test_by_the_same_command() {
        let tree = Tree::from([(CHANGELOG, GOOD), (README, "cargo test"), RUN]);
        assert_eq!(found(&tree), ["README.md:1: expected `cargo xtask test`"]);
    }
}
