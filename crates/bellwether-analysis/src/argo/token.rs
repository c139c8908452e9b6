//! The words and signs of a condition.

use alloc::{string::String, vec::Vec};

use super::expression::ConditionError;

/// A word or a sign of a condition, and where it begins, in characters from 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Text(String),
    Name(String),
    Sign(&'static str),
}

/// The longer ones first, so that `<=` is not read as `<`.
const SIGNS: [&str; 26] = [
    "&&", "||", "==", "!=", "<=", ">=", "??", "**", "<", ">", "!", "+", "-", "*", "/", "(", ")", "[", "]", "{", "}",
    ",", ".", "#", "?", ":",
];

/// Splits a condition into its words and signs.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ConditionError> {
    let characters: Vec<char> = text.chars().collect();
    let mut reader = Reader { rest: &characters, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = reader.token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Reader<'a> {
    rest: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn token(&mut self) -> Result<Option<Token>, ConditionError> {
        self.take_while(char::is_whitespace);
        let at = self.at;
        let Some(first) = self.rest.first().copied() else { return Ok(None) };
        let is_number = first.is_ascii_digit() || (first == '.' && self.rest.get(1).is_some_and(char::is_ascii_digit));
        let kind = if is_number {
            self.number()?
        } else if first == '_' || first.is_alphabetic() {
            Kind::Name(self.take_while(|it| it == '_' || it.is_alphanumeric()))
        } else if first == '"' || first == '\'' {
            self.text(first)?
        } else {
            self.sign()?
        };
        Ok(Some(Token { kind, at }))
    }

    fn number(&mut self) -> Result<Kind, ConditionError> {
        let at = self.at;
        let mut digits = self.take_while(|it| it.is_ascii_digit() || it == '.' || it == '_');
        if self.rest.first().is_some_and(|it| matches!(it, 'e' | 'E')) {
            digits += &self.take(1);
            if self.rest.first().is_some_and(|it| matches!(it, '+' | '-')) {
                digits += &self.take(1);
            }
            digits += &self.take_while(|it| it.is_ascii_digit());
        }
        let plain: String = digits.chars().filter(|it| *it != '_').collect();
        plain.parse().map(Kind::Number).map_err(|_| ConditionError::new(at, "a number", &digits))
    }

    fn text(&mut self, quote: char) -> Result<Kind, ConditionError> {
        let at = self.at;
        self.take(1);
        let text = self.take_while(|it| it != quote && it != '\\');
        if self.rest.first() != Some(&quote) {
            return Err(ConditionError::new(at, "a text without `\\` that ends with the sign it begins with", &text));
        }
        self.take(1);
        Ok(Kind::Text(text))
    }

    fn sign(&mut self) -> Result<Kind, ConditionError> {
        let begins = |sign: &&&str| sign.chars().zip(self.rest.iter()).filter(|(a, b)| a == *b).count() == sign.len();
        match SIGNS.iter().find(begins) {
            Some(sign) => {
                self.take(sign.len());
                Ok(Kind::Sign(sign))
            }
            None => Err(ConditionError::new(self.at, "a sign of a condition", &self.take(1))),
        }
    }

    fn take(&mut self, count: usize) -> String {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        self.at += taken.len();
        taken.iter().collect()
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let count = self.rest.iter().take_while(|it| is_part(**it)).count();
        self.take(count)
    }
}
