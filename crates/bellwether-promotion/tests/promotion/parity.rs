//! How the settings of environments differ.

use bellwether_promotion::{Kind, Standing, preset};

use crate::world::{World, environment, rules, told};

fn world() -> World {
    let mut world = World::new(
        r#"{"name": "staging", "settings": {"log_level": "debug", "replicas": "2", "tls": "on", "new_flag": "on"}},
           {"name": "production", "from": ["staging"], "settings": {"log_level": "info", "replicas": "5", "tls": "on"},
            "may_differ": ["replicas", "log_level"], "same": ["tls"]}"#,
    );
    world.makes("r1").settles("staging", "r1");
    world
}

fn reads(world: &mut World, place: &str, settings: &[(&str, &str)]) {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    world.happens(Kind::Configured { environment: environment(place), settings });
}

#[test]
fn expected_differences_are_told_and_others_are_warned_of() {
    let decision = world().entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Enter, "a difference alone keeps nothing out");
    let told: Vec<String> = decision.findings.iter().map(ToString::to_string).collect();
    assert!(
        told.contains(
            &"warning promotion.parity: production is not configured as staging: new_flag on → not set".into()
        )
    );
    assert!(told.contains(
        &"info promotion.parity: production differs from staging as expected: log_level debug → info, replicas 2 → 5".into()
    ));
}

#[test]
fn a_setting_that_must_be_the_same_keeps_a_release_out() {
    let mut world = world();
    reads(&mut world, "production", &[("tls", "off")]);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Refuse);
    assert_eq!(
        told(&decision, "promotion.same"),
        "tls must be the same: it is on in staging, off in production | both were the same"
    );
    reads(&mut world, "production", &[]);
    assert!(told(&world.entry("production", "r1"), "promotion.same").contains("not set in production"));
}

#[test]
fn what_was_read_counts_and_is_compared_with_what_the_graph_declares() {
    let mut world = world();
    reads(&mut world, "production", &[("log_level", "trace"), ("replicas", "5"), ("tls", "on"), ("new_flag", "on")]);
    let decision = world.entry("production", "r1");
    assert_eq!(
        told(&decision, "promotion.drift"),
        "production is not configured as the graph says: log_level info → trace, new_flag not set → on"
    );
    assert!(!decision.to_string().contains("is not configured as staging"), "new_flag is set in both now: {decision}");
}

#[test]
fn settings_that_nobody_knows_are_not_the_same() {
    let mut world = World::new(r#"{"name": "staging"}, {"name": "production", "from": ["staging"], "same": ["tls"]}"#);
    world.makes("r1").settles("staging", "r1");
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    reads(&mut world, "staging", &[("region", "eu")]);
    let decision = world.entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert!(told(&decision, "promotion.same").starts_with("nobody knows tls of staging or production"));
}

/// Pre-production stands between staging and production and has no settings in the guide.
#[test]
fn the_nearest_environment_whose_settings_are_known_is_compared_with() {
    let mut world = World::pair();
    world.graph = preset::seed_004();
    let decision = world.makes("r1").entry("production", "r1");
    let text = told(&decision, "promotion.parity");
    assert_eq!(
        text,
        "production differs from staging as expected: cpu 250m → 500m, database staging-postgres → \
         prod-postgres-cluster, log_level info → warn, memory 256Mi → 512Mi, replicas 2 → 5"
    );
    assert_eq!(rules(&decision).iter().filter(|rule| **rule == "promotion.parity").count(), 1);
}
