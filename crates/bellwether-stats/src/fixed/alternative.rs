use serde::{Deserialize, Serialize};

/// Says which difference counts as evidence.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are two directions")]
pub enum Alternative {
    /// The arms differ, either way.
    #[default]
    TwoSided,
    /// The treatment's values are smaller.
    Less,
    /// The treatment's values are larger.
    Greater,
}

impl Alternative {
    /// The p-value from the probabilities of a statistic at most, and at least, as large as the one that was seen.
    ///
    /// Two-sided is twice the smaller, at most 1, as R does it for every test that is here.
    pub(super) fn p_value(self, lower: f64, upper: f64) -> f64 {
        let p = match self {
            Self::TwoSided => 2.0 * lower.min(upper),
            Self::Less => lower,
            Self::Greater => upper,
        };
        p.min(1.0)
    }
}
