//! Each preset beside the words that it was taken from.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use std::collections::BTreeSet;

use bellwether_core::{Arms, Capabilities, CohortSupport, Duration, Fencing, Level, Release, Target, Version, Weight};
use bellwether_strategy::{Plan, preset};

fn plan(name: &str) -> Plan {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, Level::Medium);
    let router = Capabilities {
        precision: Weight::new(1).unwrap(),
        mirror: false,
        cohort: CohortSupport::Unmatched,
        fencing: Fencing::None,
        staleness: Duration::ZERO,
    };
    let target = Target::default().with_replicas(4).with_router(router);
    preset::named(name).unwrap().strategy().plan(&release, &target).unwrap().outcome
}

/// What a guide states of a stage: who or how much, and how long.
fn stages(name: &str) -> Vec<String> {
    let step = |step: &bellwether_strategy::Step| {
        let who = match &step.route.cohort {
            Some(cohort) if step.route.share == Weight::ZERO => format!("{} {}", cohort.name, cohort.size),
            _ => step.route.share.to_string(),
        };
        format!("{who} {}", step.bake.min)
    };
    plan(name).steps().iter().map(step).collect()
}

#[test]
fn seed_000_shows_its_spectrum() {
    // "New Version: 100% traffic", "instant switch".
    assert_eq!(stages("seed-000-big-bang"), ["100 % 0s"]);
    // "two identical houses": "Green (New): 0% traffic (ready)", then "100% traffic", "Blue (Old): 0% (standby)".
    let green = plan("seed-000-blue-green");
    let units: Vec<_> = green.steps().iter().map(|step| (step.route.share, green.candidate_units(step))).collect();
    assert_eq!(units, [(Weight::ZERO, Some(4)), (Weight::FULL, Some(4))]);
    // "5% traffic (canary)", "If successful: 50% traffic", "If successful: 100% traffic".
    assert_eq!(stages("seed-000-canary"), ["5 % 2h", "50 % 4h", "100 % 0s"]);
    // "canary-deploy.sh 5", "sleep 300 # Wait 5 minutes", "canary-deploy.sh 100".
    assert_eq!(stages("seed-000-pipeline"), ["5 % 5m", "100 % 0s"]);
}

/// The least and the most units of eight that a preset lets run.
fn bounds(name: &str) -> (u32, u32) {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, Level::Medium);
    let target = Target::default().with_replicas(8);
    let plan = preset::named(name).unwrap().strategy().plan(&release, &target).unwrap().outcome;
    let bounds = plan.exchange().unwrap().bounds(8);
    (bounds.least, bounds.most)
}

#[test]
fn the_seeds_roll_by_their_own_bounds() {
    // Seed 000: "maxSurge: 1", "maxUnavailable: 0  # Zero downtime". Seed 001: "maxSurge: 1", "maxUnavailable: 0".
    assert_eq!((bounds("seed-000-rolling"), bounds("seed-001-rolling")), ((8, 9), (8, 9)));
    // Seed 002: "maxUnavailable: 1", "maxSurge: 1". Seed 004: "Max Unavailable: 25%", "Max Surge: 25%".
    assert_eq!((bounds("seed-002-rolling"), bounds("seed-004-rolling")), ((7, 9), (6, 10)));
}

#[test]
fn seed_000_rolls_a_flag_out_in_phases() {
    // "Phase 1: Internal Users (0.1% - employees, beta testers)", "Phase 2: Early Adopters (1% - opted-in users)",
    // "Phase 3: Gradual Rollout (5% → 25% → 50% → 100%)".
    assert_eq!(
        stages("seed-000-feature-flag"),
        ["internal 0.1 % 2h", "early-adopters 1 % 2h", "5 % 4h", "25 % 4h", "50 % 4h", "100 % 0s"]
    );
    assert_eq!(stages("seed-000-progressive"), ["0.1 % 2h", "1 % 2h", "5 % 4h", "25 % 4h", "50 % 4h", "100 % 0s"]);
    // "if (userId && config.enabledUsers?.includes(userId)) return true" comes before "hash % 100 < globalPercentage".
    let flag = plan("seed-000-feature-flag");
    let kept = flag.steps().iter().filter(|step| step.route.cohort.is_some()).count();
    assert_eq!((kept, flag.capacity()), (5, None));
}

