use serde::{Deserialize, Serialize};

use crate::Histogram;

/// What one arm did in one interval.
///
/// Reading checks that there are no more errors than requests; [`Sample::counts`] checks it for values that are built
/// in place. A judge that is handed an impossible count all the same answers that it has no data.
///
/// # Example: two kinds of evidence
/// ```
/// use bellwether_analysis::Sample;
///
/// let sample = Sample::counts(300, 2)?;
/// assert_eq!(serde_json::to_string(&sample)?, r#"{"requests":300,"errors":2}"#);
/// let slow: Sample = serde_json::from_str(r#"{"histogram":{"bounds":[0.1,0.5],"counts":[280,18,2]}}"#)?;
/// assert!(matches!(slow, Sample::Histogram(_)), "the fields say which kind it is");
/// assert!(Sample::counts(2, 300).is_err(), "more errors than requests");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
#[expect(clippy::exhaustive_enums, reason = "every judge decides on every kind of sample")]
pub enum Sample {
    /// How many requests there were and how many of them failed.
    Counts {
        /// All requests, failed ones included.
        requests: u64,
        /// Those that failed; never more than the requests.
        errors: u64,
    },
    /// How the requests' values, such as latencies, are distributed.
    Histogram(Histogram),
}

/// Tells why something is not a [`Sample`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// A rate above one.
    #[error("expected at most as many `errors` as `requests` ({requests}), found {errors}")]
    MoreErrorsThanRequests {
        /// The requests found.
        requests: u64,
        /// The errors found.
        errors: u64,
    },
    /// No sample, half of one or two at once.
    #[error("expected either `requests` and `errors` or `histogram`, found {found}")]
    Kind {
        /// The fields that were there.
        found: &'static str,
    },
}

impl Sample {
    /// Checks a pair of counts.
    ///
    /// # Errors
    /// More errors than requests.
    pub fn counts(requests: u64, errors: u64) -> Result<Self, SampleError> {
        if errors > requests {
            return Err(SampleError::MoreErrorsThanRequests { requests, errors });
        }
        Ok(Self::Counts { requests, errors })
    }
}

impl From<Histogram> for Sample {
    fn from(histogram: Histogram) -> Self {
        Self::Histogram(histogram)
    }
}

/// The written form: which fields are there says which kind it is, so a new kind is a new field.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errors: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    histogram: Option<Histogram>,
}

impl From<Sample> for Stored {
    fn from(sample: Sample) -> Self {
        match sample {
            Sample::Counts { requests, errors } => {
                Self { requests: Some(requests), errors: Some(errors), histogram: None }
            }
            Sample::Histogram(histogram) => Self { requests: None, errors: None, histogram: Some(histogram) },
        }
    }
}

impl TryFrom<Stored> for Sample {
    type Error = SampleError;

    fn try_from(stored: Stored) -> Result<Self, SampleError> {
        let found = match (stored.requests, stored.errors, stored.histogram) {
            (Some(requests), Some(errors), None) => return Self::counts(requests, errors),
            (None, None, Some(histogram)) => return Ok(Self::Histogram(histogram)),
            (None, None, None) => "none of them",
            (Some(_), None, None) => "only `requests`",
            (None, Some(_), None) => "only `errors`",
            (_, _, Some(_)) => "both kinds",
        };
        Err(SampleError::Kind { found })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Sample {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Sample".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let count = schemars::json_schema!({ "type": "integer", "minimum": 0 });
        schemars::json_schema!({
            "description": "What one arm did in one interval: counts or a histogram.",
            "oneOf": [
                {
                    "type": "object", "required": ["requests", "errors"], "additionalProperties": false,
                    "properties": { "requests": count, "errors": count }
                },
                {
                    "type": "object", "required": ["histogram"], "additionalProperties": false,
                    "properties": { "histogram": generator.subschema_for::<Histogram>() }
                }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_sample_of_two_kinds_of_none_or_of_half_a_kind_is_refused_with_what_was_found() {
        for (text, found) in [
            ("{}", "found none of them"),
            (r#"{"requests":1}"#, "found only `requests`"),
            (r#"{"errors":1}"#, "found only `errors`"),
            (r#"{"requests":1,"errors":0,"histogram":{"bounds":[],"counts":[1]}}"#, "found both kinds"),
            (r#"{"requests":1,"errors":2}"#, "as `requests` (1), found 2"),
            (r#"{"requests":1,"errors":0,"latency":2}"#, "unknown field `latency`"),
            (r#"{"requests":1,"errors":-1}"#, "invalid value: integer `-1`"),
            (r#"{"requests":1,"errors":0.5}"#, "invalid type: floating point"),
        ] {
            let error = serde_json::from_str::<Sample>(text).unwrap_err().to_string();
            assert!(error.contains(found), "{text}: {error}");
        }
    }
}
