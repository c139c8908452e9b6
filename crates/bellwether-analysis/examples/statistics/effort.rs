/// How many runs a cell has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Effort {
    /// Where nothing is wrong.
    pub(crate) quiet: u64,
    /// Where something is to be found.
    pub(crate) runs: u64,
    /// Of tables about distributions, which cost most.
    pub(crate) values: u64,
}

impl Effort {
    pub(crate) const FULL: Self = Self { quiet: 2_000, runs: 500, values: 100 };
    pub(crate) const QUICK: Self = Self { quiet: 100, runs: 60, values: 15 };
}
