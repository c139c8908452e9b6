/// Tells why a test has no answer for what it was given.
///
/// It is never an answer: a comparison that cannot be made is neither evidence of a difference nor of none.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Undefined {
    /// An arm has fewer values than the test needs.
    #[error("compare: expected at least {needed} values in each arm, found {found}")]
    TooFew {
        /// How many it takes.
        needed: usize,
        /// How many there were.
        found: usize,
    },
    /// All values of both arms are equal, or each arm's are, where the test divides by their spread.
    #[error("compare: expected values that differ, found none")]
    NoSpread,
    /// More than an exact distribution can be counted for.
    #[error("count all outcomes: expected fewer, found more than there is time or room for")]
    TooMany,
    /// An arm without exposure, or with more events than exposure.
    #[error(
        "compare proportions: expected an exposure of at least 1 and at most as many events, found {events} of {exposure}"
    )]
    Impossible {
        /// The events found.
        events: u64,
        /// The exposure found.
        exposure: u64,
    },
    /// A number that is not a probability, where one is needed.
    #[error("use `{field}`: expected a number above 0 and below 1, found {found}")]
    Probability {
        /// What the number was for.
        field: &'static str,
        /// What it was.
        found: f64,
    },
    /// Fractions of information that do not rise within 0 to 1.
    #[error("use `fractions[{index}]`: expected more than the one before and at most 1, found {found}")]
    Fraction {
        /// Which one.
        index: usize,
        /// What it was.
        found: f64,
    },
}

impl Undefined {
    pub(super) fn check_probability(field: &'static str, found: f64) -> Result<(), Self> {
        if found > 0.0 && found < 1.0 { Ok(()) } else { Err(Self::Probability { field, found }) }
    }
}
