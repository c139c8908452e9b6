use alloc::vec::Vec;

/// The number of ratios in a grid.
pub(crate) const POINTS: usize = 40;

/// Holds likelihood ratios over a geometric grid of rates, each relative to the rate of the null.
///
/// The mixture of these is a test for events that are independent: exact for Poisson counts, conservative for
/// anything between 0 and 1, whatever the base rate does over time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RateGrid {
    points: Vec<Point>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    /// ln g for the rate g relative to the null's.
    log: f64,
    /// g - 1.
    excess: f64,
}

impl RateGrid {
    /// Spans the rates that are worse than the null, up to where one event decides.
    pub(crate) fn of_harm() -> Self {
        Self::geometric(1.05, 50.0)
    }

    /// Spans the rates that are better than the null.
    pub(crate) fn of_no_harm() -> Self {
        Self::geometric(0.2, 0.95)
    }

    /// Holds no points, for tests that need no grid.
    pub(crate) fn empty() -> Self {
        Self { points: Vec::new() }
    }

    fn geometric(lowest: f64, highest: f64) -> Self {
        let start = libm::log(lowest);
        let step = (libm::log(highest) - start) / (POINTS - 1) as f64;
        let logs = (0..POINTS).map(|index| start + step * index as f64);
        Self { points: logs.map(|log| Point { log, excess: libm::expm1(log) }).collect() }
    }

    /// Adds the log likelihood ratio of how `total` events fall on the arms, `share` being the null's expectation.
    ///
    /// With `D = 1 + s (g - 1)` the share under ratio g is `g s / D` and that of the other arm `(1 - s) / D`, so one
    /// logarithm serves both terms of `e_t ln(s_g / s) + e_c ln((1 - s_g) / (1 - s))`.
    pub(crate) fn add_share(&self, bets: &mut [f64], share: f64, events: Split) {
        for (bet, point) in bets.iter_mut().zip(&self.points) {
            *bet += events.treatment * point.log - events.total * libm::log(1.0 + share * point.excess);
        }
    }

    /// Adds the log likelihood ratio of `events` where the null expects at most `expected`.
    pub(crate) fn add_rate(&self, bets: &mut [f64], expected: f64, events: f64) {
        for (bet, point) in bets.iter_mut().zip(&self.points) {
            *bet += events * point.log - expected * point.excess;
        }
    }
}

/// Splits the events of an interval, in units of the largest burst.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    pub(crate) treatment: f64,
    pub(crate) total: f64,
}

impl Split {
    /// The sum is one of floating point numbers: two counts may not fit into one.
    pub(crate) fn new(treatment: u64, control: u64) -> Self {
        let treatment = treatment as f64;
        Self { treatment, total: treatment + control as f64 }
    }

    /// Counts a burst as one event: by Jensen's inequality the likelihood ratio to the power `1 / burst` stays a fair
    /// bet as long as no burst is larger.
    pub(crate) fn in_bursts(self, burst: f64) -> Self {
        Self { treatment: self.treatment / burst, total: self.total / burst }
    }
}
