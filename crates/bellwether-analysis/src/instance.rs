use bellwether_core::Time;
use bellwether_stats::Histogram;
use serde::{Deserialize, Serialize};

use crate::SampleError;

/// What one instance of an arm did in one interval.
///
/// An instance that has just started is slow for reasons of its own. With the time of its start a judge can leave it out
/// until it is warm, in both arms alike.
///
/// # Example: a new pod and what it needs
/// ```
/// use bellwether_analysis::{Instance, Reading};
///
/// let instance: Instance = serde_json::from_str(r#"{"since":"2026-03-02T10:00:00.000Z","gauge":412.5}"#)?;
/// assert_eq!(instance.reading, Reading::Gauge(412.5));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Stored", try_from = "Stored")]
#[expect(clippy::exhaustive_structs, reason = "metric sources build it field by field")]
pub struct Instance {
    /// When it started; without it, it counts as warm.
    pub since: Option<Time>,
    /// What it did.
    pub reading: Reading,
}

/// What was read of one instance.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "every judge decides on every kind of reading")]
pub enum Reading {
    /// Its requests and errors.
    Counts {
        /// All requests, failed ones included.
        requests: u64,
        /// Those that failed.
        errors: u64,
    },
    /// How its requests' values are distributed.
    Histogram(Histogram),
    /// A single value, such as its memory.
    Gauge(f64),
}

/// The written form: which fields are there says which kind of reading it is.
#[derive(Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Instance"))]
#[serde(default, deny_unknown_fields)]
struct Stored {
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    histogram: Option<Histogram>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gauge: Option<f64>,
}

impl From<Instance> for Stored {
    fn from(instance: Instance) -> Self {
        let stored = Self { since: instance.since, ..Self::default() };
        match instance.reading {
            Reading::Counts { requests, errors } => Self { requests: Some(requests), errors: Some(errors), ..stored },
            Reading::Histogram(histogram) => Self { histogram: Some(histogram), ..stored },
            Reading::Gauge(gauge) => Self { gauge: Some(gauge), ..stored },
        }
    }
}

impl TryFrom<Stored> for Instance {
    type Error = SampleError;

    fn try_from(stored: Stored) -> Result<Self, SampleError> {
        let Stored { since, requests, errors, histogram, gauge } = stored;
        let reading = match (requests, errors, histogram, gauge) {
            (Some(requests), Some(errors), None, None) if errors <= requests => Reading::Counts { requests, errors },
            (Some(requests), Some(errors), None, None) => {
                return Err(SampleError::MoreErrorsThanRequests { requests, errors });
            }
            (None, None, Some(histogram), None) => Reading::Histogram(histogram),
            (None, None, None, Some(gauge)) => Reading::Gauge(gauge),
            (None, None, None, None) => return Err(SampleError::Reading { found: "none of them" }),
            (Some(_), None, None, None) => return Err(SampleError::Reading { found: "only `requests`" }),
            (None, Some(_), None, None) => return Err(SampleError::Reading { found: "only `errors`" }),
            (_, _, Some(_), _) | (_, _, _, Some(_)) => return Err(SampleError::Reading { found: "two kinds" }),
        };
        Ok(Self { since, reading })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Instance {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Instance".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Stored as schemars::JsonSchema>::json_schema(generator)
    }
}
