use super::canary;
use crate::Canary;

/// `seed-001-canary`: 5, 25 and 50 % for ten minutes each, then everybody.
///
/// Ten minutes are short for a comparison: where they do not show that the candidate is no worse, a person is asked.
#[must_use]
pub fn seed_001_canary() -> Canary {
    canary(&[(500, 10), (2_500, 10), (5_000, 10)])
}
