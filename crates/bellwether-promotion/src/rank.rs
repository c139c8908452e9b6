use bellwether_core::Time;

/// Where a release stands among the others: older ones come first. Of two that were made at the same time the one that
/// was heard of later is newer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Rank {
    pub(crate) made: Time,
    pub(crate) seq: u32,
}
