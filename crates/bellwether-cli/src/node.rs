use std::{cell::RefCell, collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor},
};

use crate::{fault::cut, trail::Trail};

mod deserializer;

/// How deep lists and maps may be nested.
pub(crate) const DEPTH_MAX: usize = 64;

/// How many values a document may hold, after YAML's aliases were followed, unless its text has more bytes than that: no
/// text has more values than bytes by itself.
const VALUES_MAX: usize = 262_144;

/// A document that was read but not yet understood: no key twice, not too deep, not too large, numbers finite.
///
/// Every format is read into this first, so that what is refused does not depend on the format.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

impl Node {
    /// The value of a key, where the node is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(map) = self else { return None };
        map.get(key)
    }
}

/// What makes a document refused whatever it is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    /// Which rule, as a machine reads it.
    pub(crate) kind: &'static str,
    /// Where.
    pub(crate) at: String,
    /// `expected ..., found ...`.
    pub(crate) message: String,
}

/// Reads nodes and keeps the first refusal: the errors of the formats could only carry its text.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    times: Times,
    refusal: RefCell<Option<Refusal>>,
    values: std::cell::Cell<usize>,
    /// How long the text is.
    bytes: usize,
}

/// How a format gives its own times to a reader.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Times {
    /// It has none: ours are texts.
    #[default]
    None,
    /// As TOML's reader does: a map with one key that only it should write.
    Wrapped,
}

impl Checker {
    /// Reads a text.
    pub(crate) fn of(text: &str) -> Self {
        Self { bytes: text.len(), ..Self::default() }
    }

    /// Reads TOML, whose times become texts.
    pub(crate) fn of_toml(text: &str) -> Self {
        Self { times: Times::Wrapped, ..Self::of(text) }
    }

    /// What reads the document's root.
    pub(crate) const fn root(&self) -> Seed<'_> {
        Seed { checker: self, trail: Trail::Root }
    }

    /// Why the document was refused, unless the format itself was broken.
    pub(crate) fn into_refusal(self) -> Option<Refusal> {
        self.refusal.into_inner()
    }

    fn refuse<E: Error>(&self, kind: &'static str, at: &Trail<'_>, message: String) -> E {
        let error = E::custom(&message);
        self.refusal.borrow_mut().get_or_insert_with(|| Refusal { kind, at: at.to_string(), message });
        error
    }

    fn count<E: Error>(&self, at: &Trail<'_>) -> Result<(), E> {
        let values = self.values.get().saturating_add(1);
        self.values.set(values);
        let most = VALUES_MAX.max(self.bytes);
        if values <= most {
            return Ok(());
        }
        Err(self.refuse("too_large", at, format!("expected at most {most} values, found more")))
    }
}

/// Reads one node at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed<'a> {
    checker: &'a Checker,
    trail: Trail<'a>,
}

impl Seed<'_> {
    fn descend<E: Error>(&self) -> Result<(), E> {
        if self.trail.depth() < DEPTH_MAX {
            return Ok(());
        }
        let message = format!("expected at most {DEPTH_MAX} lists and maps around a value, found more");
        Err(self.checker.refuse("too_deep", &self.trail, message))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.checker.count(&self.trail)?;
        deserializer.deserialize_any(self)
    }
}

/// Keeps a part of a checked document for later.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Checker::default().root().deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(u64::try_from(value).map_or(Node::Signed(value), Node::Unsigned))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Unsigned(value))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Node, E> {
        Err(self.checker.refuse("invalid", &self.trail, format!("expected a number of at most 64 bits, found {value}")))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Node, E> {
        Err(self.checker.refuse("invalid", &self.trail, format!("expected a number of at most 64 bits, found {value}")))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        if value.is_finite() {
            return Ok(Node::Float(value));
        }
        Err(self.checker.refuse("invalid", &self.trail, format!("expected a finite number, found {value}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        self.descend()?;
        let mut list = Vec::new();
        while let Some(node) =
            access.next_element_seed(Seed { checker: self.checker, trail: Trail::Index(&self.trail, list.len()) })?
        {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        self.descend()?;
        let mut map = BTreeMap::new();
        while let Some(key) = access.next_key::<String>()? {
            let trail = Trail::Key(&self.trail, &key);
            if map.contains_key(&key) {
                let message = format!("expected each key once, found `{}` twice", cut(&key));
                return Err(self.checker.refuse("duplicate_key", &trail, message));
            }
            let node = access.next_value_seed(Seed { checker: self.checker, trail })?;
            map.insert(key, node);
        }
        Ok(match self.checker.times {
            Times::None => Node::Map(map),
            Times::Wrapped => plain_time(map),
        })
    }
}

/// TOML's own times arrive as a map with one key and a text; ours are texts. Anything else with that key stays a map, in
/// which the key is as unknown as any other.
fn plain_time(mut map: BTreeMap<String, Node>) -> Node {
    const KEY: &str = "$__toml_private_datetime";
    match (map.len(), map.remove(KEY)) {
        (1, Some(Node::Text(time))) => return Node::Text(time),
        (_, Some(other)) => drop(map.insert(KEY.to_owned(), other)),
        (_, None) => {}
    }
    Node::Map(map)
}
