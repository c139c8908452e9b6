//! One document from a file: as JSON, YAML or TOML into a [`Node`], and from there into the type that a verb wants.

use serde::de::{DeserializeOwned, DeserializeSeed};

use crate::{
    command::Input,
    complaint::Complaint,
    node::{Checker, Node},
    source::Source,
    trail,
};

use stream::Part;

mod stream;

/// More documents than anybody keeps in one file.
const DOCUMENTS_MAX: usize = 100;

/// How a document is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Json,
    JsonLine,
    Yaml,
    Toml,
}

impl Format {
    /// As it was told, or by the file's extension. Without a known one a document that begins with `{` or `[` is JSON, any
    /// other YAML.
    fn of(source: &Source, text: &str, told: Option<Input>) -> Self {
        let extension = match told {
            Some(Input::Json) => return Self::Json,
            Some(Input::Yaml) => return Self::Yaml,
            Some(Input::Toml) => return Self::Toml,
            None => source.extension(),
        };
        match extension.as_deref() {
            Some("json") => Self::Json,
            Some("yaml" | "yml") => Self::Yaml,
            Some("toml") => Self::Toml,
            Some(_) | None if text.trim_start().starts_with(['{', '[']) => Self::Json,
            Some(_) | None => Self::Yaml,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Json | Self::JsonLine => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
        }
    }
}

/// Reads one document of a type. Every complaint names the source.
pub(crate) fn read<T: DeserializeOwned>(source: &Source, bytes_max: usize) -> Result<T, Complaint> {
    typed(read_node(source, bytes_max, None)?).map_err(|complaint| complaint.of(source))
}

/// Reads one document without understanding it. Every complaint names the source.
pub(crate) fn read_node(source: &Source, bytes_max: usize, told: Option<Input>) -> Result<Node, Complaint> {
    let bytes = source.read(bytes_max)?;
    let text = utf8(&bytes).map_err(|complaint| complaint.of(source))?;
    node(text, Format::of(source, text, told)).map_err(|complaint| complaint.of(source))
}

/// One document of a file that may hold several.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    /// What its places begin with: nothing, or which of several it is.
    pub(crate) within: Option<String>,
    /// What it says.
    pub(crate) node: Node,
}

/// Reads every document of a file; those that hold nothing are passed over. Every complaint names the source.
pub(crate) fn read_all(source: &Source, bytes_max: usize, told: Option<Input>) -> Result<Vec<Document>, Complaint> {
    let bytes = source.read(bytes_max)?;
    utf8(&bytes).and_then(|text| all(text, Format::of(source, text, told))).map_err(|complaint| complaint.of(source))
}

/// Only YAML has a way to write several documents into one file.
pub(crate) fn all(text: &str, format: Format) -> Result<Vec<Document>, Complaint> {
    let mut parts = if format == Format::Yaml { stream::parts(text) } else { vec![Part::whole(text)] };
    parts.retain(|part| format != Format::Yaml || !part.is_empty());
    if parts.len() > DOCUMENTS_MAX {
        let message = format_args!("expected at most {DOCUMENTS_MAX} documents, found {}", parts.len());
        return Err(Complaint::new("too_large", "$", message));
    }
    if let [] | [_] = parts.as_slice() {
        let whole = parts.first().copied().unwrap_or(Part::whole(""));
        return Ok(vec![Document { within: None, node: part(whole, format)? }]);
    }
    let document = |each: Part<'_>| {
        let within = format!("document at line {}", each.first_line());
        let node = part(each, format).map_err(|complaint| complaint.within(&within))?;
        Ok(Document { within: Some(within), node })
    };
    parts.into_iter().map(document).collect()
}

/// Reads one line of JSON Lines.
pub(crate) fn json_line(bytes: &[u8]) -> Result<Node, Complaint> {
    // The line is known, so a place within it is a column.
    node(utf8(bytes)?, Format::JsonLine)
}

/// Understands a checked document.
pub(crate) fn typed<T: DeserializeOwned>(node: Node) -> Result<T, Complaint> {
    serde_path_to_error::deserialize(node).map_err(|error| {
        let at = trail::shown(error.path());
        let fault = error.into_inner();
        Complaint::new("invalid", at + &fault.below, fault.message)
    })
}

/// The text of a document.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Complaint> {
    // Some editors begin a file with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Complaint::new("syntax", "$", format_args!("expected text in UTF-8, found other bytes after byte {at}"))
    })
}

fn node(text: &str, format: Format) -> Result<Node, Complaint> {
    if format == Format::Yaml
        && let [_, second, ..] = stream::parts(text).as_slice()
    {
        let line = second.first_line();
        return Err(Complaint::new(
            "syntax",
            "$",
            format_args!("expected one document, found a second one at line {line}"),
        ));
    }
    part(Part::whole(text), format)
}

fn part(part: Part<'_>, format: Format) -> Result<Node, Complaint> {
    if part.text.trim().is_empty() {
        return Err(Complaint::new("syntax", "$", format_args!("expected {}, found nothing", format.name())));
    }
    let checker = match format {
        Format::Json | Format::JsonLine | Format::Yaml => Checker::of(part.text),
        Format::Toml => Checker::of_toml(part.text),
    };
    let read = match format {
        Format::Json => json(part.text, &checker),
        Format::JsonLine => json(part.text, &checker).map_err(Broken::in_line),
        Format::Yaml => yaml(part, &checker),
        Format::Toml => toml(part.text, &checker),
    };
    match (read, checker.into_refusal()) {
        (_, Some(refusal)) => Err(refusal.into()),
        (Ok(node), None) => Ok(node),
        (Err(broken), None) => Err(broken.complaint(format)),
    }
}

