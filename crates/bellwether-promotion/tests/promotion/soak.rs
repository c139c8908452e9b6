//! How long a release must have been seen in the environments before, by the threads in which users of other systems
//! found out that theirs counted something else.

use bellwether_core::Verdict;
use bellwether_promotion::{Cause, Ending, Standing};

use crate::world::{World, minute, rules, told};

#[test]
fn soak_is_counted_from_full_exposure_and_not_from_the_beginning_of_the_rollout() {
    let mut world = World::pair();
    world.makes("r1").at(10).begins("staging", "r1", Cause::Person);
    world.at(30).exposes("staging", "r1").at(40).ends("staging", "r1", Ending::Arrived).passes("staging", "r1");
    world.at(89);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert_eq!(
        told(&decision, "promotion.soak"),
        "r1 has soaked 59m of 1h in staging: 1m left, until 2026-03-03T01:30:00.000Z | \
         it stays fully exposed until 2026-03-03T01:30:00.000Z"
    );
    assert_eq!(world.at(90).standing("production", "r1"), Standing::Enter);
}

/// kargo#4586, second part: after the soak nothing happened until somebody touched the stage, because nobody had been told
/// when to look again.
#[test]
fn a_release_that_soaks_says_when_to_ask_again() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(7);
    assert_eq!(world.entry("production", "r1").outcome.wake, Some(minute(60)));
    assert_eq!(world.at(60).standing("production", "r1"), Standing::Enter);
}

/// kargo#4586, first part (explained in kargo PR#6582): `All` asked every stage that had ever verified the freight.
#[test]
fn with_all_of_upstream_only_the_named_environments_are_asked_for_soak() {
    let mut world = World::new(
        r#"{"name": "eu"}, {"name": "us"}, {"name": "lab"},
           {"name": "production", "from": ["eu", "us"], "need": "all", "soak": "1h"}"#,
    );
    world.makes("r1").settles("eu", "r1").at(5).settles("us", "r1").at(60).settles("lab", "r1").at(64);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert!(told(&decision, "promotion.soak").contains("in us: 1m left"), "{decision}");
    assert_eq!(world.at(65).standing("production", "r1"), Standing::Enter, "the lab is no upstream");
}

/// kargo PR#6582 as well: a stage beside the way satisfied `OneOf`.
#[test]
fn with_one_of_upstream_an_environment_beside_the_way_counts_for_nothing() {
    let mut world = World::new(
        r#"{"name": "eu"}, {"name": "us"}, {"name": "lab"},
           {"name": "production", "from": ["eu", "us"], "need": "one", "soak": "1h"}"#,
    );
    world.makes("r1").settles("lab", "r1").at(90);
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    world.settles("us", "r1").at(150);
    assert_eq!(world.standing("production", "r1"), Standing::Enter);
}

#[test]
fn with_one_of_upstream_verification_and_soak_come_from_the_same_environment() {
    let mut world = World::new(
        r#"{"name": "eu"}, {"name": "us"}, {"name": "production", "from": ["eu", "us"], "need": "one", "soak": "1h"}"#,
    );
    // In eu it soaks and is not verified, in us it is verified and soaks for half an hour.
    world.makes("r1").brings("eu", "r1", Cause::Person).at(60).settles("us", "r1").at(90);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert_eq!(rules(&decision), ["promotion.unverified", "promotion.soak"]);
    assert_eq!(world.passes("eu", "r1").standing("production", "r1"), Standing::Enter);
}

#[test]
fn with_one_of_upstream_a_failure_in_one_does_not_outweigh_a_pass_in_another() {
    let mut world = World::new(
        r#"{"name": "eu"}, {"name": "us"}, {"name": "one", "from": ["eu", "us"], "need": "one"},
           {"name": "all", "from": ["eu", "us"]}"#,
    );
    world.makes("r1").settles("eu", "r1").brings("us", "r1", Cause::Person).fails("us", "r1");
    assert_eq!(world.standing("one", "r1"), Standing::Enter);
    assert_eq!(world.standing("all", "r1"), Standing::Refuse);
    world.fails("eu", "r1");
    assert_eq!(world.standing("one", "r1"), Standing::Refuse, "nothing is left to wait for");
}

