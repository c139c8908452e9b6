//! A reader of Rust text that is just deep enough for tidy: it knows what is code, what is a comment and what is a
//! literal. A full parser would say more and take longer to compile than everything else in this package.

/// A word or a sign of the code, or a comment, with the line it begins on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

/// A Rust file taken apart; literals are dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source<'a> {
    pub(crate) tokens: Vec<Token<'a>>,
    pub(crate) comments: Vec<Token<'a>>,
}

impl<'a> Source<'a> {
    pub(crate) fn read(text: &'a str) -> Self {
        let mut source = Self::default();
        let (mut rest, mut line) = (text, 1);
        while let Some((kind, length)) = first_piece(rest) {
            let (text, tail) = rest.split_at(length);
            match kind {
                Kind::Code => source.tokens.push(Token { text, line }),
                Kind::Comment => source.comments.push(Token { text, line }),
                Kind::Other => {}
            }
            line += text.matches('\n').count();
            rest = tail;
        }
        source
    }

    /// The lines on which the pattern begins.
    pub(crate) fn lines_with(&self, pattern: &[&str]) -> Vec<usize> {
        let windows = self.tokens.windows(pattern.len());
        windows.filter(|window| begins(window, pattern)).filter_map(|window| window.first()).map(|it| it.line).collect()
    }

    pub(crate) fn contains(&self, pattern: &[&str]) -> bool {
        !self.lines_with(pattern).is_empty()
    }
}

pub(crate) fn begins(tokens: &[Token<'_>], pattern: &[&str]) -> bool {
    tokens.len() >= pattern.len() && tokens.iter().zip(pattern).all(|(token, text)| token.text == *text)
}

/// The index of the bracket that closes the one the tokens begin with.
pub(crate) fn closing(tokens: &[Token<'_>]) -> Option<usize> {
    let open = tokens.first()?.text;
    let close = match open {
        "{" => "}",
        "[" => "]",
        "(" => ")",
        _ => return None,
    };
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if token.text == open {
            depth += 1;
        } else if token.text == close {
            depth -= 1;
            if depth == 0 {
                return Some(index);
            }
        }
    }
    None
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Code,
    Comment,
    /// A space or a literal.
    Other,
}

fn first_piece(text: &str) -> Option<(Kind, usize)> {
    let first = text.chars().next()?;
    let until = |stop: fn(char) -> bool| text.find(stop).unwrap_or(text.len());
    let piece = if text.starts_with("//") {
        (Kind::Comment, until(|it| it == '\n'))
    } else if text.starts_with("/*") {
        (Kind::Comment, block_comment(text))
    } else if let Some(length) = raw_string(text).or_else(|| string(text)).or_else(|| character(text)) {
        (Kind::Other, length)
    } else if is_word(first) {
        (Kind::Code, until(|it| !is_word(it)))
    } else if first.is_whitespace() {
        (Kind::Other, until(|it| !it.is_whitespace()))
    } else {
        (Kind::Code, first.len_utf8())
    };
    Some(piece)
}

/// Block comments nest. One that never ends reaches to the end of the text.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut characters = text.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        match (character, next) {
            ('/', Some('*')) => depth += 1,
            ('*', Some('/')) => depth -= 1,
            _ => continue,
        }
        characters.next();
        if depth == 0 {
            return index + 2;
        }
    }
    text.len()
}

/// `r"..."`, `r#"..."#` and the same after `b` or `c`; `r#name` is not one.
fn raw_string(text: &str) -> Option<usize> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let body = after.trim_start_matches('#');
    let hashes = "#".repeat(after.len() - body.len());
    let body = body.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let start = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |index| start + index + end.len()))
}

fn string(text: &str) -> Option<usize> {
    let body = text.strip_prefix('"')?;
    let mut escaped = false;
    for (index, character) in body.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(index + 2),
            _ => {}
        }
    }
    Some(text.len())
}

/// `'x'` and `'\n'`; `'a` without its second quote is a lifetime.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let mut characters = body.chars();
    let first = characters.next()?;
    if first == '\\' {
        let escape = first.len_utf8() + characters.next()?.len_utf8();
        let (_, rest) = body.split_at(escape);
        return rest.find('\'').map(|index| 1 + escape + index + 1);
    }
    (characters.next() == Some('\'')).then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Source::read(text).tokens.iter().map(|token| token.text).collect()
    }

    #[test]
    fn literals_of_every_kind_are_dropped() {
        assert_eq!(
            words(r####"a "x { \" }" b r#"y " } "# c '{' d '\'' e '\u{7d}' f"####),
            ["a", "b", "c", "d", "e", "f"]
        );
        assert_eq!(words("br##\"} \"# \"## z"), ["z"]);
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        assert_eq!(words("&'a r#fn"), ["&", "'", "a", "r", "#", "fn"]);
        assert_eq!(words("f::<'a>('b')"), ["f", ":", ":", "<", "'", "a", ">", "(", ")"]);
    }

    #[test]
    fn comments_are_kept_apart_and_nest() {
        let source = Source::read("x // }\n/* { /* } */ \n */ y \"//\" z");
        assert_eq!(
            source.tokens.iter().map(|it| (it.text, it.line)).collect::<Vec<_>>(),
            [("x", 1), ("y", 3), ("z", 3)]
        );
        assert_eq!(source.comments.iter().map(|it| it.line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn text_that_never_ends_is_read_to_its_end() {
        for text in ["/* a", "\"a", "r#\"a", "'", "'\\", "\"\\"] {
            Source::read(text);
        }
    }

    #[test]
    fn a_bracket_is_closed_by_its_own_kind_at_its_own_depth() {
        let source = Source::read("{ ( } { } } ]");
        assert_eq!(closing(&source.tokens), Some(2));
        let source = Source::read("{ { } ) } x");
        assert_eq!(closing(&source.tokens), Some(4));
        assert_eq!(closing(&Source::read("{ {").tokens), None);
    }
}