/// What a parser complains about, and where.
struct Broken {
    at: String,
    message: String,
}

impl Broken {
    fn at(line: impl std::fmt::Display, column: impl std::fmt::Display, message: impl Into<String>) -> Self {
        Self { at: format!(" at line {line} column {column}"), message: message.into() }
    }

    fn in_line(self) -> Self {
        Self { at: self.at.replacen(" line 1", "", 1), ..self }
    }

    fn complaint(self, format: Format) -> Complaint {
        let expected = format!("expected {}, found broken syntax{}: {}", format.name(), self.at, self.message);
        Complaint::new("syntax", "$", expected)
    }
}

fn json(text: &str, checker: &Checker) -> Result<Node, Broken> {
    let broken = |error: serde_json::Error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = error.to_string();
        Broken::at(error.line(), error.column(), message.strip_suffix(&place).unwrap_or(&message))
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let node = checker.root().deserialize(&mut deserializer).map_err(broken)?;
    deserializer.end().map_err(broken)?;
    Ok(node)
}

/// YAML 1.2's two booleans only, so that `off` stays the text that it is; aliases are followed, up to a limit.
fn yaml(part: Part<'_>, checker: &Checker) -> Result<Node, Broken> {
    let options = serde_saphyr::options! {
        reject_unsupported_tags: true,
        strict_booleans: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::PassThrough,
        budget: serde_saphyr::budget! { max_depth: 128, max_documents: 1 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 32_768 },
    };
    serde_saphyr::with_deserializer_from_str_with_options(part.text, options, |deserializer| {
        checker.root().deserialize(deserializer)
    })
    .map_err(|error: serde_saphyr::Error| {
        let message = error.without_snippet().to_string();
        let first = message.lines().next().unwrap_or_default();
        match error.location() {
            Some(place) => {
                let suffix = format!(" at line {}, column {}", place.line(), place.column());
                let line = place.line().saturating_add(part.lines_before as u64);
                Broken::at(line, place.column(), first.strip_suffix(&suffix).unwrap_or(first))
            }
            None => Broken { at: String::new(), message: first.to_owned() },
        }
    })
}

fn toml(text: &str, checker: &Checker) -> Result<Node, Broken> {
    let broken = |error: toml::de::Error| match error.span() {
        Some(span) => {
            let (line, column) = place(text, span.start);
            Broken::at(line, column, error.message())
        }
        None => Broken { at: String::new(), message: error.message().to_owned() },
    };
    let deserializer = toml::Deserializer::parse(text).map_err(broken)?;
    checker.root().deserialize(deserializer).map_err(broken)
}

/// The line and the column of a byte, both from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before.get(start..).unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,12}",
            "[a-z~:#&*!|>%@`'\"{}\\[\\],?. -]{0,8}",
            Just("off".to_owned()),
            Just("1e3".to_owned())
        ]
    }

    fn document() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(Node::Null),
            any::<bool>().prop_map(Node::Bool),
            any::<u64>().prop_map(Node::Unsigned),
            (i64::MIN..0).prop_map(Node::Signed),
            (-1e9..1e9).prop_map(Node::Float),
            text().prop_map(Node::Text),
        ];
        leaf.prop_recursive(6, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Node::List),
                prop::collection::btree_map(text(), inner, 0..6).prop_map(Node::Map),
            ]
        })
    }

    fn json_of(node: &Node) -> serde_json::Value {
        match node {
            Node::Null => serde_json::Value::Null,
            Node::Bool(value) => (*value).into(),
            Node::Signed(value) => (*value).into(),
            Node::Unsigned(value) => (*value).into(),
            Node::Float(value) => (*value).into(),
            Node::Text(text) => text.as_str().into(),
            Node::List(list) => list.iter().map(json_of).collect(),
            Node::Map(map) => {
                let values: BTreeMap<_, _> = map.iter().map(|(key, value)| (key.clone(), json_of(value))).collect();
                serde_json::Value::Object(values.into_iter().collect())
            }
        }
    }

    proptest! {
        /// serde_json wrote the text, so the two readers are checked against a writer that is not ours.
        #[test]
        fn a_document_reads_back_as_json_and_json_reads_as_yaml(document in document()) {
            let json = json_of(&document).to_string();
            prop_assert_eq!(node(&json, Format::Json), Ok(document.clone()));
            prop_assert_eq!(node(&json, Format::Yaml), Ok(document));
        }

        #[test]
        fn any_text_is_a_document_or_one_line_that_says_why_not(text in "[\\PC\n\t]{0,200}") {
            for format in [Format::Json, Format::Yaml, Format::Toml] {
                if let Err(complaint) = node(&text, format) {
                    let line = complaint.to_string();
                    prop_assert!(line.starts_with('$') && !line.contains('\n'), "{line}");
                }
            }
        }

        /// What a parser meets in the field is a document with a slip in it.
        #[test]
        fn a_document_with_one_byte_changed_never_panics(
            format in prop::sample::select(vec![Format::Json, Format::Yaml, Format::Toml]),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let original = match format {
                Format::Json | Format::JsonLine => include_str!("../tests/fixtures/plan.json"),
                Format::Yaml => include_str!("../tests/fixtures/plan.yaml"),
                Format::Toml => include_str!("../tests/fixtures/plan.toml"),
            };
            let mut bytes = original.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let read = utf8(&bytes).and_then(|text| node(text, format)).and_then(typed::<bellwether_strategy::Plan>);
            if let Err(complaint) = read {
                prop_assert!(complaint.to_string().starts_with('$'), "{complaint}");
            }
        }
    }
}
