use alloc::{string::String, vec::Vec};

use bellwether_core::Duration;
use serde::{Deserialize, Deserializer, de};

use super::expression::Condition;
use super::run::ArgoError;
use crate::threshold::Limits;

/// Holds what an `AnalysisTemplate` or an `AnalysisRun` is specified with, as far as it decides.
///
/// # Example: the usual template
///
/// ```
/// use bellwether_analysis::argo::AnalysisSpec;
///
/// let spec: AnalysisSpec = serde_json::from_str(r#"{"metrics": [{
///     "name": "success-rate", "interval": "1m", "count": 5, "failureLimit": 1,
///     "successCondition": "result[0] >= 0.95", "provider": {"prometheus": {"query": "..."}}
/// }]}"#)?;
/// assert_eq!(spec.metrics[0].name, "success-rate");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "Argo Rollouts' document, as far as it decides")]
pub struct AnalysisSpec {
    /// What is measured.
    pub metrics: Vec<Metric>,
    /// Metrics that are measured and decide nothing.
    #[serde(default)]
    pub dry_run: Vec<DryRun>,
}

/// Names metrics that decide nothing.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "Argo Rollouts' document, as far as it decides")]
pub struct DryRun {
    /// A part of a name, in which `.*` stands for anything, and which `^` and `$` bind to the name's two ends.
    pub metric_name: String,
}

/// Holds one metric with its conditions and counters.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "Argo Rollouts' document, as far as it decides")]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// How long it waits between two measurements; without it there is one.
    #[serde(default)]
    pub interval: Option<Duration>,
    /// How long it waits before the first.
    #[serde(default)]
    pub initial_delay: Option<Duration>,
    /// After how many measurements it ends.
    #[serde(default)]
    pub count: Option<Whole>,
    /// What a success is.
    #[serde(default, deserialize_with = "condition")]
    pub success_condition: Option<Condition>,
    /// What a failure is.
    #[serde(default, deserialize_with = "condition")]
    pub failure_condition: Option<Condition>,
    /// How many may fail; any number with -1.
    #[serde(default)]
    pub failure_limit: Option<Whole>,
    /// How many may be neither.
    #[serde(default)]
    pub inconclusive_limit: Option<Whole>,
    /// How many errors may follow each other.
    #[serde(default)]
    pub consecutive_error_limit: Option<Whole>,
    /// How many successes in a row are enough.
    #[serde(default)]
    pub consecutive_success_limit: Option<Whole>,
}

/// Holds a whole number, or a text that is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Whole(pub i32);

/// The longest wait of a metric that has no interval is none: it is measured once.
const ERROR_RETRY: Duration = Duration::from_seconds(10);

impl Metric {
    /// The counters, with Argo Rollouts' defaults and its way to read a missing interval.
    pub(super) fn limits(&self) -> Result<Limits, ArgoError> {
        let usual = Limits::default();
        // A count of zero is none.
        let count = match (self.count.filter(|count| count.0 != 0), self.interval) {
            (Some(count), _) => Some(self.at_least("count", count, 1)?),
            (None, None) => Some(1),
            (None, Some(_)) => None,
        };
        if count.is_some_and(|count| count > 1) && self.interval.is_none() {
            return Err(self.error("interval", "an interval beside a count above 1", "none"));
        }
        self.check_count()?;
        let failure_limit = match self.failure_limit {
            Some(Whole(-1)) => None,
            Some(limit) => Some(self.at_least("failureLimit", limit, 0)?),
            None => usual.failure_limit,
        };
        let or_usual =
            |field, limit: Option<Whole>, usual| limit.map_or(Ok(usual), |limit| self.at_least(field, limit, 0));
        Ok(Limits {
            count,
            failure_limit,
            inconclusive_limit: or_usual("inconclusiveLimit", self.inconclusive_limit, usual.inconclusive_limit)?,
            consecutive_error_limit: or_usual(
                "consecutiveErrorLimit",
                self.consecutive_error_limit,
                usual.consecutive_error_limit,
            )?,
            consecutive_success_limit: or_usual(
                "consecutiveSuccessLimit",
                self.consecutive_success_limit,
                usual.consecutive_success_limit,
            )?,
        })
    }

    /// A count that is given must not be smaller than a limit: it could never be exceeded.
    fn check_count(&self) -> Result<(), ArgoError> {
        let Some(Whole(count)) = self.count.filter(|count| count.0 > 0) else { return Ok(()) };
        for (field, limit) in [("failureLimit", self.failure_limit), ("inconclusiveLimit", self.inconclusive_limit)] {
            if let Some(Whole(limit)) = limit.filter(|limit| limit.0 > count) {
                return Err(self.error(field, "at most the count", &alloc::format!("{limit}")));
            }
        }
        Ok(())
    }

    /// How long it waits after a measurement; nothing where none follows.
    pub(super) fn wait(&self, is_error: bool) -> Option<Duration> {
        if is_error { Some(ERROR_RETRY) } else { self.interval }
    }

    fn at_least(&self, field: &'static str, Whole(found): Whole, least: u32) -> Result<u32, ArgoError> {
        let expected = if least == 0 { "a whole number of at least 0" } else { "a whole number of at least 1" };
        let whole = u32::try_from(found).ok().filter(|whole| *whole >= least);
        whole.ok_or_else(|| self.error(field, expected, &alloc::format!("{found}")))
    }

    fn error(&self, field: &str, expected: &'static str, found: &str) -> ArgoError {
        ArgoError { at: alloc::format!("{}.{field}", self.name), expected, found: found.into() }
    }
}

impl DryRun {
    /// Whether it means a metric: the parts around each `.*` follow each other somewhere in its name.
    pub(super) fn names(&self, metric: &str) -> bool {
        let pattern = self.metric_name.as_str();
        let (pattern, from_start) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
        let (pattern, to_end) = pattern.strip_suffix('$').map_or((pattern, false), |rest| (rest, true));
        let mut parts: Vec<&str> = pattern.split(".*").collect();
        let mut rest = metric;
        if to_end {
            let Some(before) = parts.pop().and_then(|last| rest.strip_suffix(last)) else { return false };
            // Alone it is the whole of what is left, where the beginning is bound too.
            if parts.is_empty() {
                return !from_start || before.is_empty();
            }
            rest = before;
        }
        if from_start {
            let Some(after) = parts.first().and_then(|first| rest.strip_prefix(first)) else { return false };
            rest = after;
            parts.remove(0);
        }
        let after =
            parts.iter().try_fold(rest, |rest, part| rest.find(part).and_then(|at| rest.get(at + part.len()..)));
        after.is_some()
    }

    /// A sign of a pattern that means more than itself here.
    pub(super) fn unknown_sign(&self) -> Option<char> {
        let pattern = self.metric_name.as_str();
        let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
        let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
        pattern.replace(".*", "").chars().find(|sign| ".^$*+?()[]{}|\\".contains(*sign))
    }
}

/// No condition is written as an empty text too.
fn condition<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Condition>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.trim().is_empty());
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl de::Visitor<'_> for Number {
            type Value = Whole;

            fn expecting(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str("a whole number")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Whole, E> {
                i32::try_from(value).map(Whole).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Whole, E> {
                i32::try_from(value).map(Whole).map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Whole, E> {
                text.parse().map(Whole).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Number)
    }
}
