use std::collections::BTreeMap;
use std::fs;

use crate::failure::Failure;
use crate::root;
use crate::step::Step;

/// The text files of the repository by path: what git tracks, and what it would track next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the working tree. Files that are not UTF-8 carry no text to judge and are left out.
    pub(crate) fn load() -> Result<Self, Failure> {
        let list = Step::program("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let paths = list.answer().ok_or_else(|| Failure::Ended {
            line: list.to_string(),
            status: "the list of files comes from git, so this needs git and a clone".to_owned(),
        })?;
        let mut files = BTreeMap::new();
        // A file that was removed but not yet committed is still listed.
        for path in paths.split('\0').filter(|path| root().join(path).is_file()) {
            let bytes =
                fs::read(root().join(path)).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.insert(path.to_owned(), text);
            }
        }
        Ok(Self { files })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The Rust sources of the workspace's packages.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        let folders = ["crates/", "xtask/", "examples/", "benches/"];
        self.iter().filter(move |(path, _)| path.ends_with(".rs") && folders.iter().any(|it| path.starts_with(it)))
    }
}

#[cfg(test)]
impl FromIterator<(String, String)> for Tree {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(files: I) -> Self {
        Self { files: files.into_iter().collect() }
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_read_with_this_very_file() {
        let tree = Tree::load().unwrap();
        assert_eq!(tree.text("xtask/src/tree.rs"), Some(include_str!("tree.rs")));
        assert!(tree.iter().all(|(path, _)| !path.starts_with("target/")));
    }

    #[test]
    fn only_packages_hold_rust_that_is_judged() {
        let tree = Tree::from([("crates/a/src/lib.rs", ""), ("crates/a/README.md", ""), ("fuzz/lib.rs", "")]);
        assert_eq!(tree.rust().collect::<Vec<_>>(), [("crates/a/src/lib.rs", "")]);
    }
}
