use super::alternative::Alternative;
use super::proportions::Proportions;
use super::undefined::Undefined;

/// What R allows for rounding when it asks which outcomes are no more probable than the one that was seen.
const FUZZ: f64 = 1e-7;

/// With a variance above this so many outcomes matter that counting them all takes longer than a blink.
const VARIANCE_MAX: f64 = 1e10;

/// Returns the probability of a table at least as far out, if both arms have the same proportion and the number of all
/// events is what it is: Fisher's exact test, as R's `fisher.test`.
///
/// Two-sided are all outcomes that are no more probable than the one that was seen. The probabilities are quotients of
/// neighbours, added up from the most probable outcome on, so that no logarithm of a factorial takes away digits.
///
/// # Errors
///
/// Counts that are no proportion, or so large that [`two_proportions`](super::two_proportions) is the one to ask.
///
/// # Example: a lady tasting tea
///
/// ```
/// use bellwether_stats::Counts;
/// use bellwether_stats::fixed::{Alternative, Proportions, fisher};
///
/// let (treatment, control) = (Counts { exposure: 4, events: 3 }, Counts { exposure: 4, events: 1 });
/// let p_value = fisher(&Proportions { treatment, control }, Alternative::Greater)?;
/// assert!((p_value - 17.0 / 70.0).abs() < 1e-15, "Fisher 1935");
/// # Ok::<(), bellwether_stats::fixed::Undefined>(())
/// ```
pub fn fisher(proportions: &Proportions, alternative: Alternative) -> Result<f64, Undefined> {
    proportions.check()?;
    let outcomes = Outcomes::of(proportions)?;
    let seen = proportions.treatment.events as f64;
    let at_seen = outcomes.weight(seen);
    let is_counted = |outcome: f64, weight: f64| match alternative {
        Alternative::TwoSided => weight <= at_seen * (1.0 + FUZZ),
        Alternative::Less => outcome <= seen,
        Alternative::Greater => outcome >= seen,
    };
    let (mut all, mut counted) = (0.0, 0.0);
    for (outcome, weight) in outcomes.iter() {
        all += weight;
        if is_counted(outcome, weight) {
            counted += weight;
        }
    }
    Ok((counted / all).min(1.0))
}

/// How many events the treatment may have, given how many both arms have.
#[derive(Clone, Copy, Debug)]
struct Outcomes {
    treatment: f64,
    control: f64,
    events: f64,
    most_probable: f64,
}

impl Outcomes {
    fn of(proportions: &Proportions) -> Result<Self, Undefined> {
        let (treatment, control) = (proportions.treatment.exposure as f64, proportions.control.exposure as f64);
        let events = proportions.treatment.events as f64 + proportions.control.events as f64;
        let share = treatment / (treatment + control);
        let none = (treatment + control - events) / (treatment + control);
        // Beyond 2^53 a number and the next one are the same.
        if events * share * (1.0 - share) * none > VARIANCE_MAX || treatment + control > 9e15 {
            return Err(Undefined::TooMany);
        }
        let most_probable = libm::floor((treatment + 1.0) * ((events + 1.0) / (treatment + control + 2.0)));
        let outcomes = Self { treatment, control, events, most_probable };
        Ok(Self { most_probable: most_probable.clamp(outcomes.least(), outcomes.most()), ..outcomes })
    }

    fn least(&self) -> f64 {
        (self.events - self.control).max(0.0)
    }

    fn most(&self) -> f64 {
        self.treatment.min(self.events)
    }

    /// How much more probable one event more is.
    fn step(&self, outcome: f64) -> f64 {
        let up = (self.treatment - outcome) * (self.events - outcome);
        up / ((outcome + 1.0) * (self.control - self.events + outcome + 1.0))
    }

    /// All outcomes whose probability, in units of the most probable one's, is a number above 0; the most probable one
    /// first.
    fn iter(&self) -> impl Iterator<Item = (f64, f64)> {
        let this = *self;
        let up = core::iter::successors(Some((this.most_probable, 1.0)), move |(outcome, weight)| {
            let next = (outcome + 1.0, weight * this.step(*outcome));
            (*outcome < this.most() && next.1 > 0.0).then_some(next)
        });
        let down = core::iter::successors(Some((this.most_probable, 1.0)), move |(outcome, weight)| {
            let next = (outcome - 1.0, weight / this.step(outcome - 1.0));
            (*outcome > this.least() && next.1 > 0.0).then_some(next)
        });
        up.chain(down.skip(1))
    }

    fn weight(&self, outcome: f64) -> f64 {
        self.iter().find(|(found, _)| *found == outcome).map_or(0.0, |(_, weight)| weight)
    }
}
