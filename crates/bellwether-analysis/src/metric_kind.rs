use serde::{Deserialize, Serialize};

/// What a metric measures, and with that which test compares it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "whoever builds a test decides on every kind")]
pub enum MetricKind {
    /// How many of the requests had an event, such as an error.
    #[default]
    Rate,
    /// How the requests' values are distributed over the buckets of a histogram, such as latencies.
    Distribution,
    /// Single values that were sampled. They can fail a candidate and never pass it: a few very slow requests move no
    /// rank.
    Samples,
    /// One value of each instance, such as its memory. It can fail a candidate and never pass it.
    Gauge,
}

impl MetricKind {
    /// Whether enough of it can show that a candidate does no harm.
    #[must_use]
    pub const fn can_pass(self) -> bool {
        matches!(self, Self::Rate | Self::Distribution)
    }
}
