use bellwether_core::{Duration, Time, Verdict};

use crate::{artefact::Difference, clock::Clock};

/// What is known of one release in one environment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Record {
    /// The longest stay that is over. Stays are not added up: what soaks must soak in one piece.
    longest: Duration,
    /// The stay that goes on.
    pub(crate) stay: Option<Stay>,
    /// The last verdict.
    pub(crate) verdict: Option<Judged>,
    /// Whether any verdict was a pass.
    pub(crate) has_passed: bool,
    /// Whether it was ever seen fully exposed.
    pub(crate) is_exposed: bool,
    /// When its last rollout went back, unless it arrived later.
    pub(crate) went_back: Option<Time>,
    /// Other bytes were seen under its name.
    pub(crate) moved: Option<Difference>,
    /// A return from it has begun.
    pub(crate) is_returned_from: bool,
}

/// One time from being found in an environment to being replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stay {
    pub(crate) since: Time,
    pub(crate) clock: Clock,
}

/// A verdict and when it was given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) at: Time,
}

impl Record {
    /// How long it soaked in one stay at most.
    pub(crate) fn soaked(&self, now: Time, silence: Option<Duration>) -> Duration {
        let current = self.stay.map_or(Duration::ZERO, |stay| stay.clock.at(now, silence));
        self.longest.max(current)
    }

    /// When it will have soaked that long if nothing but time goes by.
    pub(crate) fn soaks_until(&self, length: Duration, silence: Option<Duration>) -> Option<Time> {
        self.stay.and_then(|stay| stay.clock.reaches(length, silence))
    }

    pub(crate) fn see(&mut self, at: Time, silence: Option<Duration>) {
        self.is_exposed = true;
        self.stay.get_or_insert(Stay { since: at, clock: Clock::default() }).clock.see(at, silence);
    }

    pub(crate) fn interrupt(&mut self, at: Time, silence: Option<Duration>) {
        if let Some(stay) = &mut self.stay {
            stay.clock.stop(at, silence);
        }
    }

    /// Something else is there now.
    pub(crate) fn leave(&mut self, at: Time, silence: Option<Duration>) {
        self.interrupt(at, silence);
        self.longest = self.soaked(at, silence);
        self.stay = None;
    }

    /// Other bytes than its own ran under its name: nothing that was found out here was about it.
    pub(crate) fn move_to(&mut self, difference: Difference) {
        *self = Self { moved: Some(difference), ..Self::default() };
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.verdict.is_some_and(|judged| judged.verdict == Verdict::Fail)
    }

    pub(crate) fn is_verified(&self) -> bool {
        self.verdict.is_some_and(|judged| judged.verdict == Verdict::Pass)
    }
}
