use toml::{Table, Value};

use crate::complaint::Complaint;
use crate::failure::Failure;
use crate::package::Package;
use crate::tree::Tree;

use super::row::{Kind, Row};

const CLIPPY: &str = "clippy.toml";
/// The settings that keep the rest of the standard library out of a decision crate that cannot do without all of it.
const DENIED: [&str; 3] = ["disallowed-macros", "disallowed-methods", "disallowed-types"];

/// What each manifest must say, and the settings of clippy that stand beside the manifest of a decision crate with std.
pub(super) fn check(tree: &Tree, packages: &[Package]) -> Result<Vec<Complaint>, Failure> {
    let mut complaints: Vec<_> = packages.iter().filter_map(lints).collect();
    complaints.extend(packages.iter().filter_map(folder));
    for package in packages {
        match Row::of(&package.name).map(|row| row.kind) {
            Some(Kind::Decision) if !package.is_no_std(tree) => {
                let path = format!("{}src/lib.rs", package.folder());
                complaints.push(Complaint::new(&path, 1, "a decision crate says `#![no_std]`"));
            }
            Some(Kind::DecisionWithStd) => complaints.extend(clippy(tree, package)?),
            _ => {}
        }
    }
    Ok(complaints)
}

/// A member that does not inherit the lints is judged by none of them.
fn lints(package: &Package) -> Option<Complaint> {
    let inherits = package.table.get("lints").and_then(|it| it.get("workspace")).and_then(Value::as_bool);
    (inherits != Some(true)).then(|| Complaint::new(&package.manifest_path, 1, "expected `[lints]` `workspace = true`"))
}

fn folder(package: &Package) -> Option<Complaint> {
    let expected = format!("crates/{}/", package.name);
    let wrong = package.is_published() && package.folder() != expected;
    wrong.then(|| Complaint::new(&package.manifest_path, 1, format!("a folder is named after its package: {expected}")))
}

/// Clippy reads the settings nearest to the manifest and no others, so the workspace's are repeated in them.
fn clippy(tree: &Tree, package: &Package) -> Result<Vec<Complaint>, Failure> {
    let path = format!("{}{CLIPPY}", package.folder());
    let Some(own) = settings(tree, &path)? else {
        let text = "a decision crate with std keeps the clock, files, sockets and threads out by a clippy.toml";
        return Ok(vec![Complaint::new(&path, 1, text)]);
    };
    let common = settings(tree, CLIPPY)?.unwrap_or_default();
    let missing = common.iter().filter(|(key, value)| !DENIED.contains(&key.as_str()) && own.get(*key) != Some(value));
    let missing = missing.map(|(key, value)| format!("expected the workspace's `{key} = {value}`"));
    let is_empty = |key: &&str| own.get(*key).and_then(Value::as_array).is_none_or(Vec::is_empty);
    let empty = DENIED.into_iter().filter(is_empty).map(|key| format!("expected a list `{key}`"));
    Ok(missing.chain(empty).map(|text| Complaint::new(&path, 1, text)).collect())
}

fn settings(tree: &Tree, path: &str) -> Result<Option<Table>, Failure> {
    let parse = |text: &str| {
        text.parse::<Table>().map_err(|error| Failure::Manifest { path: path.to_owned(), text: error.to_string() })
    };
    tree.text(path).map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIES: &str = "disallowed-macros = [\"a\"]\ndisallowed-methods = [\"b\"]\ndisallowed-types = [\"c\"]\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let name = |path: &str| path.trim_start_matches("crates/").trim_end_matches("/Cargo.toml").to_owned();
        let manifest = |path: &str| format!("[package]\nname = \"{}\"\n[lints]\nworkspace = true\n", name(path));
        let files = files.iter().map(|(path, text)| match *text {
            "inherits" => ((*path).to_owned(), manifest(path)),
            text => ((*path).to_owned(), text.to_owned()),
        });
        let tree: Tree = files.collect();
        check(&tree, &Package::all(&tree).unwrap()).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_member_without_the_workspace_lints_is_named() {
        let lacks = [("benches/Cargo.toml", "[package]\nname = \"bellwether-benches\"\n")];
        assert_eq!(found(&lacks), ["benches/Cargo.toml:1: expected `[lints]` `workspace = true`"]);
        let has = [("benches/Cargo.toml", "[package]\nname = \"bellwether-benches\"\n[lints]\nworkspace = true\n")];
        assert!(found(&has).is_empty());
    }

    #[test]
    fn a_folder_that_is_not_named_after_its_package_is_named() {
        let text = "[package]\nname = \"bellwether-port\"\n[lints]\nworkspace = true\n";
        assert_eq!(found(&[("crates/port/Cargo.toml", text)]).len(), 1);
        assert!(found(&[("crates/bellwether-port/Cargo.toml", text)]).is_empty());
    }

    #[test]
    fn a_decision_crate_must_do_without_the_standard_library() {
        let manifest = ("crates/bellwether-gate/Cargo.toml", "inherits");
        assert_eq!(found(&[manifest, ("crates/bellwether-gate/src/lib.rs", "//! #![no_std]\n")]).len(), 1);
        assert!(found(&[manifest, ("crates/bellwether-gate/src/lib.rs", "#![no_std]\n")]).is_empty());
    }

    #[test]
    fn a_decision_crate_with_std_has_settings_that_repeat_the_workspace_and_deny_the_world() {
        let manifest = ("crates/bellwether-risk/Cargo.toml", "inherits");
        let common = ("clippy.toml", "msrv = \"1.90\"\n");
        assert_eq!(found(&[manifest, common]).len(), 1);
        let path = "crates/bellwether-risk/clippy.toml";
        assert_eq!(
            found(&[manifest, common, (path, DENIES)]),
            ["crates/bellwether-risk/clippy.toml:1: expected the workspace's `msrv = \"1.90\"`"]
        );
        assert_eq!(found(&[manifest, common, (path, "msrv = \"1.90\"\ndisallowed-types = []\n")]).len(), 3);
        assert!(found(&[manifest, common, (path, &format!("msrv = \"1.90\"\n{DENIES}"))]).is_empty());
    }
}