/// kargo#4238: a soak was only known while the freight was still there.
#[test]
fn a_release_that_has_soaked_may_go_on_after_another_one_took_its_place() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(60).makes("r2").settles("staging", "r2").at(200);
    assert_eq!(world.standing("production", "r1"), Standing::Enter);
}

#[test]
fn a_release_that_was_replaced_too_early_says_that_it_is_no_longer_there() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(59).makes("r2").settles("staging", "r2").at(500);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.wake, None, "time alone helps nothing");
    assert_eq!(
        told(&decision, "promotion.soak"),
        "r1 has soaked 59m of 1h in staging, and is no longer there | it were brought there again and soaked"
    );
}

#[test]
fn two_short_stays_do_not_add_up_to_a_long_one() {
    let mut world = World::pair();
    world.makes("r1").makes("r2").settles("staging", "r1").at(40).settles("staging", "r2");
    world.at(50).settles("staging", "r1").at(90);
    assert!(told(&world.entry("production", "r1"), "promotion.soak").contains("40m of 1h"));
    assert_eq!(world.at(110).standing("production", "r1"), Standing::Enter, "an hour in one piece since minute 50");
}

/// kargo#6360: what is behind a control flow stage could not be promoted, because freight is never *in* such a stage.
#[test]
fn soak_is_asked_of_the_environments_before_a_junction() {
    let mut world = World::new(
        r#"{"name": "one"}, {"name": "two"}, {"name": "control", "site": "junction", "from": ["one", "two"]},
           {"name": "three", "from": ["control"], "soak": "1h"}, {"name": "four", "from": ["control"], "soak": "2h"}"#,
    );
    world.makes("r1").settles("one", "r1").at(10).settles("two", "r1").at(70);
    assert_eq!(world.standing("three", "r1"), Standing::Enter);
    assert_eq!(world.standing("four", "r1"), Standing::Wait);
    assert_eq!(world.at(130).standing("four", "r1"), Standing::Enter);
}

#[test]
fn a_junction_of_one_needs_one_of_those_before_it() {
    let mut world = World::new(
        r#"{"name": "one"}, {"name": "two"},
           {"name": "either", "site": "junction", "from": ["one", "two"], "need": "one"},
           {"name": "last", "from": ["either"]}"#,
    );
    assert_eq!(world.makes("r1").settles("two", "r1").standing("last", "r1"), Standing::Enter);
}

/// Two junctions in each of forty rows, each behind both of the row before: 2^40 ways through.
#[test]
fn a_lattice_of_junctions_is_looked_at_once() {
    let mut text = r#"{"name": "a0"}, {"name": "b0"}"#.to_owned();
    for row in 1..40 {
        for side in ["a", "b"] {
            let (first, second) = (format!("a{}", row - 1), format!("b{}", row - 1));
            text += &format!(r#", {{"name": "{side}{row}", "site": "junction", "from": ["{first}", "{second}"]}}"#);
        }
    }
    text += r#", {"name": "end", "from": ["a39", "b39"], "soak": "1h"}"#;
    let mut world = World::new(&text);
    world.makes("r1").settles("a0", "r1").at(1);
    assert_eq!(world.standing("end", "r1"), Standing::Wait);
    world.settles("b0", "r1").at(61);
    assert_eq!(world.standing("end", "r1"), Standing::Enter);
}

#[test]
fn restarts_do_not_count() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(20).interrupts("staging").at(50).exposes("staging", "r1").at(89);
    let decision = world.entry("production", "r1");
    assert!(told(&decision, "promotion.soak").contains("59m of 1h"), "half an hour is missing: {decision}");
    assert_eq!(decision.outcome.wake, Some(minute(90)));
    assert_eq!(world.at(90).standing("production", "r1"), Standing::Enter);
}

