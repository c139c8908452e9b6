use super::canary;
use crate::Canary;

/// `seed-004-canary`: 5 % for 10 minutes, 25 % for 20 minutes, then everybody, watched without an end.
///
/// The guide's last stage lasts "continuous": that is what a service's own monitoring does after the rollout has ended.
#[must_use]
pub fn seed_004_canary() -> Canary {
    canary(&[(500, 10), (2_500, 20)])
}
