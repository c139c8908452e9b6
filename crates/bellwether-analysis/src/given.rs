use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that may be left out but not be null: whoever writes null means something that nobody knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Given<T>(pub(crate) Option<T>);

impl<T: PartialEq> Given<T> {
    /// Writes a value only where it is not what it would be without.
    pub(crate) fn unless(value: T, usual: &T) -> Self {
        Self(Some(value).filter(|value| value != usual))
    }
}

impl<T> Given<T> {
    pub(crate) const fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn or(self, usual: T) -> T {
        self.0.unwrap_or(usual)
    }
}

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Serialize> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Given<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> alloc::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}
