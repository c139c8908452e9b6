//! Null where the originals' documents may have it: Go leaves the field's zero value, as if it was not there.

use serde::{Deserialize, Deserializer};

pub(super) fn is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
