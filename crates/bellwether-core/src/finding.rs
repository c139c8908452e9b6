use alloc::{borrow::Cow, string::String, vec::Vec};
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{Duration, Time, Weight};

/// The stable name of a rule, such as `judge.harm` or `plan.shares_fall`.
pub type RuleName = Cow<'static, str>;

/// One reason behind a decision.
///
/// Figures stay numbers; the text is a template over them that is only rendered when somebody reads it, so deciding
/// costs no formatting.
///
/// # Example: a finding and its text
/// ```
/// use bellwether_core::{Finding, Weight};
///
/// let finding = Finding::critical("judge.harm", "{errors} of {requests} candidate requests failed at {share}")
///     .figure("errors", 41_u64)
///     .figure("requests", 1_020_u64)
///     .figure("share", Weight::new(500)?)
///     .flips_when("fewer than {errors} had failed");
/// assert_eq!(
///     finding.to_string(),
///     "critical judge.harm: 41 of 1020 candidate requests failed at 5 % (would change: fewer than 41 had failed)"
/// );
/// # Ok::<(), bellwether_core::WeightError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[must_use]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleName,
    /// How much it matters.
    pub severity: Severity,
    /// The figures used, each with its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// One line for people; `{name}` stands for the figure of that name.
    pub text: Cow<'static, str>,
    /// What would have changed the outcome; a template too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flips_when: Option<Cow<'static, str>>,
}

impl Finding {
    /// A finding that explains.
    pub fn info(rule: impl Into<RuleName>, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Info, rule.into(), text.into())
    }

    /// A finding that somebody should look at.
    pub fn warning(rule: impl Into<RuleName>, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, rule.into(), text.into())
    }

    /// A finding that stops or reverses a rollout.
    pub fn critical(rule: impl Into<RuleName>, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Critical, rule.into(), text.into())
    }

    fn new(severity: Severity, rule: RuleName, text: Cow<'static, str>) -> Self {
        Self { rule, severity, figures: Vec::new(), text, flips_when: None }
    }

    /// Adds a figure.
    pub fn figure(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.figures.push(Figure { name: name.into(), value: value.into() });
        self
    }

    /// Says what would have changed the outcome.
    pub fn flips_when(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.flips_when = Some(text.into());
        self
    }

    /// The value of a figure.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| &figure.value)
    }

    /// The text with its figures filled in.
    #[must_use]
    pub fn rendered(&self) -> String {
        alloc::format!("{}", Template { text: &self.text, finding: self })
    }

    /// What would have changed the outcome, with its figures filled in.
    #[must_use]
    pub fn rendered_flip(&self) -> Option<String> {
        self.flips_when.as_ref().map(|text| alloc::format!("{}", Template { text, finding: self }))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.severity, self.rule, Template { text: &self.text, finding: self })?;
        let Some(text) = &self.flips_when else { return Ok(()) };
        write!(formatter, " (would change: {})", Template { text, finding: self })
    }
}

/// A text in which `{name}` stands for a figure; a name without a figure stays as it is.
struct Template<'a> {
    text: &'a str,
    finding: &'a Finding,
}

impl fmt::Display for Template<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once('{') {
            formatter.write_str(before)?;
            let filled = after.split_once('}').and_then(|(name, tail)| Some((self.finding.value(name)?, tail)));
            rest = match filled {
                Some((value, tail)) => {
                    write!(formatter, "{value}")?;
                    tail
                }
                None => {
                    formatter.write_str("{")?;
                    after
                }
            };
        }
        formatter.write_str(rest)
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It explains.
    Info,
    /// Somebody should look at it.
    Warning,
    /// It stops or reverses a rollout.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        })
    }
}

/// A named number of a finding.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Its name, as the finding's text uses it.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Value,
}

/// The value of a figure. Numbers stay numbers, each with its unit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// How many.
    Count(u64),
    /// A share of the traffic.
    Weight(Weight),
    /// How long.
    Duration(Duration),
    /// When.
    Time(Time),
    /// A plain number.
    Ratio(f64),
    /// A fraction of one, shown as a percentage.
    Share(f64),
    /// A name or a text.
    Text(Cow<'static, str>),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Weight(weight) => write!(formatter, "{weight}"),
            Self::Duration(duration) => write!(formatter, "{duration}"),
            Self::Time(time) => write!(formatter, "{time}"),
            Self::Ratio(number) => number_with_three_digits(formatter, *number),
            Self::Share(share) => {
                number_with_three_digits(formatter, share * 100.0)?;
                formatter.write_str(" %")
            }
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

/// Shows about three significant digits, which is what a person compares.
fn number_with_three_digits(formatter: &mut fmt::Formatter<'_>, number: f64) -> fmt::Result {
    let size = number.abs();
    match size {
        _ if size >= 1e6 || (size > 0.0 && size < 1e-3) => write!(formatter, "{number:.2e}"),
        _ if size >= 100.0 => write!(formatter, "{number:.0}"),
        _ if size >= 10.0 => write!(formatter, "{number:.1}"),
        _ if size >= 1.0 || size == 0.0 => write!(formatter, "{number:.2}"),
        _ => write!(formatter, "{number:.3}"),
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<Weight> for Value {
    fn from(weight: Weight) -> Self {
        Self::Weight(weight)
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Duration(duration)
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_name_without_a_figure_stays_visible() {
        let finding = Finding::info("x", "{known} and {unknown} and { and {").figure("known", 1_u64);
        assert_eq!(finding.rendered(), "1 and {unknown} and { and {");
    }

    #[test]
    fn a_finding_reads_back() {
        let finding = Finding::warning("x", "{a}").figure("a", Value::Ratio(0.1)).flips_when("b");
        let text = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&text).unwrap(), finding);
    }

    #[test]
    fn numbers_are_shown_with_their_units() {
        let shown = |value: Value| value.to_string();
        assert_eq!(shown(Value::Share(0.0412)), "4.12 %");
        assert_eq!(shown(Value::Ratio(1234.5)), "1234");
        assert_eq!(shown(Value::Ratio(0.0001)), "1.00e-4");
        assert_eq!(shown(Duration::from_seconds(90).into()), "1m30s");
    }
}
