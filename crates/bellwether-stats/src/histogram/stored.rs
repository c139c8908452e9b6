use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Buckets, Exponential, Histogram, Layout};
use crate::histogram_error::HistogramError;

/// The written form: which fields are there says which kind of buckets it has.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Stored {
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zero_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zero_threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    positive: Option<Buckets>,
    #[serde(skip_serializing_if = "Option::is_none")]
    negative: Option<Buckets>,
}

impl From<Histogram> for Stored {
    fn from(histogram: Histogram) -> Self {
        match histogram.layout {
            Layout::Explicit(explicit) => {
                let (bounds, counts) = explicit.into_parts();
                Self { bounds: Some(bounds), counts: Some(counts), ..Self::default() }
            }
            Layout::Exponential(exponential) => {
                let Exponential { scale, zero_count, zero_threshold, positive, negative } = exponential;
                Self {
                    scale: Some(scale),
                    zero_count: Some(zero_count).filter(|count| *count > 0),
                    zero_threshold: Some(zero_threshold).filter(|threshold| *threshold > 0.0),
                    positive: Some(positive).filter(|buckets| !buckets.counts.is_empty()),
                    negative: Some(negative).filter(|buckets| !buckets.counts.is_empty()),
                    ..Self::default()
                }
            }
        }
    }
}

impl TryFrom<Stored> for Histogram {
    type Error = HistogramError;

    fn try_from(stored: Stored) -> Result<Self, HistogramError> {
        let Stored { bounds, counts, scale, zero_count, zero_threshold, positive, negative } = stored;
        let is_exponential = scale.is_some()
            || zero_count.is_some()
            || zero_threshold.is_some()
            || positive.is_some()
            || negative.is_some();
        let found = match (bounds, counts, scale) {
            (Some(bounds), Some(counts), _) if !is_exponential => return Self::new(bounds, counts),
            (None, None, Some(scale)) => {
                return Self::exponential(Exponential {
                    scale,
                    zero_count: zero_count.unwrap_or_default(),
                    zero_threshold: zero_threshold.unwrap_or_default(),
                    positive: positive.unwrap_or_default(),
                    negative: negative.unwrap_or_default(),
                });
            }
            (None, None, None) if is_exponential => "buckets without a `scale`",
            (None, None, None) => "none of them",
            (Some(_), None, None) if !is_exponential => "only `bounds`",
            (None, Some(_), None) if !is_exponential => "only `counts`",
            (Some(_), _, _) | (_, Some(_), _) => "parts of both",
        };
        Err(HistogramError::Kind { found })
    }
}

#[cfg(feature = "schema")]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let buckets = generator.subschema_for::<Buckets>();
    let count = schemars::json_schema!({ "type": "integer", "minimum": 0 });
    schemars::json_schema!({
        "description": "How the values of one arm's requests are distributed over explicit or exponential buckets.",
        "oneOf": [
            {
                "type": "object", "required": ["bounds", "counts"], "additionalProperties": false,
                "properties": {
                    "bounds": { "type": "array", "items": { "type": "number" } },
                    "counts": { "type": "array", "items": count }
                }
            },
            {
                "type": "object", "required": ["scale"], "additionalProperties": false,
                "properties": {
                    "scale": { "type": "integer", "minimum": -10, "maximum": 20 },
                    "zero_count": count,
                    "zero_threshold": { "type": "number", "minimum": 0 },
                    "positive": buckets, "negative": buckets
                }
            }
        ]
    })
}
