use crate::complaint::Complaint;
use crate::source::{Source, is_word};
use crate::tree::Tree;

/// Patterns of code that leave something undone or switch a check off.
const PATTERNS: [(&[&str], &str); 7] = [
    (&["#", "[", "allow", "("], "use `#[expect(lint, reason = \"...\")]` instead of allow"),
    (&["#", "!", "[", "allow", "("], "use `#[expect(lint, reason = \"...\")]` instead of allow"),
    (&[",", "allow", "("], "use `expect(lint, reason = \"...\")` instead of allow"),
    (&["todo", "!", "("], "finish it or leave it out"),
    (&["unimplemented", "!", "("], "finish it or leave it out"),
    (&["#", "[", "ignore"], "a test that does not run proves nothing"),
    (&["#", "[", "should_panic"], "match the error instead of a panic"),
];

/// In pieces, so that this file does not hold what it looks for.
const WORDS: [&str; 4] = [concat!("../", "shared"), concat!("/wo", "rk/"), concat!("FIX", "ME"), concat!("XX", "X")];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let code = tree.rust().flat_map(|(path, text)| of_code(path, text));
    let words = tree.iter().flat_map(|(path, text)| of_text(path, text));
    code.chain(words).collect()
}

fn of_code(path: &str, text: &str) -> Vec<Complaint> {
    let source = Source::read(text);
    let patterns = PATTERNS.iter().flat_map(|(pattern, advice)| {
        let lines = source.lines_with(pattern).into_iter();
        lines.map(move |line| Complaint::new(path, line, format!("`{}`: {advice}", pattern.concat())))
    });
    let examples = source.comments.iter().filter(|comment| switches_off(comment.text));
    let examples = examples.map(|it| Complaint::new(path, it.line, "an example in the documentation runs"));
    patterns.chain(examples).collect()
}

/// Whether a line of documentation opens an example that is not run, or that must panic.
fn switches_off(comment: &str) -> bool {
    let text = comment.trim_start_matches(['/', '!', '*']).trim_start();
    let words = text.strip_prefix("```").into_iter().flat_map(|words| words.split([',', ' ']));
    words.map(str::trim).any(|word| word.starts_with("ignore") || word == "should_panic")
}

fn of_text(path: &str, text: &str) -> Vec<Complaint> {
    let lines = text.lines().zip(1..);
    let found = lines.flat_map(|(line, number)| {
        let words = WORDS.into_iter().filter(move |word| holds(line, word));
        words.map(move |word| Complaint::new(path, number, format!("`{word}` does not belong here")))
    });
    found.collect()
}

/// A word counts only where it is not a part of a longer one.
fn holds(line: &str, word: &str) -> bool {
    let bound = word.starts_with(is_word);
    line.match_indices(word).any(|(index, _)| {
        let (before, rest) = line.split_at(index);
        let after = rest.strip_prefix(word).unwrap_or_default();
        !bound || !(before.ends_with(is_word) || after.starts_with(is_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::from([(path, text)])).iter().map(|it| it.line).collect()
    }

    fn in_rust(text: &str) -> Vec<usize> {
        lines("crates/a/src/b.rs", text)
    }

    #[test]
    fn an_allow_is_named_and_an_expect_is_not() {
        assert_eq!(in_rust("\n#[allow(x)]"), [2]);
        assert_eq!(in_rust("#![allow(x)]"), [1]);
        assert_eq!(in_rust("#[cfg_attr(test, allow(x))]"), [1]);
        assert!(in_rust("#[expect(x, reason = \"#[allow(x)]\")]\nself.allow(x);\n// #[allow(x)]").is_empty());
    }

    #[test]
    fn unfinished_code_is_named_and_a_word_that_looks_like_it_is_not() {
        assert_eq!(in_rust("todo!()\n"), [1]);
        assert_eq!(in_rust("\n\nunimplemented!(\"x\")"), [3]);
        assert!(in_rust("let todo = list.todo(); if todo != (3) {}").is_empty());
    }

    #[test]
    fn a_test_that_does_not_run_or_must_panic_is_named() {
        assert_eq!(in_rust("#[test]\n#[ignore]\nfn a() {}"), [2]);
        assert_eq!(in_rust("#[ignore = \"slow\"]"), [1]);
        assert_eq!(in_rust("#[should_panic(expected = \"x\")]"), [1]);
        assert!(in_rust("ignore(x); // #[ignore]").is_empty());
    }

    #[test]
    fn an_example_that_does_not_run_is_named() {
        assert_eq!(in_rust("/// ```ignore\n"), [1]);
        assert_eq!(in_rust("//! ```rust,should_panic\n"), [1]);
        assert!(in_rust("/// ```\n/// ```text\n/// ```no_run\n/// to ignore\n").is_empty());
    }

    #[test]
    fn a_forbidden_word_is_named_in_any_file_and_a_longer_word_is_not() {
        for word in WORDS {
            assert_eq!(lines("docs/a.md", &format!("a\nsee {word}: b")), [2], "{word}");
        }
        let near = format!("mktemp a.{}{}; shared/a; network/b", WORDS[3], WORDS[3]);
        assert!(lines("docs/a.sh", &near).is_empty());
    }
}
