use std::collections::BTreeMap;

use crate::complaint::Complaint;
use crate::function::Function;
use crate::source::Source;
use crate::test_module::TestModule;
use crate::tree::Tree;

const EXCEPTIONS: &str = "xtask/ratchet.txt";
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// A file, or a folder of files, that is only built for tests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TestFile {
    /// Without `.rs`.
    stem: String,
}

impl TestFile {
    pub(super) fn covers(&self, path: &str) -> bool {
        path.strip_prefix(&self.stem).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }
}

/// The files of modules that are declared for tests only.
pub(super) fn test_files(tree: &Tree) -> Vec<TestFile> {
    let modules = tree.rust().flat_map(|(path, text)| {
        let modules = TestModule::all(&Source::read(text)).into_iter().filter(|module| !module.is_inline);
        modules
            .map(|module| TestFile { stem: format!("{}{}", folder_of_modules(path), module.name) })
            .collect::<Vec<_>>()
    });
    modules.collect()
}

/// Files and functions that are too long, and exceptions that are not needed in this size.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let tests = test_files(tree);
    // Whole scenarios and tables stand in the folders for tests; they are read one at a time.
    let files = || tree.rust().filter(|(path, _)| !path.contains("/tests/"));
    let measured = files().filter(|(path, _)| !tests.iter().any(|test| test.covers(path)));
    let mut complaints: Vec<_> = measured.filter_map(|(path, text)| long_file(path, text)).collect();
    let mut exceptions = Exceptions::read(tree, &mut complaints);
    for (path, text) in files() {
        complaints.extend(exceptions.long_functions(path, text));
    }
    complaints.extend(exceptions.not_needed());
    complaints
}

fn long_file(path: &str, text: &str) -> Option<Complaint> {
    let tests = TestModule::all(&Source::read(text)).into_iter().filter(|module| module.is_inline);
    let tests: usize = tests.map(|module| module.lines.count()).sum();
    let lines = text.lines().count() - tests;
    let text = format!("{lines} lines without tests, at most {FILE_LINES_MAX}: give a type its own file");
    (lines > FILE_LINES_MAX).then(|| Complaint::new(path, FILE_LINES_MAX + 1, text))
}

/// The functions that were too long when they came, with the length they may have at most.
struct Exceptions {
    entries: BTreeMap<(String, String), Entry>,
}

struct Entry {
    line: usize,
    allowed: usize,
    /// The longest function of this name in this file.
    seen: usize,
}

impl Exceptions {
    fn read(tree: &Tree, complaints: &mut Vec<Complaint>) -> Self {
        let mut entries = BTreeMap::new();
        for (index, line) in tree.text(EXCEPTIONS).unwrap_or_default().lines().enumerate() {
            let line_number = index + 1;
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                [path, function, allowed] if allowed.parse::<usize>().is_ok() => {
                    let entry = Entry { line: line_number, allowed: allowed.parse().unwrap_or_default(), seen: 0 };
                    entries.insert(((*path).to_owned(), (*function).to_owned()), entry);
                }
                _ => complaints.push(Complaint::new(EXCEPTIONS, line_number, "expected `path function lines`")),
            }
        }
        Self { entries }
    }

    fn long_functions(&mut self, path: &str, text: &str) -> Vec<Complaint> {
        let functions = Function::all(&Source::read(text));
        functions.iter().filter_map(|function| self.long_function(path, function)).collect()
    }

    fn long_function(&mut self, path: &str, function: &Function<'_>) -> Option<Complaint> {
        let entry = self.entries.get_mut(&(path.to_owned(), function.name.to_owned()));
        let allowed = entry.map_or(FUNCTION_LINES_MAX, |entry| {
            entry.seen = entry.seen.max(function.lines);
            entry.allowed.max(FUNCTION_LINES_MAX)
        });
        let text = format!("`{}` has {} lines, at most {allowed}: split it", function.name, function.lines);
        (function.lines > allowed).then(|| Complaint::new(path, function.line, text))
    }

    fn not_needed(&self) -> Vec<Complaint> {
        let loose = self.entries.iter().filter_map(|((path, function), entry)| {
            let text = match entry.seen {
                seen if seen <= FUNCTION_LINES_MAX => {
                    format!("`{function}` of {path} needs no exception: remove the line")
                }
                seen if seen < entry.allowed => {
                    format!("`{function}` of {path} has {seen} lines now: lower the number")
                }
                _ => return None,
            };
            Some(Complaint::new(EXCEPTIONS, entry.line, text))
        });
        loose.collect()
    }
}

