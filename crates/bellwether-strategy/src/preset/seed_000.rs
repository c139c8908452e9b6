use bellwether_core::Duration;

use super::{canary, group};
use crate::{Canary, FeatureFlag};

/// `seed-000-canary`: 5 %, then 50 %, then everybody.
///
/// The guide gives no times; they are those of seed 003's canary, two hours for the first share and four for the second.
#[must_use]
pub fn seed_000_canary() -> Canary {
    canary(&[(500, 120), (5_000, 240)])
}

/// `seed-000-pipeline`: the pipeline's deployment job, five minutes at 5 % and then everybody.
#[must_use]
pub fn seed_000_pipeline() -> Canary {
    canary(&[(500, 5)])
}

/// `seed-000-feature-flag`: internal users (0.1 %), early adopters (1 %), then 5, 25, 50 and 100 %.
///
/// The groups are called `internal` and `early-adopters`; the flag store must know them. They keep the flag while the
/// percentages rise, because the guide's flag service asks for the user's name before it asks for the percentage: that
/// makes the percentages guarded, not compared. The guide gives no times; they are those of seed 003, two hours for a
/// canary and four for a stage.
#[must_use]
pub fn seed_000_feature_flag() -> FeatureFlag {
    let hours = Duration::from_hours(2);
    FeatureFlag::new(canary(&[(500, 240), (2_500, 240), (5_000, 240)]))
        .with_cohorts([group("internal", 10, hours), group("early-adopters", 100, hours)])
        .keeping_cohort()
}

/// `seed-000-progressive`: the same phases as percentages alone, for flag stores without groups; all of them compared.
#[must_use]
pub fn seed_000_progressive() -> FeatureFlag {
    FeatureFlag::new(canary(&[(10, 120), (100, 120), (500, 240), (2_500, 240), (5_000, 240)]))
}
