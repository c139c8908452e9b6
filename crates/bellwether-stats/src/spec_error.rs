/// Reports a field of a specification that a test cannot be built from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("use `{field}`: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct SpecError {
    /// The field's path in the specification.
    pub field: &'static str,
    /// What would have been accepted.
    pub expected: &'static str,
    /// What was there.
    pub found: f64,
}

impl SpecError {
    /// Accepts a ratio of two rates: at least 1, below which the bets on the share would not be fair for an odds ratio,
    /// and far from where arithmetic on it could overflow.
    pub(crate) fn check_ratio(field: &'static str, found: f64) -> Result<(), Self> {
        if (1.0..=1000.0).contains(&found) {
            return Ok(());
        }
        Err(Self { field, expected: "a ratio of at least 1 and at most 1000", found })
    }

    /// Accepts a rate that can be bet on: neither never nor always.
    pub(crate) fn check_rate(field: &'static str, found: f64) -> Result<(), Self> {
        if (1e-12..1.0).contains(&found) {
            return Ok(());
        }
        Err(Self { field, expected: "a rate of at least 1e-12 and below 1", found })
    }

    /// Accepts a part of a value by which it may be worse.
    pub(crate) fn check_part(field: &'static str, found: f64) -> Result<(), Self> {
        if (0.0..=10.0).contains(&found) {
            return Ok(());
        }
        Err(Self { field, expected: "a part of at least 0 and at most 10", found })
    }
}
