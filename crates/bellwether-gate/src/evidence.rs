use alloc::collections::{BTreeMap, btree_map::Entry};
use core::fmt;

use bellwether_core::{Digest, Duration, MetricName, Time};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{Reading, Unit};

/// Everything that was measured about a release, by metric.
///
/// What was not measured is not in here: a missing metric is never a zero.
///
/// # Example: one measurement
/// ```
/// use bellwether_core::{MetricName, Time};
/// use bellwether_gate::{Evidence, Measurement, Unit};
///
/// let at: Time = "2026-03-03T10:00:00Z".parse()?;
/// let measurement = Measurement::new(0.004, at).with_unit(Unit::Ratio).with_samples(12_000);
/// let evidence = Evidence::default().with(MetricName::new("error_rate")?, measurement);
/// assert!(evidence.measurement(&MetricName::new("response_time")?).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    /// The digest of the artefact that the question is about; a measurement of another one does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// What was measured.
    #[serde(deserialize_with = "each_once")]
    pub measurements: BTreeMap<MetricName, Measurement>,
}

impl Evidence {
    /// Adds a measurement; a metric measured again replaces the older one.
    #[must_use]
    pub fn with(mut self, metric: MetricName, measurement: Measurement) -> Self {
        self.measurements.insert(metric, measurement);
        self
    }

    /// Sets the artefact that the question is about.
    #[must_use]
    pub const fn with_digest(mut self, digest: Digest) -> Self {
        self.digest = Some(digest);
        self
    }

    /// What was measured of a metric, if anything was.
    #[must_use]
    pub fn measurement(&self, metric: &MetricName) -> Option<&Measurement> {
        self.measurements.get(metric)
    }
}

/// One measured value and what it needs to be judged.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// What was measured.
    pub value: Reading,
    /// In which unit; a score, a count or a flag has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The length of time that the value sums up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// How many requests, lines or cases the value rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// When it was measured: the end of the window.
    pub measured_at: Time,
    /// The digest of the artefact that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

impl Measurement {
    /// A value and when it was measured.
    #[must_use]
    pub fn new(value: impl Into<Reading>, measured_at: Time) -> Self {
        Self { value: value.into(), unit: None, window: None, samples: None, measured_at, digest: None }
    }

    /// Sets the unit.
    #[must_use]
    pub const fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Sets the length of time that the value sums up.
    #[must_use]
    pub const fn with_window(mut self, window: Duration) -> Self {
        self.window = Some(window);
        self
    }

    /// Sets how many samples the value rests on.
    #[must_use]
    pub const fn with_samples(mut self, samples: u64) -> Self {
        self.samples = Some(samples);
        self
    }

    /// Sets the artefact that was measured.
    #[must_use]
    pub const fn with_digest(mut self, digest: Digest) -> Self {
        self.digest = Some(digest);
        self
    }
}

/// Reads a map in which each metric stands once; of two values for one metric neither can be trusted.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<MetricName, Measurement>, D::Error> {
    deserializer.deserialize_map(Visitor)
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = BTreeMap<MetricName, Measurement>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("measurements by metric")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut measurements = BTreeMap::new();
        while let Some(metric) = access.next_key::<MetricName>()? {
            match measurements.entry(metric) {
                Entry::Vacant(entry) => entry.insert(access.next_value()?),
                Entry::Occupied(entry) => {
                    let message = format_args!("expected each metric once, found {} twice", entry.key());
                    return Err(de::Error::custom(message));
                }
            };
        }
        Ok(measurements)
    }
}
