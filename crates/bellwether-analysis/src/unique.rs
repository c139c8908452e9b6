//! Maps in which a repeated key is an error: whoever wrote it twice meant two things, and one would be lost.

use alloc::collections::BTreeMap;
use core::{borrow::Borrow, fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, de};

/// Reads a map whose names are all different.
pub(crate) fn map<'de, D: Deserializer<'de>, K: Deserialize<'de> + Ord + Borrow<str>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<K, T>, D::Error> {
    deserializer.deserialize_map(Unique(PhantomData))
}

struct Unique<K, T>(PhantomData<(K, T)>);

impl<'de, K: Deserialize<'de> + Ord + Borrow<str>, T: Deserialize<'de>> de::Visitor<'de> for Unique<K, T> {
    type Value = BTreeMap<K, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object in which each name stands once")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, value)) = access.next_entry::<K, T>()? {
            if entries.contains_key(&name) {
                let message = format_args!("expected each name once, found {:?} twice", name.borrow());
                return Err(de::Error::custom(message));
            }
            entries.insert(name, value);
        }
        Ok(entries)
    }
}
