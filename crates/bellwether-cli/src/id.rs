//! The `id` of a line, which comes back as it was written: a number keeps all its digits.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{complaint::Complaint, document};

/// An id may have this many bytes.
const BYTES_MAX: usize = 1_024;

/// The id of a line; none where the line is no map, has none or has two, or cannot be read.
pub(crate) fn of(line: &[u8]) -> Result<Option<Box<RawValue>>, Complaint> {
    let line = document::utf8(line).ok().and_then(|text| serde_json::from_str::<Line>(text).ok());
    let Some(id) = line.and_then(|Line(id)| id) else { return Ok(None) };
    // Some readers of lines end one at a carriage return, which may stand between the parts of a value.
    if id.get().len() <= BYTES_MAX && !id.get().contains('\r') {
        return Ok(Some(id));
    }
    let message = format_args!("expected an id of at most {BYTES_MAX} bytes in one line, found another");
    Err(Complaint::new("invalid", "$.id", message))
}

/// A line of which only the id matters.
struct Line(Option<Box<RawValue>>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Line;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Line, A::Error> {
                let mut ids: Vec<Box<RawValue>> = Vec::new();
                while let Some(key) = access.next_key::<String>()? {
                    if key == "id" {
                        ids.push(access.next_value()?);
                    } else {
                        access.next_value::<IgnoredAny>()?;
                    }
                }
                let id = ids.pop();
                Ok(Line(id.filter(|_| ids.is_empty())))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
