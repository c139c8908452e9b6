use bellwether_core::{Finding, MetricName};
use serde::{Deserialize, Serialize};

/// Why there is nothing to judge by. Never a pass, never a fail, never a zero.
///
/// The judge itself finds all but the last, which is what a metric source reports instead of an interval.
///
/// # Example: what a driver says when its metrics system is down
/// ```
/// use bellwether_analysis::Missing;
///
/// let finding = Missing::ProviderError.finding(&"errors".parse()?);
/// assert_eq!(finding.to_string(), "warning judge.no_data.provider_error: the source of errors did not answer");
/// # Ok::<(), bellwether_core::ParseIdentifierError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "whoever waits for data decides on every reason")]
pub enum Missing {
    /// No interval of this stage.
    NoSeries,
    /// Requests were meant to arrive and did not: a crashed candidate reports no errors.
    NoTraffic,
    /// The last interval is too old.
    Stale,
    /// The share has not been as wanted for so long that what was measured before is too old.
    Unsettled,
    /// A sample of another kind than the metric is judged by.
    WrongKind,
    /// More errors than requests.
    Impossible,
    /// No instance of an arm has run for long enough to be judged.
    WarmingUp,
    /// The source answered a number that is none: NaN, an infinity, a negative count.
    NonFinite,
    /// The source did not answer, or not in time.
    ProviderError,
}

impl Missing {
    /// The stable name of the rule, such as `judge.no_data.stale`.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::NoSeries => "judge.no_data.no_series",
            Self::NoTraffic => "judge.no_data.no_traffic",
            Self::Stale => "judge.no_data.stale",
            Self::Unsettled => "judge.no_data.unsettled",
            Self::WrongKind => "judge.no_data.wrong_kind",
            Self::Impossible => "judge.no_data.impossible",
            Self::WarmingUp => "judge.no_data.warming_up",
            Self::NonFinite => "judge.no_data.non_finite",
            Self::ProviderError => "judge.no_data.provider_error",
        }
    }

    /// The reason as a finding about a metric.
    pub fn finding(self, metric: &MetricName) -> Finding {
        let text = match self {
            Self::NoSeries => "no interval of {metric} at this stage yet",
            Self::NoTraffic => "an arm that should have had traffic had no request in the last interval of {metric}",
            Self::Stale => "the last interval of {metric} is too old",
            Self::Unsettled => "the share has not been as wanted during any recent interval of {metric}",
            Self::WrongKind => "the last interval of {metric} does not hold what a metric of its kind is judged by",
            Self::Impossible => "the last interval of {metric} has more errors than requests",
            Self::WarmingUp => "no instance of an arm has run for long enough in the last interval of {metric}",
            Self::NonFinite => "the source of {metric} answered something that is not a number",
            Self::ProviderError => "the source of {metric} did not answer",
        };
        Finding::warning(self.rule(), text).figure("metric", alloc::string::String::from(metric.as_str()))
    }
}
