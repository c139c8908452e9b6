use crate::counts::Counts;
use crate::share_bets::LARGEST_STAKE;

/// The number of bets on a rate above the floor.
pub(crate) const FLOOR_BETS: usize = 8;

/// Rates bet on, relative to the floor and minus one: 2, 4, 16 and 64 times.
const EXCESS: [f64; FLOOR_BETS / 2] = [1.0, 3.0, 15.0, 63.0];
/// How many events are taken for one by the cautious half of the bets.
const OVERDISPERSION: f64 = 6.0;

/// Adds the log factors of the bets that the treatment's own rate lies above `floor`, for events in bursts.
///
/// A likelihood ratio of the count would need independent events. Here the fraction of the interval's requests that
/// had an event is one observation between 0 and 1 whose mean is at most `floor` under the null, however the events
/// cluster inside; the stakes are chosen as for the share, from the exposure alone.
pub(crate) fn bet_on_rate(bets: &mut [f64], floor: f64, treatment: Counts) {
    let exposure = treatment.exposure as f64;
    let surprise = (treatment.events as f64 / exposure - floor) / floor;
    for (pair, excess) in bets.chunks_exact_mut(2).zip(EXCESS) {
        let loss = -exposure * floor * excess;
        for (bet, loss) in pair.iter_mut().zip([loss, loss / OVERDISPERSION]) {
            *bet += log_factor(loss, surprise);
        }
    }
}

/// Without events the factor is the loss itself, which needs no function call: most intervals of a quiet service.
fn log_factor(loss: f64, surprise: f64) -> f64 {
    if surprise <= -1.0 {
        return loss.max(LOG_SMALLEST);
    }
    libm::log1p((-libm::expm1(loss)).min(LARGEST_STAKE) * surprise)
}

/// The logarithm of what the largest stake leaves.
const LOG_SMALLEST: f64 = -3.912_023_005_428_146;
