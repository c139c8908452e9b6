use std::fmt;

use crate::{
    complaint::Complaint,
    fault::{cut, one_line},
    node::Node,
    trail,
};

/// A value of a document that is imported, or its absence, and where it stands.
///
/// A value of the wrong type is refused at its place: what the other system would refuse is never read as something else.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    node: Option<&'a Node>,
    /// Where it stands: `$.spec.strategy.canary.steps[2]`.
    pub(super) at: String,
}

impl<'a> Place<'a> {
    /// The root of a document, whose places begin so.
    pub(super) fn root(node: &'a Node, at: impl Into<String>) -> Self {
        Self { node: Some(node), at: at.into() }
    }

    /// The value, unless it is absent or null.
    pub(super) fn node(&self) -> Option<&'a Node> {
        self.node.filter(|node| **node != Node::Null)
    }

    pub(super) fn is_there(&self) -> bool {
        self.node().is_some()
    }

    /// The value of a key; absent where there is no map.
    pub(super) fn field(&self, name: &str) -> Result<Self, Complaint> {
        let node = match self.node() {
            None => None,
            Some(Node::Map(map)) => map.get(name),
            Some(_) => return Err(self.unexpected("a map")),
        };
        Ok(Self { node, at: format!("{}{}", self.at, trail::key(name)) })
    }

    /// The value at the end of several keys.
    pub(super) fn path(&self, names: &[&str]) -> Result<Self, Complaint> {
        names.iter().try_fold(self.clone(), |place, name| place.field(name))
    }

    /// The entries of a list; none where it is absent.
    pub(super) fn items(&self) -> Result<Vec<Self>, Complaint> {
        match self.node() {
            None => Ok(Vec::new()),
            Some(Node::List(list)) => {
                let item = |(index, node)| Self { node: Some(node), at: format!("{}[{index}]", self.at) };
                Ok(list.iter().enumerate().map(item).collect())
            }
            Some(_) => Err(self.unexpected("a list")),
        }
    }

    pub(super) fn text(&self) -> Result<Option<&'a str>, Complaint> {
        match self.node() {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.unexpected("a text")),
        }
    }

    /// A text that must be there and must not be empty.
    pub(super) fn name(&self) -> Result<&'a str, Complaint> {
        match self.node() {
            Some(Node::Text(text)) if !text.is_empty() => Ok(text),
            Some(_) | None => Err(self.unexpected("a name")),
        }
    }

    pub(super) fn flag(&self) -> Result<Option<bool>, Complaint> {
        match self.node() {
            None => Ok(None),
            Some(Node::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.unexpected("true or false")),
        }
    }

    /// A whole number of at least zero, as all counts of the other systems are 32 bits wide.
    pub(super) fn count(&self) -> Result<Option<u32>, Complaint> {
        const MAX: u32 = i32::MAX.unsigned_abs();
        let expected = format_args!("a whole number from 0 to {MAX}");
        match self.node() {
            None => Ok(None),
            Some(Node::Unsigned(count)) => match u32::try_from(*count) {
                Ok(count) if count <= MAX => Ok(Some(count)),
                Ok(_) | Err(_) => Err(self.unexpected(expected)),
            },
            Some(_) => Err(self.unexpected(expected)),
        }
    }

    pub(super) fn number(&self) -> Result<Option<f64>, Complaint> {
        match self.node() {
            None => Ok(None),
            Some(Node::Unsigned(number)) => Ok(Some(*number as f64)),
            Some(Node::Signed(number)) => Ok(Some(*number as f64)),
            Some(Node::Float(number)) => Ok(Some(*number)),
            Some(_) => Err(self.unexpected("a number")),
        }
    }

    /// Why the value cannot be taken: what was expected here, and what was found.
    pub(super) fn unexpected(&self, expected: impl fmt::Display) -> Complaint {
        let found = self.node.map_or_else(|| "none".to_owned(), shown);
        Complaint::new("invalid", &*self.at, format_args!("expected {expected}, found {found}"))
    }

    /// The value in a few words, for a finding.
    pub(super) fn brief(&self) -> String {
        self.node.map_or_else(|| "nothing".to_owned(), brief)
    }
}

fn shown(node: &Node) -> String {
    match node {
        Node::Null => "nothing (null)".to_owned(),
        Node::Text(text) => format!("\"{}\"", cut(text)),
        Node::List(_) => "a list".to_owned(),
        Node::Map(_) => "a map".to_owned(),
        Node::Bool(_) | Node::Signed(_) | Node::Unsigned(_) | Node::Float(_) => brief(node),
    }
}

/// As much of a value as a finding shows.
const BRIEF_MAX: usize = 160;

/// A value in one line, its beginning where it is long.
pub(super) fn brief(node: &Node) -> String {
    let whole = one_line(&written(node));
    match whole.char_indices().nth(BRIEF_MAX) {
        Some((end, _)) => format!("{}...", whole.get(..end).unwrap_or_default()),
        None => whole,
    }
}

pub(super) fn written(node: &Node) -> String {
    match node {
        Node::Null => "null".to_owned(),
        Node::Bool(flag) => flag.to_string(),
        Node::Signed(number) => number.to_string(),
        Node::Unsigned(number) => number.to_string(),
        Node::Float(number) => format!("{number:?}"),
        Node::Text(text) => text.clone(),
        Node::List(list) => format!("[{}]", list.iter().map(written).collect::<Vec<_>>().join(", ")),
        Node::Map(map) => {
            let pairs = map.iter().map(|(key, value)| format!("{key}: {}", written(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_is_refused_at_its_place() {
        let map = |key: &str, node| Node::Map([(key.to_owned(), node)].into());
        let document = map("spec", map("replicas", Node::Text("three".into())));
        let root = Place::root(&document, "$");
        let replicas = root.path(&["spec", "replicas"]).unwrap();
        let expected = "$.spec.replicas: expected a whole number from 0 to 2147483647, found \"three\"";
        assert_eq!(replicas.count().unwrap_err().to_string(), expected);
        let below = replicas.field("x").unwrap_err().to_string();
        assert_eq!(below, "$.spec.replicas: expected a map, found \"three\"");
        assert_eq!(root.field("spec").unwrap().name().unwrap_err().to_string(), "$.spec: expected a name, found a map");
        assert!(root.path(&["metadata", "labels"]).unwrap().items().unwrap().is_empty());
    }

    #[test]
    fn a_count_is_as_wide_as_the_other_systems_have_it() {
        let count = |number| Place::root(&Node::Unsigned(number), "$").count().ok().flatten();
        assert_eq!(count(0), Some(0));
        assert_eq!(count(2_147_483_647), Some(2_147_483_647));
        assert_eq!(count(2_147_483_648), None);
        assert!(Place::root(&Node::Signed(-1), "$").count().is_err());
        assert!(Place::root(&Node::Float(2.0), "$").count().is_err());
    }
}
