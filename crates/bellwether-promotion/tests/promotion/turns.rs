//! Whose turn it is where nobody asks: newest or oldest first, holds, and one rollout at a time.

use bellwether_promotion::{Cause, Ending, Standing};

use crate::world::{World, minute, rules, told};

const AUTOMATIC: &str = r#"{"name": "staging", "trigger": "automatic"},
    {"name": "production", "trigger": "automatic", "from": ["staging"], "soak": "1h"}"#;

#[test]
fn a_second_rollout_into_one_environment_waits_for_the_end_of_the_first() {
    let mut world = World::pair();
    world.makes("r1").begins("staging", "r1", Cause::Person).makes("r2");
    for decision in [world.entry("staging", "r2"), world.turn("staging", "r2")] {
        assert_eq!(decision.outcome.standing, Standing::Wait);
        assert_eq!(
            told(&decision, "promotion.under_way"),
            "r1 is on its way into staging since 2026-03-03T00:00:00.000Z: one at a time | the rollout of r1 had ended"
        );
    }
    assert_eq!(world.ends("staging", "r1", Ending::WentBack).standing("staging", "r2"), Standing::Enter);
}

#[test]
fn two_rollouts_that_were_begun_all_the_same_are_told() {
    let mut world = World::pair();
    world.makes("r1").makes("r2").begins("staging", "r1", Cause::Person).begins("staging", "r2", Cause::Person);
    assert_eq!(world.oddities(), ["event 3 begins r2 in staging beside r1, which had not ended"]);
}

#[test]
fn the_newest_release_that_may_enter_goes_first_and_the_ones_before_it_are_superseded() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").at(1).makes("r2").at(2).makes("r3");
    assert_eq!(world.next("staging").as_deref(), Some("r3"));
    world.brings("staging", "r3", Cause::Automatic);
    assert_eq!(world.turn("staging", "r2").outcome.standing, Standing::Past);
    assert_eq!(
        told(&world.turn("staging", "r2"), "promotion.superseded"),
        "r2 is superseded in staging by r3, which is newer | a person asked for r2"
    );
}

#[test]
fn oldest_first_brings_each_release_in_order() {
    let mut world = World::new(r#"{"name": "staging", "trigger": "automatic", "order": "oldest"}"#);
    world.makes("r1").at(1).makes("r2");
    for name in ["r1", "r2"] {
        assert_eq!(world.next("staging").as_deref(), Some(name));
        world.brings("staging", name, Cause::Automatic).passes("staging", name);
    }
    assert_eq!(world.next("staging"), None);
}

#[test]
fn a_release_that_may_not_enter_holds_nothing_up_whatever_the_order() {
    for order in ["oldest", "newest"] {
        let mut world = World::new(&format!(
            r#"{{"name": "staging", "trigger": "automatic", "order": "{order}", "approvals": {{"count": 1}}}}"#
        ));
        world.makes("r1").at(1).makes("r2").at(2).makes("r3").approves("staging", "r2", "bob");
        assert_eq!(world.next("staging").as_deref(), Some("r2"), "{order}");
    }
}

#[test]
fn a_release_that_was_made_later_but_told_earlier_is_still_the_newer_one() {
    let mut world = World::new(AUTOMATIC);
    world.at(5).makes("new").at(1).makes("old").at(6);
    assert_eq!(world.next("staging").as_deref(), Some("new"));
}

/// kargo#7032: queued promotions replaced freight whose health was not known yet, so that none but the last was ever
/// verified.
#[test]
fn a_newer_release_waits_until_the_one_that_is_there_was_verified() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").brings("staging", "r1", Cause::Automatic).at(3).makes("r2");
    let pick = world.pick("staging");
    assert_eq!((pick.outcome.enter.clone(), rules(&pick)), (None, vec!["promotion.occupied"]));
    // It fails: nothing more is to be expected of it.
    assert_eq!(world.fails("staging", "r1").next("staging").as_deref(), Some("r2"));
}

/// kargo#5342: while builds come faster than they soak, nothing ever soaks.
#[test]
fn a_newer_release_waits_until_the_one_that_is_there_has_soaked() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").brings("staging", "r1", Cause::Automatic).passes("staging", "r1").at(10).makes("r2");
    let pick = world.pick("staging");
    assert_eq!((pick.outcome.enter.clone(), pick.outcome.wake), (None, Some(minute(60))));
    assert_eq!(
        told(&pick, "promotion.occupied"),
        "staging is taken by r1, which is being verified or soaks, until 2026-03-04T01:00:00.000Z at the latest | \
         r1 passed or failed, or it were 2026-03-03T01:00:00.000Z"
    );
    world.at(60);
    assert_eq!(world.next("staging").as_deref(), Some("r2"));
    assert_eq!(world.next("production").as_deref(), Some("r1"), "what has soaked goes on although it is replaced");
}

