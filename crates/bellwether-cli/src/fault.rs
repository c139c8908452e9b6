use std::fmt;

use serde::de::{Error, Expected, Unexpected};

/// What is wrong at one place of a document: what was expected there, and what was found.
///
/// It is the error of [`Node`](crate::node::Node)'s deserializer, so that the words are ours and not a parser's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    /// The place below the one that was being read, when the reader's own check named one: `.steps[2].id`.
    pub(crate) below: String,
    /// `expected ..., found ...`.
    pub(crate) message: String,
}

impl Fault {
    fn new(expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self { below: String::new(), message: format!("expected {expected}, found {found}") }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    /// A check of the type that was read. One that names a place itself (`$.steps[2].id: expected ...`) keeps it.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = one_line(&message.to_string());
        let own = text.strip_prefix('$').and_then(|rest| rest.split_once(": "));
        match own {
            Some((below, message)) => Self { below: below.to_owned(), message: message.to_owned() },
            None => Self { below: String::new(), message: text },
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(named(expected), shown(found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(named(expected), shown(found))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(named(expected), format_args!("{length} of them"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(one_of(expected), quoted(variant))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(one_of(expected), format_args!("the unknown field `{}`", cut(field)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format_args!("a field `{field}`"), "none")
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format_args!("`{field}` once"), "it twice")
    }
}

/// As much of a wrong input as fits into one line.
const SHOWN_MAX: usize = 80;

/// The text in one line, with every sign that a terminal would obey instead of showing it written out: `\u{202e}`.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, sign| {
        if is_hidden(sign) {
            shown.extend(sign.escape_default());
        } else {
            shown.push(sign);
        }
        shown
    })
}

/// Whether a sign is obeyed and not shown: a control, a line end, or one that turns the direction of writing.
pub(crate) fn is_hidden(sign: char) -> bool {
    let turns = matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// The beginning of a text from the input, safe to print.
pub(crate) fn cut(text: &str) -> String {
    let head: String = text.chars().take(SHOWN_MAX).collect();
    let dots = if head.len() < text.len() { "..." } else { "" };
    one_line(&head) + dots
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text))
}

fn one_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "no field at all".to_owned(),
        [name] => name.clone(),
        names => format!("one of {}", names.join(", ")),
    }
}

/// What serde calls a type, in the words of a document.
fn named(expected: &dyn Expected) -> String {
    let name = expected.to_string();
    match name.as_str() {
        "u8" => within(0, u8::MAX),
        "u16" => within(0, u16::MAX),
        "u32" => within(0, u32::MAX),
        "u64" | "usize" => within(0, u64::MAX),
        "i8" => within(i8::MIN, i8::MAX),
        "i16" => within(i16::MIN, i16::MAX),
        "i32" => within(i32::MIN, i32::MAX),
        "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "unit" => "nothing".to_owned(),
        "string or map" | "enum" => "a name or a map with one key".to_owned(),
        "newtype variant" | "struct variant" | "tuple variant" => "a map with this key and its value".to_owned(),
        name if name.starts_with("struct ") => "a map".to_owned(),
        name => name.to_owned(),
    }
}

fn within(min: impl fmt::Display, max: impl fmt::Display) -> String {
    format!("a whole number from {min} to {max}")
}

fn shown(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        // A whole number with a point is no whole number.
        Unexpected::Float(value) => format!("{value:?}"),
        Unexpected::Str(text) => quoted(text),
        Unexpected::Unit | Unexpected::Option => "nothing (null)".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        Unexpected::UnitVariant => "the name alone".to_owned(),
        Unexpected::Char(_)
        | Unexpected::Bytes(_)
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => one_line(&found.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_names_a_place_keeps_it() {
        let fault = Fault::custom("$.steps[1].id: expected another name, found five");
        assert_eq!(
            (fault.below.as_str(), fault.message.as_str()),
            (".steps[1].id", "expected another name, found five")
        );
    }

    #[test]
    fn a_message_stays_one_line_whatever_the_input_holds() {
        let field = format!("a\nb\u{1b}[31m{}", "x".repeat(1_000));
        for fault in [Fault::unknown_field(&field, &["id"]), Fault::custom(&field), Fault::unknown_variant(&field, &[])]
        {
            assert!(!fault.message.chars().any(char::is_control), "{fault}");
        }
        assert!(Fault::unknown_field(&field, &["id"]).message.len() < 160);
    }
}
