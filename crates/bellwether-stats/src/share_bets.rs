use core::f64::consts::LOG2_E;

use crate::rate_grid::Split;

/// The number of bets on harm.
pub(crate) const HARM_BETS: usize = 8;
/// The number of bets on no harm.
pub(crate) const NO_HARM_BETS: usize = 6;
/// No bet stakes more than this, so that none is ever lost for good.
pub(crate) const LARGEST_STAKE: f64 = 0.98;

/// Ratios bet on, relative to the tolerated one and minus one: 1.4, 2, 4 and 16 times.
const HARM_EXCESS: [f64; HARM_BETS / 2] = [0.4, 1.0, 3.0, 15.0];
/// Ratios bet on, relative to the harmful one: a quarter, half and seven tenths.
const NO_HARM_RATIOS: [f64; NO_HARM_BETS / 2] = [0.25, 0.5, 0.7];
/// How many events are taken for one by the cautious half of the bets.
pub(crate) const OVERDISPERSION: f64 = 6.0;

/// Bets that the treatment's share of an interval's events lies above the tolerated one.
///
/// The interval counts as one observation however many events it holds, which is what allows for bursts. Each stake
/// is the one whose loss, when the treatment has no event, equals that of the likelihood ratio against one ratio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HarmBets {
    share: f64,
    /// What an event of the control costs the likelihood ratio against each ratio.
    losses: [f64; HARM_BETS / 2],
}

impl HarmBets {
    /// Knows the tolerated share, which is the same for all counts of an interval.
    pub(crate) fn at(share: f64) -> Self {
        Self { share, losses: HARM_EXCESS.map(|excess| libm::log(1.0 + share * excess)) }
    }

    /// Adds the log factors.
    pub(crate) fn add(&self, bets: &mut [f64], events: Split) {
        let surprise = (events.treatment / events.total - self.share) / self.share;
        for (pair, loss) in bets.chunks_exact_mut(2).zip(self.losses) {
            let cautious = cautious_loss(events.total * loss);
            add_pair(pair, sixth_power(cautious), cautious, surprise);
        }
    }
}

/// Adds the log factors of the bets that the treatment's share of the events lies below `share`.
///
/// `usual` is the mean number of events in the intervals before: these stakes must not depend on this interval's.
pub(crate) fn bet_on_no_harm(bets: &mut [f64], share: f64, events: Split, usual: f64) {
    let surprise = (share - events.treatment / events.total) / (1.0 - share);
    for (pair, ratio) in bets.chunks_exact_mut(2).zip(NO_HARM_RATIOS) {
        let relative = ratio / (1.0 + share * (ratio - 1.0));
        let cautious = cautious_loss(-usual * libm::log(relative));
        add_pair(pair, sixth_power(cautious), cautious, surprise);
    }
}

/// The treatment's share of the events: as it is, and as it would be if it were harmful.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares {
    pub(crate) actual: f64,
    pub(crate) harmful: f64,
}

/// Adds what each bet on no harm gains in an interval on average, in logarithms, up to the second moment.
///
/// The share of so many events has a binomial variance; an interval without events gains nothing.
pub(crate) fn expect_no_harm(gains: &mut [f64], shares: Shares, events: f64) {
    let Shares { actual, harmful } = shares;
    let mean = (harmful - actual) / (1.0 - harmful);
    let variance = actual * (1.0 - actual) / events.max(1.0) / ((1.0 - harmful) * (1.0 - harmful));
    let is_seen = -libm::expm1(-events);
    for (pair, ratio) in gains.chunks_exact_mut(2).zip(NO_HARM_RATIOS) {
        let relative = ratio / (1.0 + harmful * (ratio - 1.0));
        let cautious = cautious_loss(-events * libm::log(relative));
        for (gain, kept) in pair.iter_mut().zip([sixth_power(cautious), cautious]) {
            let stake = (1.0 - kept).min(LARGEST_STAKE);
            let expected = 1.0 + stake * mean;
            *gain += is_seen * (libm::log(expected) - stake * stake * variance / (2.0 * expected * expected));
        }
    }
}

/// A stake is what the loss leaves of 1, for the bold and for the cautious bet on one ratio.
pub(crate) fn add_pair(pair: &mut [f64], bold: f64, cautious: f64, surprise: f64) {
    for (bet, kept) in pair.iter_mut().zip([bold, cautious]) {
        *bet += libm::log(1.0 + (1.0 - kept).min(LARGEST_STAKE) * surprise);
    }
}

/// What the cautious bet keeps of its wealth where the likelihood ratio keeps `exp(-loss)`.
///
/// The power of two is libm's faster one.
pub(crate) fn cautious_loss(loss: f64) -> f64 {
    libm::exp2(loss * (-LOG2_E / OVERDISPERSION))
}

pub(crate) fn sixth_power(value: f64) -> f64 {
    let cube = value * value * value;
    cube * cube
}
