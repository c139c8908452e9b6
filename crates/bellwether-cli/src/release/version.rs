use std::fmt;

use bellwether_core::Version;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// The name of a version, or its name and digests.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used: the reader below gives better errors than serde's untagged one")]
pub(super) enum VersionText {
    /// What people call it.
    Name(String),
    /// With digests.
    Version(Version),
}

/// Reads a version that is a name, or a map with its name and digests.
pub(super) fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    struct NameOrMap;

    impl<'de> Visitor<'de> for NameOrMap {
        type Value = Version;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a version: its name, or a map with `name` and `digests`")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<Version, E> {
            Ok(Version::named(name))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Version, A::Error> {
            Version::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(NameOrMap)
}
