use crate::source::{Source, Token, closing, is_word};

/// A function with a body and how many lines it takes from its `fn` to its closing brace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

impl<'a> Function<'a> {
    pub(crate) fn all(source: &Source<'a>) -> Vec<Self> {
        let tails = (0..source.tokens.len()).filter_map(|index| source.tokens.get(index..));
        tails.filter_map(Self::first).collect()
    }

    /// The function that the tokens begin with.
    fn first(tokens: &[Token<'a>]) -> Option<Self> {
        let [keyword, name, rest @ ..] = tokens else { return None };
        // Without a name it is the type of a function pointer, or a pattern of a macro.
        if keyword.text != "fn" || !name.text.starts_with(is_word) {
            return None;
        }
        let body = rest.get(body(rest)?..)?;
        let end = body.get(closing(body)?)?;
        Some(Self { name: name.text, line: keyword.line, lines: end.line - keyword.line + 1 })
    }
}

/// Where the body begins; a declaration without one ends with a semicolon outside of every bracket.
fn body(signature: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in signature.iter().enumerate() {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "{" if depth == 0 => return Some(index),
            ";" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, usize, usize)> {
        Function::all(&Source::read(text)).iter().map(|it| (it.name, it.line, it.lines)).collect()
    }

    #[test]
    fn a_function_is_measured_from_its_keyword_to_its_brace() {
        assert_eq!(found("#[must_use]\npub fn a(\n x: [u8; 4],\n) -> u8 {\n \"}\";\n '}'\n}\n"), [("a", 2, 6)]);
    }

    #[test]
    fn a_function_inside_another_is_measured_too() {
        assert_eq!(found("fn a() {\n fn b() {\n }\n}"), [("a", 1, 4), ("b", 2, 2)]);
    }

    #[test]
    fn declarations_and_pointer_types_have_no_length() {
        assert_eq!(
            found(
                "trait T { fn a(&self) -> [u8; 3]; }\ntype F = fn(u8) -> u8;\nmacro_rules! m { () => { fn $n() {} } }"
            ),
            []
        );
    }
}
