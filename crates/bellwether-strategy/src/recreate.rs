use bellwether_core::{Basis, Decision, Finding, Level, Release, Target};

use crate::{Conduct, Exchange, Plan, Refusal, Rolling, Strategy};

/// The old version stops, then the new one starts: for what must never run twice, at the price of an outage.
///
/// It is the one plan that lets the units fall below what serves, by the flag `outage` of its exchange.
///
/// # Example: nothing runs in between
/// ```
/// use bellwether_core::{Arms, Level, Release, Target, Version};
/// use bellwether_strategy::{Recreate, Strategy};
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("ledger-42".parse()?, "ledger".parse()?, arms, Level::Low);
/// let decision = Recreate::new().plan(&release, &Target::default().with_replicas(3))?;
/// assert_eq!(decision.outcome.exchange().map(|exchange| exchange.bounds(3).least), Some(0));
/// assert_eq!(decision.findings[0].rule, "plan.outage");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recreate {
    conduct: Conduct,
}

impl Recreate {
    /// With the default conduct.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how the rollout behaves beside its step.
    #[must_use]
    pub fn with_conduct(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }
}

impl Strategy for Recreate {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        // Nothing of the old version is left to compare with, and everybody met the new one at once.
        let evidence = if release.level <= Level::Low { Basis::Time } else { Basis::Guard };
        let rolling =
            Rolling::new().with_exchange(Exchange::RECREATE).with_evidence(evidence).with_conduct(self.conduct.clone());
        let decision = rolling.plan(release, target)?;
        Ok(decision.because(
            Finding::warning(
                "plan.outage",
                "nobody serves between the old version's last unit and the new one's first",
            )
            .flips_when("both versions could run side by side"),
        ))
    }
}
