use std::collections::BTreeSet;

use bellwether_core::{Basis, Level, Route, Time, Weight};
use bellwether_rollout::{goal, start};
use bellwether_strategy::{Facts, OnDeadline, Plan, Step, check};

use crate::decision::check_stored;

/// Reads a plan as JSON: whatever is read obeys the rules of a plan, reads back as it was written, and can be started.
pub fn plan(data: &[u8]) -> bool {
    let Ok(plan) = serde_json::from_slice::<Plan>(data) else { return false };
    check_frame(&plan);
    check_steps(&plan);
    check_stored(&plan);
    let again = Plan::try_from(plan.draft()).unwrap_or_else(|error| panic!("{error} in {plan:?}"));
    assert_eq!(again.digest(), plan.digest(), "the same plan has one identity");
    let findings = check(&plan, &Facts::default());
    assert!(findings.iter().all(|finding| !finding.to_string().is_empty()));
    assert!(plan.table().to_string().lines().count() > plan.steps().len(), "a header and a line a step");
    assert_eq!(goal(&start(plan, Time::MIN)).route, Route::STABLE, "nothing is exposed before a gate has passed");
    true
}

fn check_frame(plan: &Plan) {
    assert_ne!(plan.arms().stable, plan.arms().candidate, "two versions");
    assert!(plan.precision() > Weight::ZERO);
    assert!(plan.capacity().is_none_or(|capacity| capacity.replicas > 0));
    let conduct = plan.conduct();
    for wait in [conduct.no_data, conduct.gate, conduct.human] {
        assert_ne!(wait.then, OnDeadline::ProceedUncertified, "absence never goes forward");
    }
    if let Some(floor) = plan.floor() {
        let index = plan.floor_index().and_then(|index| plan.step(index));
        assert_eq!(index.map(|step| &step.id), Some(&floor.step), "the floor is a step");
    }
}

fn check_steps(plan: &Plan) {
    let names: BTreeSet<_> = plan.steps().iter().map(|step| &step.id).collect();
    assert_eq!(names.len(), plan.steps().len(), "each name once");
    assert_eq!(plan.steps().last().map(|step| &step.route), Some(&Route::share(Weight::FULL)), "it ends at 100 %");
    for step in plan.steps() {
        check_step(plan, step);
    }
    for (before, after) in plan.steps().iter().zip(plan.steps().iter().skip(1)) {
        check_rise(&before.route, &after.route);
    }
}

fn check_step(plan: &Plan, step: &Step) {
    let route = &step.route;
    let exposure = route.exposure();
    assert!(step.bake.min <= step.bake.max);
    let whole = route.share.basis_points().is_multiple_of(plan.precision().basis_points());
    assert!(whole || route.share == Weight::FULL, "the router can express {}", route.share);
    let has_control = route.cohort.as_ref().is_some_and(|cohort| cohort.matched) || route.share > Weight::ZERO;
    let is_compared = has_control && route.share < Weight::FULL;
    assert!(step.evidence != Basis::Compare || is_compared, "both arms are there to compare");
    let is_harmless = matches!(plan.level(), Some(Level::Zero | Level::Low)) || exposure.basis_points() <= 2_500;
    assert!(step.on_inconclusive != OnDeadline::ProceedUncertified || is_harmless, "{step:?} goes on uncertified");
    if let (Some(capacity), Some(units)) = (plan.capacity(), plan.candidate_units(step)) {
        assert!(units >= exposure.of(capacity.replicas), "the units carry the exposure");
    }
}

/// Hidden or mirrored steps come first, then cohorts, then shares; each exposes more than the one before of its kind.
fn check_rise(before: &Route, after: &Route) {
    match (before.share > Weight::ZERO, after.share > Weight::ZERO) {
        (true, true) => assert!(before.exposure() < after.exposure(), "{before:?} then {after:?}"),
        (false, true) => {}
        (true, false) => panic!("a share is taken back: {before:?} then {after:?}"),
        (false, false) => match (&before.cohort, &after.cohort) {
            (Some(_), Some(_)) => assert!(before.exposure() < after.exposure(), "{before:?} then {after:?}"),
            (Some(_), None) => panic!("a cohort is taken back: {before:?} then {after:?}"),
            (None, _) => {}
        },
    }
}