#[test]
fn a_release_that_never_settles_loses_its_place_when_its_time_is_over() {
    let mut world = World::new(r#"{"name": "staging", "trigger": "automatic", "settle": "2h"}"#);
    world.makes("r1").brings("staging", "r1", Cause::Automatic).at(119).makes("r2");
    assert_eq!(world.pick("staging").outcome.wake, Some(minute(120)));
    assert_eq!(world.at(120).next("staging").as_deref(), Some("r2"));
}

#[test]
fn nothing_waits_for_soak_that_nobody_behind_could_use() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").brings("staging", "r1", Cause::Automatic).passes("staging", "r1");
    world.at(5).makes("r2").begins("production", "r2", Cause::Person);
    assert_eq!(world.next("staging").as_deref(), Some("r2"), "production has begun a newer one already");
}

#[test]
fn replace_lets_a_newer_release_end_the_soak_of_the_one_before() {
    let mut world = World::new(
        r#"{"name": "staging", "trigger": "automatic", "on_newer": "replace"},
           {"name": "production", "from": ["staging"], "soak": "1h"}"#,
    );
    world.makes("r1").brings("staging", "r1", Cause::Automatic).at(3).makes("r2");
    assert_eq!(world.next("staging").as_deref(), Some("r2"));
    assert_eq!(world.graph.check()[0].rule, "promotion.starves");
}

#[test]
fn a_person_may_end_a_soak_and_is_warned() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").brings("staging", "r1", Cause::Automatic).at(3).makes("r2");
    let decision = world.entry("staging", "r2");
    assert_eq!(decision.outcome.standing, Standing::Enter);
    assert_eq!(
        told(&decision, "promotion.interrupts"),
        "this ends the stay of r1 in staging before it was verified and had soaked"
    );
}

#[test]
fn a_hold_stops_what_goes_by_itself_and_nobody_who_asks() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").holds("staging");
    assert_eq!(world.next("staging"), None);
    assert_eq!(
        told(&world.turn("staging", "r1"), "promotion.hold"),
        "bob holds automatic promotion into staging since 2026-03-03T00:00:00.000Z: load test | a person resumed it"
    );
    let decision = world.entry("staging", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter);
    assert!(rules(&decision).contains(&"promotion.hold"), "they are told of it");
    assert_eq!(world.resumes("staging").next("staging").as_deref(), Some("r1"));
}

/// kargo#3016: an older freight that somebody had chosen was replaced at once by the newest one.
#[test]
fn an_older_release_that_a_person_brought_back_stays_until_a_person_resumes() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r1").settles("staging", "r1").at(1).makes("r2").settles("staging", "r2");
    world.at(2).settles("staging", "r1").at(90).makes("r3");
    assert_eq!(world.next("staging"), None);
    assert!(told(&world.turn("staging", "r3"), "promotion.hold").contains("an older release was brought back"));
    assert_eq!(world.clone().resumes("staging").next("staging").as_deref(), Some("r3"));
    world.settles("staging", "r3").makes("r4");
    assert_eq!(world.turn("staging", "r4").outcome.standing, Standing::Wait, "r3 soaks");
    assert!(!rules(&world.turn("staging", "r4")).contains(&"promotion.hold"), "bringing a newer one ends the hold");
}

#[test]
fn with_continue_the_next_newer_release_replaces_an_older_one_that_was_brought_back() {
    let mut world = World::new(r#"{"name": "staging", "trigger": "automatic", "on_older": "continue"}"#);
    world
        .makes("r1")
        .settles("staging", "r1")
        .at(1)
        .makes("r2")
        .settles("staging", "r2")
        .at(2)
        .settles("staging", "r1");
    assert_eq!(world.next("staging"), None, "r2 was there already");
    assert_eq!(world.at(3).makes("r3").next("staging").as_deref(), Some("r3"));
}

/// kargo#3050: after a failed promotion the same freight could not be promoted again, by anybody.
#[test]
fn a_release_whose_rollout_went_back_is_not_tried_again_by_itself_but_by_a_person() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r0").settles("staging", "r0").at(100).makes("r1");
    world.begins("staging", "r1", Cause::Automatic).ends("staging", "r1", Ending::WentBack);
    assert_eq!(world.next("staging"), None);
    assert!(told(&world.turn("staging", "r1"), "promotion.past").starts_with("r1 was brought into staging before"));
    let decision = world.entry("staging", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter);
    assert!(rules(&decision).contains(&"promotion.failed_here"), "they are told");
    world.at(101).settles("staging", "r1");
    assert_eq!(world.standing("staging", "r1"), Standing::Present);
}

