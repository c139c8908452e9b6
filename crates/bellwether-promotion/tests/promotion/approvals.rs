//! Who agrees counts once, for these bytes, and is no author.

use bellwether_core::Version;
use bellwether_promotion::{Kind, Made, Standing};

use crate::world::{World, digest, digests, environment, minute, person, release, rules, told};

fn asks_for_two() -> World {
    let mut world =
        World::new(r#"{"name": "production", "approvals": {"count": 2, "of": ["ann", "bob", "cem", "dora"]}}"#);
    world.makes("r1");
    world
}

#[test]
fn two_of_four_who_are_no_authors_are_enough() {
    let mut world = asks_for_two();
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert_eq!(
        told(&decision, "promotion.approval"),
        "0 of 2 approvals of r1 for production, by nobody | 2 more of bob, cem, dora approved it",
        "ann made it"
    );
    world.approves("production", "r1", "bob");
    assert_eq!(
        told(&world.entry("production", "r1"), "promotion.approval"),
        "1 of 2 approvals of r1 for production, by bob | 1 more of cem, dora approved it",
        "bob has agreed already"
    );
    world.approves("production", "r1", "dora");
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter);
    assert_eq!(told(&decision, "promotion.approved"), "r1 is approved for production by bob, dora");
}

#[test]
fn nobody_approves_the_own_work_however_the_name_is_typed() {
    let mut world = asks_for_two();
    world.approves("production", "r1", "bob").approves("production", "r1", "Ann");
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    let text = told(&decision, "promotion.approval_void");
    assert_eq!(text, "what Ann said of r1 for production does not count: it is their own work");
}

#[test]
fn one_person_counts_once_however_often_and_however_typed() {
    let mut world = asks_for_two();
    world.approves("production", "r1", "bob").approves("production", "r1", "bob").approves("production", "r1", "BOB ");
    assert!(told(&world.entry("production", "r1"), "promotion.approval").starts_with("1 of 2 approvals"));
}

#[test]
fn an_approval_is_for_one_release_one_environment_and_one_set_of_bytes() {
    let mut world = asks_for_two();
    world.approves("production", "r1", "bob").approves("production", "r1", "cem");
    world.makes("r2");
    assert!(rules(&world.entry("production", "r2")).contains(&"promotion.approval"), "it was for r1");

    let (environment, release, by) = (environment("production"), release("r1"), person("cem"));
    let other = Kind::Approved { environment, release, digests: digests("r2"), by, until: None };
    let decision = world.happens(other).entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait, "the last word of cem is about other bytes");
    assert!(told(&decision, "promotion.approval_void").ends_with("it is for other bytes"));
}

#[test]
fn an_approval_lapses_and_says_when() {
    let mut world = asks_for_two();
    let (place, name) = (environment("production"), release("r1"));
    let until = Some(minute(30));
    let approved =
        Kind::Approved { environment: place, release: name, digests: digests("r1"), by: person("bob"), until };
    world.happens(approved).approves("production", "r1", "cem").at(29);
    let decision = world.entry("production", "r1");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Enter, Some(minute(30))));
    let decision = world.at(30).entry("production", "r1");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Wait, None));
    assert!(told(&decision, "promotion.approval_void").ends_with("it has lapsed"));
}

#[test]
fn an_objection_outweighs_any_number_of_approvals_until_it_is_taken_back() {
    let mut world = asks_for_two();
    world.approves("production", "r1", "bob").approves("production", "r1", "cem");
    let declined = |by: &str| Kind::Declined {
        environment: environment("production"),
        release: release("r1"),
        by: person(by),
        why: "the migration is slow".into(),
    };
    let decision = world.happens(declined("dora")).entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert_eq!(
        told(&decision, "promotion.declined"),
        "dora declined r1 for production: the migration is slow | dora had approved it"
    );
    assert_eq!(world.approves("production", "r1", "dora").standing("production", "r1"), Standing::Enter);
    assert_eq!(world.happens(declined("ann")).standing("production", "r1"), Standing::Refuse, "an author is heard");
    assert_eq!(
        asks_for_two()
            .approves("production", "r1", "bob")
            .approves("production", "r1", "cem")
            .happens(declined("eve"))
            .standing("production", "r1"),
        Standing::Enter,
        "eve is not asked"
    );
}

#[test]
fn who_is_not_asked_does_not_count() {
    let mut world = asks_for_two();
    world.approves("production", "r1", "bob").approves("production", "r1", "mallory");
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert!(told(&decision, "promotion.approval_void").ends_with("they are not asked"));
}

#[test]
fn where_nobody_is_named_anybody_but_an_author_counts() {
    let mut world = World::new(r#"{"name": "production", "approvals": {"count": 1}}"#);
    world.makes("r1").approves("production", "r1", "ann");
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    assert_eq!(world.approves("production", "r1", "mallory").standing("production", "r1"), Standing::Enter);
}

#[test]
fn a_release_whose_authors_nobody_knows_cannot_be_approved() {
    let mut world = World::new(r#"{"name": "production", "approvals": {"count": 1}}"#);
    let version = Version::named("r1").with_digest("image", &digest("r1"));
    world.happens(Kind::Made(Made::new(release("r1"), version))).approves("production", "r1", "bob");
    assert_eq!(rules(&world.entry("production", "r1")), ["promotion.author_unknown"]);
}

/// In the field a protected environment waited for ever: its one reviewer was the author of everything, and reviewing
/// the own work was forbidden.
#[test]
fn approvals_that_nobody_could_give_are_refused_at_once() {
    let mut world = World::new(r#"{"name": "production", "approvals": {"count": 2, "of": ["Ann", "bob"]}}"#);
    let decision = world.makes("r1").entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert_eq!(
        told(&decision, "promotion.approval_impossible"),
        "2 approvals of Ann, bob are asked for, and only 1 of them did not make r1 | \
         more people could approve for production"
    );
    let advice = world.graph.check();
    assert_eq!(advice[0].rule, "promotion.approval_impossible", "the graph alone shows it coming");
}

#[test]
fn whoever_speaks_where_nobody_is_asked_is_told_so() {
    let mut world = World::new(r#"{"name": "staging"}"#);
    let decision = world.makes("r1").approves("staging", "r1", "bob").entry("staging", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter);
    assert!(told(&decision, "promotion.approval_void").ends_with("nobody is asked here"));
}
