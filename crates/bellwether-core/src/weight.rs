use core::{fmt, str::FromStr};

use alloc::string::String;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// The candidate's share of the traffic in basis points, 0 to 10,000.
///
/// The split is this one number, so it cannot fail to add up: stable has the rest.
///
/// # Example: a share of 0.1 %
/// ```
/// use bellwether_core::Weight;
///
/// let weight = Weight::new(10)?;
/// assert_eq!(weight.to_string(), "0.1 %");
/// assert_eq!(weight.of(2_500), 3, "three units of 2,500 carry at least 0.1 %");
/// assert!(Weight::new(10_001).is_err());
/// # Ok::<(), bellwether_core::WeightError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Weight(u16);

/// Tells why a number or a text is not a [`Weight`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a share of 0 to 10000 basis points, found {found}")]
pub struct WeightError {
    found: String,
}

impl Weight {
    /// No traffic.
    pub const ZERO: Self = Self(0);
    /// All traffic.
    pub const FULL: Self = Self(10_000);

    /// Checks a number of basis points.
    ///
    /// # Errors
    /// More than 10,000.
    pub fn new(basis_points: u16) -> Result<Self, WeightError> {
        if basis_points > Self::FULL.0 {
            return Err(WeightError { found: alloc::format!("{basis_points}") });
        }
        Ok(Self(basis_points))
    }

    /// The number of basis points.
    #[must_use]
    pub const fn basis_points(self) -> u16 {
        self.0
    }

    /// What stable carries.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self(Self::FULL.0.saturating_sub(self.0))
    }

    /// The share as a fraction of one.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / f64::from(Self::FULL.0)
    }

    /// The units of `total` that this share needs, rounded up so that a share above zero has at least one.
    #[must_use]
    pub fn of(self, total: u32) -> u32 {
        let units = (u64::from(self.0) * u64::from(total)).div_ceil(u64::from(Self::FULL.0));
        u32::try_from(units).unwrap_or(u32::MAX)
    }

    /// The units of `total` that this share has when it may not have more, rounded down.
    #[must_use]
    pub fn units_down(self, total: u32) -> u32 {
        let units = u64::from(self.0) * u64::from(total) / u64::from(Self::FULL.0);
        u32::try_from(units).unwrap_or(u32::MAX)
    }

    /// A quarter of the share, rounded down.
    #[must_use]
    pub const fn quarter(self) -> Self {
        Self(self.0 / 4)
    }

    /// The largest share that `ready` of `total` units carry, rounded down; everything when there is nothing to carry.
    #[must_use]
    pub fn carried_by(ready: u32, total: u32) -> Self {
        let share = (u64::from(ready) * u64::from(Self::FULL.0)).checked_div(u64::from(total));
        share.map_or(Self::FULL, |share| Self(u16::try_from(share).unwrap_or(u16::MAX).min(Self::FULL.0)))
    }

    /// The share rounded down to a router's precision; a precision of zero leaves it as it is.
    #[must_use]
    pub const fn round_down(self, precision: Self) -> Self {
        match self.0.checked_rem(precision.0) {
            Some(rest) => Self(self.0.saturating_sub(rest)),
            None => self,
        }
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match (rest, rest % 10) {
            (0, _) => write!(formatter, "{whole} %"),
            (_, 0) => write!(formatter, "{whole}.{} %", rest / 10),
            _ => write!(formatter, "{whole}.{rest:02} %"),
        }
    }
}

impl FromStr for Weight {
    type Err = WeightError;

    /// Reads what [`fmt::Display`] writes: a percentage with at most two decimals, such as `5 %`, `5%` or `0.1 %`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text)
            .ok_or_else(|| WeightError { found: alloc::format!("{:?}", text.chars().take(80).collect::<String>()) })
    }
}

fn parse(text: &str) -> Option<Weight> {
    let number = text.strip_suffix('%')?.trim_end();
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits_only = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only(whole) || !digits_only(decimals) || decimals.len() > 2 {
        return None;
    }
    let scale = if decimals.len() == 1 { 10 } else { 1 };
    let hundredths = decimals.parse::<u16>().ok()?.checked_mul(scale)?;
    Weight::new(whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(hundredths)?).ok()
}

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let checked = u16::try_from(number).ok().and_then(|basis_points| Self::new(basis_points).ok());
        checked.ok_or_else(|| D::Error::custom(WeightError { found: alloc::format!("{number}") }))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Weight {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Weight".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "integer", "minimum": 0, "maximum": 10_000, "description": "A share in basis points: 500 is 5 %."
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn weights() -> impl Iterator<Item = Weight> {
        (0..=10_000).map(Weight)
    }

    #[test]
    fn every_weight_and_its_rest_make_the_whole() {
        assert!(weights().all(|weight| weight.0 + weight.rest().0 == 10_000));
    }

    #[test]
    fn every_weight_reads_back_from_its_text() {
        assert!(weights().all(|weight| weight.to_string().parse() == Ok(weight)));
    }

    #[test]
    fn text_that_is_no_share_is_refused() {
        for text in ["", "%", "5", "-5 %", "100.01 %", "1.234 %", "1. %", ".5 %", "5 % ", "+5 %", "700 %"] {
            assert!(text.parse::<Weight>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn out_of_range_numbers_name_what_was_found() {
        let error = serde_json::from_str::<Weight>("10001").unwrap_err().to_string();
        assert!(error.starts_with("expected a share of 0 to 10000 basis points, found 10001"), "{error}");
        assert!(serde_json::from_str::<Weight>("-1").is_err());
    }

    #[test]
    fn units_never_overflow_and_always_carry_their_share() {
        for total in [0, 1, 7, 100, u32::MAX] {
            for weight in weights() {
                let units = weight.of(total);
                assert!(units <= total && Weight::carried_by(units, total) >= weight, "{weight} of {total}");
            }
        }
    }
}
