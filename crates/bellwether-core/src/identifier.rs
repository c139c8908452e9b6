use alloc::{string::String, sync::Arc};
use core::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The longest identifier in bytes; longer ones are refused, so that a record has a bound.
const LENGTH_MAX: usize = 200;

/// Tells why a text is not an identifier.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected an identifier of 1 to {LENGTH_MAX} bytes without control characters, found {found:?}")]
pub struct ParseIdentifierError {
    found: String,
}

fn check(text: &str) -> Result<(), ParseIdentifierError> {
    if text.is_empty() || text.len() > LENGTH_MAX || text.chars().any(char::is_control) {
        return Err(ParseIdentifierError { found: text.chars().take(80).collect() });
    }
    Ok(())
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Cheap to clone. 1 to 200 bytes, no control characters.
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a text and takes it as an identifier.
            ///
            /// # Errors
            /// An empty text, one of more than 200 bytes, or one with control characters.
            pub fn new(text: impl AsRef<str>) -> Result<Self, ParseIdentifierError> {
                check(text.as_ref())?;
                Ok(Self(text.as_ref().into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 200 })
            }
        }
    )*};
}

identifiers! {
    /// Names who did something: a person, a service account or the driver itself.
    ActorName;
    /// Names a group of users that a router or a flag store can address.
    CohortName;
    /// Names a check whose failures are counted.
    CheckName;
    /// Names an environment that releases are promoted into.
    EnvironmentName;
    /// Names an event, so that the same event delivered twice is taken once.
    EventId;
    /// Names a gate of a plan.
    GateName;
    /// Names something that a host keeps in force during a step.
    HookId;
    /// Names a metric.
    MetricName;
    /// Names a release: the candidate of one rollout.
    ReleaseId;
    /// Names a rollout: one plan, one journal.
    RolloutId;
    /// Names a service.
    ServiceName;
    /// Names a step within its plan.
    StepId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_could_not_be_printed_or_stored() {
        for text in ["", "two\nlines", &"x".repeat(201)] {
            assert!(StepId::new(text).is_err(), "{text:?} was taken");
            assert!(serde_json::from_value::<StepId>(text.into()).is_err(), "{text:?} was read");
        }
    }
}
