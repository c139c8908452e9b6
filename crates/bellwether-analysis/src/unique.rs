//! Maps in which a repeated key is an error: whoever wrote it twice meant two things, and one would be lost.

use alloc::collections::BTreeMap;
use core::{fmt, marker::PhantomData};

use bellwether_core::MetricName;
use serde::{Deserialize, Deserializer, de};

/// Reads a map by metric whose names are all different.
pub(crate) fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<MetricName, T>, D::Error> {
    deserializer.deserialize_map(Unique(PhantomData))
}

struct Unique<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Unique<T> {
    type Value = BTreeMap<MetricName, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with one entry a metric")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, value)) = access.next_entry::<MetricName, T>()? {
            if entries.contains_key(&name) {
                let message = format_args!("expected each name once, found {:?} twice", name.as_str());
                return Err(de::Error::custom(message));
            }
            entries.insert(name, value);
        }
        Ok(entries)
    }
}
