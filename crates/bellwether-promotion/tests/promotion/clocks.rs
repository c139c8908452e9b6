//! Times that run backwards, or ahead.

use bellwether_promotion::Standing;

use crate::world::{World, minute, rules, told};

#[test]
fn an_event_before_the_last_one_is_read_as_the_last_and_told() {
    let mut world = World::pair();
    world.at(10).makes("r1").settles("staging", "r1").at(4).interrupts("staging");
    assert_eq!(
        world.oddities(),
        ["event 5 says 2026-03-03T00:04:00.000Z, before the last one of staging at 2026-03-03T00:10:00.000Z: \
          it is read as 2026-03-03T00:10:00.000Z"]
    );
}

#[test]
fn what_an_event_from_the_future_added_to_a_soak_is_taken_back() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(30).exposes("staging", "r1");
    // A clock that is hours ahead finds it exposed; the next event shows that the clock was wrong.
    world.at(300).exposes("staging", "r1").at(40).exposes("staging", "r1").at(301);
    let text = told(&world.entry("production", "r1"), "promotion.soak");
    assert!(text.starts_with("r1 has soaked 31m of 1h"), "{text}");
}

#[test]
fn evidence_from_the_future_lets_nothing_in() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(5_000).exposes("staging", "r1").at(10);
    let decision = world.entry("production", "r1");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Wait, Some(minute(5_000))));
    assert_eq!(
        told(&decision, "promotion.clock"),
        "the last event of staging says 2026-03-06T11:20:00.000Z, which is still to come: nothing there counts until then"
    );
}

/// One release dated decades ahead would supersede everything that is made until then.
#[test]
fn a_release_that_was_made_in_the_future_waits_for_it_and_holds_nothing_up() {
    let mut world = World::new(r#"{"name": "staging", "trigger": "automatic"}"#);
    world.at(500_000).makes("r9").at(10).makes("r1");
    assert_eq!(world.next("staging").as_deref(), Some("r1"));
    let decision = world.entry("staging", "r9");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Wait, Some(minute(500_000))));
    assert_eq!(rules(&decision), ["promotion.clock"]);
}

#[test]
fn a_question_from_before_everything_is_answered() {
    let mut world = World::pair();
    world.makes("r1").at(100).settles("staging", "r1").at(0);
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    assert_eq!(world.standing("staging", "r1"), Standing::Present);
}

#[test]
fn the_clocks_of_different_environments_need_not_agree() {
    let mut world = World::pair();
    world.at(50).makes("r1").settles("staging", "r1").at(10).settles("production", "r1");
    assert_eq!(world.oddities(), Vec::<String>::new(), "production's log is its own");
}

#[test]
fn the_ends_of_time_are_times() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1");
    for event in &mut world.log {
        event.at = bellwether_core::Time::MIN;
    }
    let ask = bellwether_promotion::Ask::by_person("r1".parse().unwrap(), "production".parse().unwrap());
    let history = bellwether_promotion::History::of(&world.graph, &world.log);
    let facts = bellwether_promotion::Facts::new(&history, bellwether_core::Time::MAX);
    assert_eq!(world.graph.entry(&facts, &ask).outcome.standing, Standing::Enter);
    let facts = bellwether_promotion::Facts::new(&history, bellwether_core::Time::MIN);
    assert!(rules(&world.graph.entry(&facts, &ask)).contains(&"promotion.soak"));
}
