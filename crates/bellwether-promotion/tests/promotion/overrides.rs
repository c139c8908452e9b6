//! Skipping an environment: a named person's recorded decision for one release, for a while.

use bellwether_promotion::{Cause, Kind, Made, Standing};

use crate::world::{World, digest, digests, environment, minute, person, release, rules, told};

fn emergency() -> World {
    let mut world = World::new(
        r#"{"name": "development"}, {"name": "staging", "from": ["development"], "soak": "10m"},
           {"name": "production", "from": ["staging"], "soak": "12h", "overrides": {"by": ["boss", "ann"], "at_most": "4h"}}"#,
    );
    world.makes("r1").settles("development", "r1").at(10);
    world
}

#[test]
fn a_recorded_override_skips_what_it_names_and_says_so() {
    let mut world = emergency();
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    let decision = world.overrides(|_| {}).entry("production", "r1");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Enter, Some(minute(70))));
    assert_eq!(
        told(&decision, "promotion.override"),
        "boss lets r1 skip staging until 2026-03-03T01:10:00.000Z: the shop is down"
    );
    assert_eq!(world.at(69).standing("production", "r1"), Standing::Enter);
    let decision = world.at(70).entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait, "it has lapsed");
    assert!(told(&decision, "promotion.override_void").ends_with("it has lapsed"));
}

#[test]
fn what_the_skipped_environment_asks_for_is_still_asked_of_those_before_it() {
    let mut world = emergency();
    world.log.clear();
    world.at(0).makes("r1").settles("development", "r1").at(9).overrides(|_| {});
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert!(told(&decision, "promotion.soak").contains("9m of 10m in development"), "{decision}");
    let both = |leave: &mut bellwether_promotion::Override| {
        leave.skips.insert(environment("development"));
    };
    assert_eq!(world.overrides(both).standing("production", "r1"), Standing::Enter, "unless it is skipped as well");
}

#[test]
fn an_override_is_void_unless_everything_about_it_is_right() {
    type Change = fn(&mut bellwether_promotion::Override);
    let cases: [(Change, &str); 6] = [
        (|leave| leave.by = person("mallory"), "this person may not override here"),
        (|leave| leave.by = person("ANN"), "it is this person's own work"),
        (|leave| leave.why = " ".into(), "it does not say why"),
        (|leave| leave.digests = digests("r2"), "it is for other bytes"),
        (|leave| leave.until = minute(10), "it has lapsed"),
        (|leave| leave.digests.clear(), "it is for other bytes"),
    ];
    for (change, why) in cases {
        let mut world = emergency();
        let decision = world.overrides(change).entry("production", "r1");
        assert_eq!(decision.outcome.standing, Standing::Wait, "{why}");
        assert!(told(&decision, "promotion.override_void").ends_with(why), "{decision}");
    }
}

#[test]
fn where_the_graph_lets_nobody_override_nobody_may() {
    let mut world = World::pair();
    let decision = world.makes("r1").overrides(|_| {}).entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert!(told(&decision, "promotion.override_void").ends_with("nobody may override here"));
}

#[test]
fn an_override_lapses_when_the_graph_says_so_whatever_it_says_itself() {
    let mut world = emergency();
    world.overrides(|leave| leave.until = minute(100_000));
    assert_eq!(world.entry("production", "r1").outcome.wake, Some(minute(10 + 240)), "four hours at most");
    assert_eq!(world.at(250).standing("production", "r1"), Standing::Wait);
}

#[test]
fn an_override_is_for_one_release() {
    let mut world = emergency();
    world.overrides(|_| {}).makes("r2").settles("development", "r2").at(20);
    assert_eq!(world.standing("production", "r2"), Standing::Wait);
}

#[test]
fn a_failure_that_the_override_did_not_know_of_outweighs_it() {
    let mut world = emergency();
    world.overrides(|_| {}).at(11).brings("staging", "r1", Cause::Person).at(12).fails("staging", "r1").at(13);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert!(told(&decision, "promotion.override_void").ends_with("the release failed there after it was given"));
    let decision = world.at(14).overrides(|_| {}).entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter, "a person who knows of it may still decide");
}

#[test]
fn an_override_skips_no_approval_no_gate_no_tag_and_no_rollout_that_is_under_way() {
    let strict = r#"{"name": "staging"}, {"name": "production", "from": ["staging"], "approvals": {"count": 1},
        "gates": ["window"], "overrides": {"by": ["boss"], "at_most": "4h"}}"#;
    let mut world = World::new(strict);
    world.makes("r0").begins("production", "r0", Cause::Person).makes("r1").overrides(|_| {});
    let decision = world.entry("production", "r1");
    assert_eq!(rules(&decision), ["promotion.override", "promotion.approval", "promotion.gate", "promotion.under_way"]);
    assert_eq!(decision.outcome.standing, Standing::Wait);
    let mut world = World::new(strict);
    let version = bellwether_core::Version::named("r1").with_digest("image", "latest");
    world.happens(Kind::Made(Made::new(release("r1"), version).with_author(person("ann")))).overrides(|_| {});
    assert_eq!(world.standing("production", "r1"), Standing::Refuse);
}

#[test]
fn nobody_overrides_the_work_of_people_whom_nobody_knows() {
    let mut world = emergency();
    world.log.clear();
    let version = bellwether_core::Version::named("r1").with_digest("image", &digest("r1"));
    world.happens(Kind::Made(Made::new(release("r1"), version))).settles("development", "r1").at(10);
    let decision = world.at(10).overrides(|_| {}).entry("production", "r1");
    assert!(told(&decision, "promotion.override_void").ends_with("nobody knows whose work the release is"));
}

#[test]
fn a_slip_in_what_is_skipped_is_noticed_when_it_is_recorded() {
    let mut world = emergency();
    world.overrides(|leave| leave.skips = [environment("stagin"), environment("production")].into());
    assert_eq!(world.oddities(), ["event 5 lets r1 skip production, which does not come before production"]);
}

#[test]
fn a_junction_cannot_be_skipped_and_whoever_tries_is_told() {
    let mut world = World::new(
        r#"{"name": "one"}, {"name": "all", "site": "junction", "from": ["one"]},
           {"name": "production", "from": ["all"], "overrides": {"by": ["boss"], "at_most": "4h"}}"#,
    );
    world.makes("r1").overrides(|leave| leave.skips = [environment("all")].into());
    assert_eq!(world.oddities(), ["event 1 lets r1 skip all, a junction: name what is before it"]);
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    world.overrides(|leave| leave.skips = [environment("one")].into());
    assert_eq!(world.standing("production", "r1"), Standing::Enter, "what is before it can");
}

#[test]
fn with_evidence_no_override_is_used() {
    let mut world = emergency();
    world.settles("staging", "r1").overrides(|_| {}).at(10 + 720);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter);
    assert!(!rules(&decision).contains(&"promotion.override"), "{decision}");
    assert_eq!(decision.outcome.wake, None, "nothing lapses");
}
