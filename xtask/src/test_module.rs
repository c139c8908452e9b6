use std::ops::RangeInclusive;

use crate::source::{Source, Token, begins, closing};

/// A module that exists in test builds only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TestModule<'a> {
    pub(crate) name: &'a str,
    /// From the attribute to the closing brace, or to the semicolon.
    pub(crate) lines: RangeInclusive<usize>,
    /// Whether its text is here and not in a file of its own.
    pub(crate) is_inline: bool,
}

impl<'a> TestModule<'a> {
    pub(crate) fn all(source: &Source<'a>) -> Vec<Self> {
        let tails = (0..source.tokens.len()).filter_map(|index| source.tokens.get(index..));
        tails.filter_map(Self::first).collect()
    }

    fn first(tokens: &[Token<'a>]) -> Option<Self> {
        let start = tokens.first()?.line;
        let mut rest = after_test_condition(tokens)?;
        while begins(rest, &["#", "["]) {
            rest = after_attribute(rest)?;
        }
        let [keyword, name, rest @ ..] = rest else { return None };
        if keyword.text != "mod" {
            return None;
        }
        let is_inline = begins(rest, &["{"]);
        let end = if is_inline { rest.get(closing(rest)?)? } else { rest.first()? };
        Some(Self { name: name.text, lines: start..=end.line, is_inline })
    }
}

/// What follows `#[cfg(test)]` or `#[cfg(all(test, ..))]`; `not(test)` is the opposite.
fn after_test_condition<'s, 'a>(tokens: &'s [Token<'a>]) -> Option<&'s [Token<'a>]> {
    if !begins(tokens, &["#", "[", "cfg", "("]) {
        return None;
    }
    let rest = after_attribute(tokens)?;
    let attribute = tokens.get(..tokens.len() - rest.len())?;
    let names = |word: &str| attribute.iter().any(|token| token.text == word);
    (names("test") && !names("not") && !names("any")).then_some(rest)
}

fn after_attribute<'s, 'a>(tokens: &'s [Token<'a>]) -> Option<&'s [Token<'a>]> {
    let brackets = tokens.get(1..)?;
    brackets.get(closing(brackets)? + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, RangeInclusive<usize>, bool)> {
        TestModule::all(&Source::read(text)).into_iter().map(|it| (it.name, it.lines, it.is_inline)).collect()
    }

    #[test]
    fn an_inline_module_reaches_from_its_attribute_to_its_brace() {
        let text = "fn a() {}\n#[cfg(test)]\n#[expect(x, reason = \"]\")]\nmod tests {\n fn b() {}\n}\n";
        assert_eq!(found(text), [("tests", 2..=6, true)]);
    }

    #[test]
    fn a_module_in_a_file_of_its_own_is_seen() {
        assert_eq!(found("#[cfg(all(test, unix))]\nmod model;\n"), [("model", 1..=2, false)]);
    }

    #[test]
    fn what_is_also_built_without_tests_is_none() {
        assert_eq!(found("#[cfg(not(test))]\nmod a {}\n#[cfg(any(test, feature = \"t\"))]\nmod b {}\nmod c {}"), []);
    }
}
