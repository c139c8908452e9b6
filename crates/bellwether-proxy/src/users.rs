use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use crate::DistinctUsers;

/// The most users that are told apart; 16 bytes each.
const USERS_MAX: usize = 100_000;

/// Counts distinct users without keeping who they are: only a keyed 64-bit hash of each.
///
/// Two of 100,000 users share a hash with a probability of 3e-10.
#[derive(Debug, Default)]
pub(crate) struct Users {
    key: RandomState,
    hashes: HashSet<u64>,
    overflowed: bool,
}

impl Users {
    pub(crate) fn insert(&mut self, user: &[u8]) {
        let hash = self.key.hash_one(user);
        if self.hashes.len() < USERS_MAX {
            self.hashes.insert(hash);
        } else {
            self.overflowed |= !self.hashes.contains(&hash);
        }
    }

    pub(crate) fn count(&self) -> DistinctUsers {
        DistinctUsers { count: u64::try_from(self.hashes.len()).unwrap_or(u64::MAX), complete: !self.overflowed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_counts_once_and_the_bound_is_admitted() {
        let mut users = Users::default();
        for user in (0..100_000_u32).chain(0..100_000) {
            users.insert(&user.to_be_bytes());
        }
        assert_eq!(users.count(), DistinctUsers { count: 100_000, complete: true });
        users.insert(b"one more");
        assert_eq!(users.count(), DistinctUsers { count: 100_000, complete: false });
    }
}
