use toml::{Table, Value};

use crate::failure::Failure;
use crate::source::Source;
use crate::tree::Tree;

/// A member of the workspace, as its manifest describes it.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: String,
    pub(crate) table: Table,
    text: String,
}

/// One line of a dependency section that takes part in the build of the library itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) line: usize,
}

impl Package {
    /// Every member: the folders of `crates/`, then the unpublished ones.
    pub(crate) fn all(tree: &Tree) -> Result<Vec<Self>, Failure> {
        tree.iter().filter(|(path, _)| is_member_manifest(path)).map(|(path, text)| Self::parse(path, text)).collect()
    }

    /// Only the folders of `crates/`: what is published.
    pub(crate) fn published(tree: &Tree) -> Result<Vec<Self>, Failure> {
        let mut packages = Self::all(tree)?;
        packages.retain(Self::is_published);
        Ok(packages)
    }

    fn parse(path: &str, text: &str) -> Result<Self, Failure> {
        let failure = |text: String| Failure::Manifest { path: path.to_owned(), text };
        let table = text.parse::<Table>().map_err(|error| failure(error.to_string()))?;
        let name = table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
        let name = name.ok_or_else(|| failure("expected package.name".to_owned()))?.to_owned();
        Ok(Self { name, manifest_path: path.to_owned(), table, text: text.to_owned() })
    }

    /// The folder with a slash at its end.
    pub(crate) fn folder(&self) -> &str {
        self.manifest_path.strip_suffix("Cargo.toml").unwrap_or(&self.manifest_path)
    }

    pub(crate) fn is_published(&self) -> bool {
        self.manifest_path.starts_with("crates/")
    }

    /// The features beside `default`.
    pub(crate) fn features(&self) -> Vec<&str> {
        let features = self.table.get("features").and_then(Value::as_table);
        features.into_iter().flat_map(Table::keys).map(String::as_str).filter(|name| *name != "default").collect()
    }

    /// What the library is built from: not the dev-dependencies, which may point anywhere.
    pub(crate) fn dependencies(&self) -> Vec<Dependency> {
        let targets = self.table.get("target").and_then(Value::as_table);
        let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        let tables = std::iter::once(&self.table).chain(targets);
        let sections = tables.flat_map(|table| [table.get("dependencies"), table.get("build-dependencies")]);
        let entries = sections.flatten().filter_map(Value::as_table).flatten();
        entries.map(|(key, value)| self.dependency(key, value)).collect()
    }

    fn dependency(&self, key: &str, value: &Value) -> Dependency {
        let name = value.get("package").and_then(Value::as_str).unwrap_or(key);
        Dependency { name: name.to_owned(), line: self.line_of(key) }
    }

    /// Whether the library says that it does without the standard library.
    pub(crate) fn is_no_std(&self, tree: &Tree) -> bool {
        let library = format!("{}src/lib.rs", self.folder());
        tree.text(&library).is_some_and(|text| Source::read(text).contains(&["#", "!", "[", "no_std", "]"]))
    }

    fn line_of(&self, key: &str) -> usize {
        let is_key = |line: &str| {
            let rest = line.trim_start().strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with([' ', '.', '=']))
        };
        self.text.lines().position(is_key).map_or(1, |index| index + 1)
    }
}

fn is_member_manifest(path: &str) -> bool {
    let folders: Vec<&str> = path.split('/').collect();
    match folders.as_slice() {
        ["crates", _, file] => *file == "Cargo.toml",
        [folder, file] => ["benches", "examples", "xtask"].contains(folder) && *file == "Cargo.toml",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"a\"\n[features]\ndefault = []\nschema = []\n[dependencies]\n\
        serde.workspace = true\nb2 = { package = \"b\", version = \"1\" }\n[dev-dependencies]\nc = \"1\"\n\
        [target.'cfg(unix)'.dependencies]\nd = \"1\"\n";

    #[test]
    fn dependencies_are_named_by_package_with_their_line_and_without_those_of_tests() {
        let package = Package::parse("crates/a/Cargo.toml", MANIFEST).unwrap();
        let mut found: Vec<_> = package.dependencies().into_iter().map(|it| (it.name, it.line)).collect();
        found.sort();
        assert_eq!(found, [("b".to_owned(), 8), ("d".to_owned(), 12), ("serde".to_owned(), 7)]);
        assert_eq!(package.features(), ["schema"]);
    }

    #[test]
    fn members_are_the_folders_of_crates_and_the_three_unpublished_ones() {
        let paths =
            ["crates/a/Cargo.toml", "xtask/Cargo.toml", "Cargo.toml", "fuzz/Cargo.toml", "crates/a/x/Cargo.toml"];
        let members: Vec<_> = paths.into_iter().filter(|path| is_member_manifest(path)).collect();
        assert_eq!(members, ["crates/a/Cargo.toml", "xtask/Cargo.toml"]);
    }

    #[test]
    fn a_library_is_no_std_by_its_attribute_and_not_by_a_comment_that_mentions_it() {
        let with = |text| Tree::from([("crates/a/Cargo.toml", MANIFEST), ("crates/a/src/lib.rs", text)]);
        let package = Package::parse("crates/a/Cargo.toml", MANIFEST).unwrap();
        assert!(package.is_no_std(&with("//! Doc.\n#![no_std]\n")));
        assert!(!package.is_no_std(&with("// #![no_std]\n")));
    }

    #[test]
    fn a_broken_manifest_is_named() {
        let failure = Package::parse("crates/a/Cargo.toml", "[package]\nname = 3\n").unwrap_err();
        assert_eq!(failure.to_string(), "crates/a/Cargo.toml is not a manifest: expected package.name");
    }
}
