use bellwether_core::{Duration, Weight};

use super::group;
use crate::{Canary, CanaryStep, Phased};

/// `seed-003-phased`: internal, beta users, all users.
///
/// The groups are called `internal` and `beta`. The guide gives neither sizes nor times: the sizes are those of seed 000's
/// phases, 0.1 % and 1 %, and each phase lasts the day that the guide watches a full rollout for, long enough to hear from
/// users.
#[must_use]
pub fn seed_003_phased() -> Phased {
    let day = Duration::from_hours(24);
    let everybody = Canary::new([CanaryStep::new(Weight::FULL, day)]);
    Phased::new([group("internal", 10, day), group("beta", 100, day)], everybody)
}