/// A rollout that was at 100 % and goes back is no return: nobody brought anything older.
#[test]
fn a_rollout_that_goes_back_holds_nothing() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r0").settles("staging", "r0").at(100).makes("r1").begins("staging", "r1", Cause::Automatic);
    world.exposes("staging", "r1").at(105).exposes("staging", "r0").ends("staging", "r1", Ending::WentBack);
    world.at(106).makes("r2");
    assert_eq!(world.oddities(), Vec::<String>::new());
    assert_eq!(world.standing("staging", "r0"), Standing::Present);
    assert_eq!(world.next("staging").as_deref(), Some("r2"));
}

#[test]
fn a_release_that_somebody_deployed_past_everything_is_told_and_counts_as_there() {
    let mut world = World::pair();
    world.makes("r1").exposes("production", "r1");
    assert_eq!(world.oddities(), ["event 1 finds r1 in production, which nobody had brought there"]);
    assert_eq!(world.standing("production", "r1"), Standing::Present);
}

#[test]
fn what_is_told_twice_changes_nothing() {
    let mut world = World::new(AUTOMATIC);
    world.makes("r0").settles("staging", "r0").at(100).makes("r1").brings("staging", "r1", Cause::Automatic);
    world.passes("staging", "r1").at(130).makes("r2");
    let once = (world.goal(), world.journey("r1"), world.journey("r2"));
    let mut twice = world.clone();
    twice.log = world.log.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
    assert_eq!((twice.goal(), twice.journey("r1"), twice.journey("r2")), once);
    assert_eq!(twice.oddities(), Vec::<String>::new());
}

#[test]
fn the_whole_journey_of_a_release_is_told_in_the_order_of_the_way() {
    let mut world =
        World::new(&format!(r#"{AUTOMATIC}, {{"name": "archive", "from": ["production"]}}, {{"name": "lab"}}"#));
    world.makes("r1").settles("lab", "r1").brings("staging", "r1", Cause::Automatic).passes("staging", "r1").at(60);
    let told = |world: &World, name: &str| -> Vec<String> {
        let stops = world.journey(name).outcome.stops;
        stops.iter().map(|stop| format!("{} {}", stop.environment, stop.decision.outcome)).collect()
    };
    assert_eq!(told(&world, "r1"), ["staging is there", "production may enter", "archive waits", "lab is there"]);
    let journey = world.journey("r1");
    assert_eq!(journey.outcome.enter().map(|it| it.as_str()).collect::<Vec<_>>(), ["production"]);
    world.at(61).makes("r2").settles("lab", "r2").settles("staging", "r2").at(90);
    assert_eq!(told(&world, "r1"), ["staging is past", "production may enter", "archive waits", "lab is past"]);
    world.at(121);
    assert_eq!(
        told(&world, "r1"),
        ["staging is past", "production waits", "archive waits", "lab is past"],
        "it is the turn of r2"
    );
}

#[test]
fn the_standing_of_a_journey_is_the_best_that_can_be_done_next() {
    let mut world = World::new(AUTOMATIC);
    let standing = |world: &World, name: &str| world.journey(name).outcome.standing();
    assert_eq!(standing(&world, "r1"), Standing::Refuse, "it was never made");
    assert_eq!(standing(world.makes("r1"), "r1"), Standing::Enter);
    assert_eq!(standing(world.settles("staging", "r1"), "r1"), Standing::Wait);
    world.fails("staging", "r1");
    assert_eq!(standing(&world, "r1"), Standing::Refuse);
    world.passes("staging", "r1").at(60).settles("production", "r1");
    assert_eq!(standing(&world, "r1"), Standing::Present);
    world.makes("r2").settles("staging", "r2").settles("production", "r2");
    assert_eq!(standing(&world, "r1"), Standing::Past);
}
