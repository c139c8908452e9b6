//! A kill at every call to a port, before and after its effect, and what the next driver makes of it.

use bellwether_analysis::{MinimumEvidence, Sequential, SequentialSpec};
use bellwether_core::Duration;
use bellwether_driver::Outcome;
use bellwether_rollout::{Cause, Place};
use proptest::prelude::*;

use crate::cut::{Cut, Side};
use crate::world::{HARMFUL, HEALTHY, World};

/// A legal way of the share: up one step at a time, down at once and never up again.
fn is_legal(shares: &[u16]) -> bool {
    const STEPS: [u16; 4] = [0, 500, 5_000, 10_000];
    shares.windows(2).all(|pair| {
        let at = |share| STEPS.iter().position(|step| *step == share);
        match (at(pair[0]), at(pair[1])) {
            (Some(from), Some(to)) => to == from + 1 || pair[1] == 0,
            _ => false,
        }
    }) && shares.iter().skip_while(|share| **share == 0).skip_while(|share| **share > 0).all(|share| *share == 0)
}

/// A world whose rollout is short: there is a driver for each of its calls, twice.
fn world(case: Case) -> World {
    let mut world = World::new(if case == Case::Harmful { HARMFUL } else { HEALTHY });
    // Longer looks make fewer calls; what is at stake lies between the calls, not in their number.
    world.options = world.options.with_poll(Duration::from_seconds(10));
    let mut draft = world.plan.draft();
    draft.steps[1].bake.min = Duration::ZERO;
    world.plan = draft.try_into().unwrap();
    let judge = world.judge.take().unwrap().spec().clone();
    let minimum = MinimumEvidence { intervals: 2, ..judge.minimum };
    world.judge = Some(Sequential::new(SequentialSpec { minimum, ..judge }).unwrap());
    world
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Case {
    Healthy,
    Harmful,
    Aborted,
}

impl Case {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Healthy => Outcome::Completed,
            Self::Harmful => Outcome::RolledBack { cause: Cause::Judged },
            Self::Aborted => Outcome::RolledBack { cause: Cause::Aborted },
        }
    }
}

/// Runs a rollout whose drivers are killed where the cuts say, and a last one that is not.
async fn run(case: Case, cuts: &[Cut]) -> (World, Outcome) {
    let world = world(case);
    let outcome = tokio::select! {
        outcome = drive(&world, cuts) => outcome,
        () = abort(&world), if case == Case::Aborted => unreachable!("it waits for ever"),
    };
    (world, outcome)
}

async fn drive(world: &World, cuts: &[Cut]) -> Outcome {
    for cut in cuts {
        if let Some(end) = world.run_until(cut).await {
            return end.unwrap().outcome;
        }
    }
    world.run_until(&Cut::never()).await.unwrap().unwrap().outcome
}

async fn abort(world: &World) {
    tokio::time::sleep(std::time::Duration::from_secs(150)).await;
    world.abort("abort-1");
    std::future::pending::<()>().await;
}

fn check(case: Case, world: &World, outcome: Outcome) {
    assert_eq!(outcome, case.outcome());
    let shares = world.shares();
    assert!(is_legal(&shares), "{shares:?}");
    assert!(world.inbox.is_empty(), "a command that was taken is in the journal");
    let end = if case == Case::Healthy { Place::Completed } else { Place::RolledBack };
    assert_eq!(world.check(), end);
}

async fn kill_everywhere(case: Case) -> u64 {
    let cut = Cut::at(u64::MAX, Side::Before);
    let (world, outcome) = run(case, std::slice::from_ref(&cut)).await;
    check(case, &world, outcome);
    for call in 1..=cut.calls() {
        for side in [Side::Before, Side::After] {
            let (world, outcome) = run(case, &[Cut::at(call, side)]).await;
            check(case, &world, outcome);
        }
    }
    cut.calls()
}

#[tokio::test(start_paused = true)]
async fn a_healthy_rollout_survives_a_kill_at_every_call() {
    assert!(kill_everywhere(Case::Healthy).await > 200);
}

#[tokio::test(start_paused = true)]
async fn a_harmful_rollout_survives_a_kill_at_every_call() {
    assert!(kill_everywhere(Case::Harmful).await > 40);
}

#[tokio::test(start_paused = true)]
async fn an_aborted_rollout_survives_a_kill_at_every_call() {
    assert!(kill_everywhere(Case::Aborted).await > 60);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rollout_survives_kill_after_kill(
        case in prop_oneof![Just(Case::Healthy), Just(Case::Harmful), Just(Case::Aborted)],
        cuts in prop::collection::vec((1_u64..120, any::<bool>()), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let side = |after| if after { Side::After } else { Side::Before };
            let cuts: Vec<Cut> = cuts.iter().map(|(call, after)| Cut::at(*call, side(*after))).collect();
            let (world, outcome) = run(case, &cuts).await;
            check(case, &world, outcome);
        });
    }
}
