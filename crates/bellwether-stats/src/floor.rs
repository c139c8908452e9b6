use crate::counts::Counts;
use crate::share_bets::{OVERDISPERSION, add_pair, cautious_loss, sixth_power};

/// The number of bets on a rate above the floor.
pub(crate) const FLOOR_BETS: usize = 8;

/// Rates bet on, relative to the floor and minus one: 2, 4, 16 and 64 times.
const EXCESS: [f64; FLOOR_BETS / 2] = [1.0, 3.0, 15.0, 63.0];

/// Adds the log factors of the bets that the treatment's own rate lies above `floor`, for events in bursts.
///
/// A likelihood ratio of the count would need independent events. Here the fraction of the interval's requests that
/// had an event is one observation between 0 and 1 whose mean is at most `floor` under the null, however the events
/// cluster inside; the stakes are chosen as for the share, from the exposure alone.
pub(crate) fn bet_on_rate(bets: &mut [f64], floor: f64, treatment: Counts) {
    let expected = treatment.exposure as f64 * floor;
    if treatment.events == 0 {
        return lose(bets, expected);
    }
    let surprise = (treatment.events as f64 / treatment.exposure as f64 - floor) / floor;
    for (pair, cautious) in bets.chunks_exact_mut(2).zip(losses(expected)) {
        add_pair(pair, sixth_power(cautious), cautious, surprise);
    }
}

/// Without events each factor is the loss itself, which needs no function call: most intervals of a quiet service.
fn lose(bets: &mut [f64], expected: f64) {
    for (pair, excess) in bets.chunks_exact_mut(2).zip(EXCESS) {
        let loss = -expected * excess;
        for (bet, loss) in pair.iter_mut().zip([loss, loss / OVERDISPERSION]) {
            *bet += loss.max(LOG_SMALLEST);
        }
    }
}

/// `exp(-expected / 6 * excess)` of each rate, as powers of the first because the excesses are whole numbers.
fn losses(expected: f64) -> [f64; FLOOR_BETS / 2] {
    let first = cautious_loss(expected);
    let third = first * first * first;
    let fifteenth = third * third * third * third * third;
    let sixtieth = fifteenth * fifteenth * fifteenth * fifteenth;
    [first, third, fifteenth, sixtieth * third]
}

/// The logarithm of what the largest stake leaves.
const LOG_SMALLEST: f64 = -3.912_023_005_428_146;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share_bets::LARGEST_STAKE;

    #[test]
    fn the_smallest_factor_is_what_the_largest_stake_leaves() {
        assert!((libm::exp(LOG_SMALLEST) - (1.0 - LARGEST_STAKE)).abs() < 1e-15);
    }

    #[test]
    fn losses_are_those_of_the_likelihood_ratios() {
        for expected in [1e-6, 0.03, 0.5, 20.0] {
            for (loss, excess) in losses(expected).into_iter().zip(EXCESS) {
                let direct = libm::exp(-expected * excess / 6.0);
                assert!((loss - direct).abs() <= 1e-13 * direct, "{expected} {excess}: {loss} and {direct}");
            }
        }
    }

    #[test]
    fn an_interval_without_events_costs_what_the_general_formula_says() {
        for exposure in [1, 300, 100_000, 100_000_000] {
            let (mut short, mut long) = ([0.0; FLOOR_BETS], [0.0; FLOOR_BETS]);
            bet_on_rate(&mut short, 1e-4, Counts { exposure, events: 0 });
            for (pair, cautious) in long.chunks_exact_mut(2).zip(losses(exposure as f64 * 1e-4)) {
                add_pair(pair, sixth_power(cautious), cautious, -1.0);
            }
            assert!(short.iter().zip(long).all(|(short, long)| (short - long).abs() < 1e-13), "{short:?} {long:?}");
        }
    }
}