/// A gap in what was seen: the watcher itself was down. One look vouches for ten minutes.
#[test]
fn time_that_nobody_watched_does_not_count() {
    let mut world = World::new(
        r#"{"name": "staging", "silence": "10m"}, {"name": "production", "from": ["staging"], "soak": "1h"}"#,
    );
    world.makes("r1").settles("staging", "r1");
    for look in [10, 20, 30] {
        world.at(look).exposes("staging", "r1");
    }
    // Nobody looks for an hour and a half: only ten minutes of it are vouched for.
    world.at(120);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.wake, None, "without another look nothing changes");
    assert_eq!(
        told(&decision, "promotion.soak"),
        "r1 has soaked 40m of 1h in staging: 20m left, seen again and again | \
         looks find it fully exposed for 20m more"
    );
    world.exposes("staging", "r1").at(130).exposes("staging", "r1");
    assert_eq!(world.entry("production", "r1").outcome.wake, Some(minute(140)), "ten minutes are left");
    assert_eq!(world.at(140).standing("production", "r1"), Standing::Enter);
}

#[test]
fn while_the_next_rollout_shares_the_environment_nothing_soaks() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(30).makes("r2").begins("staging", "r2", Cause::Person).at(60);
    world.ends("staging", "r2", Ending::WentBack).exposes("staging", "r1").at(89);
    assert!(told(&world.entry("production", "r1"), "promotion.soak").contains("59m of 1h"));
    assert_eq!(world.at(90).standing("production", "r1"), Standing::Enter);
}

/// kargo#5144: after a failed re-verification the freight was still let through.
#[test]
fn a_release_that_fails_when_it_is_verified_again_is_refused() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(60);
    assert_eq!(world.standing("production", "r1"), Standing::Enter);
    let decision = world.fails("staging", "r1").entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert!(told(&decision, "promotion.failed_upstream").starts_with("r1 failed its last verification in staging"));
    assert_eq!(world.passes("staging", "r1").standing("production", "r1"), Standing::Enter, "the last verdict counts");
}

#[test]
fn neither_inconclusive_nor_missing_verification_is_a_pass() {
    let mut world = World::pair();
    world.makes("r1").brings("staging", "r1", Cause::Person).at(60);
    assert_eq!(rules(&world.entry("production", "r1")), ["promotion.unverified"]);
    for verdict in [Verdict::Inconclusive, Verdict::NoData] {
        let decision = world.verifies("staging", "r1", verdict).entry("production", "r1");
        assert_eq!(decision.outcome.standing, Standing::Wait);
        assert!(told(&decision, "promotion.unverified").contains(&verdict.to_string()), "{decision}");
    }
    world.passes("staging", "r1").verifies("staging", "r1", Verdict::Inconclusive);
    assert_eq!(world.standing("production", "r1"), Standing::Wait, "an old pass does not outlive a new doubt");
}

/// kargo#2795: stages that verify nothing got stuck, because nothing ever said that they were done.
#[test]
fn an_environment_without_verification_lets_a_release_on_by_its_exposure() {
    let mut world = World::new(
        r#"{"name": "staging", "verification": "none"}, {"name": "production", "from": ["staging"], "soak": "1h"}"#,
    );
    world.makes("r1").brings("staging", "r1", Cause::Person).at(59);
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    assert_eq!(world.at(60).standing("production", "r1"), Standing::Enter);
    assert_eq!(world.fails("staging", "r1").standing("production", "r1"), Standing::Refuse, "a failure still counts");
}

#[test]
fn a_rollout_that_arrived_without_a_look_at_it_has_not_begun_to_soak() {
    let mut world = World::pair();
    world.makes("r1").begins("staging", "r1", Cause::Person).ends("staging", "r1", Ending::Arrived);
    world.passes("staging", "r1").at(600);
    let decision = world.entry("production", "r1");
    assert_eq!(
        told(&decision, "promotion.upstream").split(" | ").next(),
        Some("r1 was never fully exposed in staging")
    );
}

#[test]
fn a_release_whose_rollout_went_back_upstream_is_refused_however_long_it_was_there() {
    let mut world = World::pair();
    world.makes("r0").settles("staging", "r0").makes("r1").begins("staging", "r1", Cause::Person);
    world.exposes("staging", "r1").passes("staging", "r1").at(90).ends("staging", "r1", Ending::WentBack).at(95);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert!(told(&decision, "promotion.failed_upstream").starts_with("the rollout of r1 into staging went back at"));
}