/// Where the files of the modules lie that a file declares.
fn folder_of_modules(path: &str) -> String {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let root = ["lib", "main", "mod"].iter().find_map(|name| stem.strip_suffix(name).filter(|it| it.ends_with('/')));
    root.map_or_else(|| format!("{stem}/"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "crates/a/src/b.rs";

    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "a();\n".repeat(lines - 2))
    }

    fn found(path: &str, text: &str, exceptions: &str) -> Vec<String> {
        check(&Tree::from([(path, text), (EXCEPTIONS, exceptions)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_longest_allowed_function_passes_and_one_more_line_does_not() {
        assert!(found(PATH, &function(70), "").is_empty());
        assert_eq!(found(PATH, &function(71), ""), ["crates/a/src/b.rs:1: `long` has 71 lines, at most 70: split it"]);
        assert!(found("crates/a/tests/b.rs", &function(71), "").is_empty());
    }

    #[test]
    fn an_exception_allows_exactly_the_length_it_states() {
        let exception = "# why\n\ncrates/a/src/b.rs long 80\n";
        assert!(found(PATH, &function(80), exception).is_empty());
        assert_eq!(found(PATH, &function(81), exception).len(), 1);
    }

    #[test]
    fn an_exception_only_shrinks() {
        let exception = "crates/a/src/b.rs long 80\n";
        let lower = "xtask/ratchet.txt:1: `long` of crates/a/src/b.rs has 79 lines now: lower the number";
        assert_eq!(found(PATH, &function(79), exception), [lower]);
        let remove = "xtask/ratchet.txt:1: `long` of crates/a/src/b.rs needs no exception: remove the line";
        assert_eq!(found(PATH, &function(70), exception), [remove]);
        assert_eq!(found(PATH, "", exception), [remove]);
    }

    #[test]
    fn an_exception_that_cannot_be_read_is_named() {
        assert_eq!(
            found(PATH, "", "crates/a/src/b.rs long\n"),
            ["xtask/ratchet.txt:1: expected `path function lines`"]
        );
    }

    #[test]
    fn the_longest_allowed_file_passes_and_one_more_line_does_not() {
        assert!(found(PATH, &"a!();\n".repeat(500), "").is_empty());
        assert_eq!(found(PATH, &"a!();\n".repeat(501), "").len(), 1);
        assert!(found("crates/a/tests/b.rs", &"a!();\n".repeat(501), "").is_empty());
    }

    #[test]
    fn lines_of_tests_do_not_count_for_a_file() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "a!();\n".repeat(300));
        assert!(found(PATH, &format!("{}{tests}", "a!();\n".repeat(500)), "").is_empty());
        let files = [("crates/a/src/lib.rs", "#[cfg(test)]\nmod b;\n"), (PATH, &*"a!();\n".repeat(501))];
        assert!(check(&Tree::from(files)).is_empty());
    }

    #[test]
    fn a_module_for_tests_is_looked_for_beside_the_root_or_under_its_parent() {
        assert_eq!(folder_of_modules("crates/a/src/lib.rs"), "crates/a/src/");
        assert_eq!(folder_of_modules("crates/a/src/rule.rs"), "crates/a/src/rule/");
        let test = TestFile { stem: "crates/a/src/model".to_owned() };
        assert!(test.covers("crates/a/src/model.rs") && test.covers("crates/a/src/model/b.rs"));
        assert!(!test.covers("crates/a/src/models.rs"));
    }
}
