use std::{borrow::Cow, fmt};

/// Tells why rules cannot be compiled.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}{}: expected {expected}, found {found}", OfRule(.rule.as_deref()))]
#[non_exhaustive]
pub struct RuleError {
    /// The place in the document, such as `$.rules[3].paths[0]`.
    pub at: String,
    /// The identifier of the rule, where it is one of a rule.
    pub rule: Option<String>,
    /// What may stand there.
    pub expected: Cow<'static, str>,
    /// What stands there.
    pub found: String,
}

impl RuleError {
    pub(crate) fn new(at: impl Into<String>, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        let found = found.into().chars().take(FOUND_MAX).collect();
        Self { at: at.into(), rule: None, expected: expected.into(), found }
    }

    pub(crate) fn of(mut self, rule: &str) -> Self {
        self.rule = Some(rule.chars().take(FOUND_MAX).collect());
        self
    }
}

/// As much of a wrong input as fits into one line.
const FOUND_MAX: usize = 120;

struct OfRule<'a>(Option<&'a str>);

impl fmt::Display for OfRule<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |rule| write!(formatter, " of rule {rule:?}"))
    }
}

/// Tells why approaches do not make a matrix.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct MatrixError {
    /// The place in the document, such as `$.medium.stages[1].wait`.
    pub at: String,
    /// What may stand there.
    pub expected: Cow<'static, str>,
    /// What stands there.
    pub found: String,
}

impl MatrixError {
    pub(crate) fn new(at: impl Into<String>, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { at: at.into(), expected: expected.into(), found: found.into() }
    }
}
