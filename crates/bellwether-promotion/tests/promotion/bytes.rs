//! What enters is byte for byte what was verified.

use std::collections::BTreeMap;

use bellwether_core::Version;
use bellwether_promotion::{Ask, Cause, Kind, Made, Standing};

use crate::world::{World, digest, digests, environment, made, person, release, rules, told};

#[test]
fn a_tag_is_refused_everywhere_because_it_can_be_moved() {
    for (found, image) in [("latest", "latest"), ("registry.example.com/app:1.2", "registry.example.com/app:1.2")] {
        let mut world = World::pair();
        let made = Made::new(release("r1"), Version::named("r1").with_digest("image", image));
        world.happens(Kind::Made(made));
        let decision = world.entry("staging", "r1");
        assert_eq!(decision.outcome.standing, Standing::Refuse);
        let text = told(&decision, "promotion.mutable");
        assert!(text.starts_with(&format!("the image of r1 is {found}, which can be moved to other bytes")), "{text}");
    }
}

#[test]
fn a_release_without_digests_is_refused() {
    let mut world = World::pair();
    world.happens(Kind::Made(Made::new(release("r1"), Version::named("r1"))));
    assert_eq!(rules(&world.entry("staging", "r1")), ["promotion.mutable"]);
}

#[test]
fn a_release_of_which_everything_varies_has_no_identity() {
    let mut world = World::pair();
    let text = r#"{"schema": 1, "varies": ["image"], "environments": [{"name": "staging"}]}"#;
    world.graph = serde_json::from_str(text).unwrap();
    assert_eq!(rules(&world.makes("r1").entry("staging", "r1")), ["promotion.mutable"]);
}

#[test]
fn what_was_verified_upstream_under_the_same_name_with_other_bytes_lets_nothing_in() {
    let mut world = World::pair();
    world.makes("r1").begins("staging", "r1", Cause::Person);
    world.happens(Kind::Exposed {
        environment: environment("staging"),
        release: release("r1"),
        digests: digests("r2"),
    });
    world.passes("staging", "r1").at(600);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert!(told(&decision, "promotion.other_artefact").starts_with("what ran in staging as r1 had the image sha256:"));
    // The right bytes are brought: everything begins anew.
    world.exposes("staging", "r1").at(660);
    assert_eq!(rules(&world.entry("production", "r1")), ["promotion.unverified"], "the pass was about other bytes");
    assert_eq!(world.passes("staging", "r1").standing("production", "r1"), Standing::Enter);
}

#[test]
fn what_nobody_looked_at_upstream_is_not_known_to_be_the_same() {
    let mut world = World::pair();
    let version = Version::named("r1").with_digest("image", &digest("r1")).with_digest("schema", &digest("s1"));
    world.happens(Kind::Made(Made::new(release("r1"), version))).settles("staging", "r1").at(60);
    let text = told(&world.entry("production", "r1"), "promotion.other_artefact");
    assert!(text.starts_with("what ran in staging as r1 had the schema nobody looked at, it was made with"), "{text}");
}

#[test]
fn what_is_rendered_anew_for_each_environment_is_not_compared() {
    let mut world = World::pair();
    let text = r#"{"schema": 1, "varies": ["configuration"], "environments": [{"name": "staging"},
        {"name": "production", "from": ["staging"]}]}"#;
    world.graph = serde_json::from_str(text).unwrap();
    let version = Version::named("r1").with_digest("image", &digest("r1")).with_digest("configuration", &digest("c1"));
    world.happens(Kind::Made(Made::new(release("r1"), version))).settles("staging", "r1");
    assert_eq!(world.standing("production", "r1"), Standing::Enter);
}

#[test]
fn a_tag_that_moved_between_verification_and_deployment_is_noticed_by_who_looks() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(60);
    let ask = Ask::by_person(release("r1"), environment("production"));
    assert_eq!(world.entry_of(&ask.clone().with_digests(digests("r1"))).outcome.standing, Standing::Enter);
    let decision = world.entry_of(&ask.clone().with_digests(digests("r2")));
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert!(rules(&decision).contains(&"promotion.other_artefact"));
    let nobody_looked = world.entry_of(&ask.with_digests(BTreeMap::new()));
    assert_eq!(nobody_looked.outcome.standing, Standing::Refuse, "an empty look proves nothing");
}

#[test]
fn a_release_that_is_made_twice_of_different_things_is_refused_everywhere() {
    let mut world = World::pair();
    let other = Made::new(release("r1"), Version::named("r1").with_digest("image", &digest("r2")));
    world.makes("r1").makes("r1");
    assert_eq!(world.standing("staging", "r1"), Standing::Enter, "the same thing twice is one");
    world.happens(Kind::Made(other));
    assert_eq!(rules(&world.entry("staging", "r1")), ["promotion.contested"]);
    assert_eq!(world.oddities(), ["event 2 says that r1 was made of something else than before"]);
}

#[test]
fn a_withdrawn_release_enters_nothing_any_more() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(60);
    world.happens(Kind::Withdrawn { release: release("r1"), by: person("bob"), why: "leaks keys".into() });
    assert_eq!(told(&world.entry("production", "r1"), "promotion.withdrawn"), "bob withdrew r1: leaks keys");
}

#[test]
fn what_is_wrong_with_a_release_that_is_there_is_told() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").fails("staging", "r1");
    world.happens(Kind::Withdrawn { release: release("r1"), by: person("bob"), why: "leaks keys".into() });
    let decision = world.entry("staging", "r1");
    assert_eq!(decision.outcome.standing, Standing::Present);
    assert_eq!(rules(&decision), ["promotion.present", "promotion.failed_here", "promotion.withdrawn"]);
}

#[test]
fn other_bytes_under_its_name_are_not_the_release() {
    let mut world = World::pair();
    world.makes("r1").begins("staging", "r1", Cause::Person);
    world.happens(Kind::Exposed {
        environment: environment("staging"),
        release: release("r1"),
        digests: digests("r2"),
    });
    world.ends("staging", "r1", bellwether_promotion::Ending::Arrived);
    let decision = world.entry("staging", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter, "a person may bring the right ones");
    assert!(told(&decision, "promotion.other_artefact").starts_with("what runs in staging as r1 has the image"));
}

#[test]
fn only_releases_of_its_branches_enter_an_environment() {
    let mut world = World::new(r#"{"name": "staging", "branches": ["main", "hotfix/*"]}"#);
    world
        .happens(Kind::Made(made("r1").with_branch("develop")))
        .happens(Kind::Made(made("r2").with_branch("hotfix/7")));
    world.makes("r3");
    let text = told(&world.entry("staging", "r1"), "promotion.branch");
    assert_eq!(text, "r1 was made of develop, staging takes main, hotfix/*");
    assert_eq!(world.standing("staging", "r2"), Standing::Enter);
    assert!(told(&world.entry("staging", "r3"), "promotion.branch").contains("no known branch"));
}
