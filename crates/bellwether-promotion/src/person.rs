use alloc::string::String;

use bellwether_core::ActorName;

/// A person, however the name was typed: `Ann` and `ann ` are one, and cannot approve twice or pass for another.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Person(String);

impl Person {
    pub(crate) fn of(name: &ActorName) -> Self {
        Self(name.as_str().trim().to_lowercase())
    }
}
