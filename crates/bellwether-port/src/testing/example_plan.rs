use bellwether_core::{Arms, Basis, Duration, RolloutId, Route, StepId, Version, Weight};
use bellwether_strategy::{Bake, Capacity, Plan, PlanDraft, Step};

/// A small canary for tests: 5 %, 50 % and everything, each compared for a minute, ten units a version.
///
/// # Panics
/// The name is empty or longer than 200 bytes.
#[must_use]
#[expect(clippy::expect_used, reason = "a test's plan is right or the test is wrong")]
pub fn example_plan(name: &str) -> Plan {
    let id = RolloutId::new(name).expect("a rollout's name");
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let mut draft = PlanDraft::new(id, arms);
    draft.capacity = Some(Capacity::of(10));
    draft.steps = [("five", 500), ("half", 5_000)]
        .map(|(name, share)| {
            Step::new(
                StepId::new(name).expect("a step's name"),
                Route::share(Weight::new(share).expect("a share")),
                Basis::Compare,
                Bake::at_least(Duration::from_minutes(1)),
            )
        })
        .into();
    Plan::try_from(draft).expect("a plan")
}
