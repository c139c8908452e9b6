use alloc::{collections::BTreeMap, string::String, vec::Vec};

use bellwether_stats::Histogram;
use serde::{Deserialize, Serialize};

use crate::{Instance, unique};

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
    /// Values of single requests that were sampled. A request that timed out is a value at the time-out.
    Values(Vec<f64>),
    /// What each instance did, by its name.
    Instances(BTreeMap<String, Instance>),
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
    #[error("expected either `requests` and `errors`, `histogram`, `values` or `instances`, found {found}")]
    Kind {
        /// The fields that were there.
        found: &'static str,
    },
    /// No reading of an instance, half of one or two at once.
    #[error("expected of an instance either `requests` and `errors`, `histogram` or `gauge`, found {found}")]
    Reading {
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
#[derive(Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Stored {
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    histogram: Option<Histogram>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instances: Option<Instances>,
}

#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct Instances(#[serde(deserialize_with = "unique::map")] BTreeMap<String, Instance>);

impl From<Sample> for Stored {
    fn from(sample: Sample) -> Self {
        match sample {
            Sample::Counts { requests, errors } => {
                Self { requests: Some(requests), errors: Some(errors), ..Self::default() }
            }
            Sample::Histogram(histogram) => Self { histogram: Some(histogram), ..Self::default() },
            Sample::Values(values) => Self { values: Some(values), ..Self::default() },
            Sample::Instances(instances) => Self { instances: Some(Instances(instances)), ..Self::default() },
        }
    }
}

impl TryFrom<Stored> for Sample {
    type Error = SampleError;

    fn try_from(stored: Stored) -> Result<Self, SampleError> {
        let Stored { requests, errors, histogram, values, instances } = stored;
        let counts = match (requests, errors) {
            (Some(requests), Some(errors)) => Some(Self::counts(requests, errors)?),
            (None, None) => None,
            (Some(_), None) => return Err(SampleError::Kind { found: "only `requests`" }),
            (None, Some(_)) => return Err(SampleError::Kind { found: "only `errors`" }),
        };
        let instances = instances.map(|Instances(instances)| Self::Instances(instances));
        let all = [counts, histogram.map(Self::Histogram), values.map(Self::Values), instances];
        let mut found = all.into_iter().flatten();
        match (found.next(), found.next()) {
            (Some(sample), None) => Ok(sample),
            (None, _) => Err(SampleError::Kind { found: "none of them" }),
            (Some(_), Some(_)) => Err(SampleError::Kind { found: "two kinds" }),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Sample {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Sample".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let count = schemars::json_schema!({ "type": "integer", "minimum": 0 });
        let only = |name: &str, schema: schemars::Schema| {
            schemars::json_schema!({
                "type": "object", "required": [name], "additionalProperties": false, "properties": { name: schema }
            })
        };
        let instances = schemars::json_schema!({
            "type": "object", "additionalProperties": generator.subschema_for::<Instance>()
        });
        let values = schemars::json_schema!({ "type": "array", "items": { "type": "number" } });
        schemars::json_schema!({
            "description": "What one arm did in one interval: counts, a histogram, sampled values or its instances.",
            "oneOf": [
                {
                    "type": "object", "required": ["requests", "errors"], "additionalProperties": false,
                    "properties": { "requests": count, "errors": count }
                },
                only("histogram", generator.subschema_for::<Histogram>()),
                only("values", values),
                only("instances", instances)
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
            (r#"{"requests":1,"errors":0,"histogram":{"bounds":[],"counts":[1]}}"#, "found two kinds"),
            (r#"{"values":[1],"histogram":{"bounds":[],"counts":[1]}}"#, "found two kinds"),
            (r#"{"requests":1,"errors":2}"#, "as `requests` (1), found 2"),
            (r#"{"requests":1,"errors":0,"latency":2}"#, "unknown field `latency`"),
            (r#"{"requests":1,"errors":-1}"#, "invalid value: integer `-1`"),
            (r#"{"requests":1,"errors":0.5}"#, "invalid type: floating point"),
            (r#"{"requests":"NaN","errors":0}"#, "invalid type: string \"NaN\""),
            (r#"{"values":[1,"NaN"]}"#, "invalid type: string \"NaN\""),
            (r#"{"values":[1,null]}"#, "invalid type: null"),
            (r#"{"instances":{"a":{}}}"#, "expected of an instance either"),
            (r#"{"instances":{"a":{"requests":1}}}"#, "found only `requests`"),
            (r#"{"instances":{"a":{"requests":1,"errors":2}}}"#, "as `requests` (1), found 2"),
            (r#"{"instances":{"a":{"gauge":1,"requests":1,"errors":0}}}"#, "found two kinds"),
            (r#"{"instances":{"a":{"gauge":1},"a":{"gauge":2}}}"#, "expected each name once, found \"a\" twice"),
            (r#"{"instances":{"a":{"gauge":"NaN"}}}"#, "invalid type: string \"NaN\""),
        ] {
            let error = serde_json::from_str::<Sample>(text).unwrap_err().to_string();
            assert!(error.contains(found), "{text}: {error}");
        }
    }

    #[test]
    fn every_kind_reads_back_as_it_was_written() {
        for text in [
            r#"{"requests":1,"errors":0}"#,
            r#"{"values":[1.5,2.0]}"#,
            r#"{"instances":{"a":{"since":"2026-03-02T10:00:00.000Z","requests":3,"errors":1},"b":{"gauge":4.0}}}"#,
        ] {
            let sample: Sample = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&sample).unwrap(), text);
        }
    }
}
