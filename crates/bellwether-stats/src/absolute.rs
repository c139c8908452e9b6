use crate::counts::Counts;
use crate::mixture::Mixture;
use crate::pass_spec::PassSpec;
use crate::spec_error::SpecError;

/// The number of bets.
const BETS: usize = 5;
/// Rates bet on, relative to the acceptable one: a treatment without any event, and better ones with some.
const RATIOS: [f64; BETS] = [0.0, 0.1, 0.25, 0.5, 0.75];
/// Half of the wealth is on no events at all.
const SHARES: [f64; BETS] = [0.5, 0.125, 0.125, 0.125, 0.125];
/// The smallest ratio bet on where an interval counts as one observation, so that no bet is lost for good.
const SMALLEST_RATIO: f64 = 0.02;

/// Bets that the treatment's own rate lies below the acceptable one.
///
/// It certifies a treatment with too few events for any ratio.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Absolute {
    mixture: Mixture,
    acceptable: f64,
    /// What one observation without an event adds: a request, or an interval where events cluster.
    gains: [f64; BETS],
}

impl Absolute {
    pub(crate) fn new(spec: &PassSpec) -> Self {
        let acceptable = spec.acceptable;
        let gains = match spec.dependence.burst() {
            None => RATIOS.map(|ratio| interval_gain(ratio, acceptable, 0.0)),
            Some(burst) => RATIOS.map(|ratio| acceptable * (1.0 - ratio) / burst),
        };
        Self { mixture: Mixture::started(SHARES.into_iter()), acceptable, gains }
    }

    /// Goes on with the wealth of a stored process.
    pub(crate) fn resume(self, mixture: Mixture) -> Result<Self, SpecError> {
        mixture.check("absolute", BETS)?;
        Ok(Self { mixture, ..self })
    }

    pub(crate) fn into_mixture(self) -> Mixture {
        self.mixture
    }

    /// Adds the log likelihood ratios of independent bursts, none larger than `burst`: `g^e exp(n a (1 - g))`.
    pub(crate) fn add_bursts(&mut self, burst: f64, treatment: Counts) {
        let (exposure, events) = (treatment.exposure as f64, treatment.events as f64 / burst);
        for (bet, gain) in self.mixture.bets_mut().iter_mut().zip(self.gains) {
            *bet += exposure * gain;
        }
        if events > 0.0 {
            for (bet, ratio) in self.mixture.bets_mut().iter_mut().zip(RATIOS) {
                *bet += events * libm::log(ratio);
            }
        }
    }

    /// Adds the log factors of one interval in which events may cluster in any way.
    ///
    /// No count of requests says anything then: all of them may share one fate. What is left is the fraction of the
    /// interval's requests that had an event, one observation between 0 and 1 whose mean is at least `acceptable`
    /// under the null. The bets for one request, `g` after an event and `(1 - g a) / (1 - a)` after none, are fair for
    /// it when they are interpolated linearly.
    pub(crate) fn add_interval(&mut self, treatment: Counts) {
        if treatment.events == 0 {
            for (bet, gain) in self.mixture.bets_mut().iter_mut().zip(self.gains) {
                *bet += gain;
            }
            return;
        }
        let fraction = (treatment.events as f64 / treatment.exposure as f64).min(1.0);
        for (bet, ratio) in self.mixture.bets_mut().iter_mut().zip(RATIOS) {
            *bet += interval_gain(ratio, self.acceptable, fraction);
        }
    }

    pub(crate) fn log_e(&self) -> f64 {
        self.mixture.log_e()
    }

    /// Returns how many observations without an event lift the evidence to `wanted`, in logarithms.
    ///
    /// The evidence grows with each, so the smallest number is found by halving the range below the number that the
    /// fastest single bet would need.
    pub(crate) fn missing(&self, wanted: f64) -> Option<u64> {
        if self.log_e() >= wanted {
            return Some(0);
        }
        let alone = self.mixture.bets().iter().zip(self.gains).map(|(bet, gain)| (wanted - bet) / gain);
        let fastest = alone.fold(f64::INFINITY, f64::min);
        let (mut short, mut enough) = (0, ceiling(fastest)?);
        while enough - short > 1 {
            let middle = short + (enough - short) / 2;
            if self.log_e_after(middle) >= wanted { enough = middle } else { short = middle }
        }
        Some(enough)
    }

    fn log_e_after(&self, observations: u64) -> f64 {
        let mut mixture = self.mixture.clone();
        for (bet, gain) in mixture.bets_mut().iter_mut().zip(self.gains) {
            *bet += observations as f64 * gain;
        }
        mixture.log_e()
    }
}

/// The log factor of an interval in which this fraction of the requests had an event.
fn interval_gain(ratio: f64, acceptable: f64, fraction: f64) -> f64 {
    let surprise = (acceptable - fraction) / (1.0 - acceptable);
    libm::log1p((1.0 - ratio.max(SMALLEST_RATIO)) * surprise)
}

fn ceiling(value: f64) -> Option<u64> {
    let value = libm::ceil(value);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    (1.0..9.0e18).contains(&value).then_some(value as u64)
}