#[test]
fn seed_001_pauses_ten_minutes_at_each_share() {
    // "setWeight: 5 # 5% traffic", "pause: { duration: 10m }", "setWeight: 25", "pause: { duration: 10m }",
    // "setWeight: 50", "pause: { duration: 10m }", "setWeight: 100".
    assert_eq!(stages("seed-001-canary"), ["5 % 10m", "25 % 10m", "50 % 10m", "100 % 0s"]);
    // "Deploy new version to "green" environment", "Switch traffic", "Keep blue for quick rollback".
    assert_eq!(stages("seed-001-blue-green"), ["0 % 5m", "100 % 30m"]);
}

#[test]
fn seed_003_has_a_stage_for_each_of_its_five() {
    // "Stage 1: Infrastructure ... Wait: 0 hours", "Stage 2: Integration ... Wait: 1 hour", "Stage 3: Canary ... 10% of
    // users ... Wait: 2-4 hours", "Stage 4: Partial ... 50% ... Wait: 4-8 hours", "Stage 5: Full Rollout ... 100% ...
    // Wait: 24 hours continuous monitoring".
    let five = plan("seed-003-five-stages");
    let names: Vec<&str> = five.steps().iter().map(|step| step.id.as_str()).collect();
    assert_eq!(names, ["infrastructure", "integration", "canary", "partial", "full"]);
    assert_eq!(stages("seed-003-five-stages"), ["0 % 0s", "0 % 1h", "10 % 2h", "50 % 4h", "100 % 1d"]);
}

#[test]
fn seed_003_has_an_approach_for_each_risk() {
    // "LOW-RISK: Flag-Gated ... Wait: 1 hour with flag OFF".
    assert_eq!(stages("seed-003-flag-gated"), ["0 % 1h", "100 % 0s"]);
    // "MEDIUM-RISK: Canary ... Stages: 10% (2-4 hrs) → 50% (4-8 hrs) → 100%".
    assert_eq!(stages("seed-003-canary"), ["10 % 2h", "50 % 4h", "100 % 0s"]);
    // "HIGH-RISK: Extended Canary ... Stages: 1-5% (8-24 hrs) → 10% → 25% → 50% → 75% → 100%", "Each stage: 4-8 hours
    // minimum".
    assert_eq!(stages("seed-003-extended-canary"), ["1 % 8h", "10 % 4h", "25 % 4h", "50 % 4h", "75 % 4h", "100 % 1d"]);
    // "Pattern: Internal → Beta users → All users".
    assert_eq!(stages("seed-003-phased"), ["internal 0.1 % 1d", "beta 1 % 1d", "100 % 1d"]);
}

#[test]
fn seed_004_keeps_the_old_one_for_half_an_hour_and_takes_short_steps() {
    // "Blue: Keep Running (30 mins)", "Deployment Time: 5-10 minutes".
    assert_eq!(stages("seed-004-blue-green"), ["0 % 5m", "100 % 30m"]);
    // "traffic_percentage: 5, duration: '10m'", "traffic_percentage: 25, duration: '20m'", "traffic_percentage: 100".
    assert_eq!(stages("seed-004-canary"), ["5 % 10m", "25 % 20m", "100 % 0s"]);
}

#[test]
fn our_own_begin_with_one_percent_or_a_tenth_of_it() {
    let last = ["1 % 1h", "5 % 1h", "10 % 1h", "25 % 1h", "50 % 1h", "100 % 0s"];
    assert_eq!(stages("canary-1-5-10-25-50"), last);
    assert_eq!(stages("canary-0.1-1-5-10-25-50")[0], "0.1 % 1h");
    assert_eq!(stages("canary-0.1-1-5-10-25-50")[1..], last);
}

#[test]
fn every_preset_is_named_once_in_order_and_makes_a_plan() {
    let names: Vec<&str> = preset::ALL.iter().map(|preset| preset.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().into_iter().copied().collect::<Vec<_>>(), names);
    for name in names {
        assert_eq!(plan(name).steps().last().unwrap().route.share, Weight::FULL, "{name}");
    }
    assert!(preset::named("seed-005").is_none());
}
