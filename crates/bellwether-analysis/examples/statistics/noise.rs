use bellwether_stats::{Counts, RateInterval};

use crate::draw::Draw;

/// A service whose candidate is as good as stable, or worse by a ratio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    /// Requests of stable and of the candidate in an interval.
    pub(crate) arms: (u64, u64),
    pub(crate) base: f64,
    pub(crate) ratio: f64,
    pub(crate) noise: Noise,
}

/// How errors depend on each other and on time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Noise {
    Independent,
    /// The base rate goes up and down by half over a day.
    Diurnal,
    /// Once an hour both arms have ten times the errors for five minutes.
    SharedShocks,
    /// Bursts of 5 to 20 errors, each in one arm.
    Bursts,
    /// The candidate's rate alone has log-normal noise of mean one that lasts: correlation and standard deviation.
    Lasting(f64, f64),
}

impl Noise {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Independent => "independent".into(),
            Self::Diurnal => "diurnal".into(),
            Self::SharedShocks => "shared shocks".into(),
            Self::Bursts => "bursts of 5-20 an arm".into(),
            Self::Lasting(correlation, deviation) => format!("candidate AR({correlation}), sd {deviation}"),
        }
    }
}

/// A run of such a service.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    random: Draw,
    shock_left: u32,
    level: f64,
    at: u32,
}

impl Run {
    pub(crate) fn new(seed: u64, noise: Noise) -> Self {
        let mut random = Draw::new(seed);
        let level = if let Noise::Lasting(_, deviation) = noise { deviation * random.normal() } else { 0.0 };
        Self { random, shock_left: 0, level, at: 0 }
    }

    pub(crate) fn interval(&mut self, traffic: &Traffic) -> RateInterval {
        let base = traffic.base * self.shared(traffic.noise);
        let own = self.own(traffic.noise);
        self.at += 1;
        let control = self.arm(traffic.arms.0, base, traffic.noise);
        let treatment = self.arm(traffic.arms.1, base * traffic.ratio * own, traffic.noise);
        RateInterval { control, treatment, intended_share: None }
    }

    fn shared(&mut self, noise: Noise) -> f64 {
        match noise {
            Noise::Independent | Noise::Bursts | Noise::Lasting(..) => 1.0,
            Noise::Diurnal => 1.0 + 0.5 * (f64::from(self.at) * std::f64::consts::TAU / 1_440.0).sin(),
            Noise::SharedShocks => {
                if self.random.uniform() < 1.0 / 60.0 {
                    self.shock_left = 5;
                }
                self.shock_left = self.shock_left.saturating_sub(1);
                if self.shock_left > 0 { 10.0 } else { 1.0 }
            }
        }
    }

    fn own(&mut self, noise: Noise) -> f64 {
        let Noise::Lasting(correlation, deviation) = noise else { return 1.0 };
        self.level =
            correlation * self.level + (1.0 - correlation * correlation).sqrt() * deviation * self.random.normal();
        (self.level - deviation * deviation / 2.0).exp()
    }

    fn arm(&mut self, exposure: u64, rate: f64, noise: Noise) -> Counts {
        let expected = exposure as f64 * rate;
        let events = match noise {
            Noise::Bursts => (0..self.random.poisson(expected / 12.5)).map(|_| 5 + self.random.below(16)).sum(),
            Noise::Independent | Noise::Diurnal | Noise::SharedShocks | Noise::Lasting(..) => {
                self.random.poisson(expected)
            }
        };
        Counts { exposure, events }
    }
}

/// 6,000 requests a minute at 5 %.
pub(crate) const FIVE_PERCENT: (u64, u64) = (5_700, 300);
/// Two arms of 300.
pub(crate) const EQUAL: (u64, u64) = (300, 300);

impl Traffic {
    pub(crate) fn new(arms: (u64, u64), base: f64, ratio: f64) -> Self {
        Self { arms, base, ratio, noise: Noise::Independent }
    }

    pub(crate) fn with(self, noise: Noise) -> Self {
        Self { noise, ..self }
    }
}

/// Steps of 1, 5, 25 and 50 % of 6,000 requests a minute, of 480, 240, 240 and 240 minutes.
pub(crate) fn ramp(minute: u32) -> (u64, u64) {
    match minute {
        0..480 => (5_940, 60),
        480..720 => (5_700, 300),
        720..960 => (4_500, 1_500),
        _ => (3_000, 3_000),
    }
}

/// The step of a minute of the ramp.
pub(crate) fn ramp_step(minute: u32) -> u32 {
    match minute {
        0..480 => 0,
        480..720 => 1,
        720..960 => 2,
        _ => 3,
    }
}
