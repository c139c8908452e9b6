//! What is kept in force beside the traffic of a step.

use std::collections::BTreeSet;
use std::sync::Arc;

use bellwether_core::{Duration, HookId};
use bellwether_driver::{Driver, DriverError, Outcome, Ports, Setup};
use bellwether_port::testing::FakeHooks;
use bellwether_rollout::{Cause, Place};

use crate::cut::Cut;
use crate::world::{HEALTHY, World, run_to};

struct Scene {
    world: World,
    hooks: FakeHooks,
}

impl Scene {
    /// A load while the first two steps are exposed, a preview while the second is.
    fn new() -> Self {
        let mut world = World::new(HEALTHY);
        let mut draft = world.plan.draft();
        draft.steps[0].hooks = names(&["load"]).into_iter().collect();
        draft.steps[1].hooks = names(&["load", "preview"]).into_iter().collect();
        world.plan = draft.try_into().unwrap();
        Self { world, hooks: FakeHooks::default() }
    }

    fn ports(&self) -> Ports {
        self.world.ports(&Cut::never()).with_hooks(Arc::new(self.hooks.clone()))
    }

    async fn open(&self) -> Driver {
        let setup = Setup::new(self.ports()).with_options(self.world.options.clone());
        Driver::open(setup, self.world.opened()).await.unwrap()
    }
}

fn names(names: &[&str]) -> BTreeSet<HookId> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn hooks_are_in_force_with_their_steps_and_not_longer() {
    let scene = Scene::new();
    let end = scene.open().await.run_to_end().await.unwrap();
    assert_eq!(end.outcome, Outcome::Completed);
    // While the second step's units get ready the first one's exposure is kept, and its hooks with it.
    assert_eq!(scene.hooks.changes(), [names(&["load"]), names(&["load", "preview"]), names(&[])]);
}

#[tokio::test(start_paused = true)]
async fn going_back_ends_them() {
    let scene = Scene::new();
    let (run, _) = run_to(scene.open().await, Place::Bake(0)).await;
    scene.world.abort("abort-1");
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::RolledBack { cause: Cause::Aborted });
    assert_eq!(scene.hooks.changes(), [names(&["load"]), names(&[])]);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_hooks_that_fail_and_they_are_told_again() {
    let scene = Scene::new();
    scene.hooks.set_down(true);
    let (run, _) = run_to(scene.open().await, Place::Bake(1)).await;
    assert!(scene.hooks.changes().is_empty());
    scene.hooks.set_down(false);
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(scene.hooks.changes(), [names(&["load", "preview"]), names(&[])]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_ended_is_begun_again_and_a_new_owner_goes_on_with_it() {
    let scene = Scene::new();
    let (run, _) = run_to(scene.open().await, Place::Bake(0)).await;
    run.abort();
    // Whatever ran them has restarted and forgotten.
    let restarted = Scene { hooks: FakeHooks::default(), ..scene };
    let taken_over = Setup::new(restarted.ports()).with_options(restarted.world.options.clone());
    let driver = Driver::take_over(taken_over, restarted.world.rollout()).await.unwrap();
    let (run, _) = run_to(driver, Place::Bake(1)).await;
    assert_eq!(restarted.hooks.changes().first(), Some(&names(&["load"])));
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(restarted.hooks.in_force(), names(&[]));
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_them_but_not_for_ever() {
    let scene = Scene::new();
    let (run, _) = run_to(scene.open().await, Place::Standby).await;
    let (run, hooks) = (run, scene.hooks.clone());
    assert_eq!(run.await.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(hooks.in_force(), names(&[]));
    let scene = Scene::new();
    let (run, _) = run_to(scene.open().await, Place::Bake(1)).await;
    scene.hooks.set_down(true);
    let late = tokio::time::timeout(Duration::from_hours(3).into(), run).await.expect("it ends all the same");
    assert_eq!(late.unwrap().unwrap().outcome, Outcome::Completed);
    assert_eq!(scene.hooks.in_force(), names(&["load", "preview"]), "nobody could end them");
}

#[tokio::test(start_paused = true)]
async fn a_plan_with_hooks_is_not_begun_where_nobody_keeps_them() {
    let scene = Scene::new();
    let error = Driver::open(scene.world.setup(), scene.world.opened()).await.err().unwrap();
    assert!(matches!(error, DriverError::NoPort("hooks")), "{error}");
    let expected = "port hooks: expected one, because the plan cannot be carried out without, found none";
    assert_eq!(error.to_string(), expected);
    assert!(scene.world.records().is_empty(), "nothing was begun");
}
