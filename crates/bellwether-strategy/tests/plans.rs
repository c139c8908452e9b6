//! What a plan may be and what it may not, and the seeds' own plans.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use bellwether_core::{
    Arms, Basis, Capabilities, CohortSupport, Duration, Fencing, Level, Release, Severity, Target, Version, Weight,
};
use bellwether_strategy::{
    BigBang, Canary, CanaryStep, Conduct, Facts, OnDeadline, Plan, PlanDraft, Refusal, StableSizing, Strategy, Table,
    WayBack, check, for_level,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn release(level: Level) -> Release {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, level)
}

fn plan(level: Level) -> Plan {
    for_level(level).plan(&release(level), &Target::default()).unwrap().outcome
}

fn router(precision: u16) -> Capabilities {
    Capabilities {
        precision: Weight::new(precision).unwrap(),
        mirror: false,
        cohort: CohortSupport::None,
        fencing: Fencing::None,
        staleness: Duration::ZERO,
    }
}

/// A plan's exposures and least bakes, as `5 % 2h`.
fn steps(plan: &Plan) -> Vec<String> {
    plan.steps().iter().map(|step| format!("{} {} {}", step.route.share, step.bake.min, step.evidence)).collect()
}

#[test]
fn the_decision_matrix_gives_each_level_its_plan() {
    // Seed 003, "Deployment Strategy Decision Matrix" and "Stage 5: Full Rollout ... 24 hours continuous monitoring".
    assert_eq!(steps(&plan(Level::Zero)), ["100 % 0s time"]);
    assert_eq!(steps(&plan(Level::Low)), ["0 % 1h time", "100 % 0s guard"]);
    assert_eq!(steps(&plan(Level::Medium)), ["10 % 2h compare", "50 % 4h compare", "100 % 0s guard"]);
    assert_eq!(
        steps(&plan(Level::High)),
        [
            "1 % 8h compare",
            "10 % 4h compare",
            "25 % 4h compare",
            "50 % 4h compare",
            "75 % 4h compare",
            "100 % 1d guard"
        ]
    );
}

fn sample() -> Value {
    serde_json::to_value(plan(Level::Medium)).unwrap()
}

fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut value = sample();
    change(&mut value);
    serde_json::from_value::<Plan>(value).unwrap_err().to_string()
}

#[test]
fn an_impossible_plan_is_refused_at_the_place_that_is_wrong() {
    type Case = (&'static str, fn(&mut Value));
    let cases: [Case; 18] = [
        ("$.schema: expected 1, found 2", |plan| plan["schema"] = json!(2)),
        ("$.steps: expected 1 to 100 steps, found 0", |plan| plan["steps"] = json!([])),
        ("$.steps[1].route.share: expected more than the 10 % of the step before, found 5 %", |plan| {
            plan["steps"][1]["route"]["share"] = json!(500);
        }),
        ("$.steps[1].route.share: expected more than the 10 % of the step before, found 10 %", |plan| {
            plan["steps"][1]["route"]["share"] = json!(1_000);
        }),
        ("expected a share of 0 to 10000 basis points, found 10001", |plan| {
            plan["steps"][1]["route"]["share"] = json!(10_001);
        }),
        (
            "$.steps[2].evidence: expected guard or time, because there is no control arm at this exposure, found compare",
            |plan| {
                plan["steps"][2]["evidence"] = json!("compare");
            },
        ),
        ("$.steps[0].evidence: expected guard or time", |plan| plan["steps"][0]["route"]["share"] = json!(0)),
        ("$.steps[1].id: expected a name that no step before has, found canary-10", |plan| {
            plan["steps"][1]["id"] = json!("canary-10");
        }),
        ("$.steps[0].bake.max: expected at least bake.min (2h), found 1h", |plan| {
            plan["steps"][0]["bake"]["max"] = json!("1h");
        }),
        ("$.steps[1].on_inconclusive: expected human or roll_back", |plan| {
            plan["steps"][1]["on_inconclusive"] = json!("proceed_uncertified");
        }),
        ("$.conduct.no_data.then: expected roll_back or human", |plan| {
            plan["conduct"]["no_data"]["then"] = json!("proceed_uncertified");
        }),
        ("$.capacity.replicas: expected at least 1, found 0", |plan| plan["capacity"] = json!({ "replicas": 0 })),
        ("$.precision: expected at least 1 basis point, found 0", |plan| plan["precision"] = json!(0)),
        ("$.steps[0].route.share: expected a multiple of the router's precision of 0.39 %, found 10 %", |plan| {
            plan["precision"] = json!(39);
        }),
        ("$.floor.step: expected the name of a step, found nowhere", |plan| {
            plan["floor"] = json!({ "step": "nowhere", "why": "", "alternatives": [] });
        }),
        ("$.arms: expected two different versions, found 41", |plan| {
            plan["arms"]["candidate"] = json!({ "name": "41" });
        }),
        ("$.steps[0].route.cohort.size: expected at least 1 basis point, found 0 %", |plan| {
            plan["steps"][0]["route"]["cohort"] = json!({ "name": "staff", "size": 0 });
        }),
        ("unknown field `weight`", |plan| plan["steps"][0]["weight"] = json!(5)),
    ];
    for (expected, change) in cases {
        let error = refusal(change);
        assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
    }
}

/// A plan of as many steps as are allowed, and of one more: the step at 100 % that is added counts.
#[test]
fn a_plan_that_was_made_is_one_that_can_be_read() {
    let steps = |count: u16| {
        let mut draft = plan(Level::Medium).draft();
        let template = draft.steps[0].clone();
        draft.steps = (1..=count)
            .map(|share| {
                let mut step = template.clone();
                step.id = format!("step-{share}").parse().unwrap();
                step.route.share = Weight::new(share).unwrap();
                step
            })
            .collect();
        Plan::try_from(draft)
    };
    let longest = steps(99).unwrap();
    assert_eq!(Plan::try_from(longest.draft()), Ok(longest));
    let error = steps(100).unwrap_err().to_string();
    assert_eq!(error, "$.steps: expected 1 to 100 steps, the one at 100 % included, found 101");
}

#[test]
fn a_field_given_twice_is_refused() {
    let text = sample().to_string();
    let twice = text.replacen(r#""schema":1"#, r#""schema":1,"schema":1"#, 1);
    assert_ne!(text, twice);
    assert!(serde_json::from_str::<Plan>(&twice).unwrap_err().to_string().contains("duplicate field `schema`"));
}

#[test]
fn a_small_step_may_go_on_without_a_certificate_and_the_check_says_so() {
    let quarter = CanaryStep::new(Weight::new(2_500).unwrap(), Duration::from_minutes(10));
    let canary = Canary::new([quarter.on_inconclusive(OnDeadline::ProceedUncertified)]);
    let plan = canary.plan(&release(Level::High), &Target::default()).unwrap().outcome;
    assert!(check(&plan, &Facts::default()).iter().any(|finding| finding.rule == "plan.uncertified"));
}

#[test]
fn a_share_finer_than_the_router_is_rounded_down_and_the_finding_says_so() {
    let target = Target::default().with_router(router(39));
    let decision = Canary::medium_risk().plan(&release(Level::Medium), &target).unwrap();
    assert_eq!(decision.outcome.steps()[0].route.share, Weight::new(975).unwrap(), "10 % is 25 of 256 steps");
    assert_eq!(
        decision.findings[0].to_string(),
        "info plan.rounded: 10 % was rounded down to 9.75 %, the router's precision is 0.39 %"
    );
}

#[test]
fn a_share_that_the_router_would_turn_into_nothing_is_refused() {
    let target = Target::default().with_router(router(200));
    let error = Canary::high_risk().plan(&release(Level::High), &target).unwrap_err();
    assert!(matches!(error, Refusal::Plan(_)));
    assert!(
        error
            .to_string()
            .contains("$.steps[0].route.share: expected at least the router's smallest share of 2 %, found 1 %"),
        "{error}"
    );
}

#[test]
fn big_bang_above_low_risk_has_a_finding_and_below_has_none() {
    let findings = |level| BigBang.plan(&release(level), &Target::default()).unwrap().findings;
    assert!(findings(Level::Low).is_empty());
    assert_eq!(findings(Level::Medium)[0].severity, Severity::Warning);
}

#[test]
fn checks_fire_and_their_near_misses_do_not() {
    let rules =
        |plan: &Plan, facts: &Facts| check(plan, facts).into_iter().map(|finding| finding.rule).collect::<Vec<_>>();
    let medium = plan(Level::Medium);
    let rto = |seconds| Facts::default().with_rto(Duration::from_seconds(seconds));
    assert_eq!(rules(&medium, &rto(29)), ["plan.slow_rollback"]);
    assert!(rules(&medium, &rto(30)).is_empty());
    let follows = followed();
    assert_eq!(rules(&follows, &rto(119)), ["plan.slow_rollback"], "stable's units must come back first");
    assert!(rules(&follows, &rto(120)).is_empty());
    let flag = |seconds| rto(seconds).with_way_back(WayBack::FLAG);
    assert_eq!(rules(&medium, &flag(9)), ["plan.slow_rollback"]);
    assert!(rules(&medium, &flag(10)).is_empty(), "the caller knows that it is a flag");
    let power = |probability| Facts::default().with_pass_probability([Some(probability), None]);
    assert_eq!(rules(&medium, &power(0.89)), ["plan.underpowered"]);
    assert!(rules(&medium, &power(0.9)).is_empty());
    assert_eq!(
        rules(&medium, &Facts::default().with_router(router(600))),
        ["plan.beyond_router", "plan.beyond_router"]
    );
    assert!(rules(&medium, &Facts::default().with_router(router(500))).is_empty());
    let all_at_once = BigBang.plan(&release(Level::Medium), &Target::default()).unwrap().outcome;
    assert_eq!(rules(&all_at_once, &Facts::default()), ["plan.time_only"]);
    assert!(rules(&plan(Level::Zero), &Facts::default()).is_empty());
}

/// A plan whose stable keeps only the units that its share needs.
fn followed() -> Plan {
    let conduct = Conduct { stable_sizing: StableSizing::FollowsTraffic, ..Conduct::default() };
    let target = Target::default().with_replicas(10);
    Canary::medium_risk().with_conduct(conduct).plan(&release(Level::Medium), &target).unwrap().outcome
}

#[test]
fn the_digest_is_the_plan_and_nothing_else() {
    let text = serde_json::to_string_pretty(&plan(Level::High)).unwrap();
    let read: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(read.digest(), plan(Level::High).digest(), "white space does not change what a plan is");
    assert_ne!(plan(Level::High).digest(), plan(Level::Medium).digest());
    // Pinned: a digest that changes would void every approval and orphan every snapshot.
    assert_eq!(plan(Level::Zero).digest().short(), "7afebbabd001");
}

#[test]
fn the_table_shows_a_person_what_will_happen() {
    let target = Target::default().with_replicas(10);
    let plan = Canary::medium_risk().plan(&release(Level::Medium), &target).unwrap().outcome;
    assert_eq!(
        plan.table().to_string(),
        "step       share  units  evidence  bake       gates  earliest end  rollback\n\
         canary-10  10 %   1      compare   2h to 4h   -      2h            < 30s\n\
         canary-50  50 %   5      compare   4h to 8h   -      6h            < 30s\n\
         full       100 %  10     guard     0s to 10m  -      6h            < 30s"
    );
}

#[test]
fn the_table_shows_what_a_step_waits_for() {
    let target = Target::default().with_replicas(10);
    let mut draft = Canary::medium_risk().plan(&release(Level::Medium), &target).unwrap().outcome.draft();
    draft.steps[0].approvals = 1;
    draft.steps[1].approvals = 2;
    draft.steps[1].gates = vec!["smoke".parse().unwrap(), "window".parse().unwrap()];
    let table = Plan::try_from(draft).unwrap().table().to_string();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines[1],
        "canary-10  10 %   1      compare   2h to 4h   1 approval                  2h            < 30s"
    );
    assert_eq!(
        lines[2],
        "canary-50  50 %   5      compare   4h to 8h   smoke, window, 2 approvals  6h            < 30s"
    );
}

/// Seed 001, "Rollback Methods": "Traffic switch < 30 seconds", "Revert deployment < 2 minutes".
#[test]
fn the_table_shows_how_long_going_back_takes_beside_what_is_allowed() {
    let column = |table: Table<'_>| {
        let text = table.to_string();
        let cells = text.lines().take(2).map(|line| line.rsplit("  ").next().unwrap().to_owned());
        cells.collect::<Vec<_>>().join(": ")
    };
    let (medium, follows) = (plan(Level::Medium), followed());
    let rto = |seconds| Duration::from_seconds(seconds);
    assert_eq!(column(medium.table()), "rollback: < 30s");
    assert_eq!(column(follows.table()), "rollback: < 2m");
    assert_eq!(column(medium.table().with_rto(rto(60))), "rollback (RTO 1m): < 30s");
    assert_eq!(column(follows.table().with_rto(rto(60))), "rollback (RTO 1m): < 2m, too slow");
    assert_eq!(
        column(medium.table().with_way_back(WayBack::FLAG).with_rto(rto(9))),
        "rollback (RTO 9s): < 10s, too slow"
    );
}

proptest! {
    #[test]
    fn whatever_is_read_as_a_plan_rises_to_everything(shares in prop::collection::vec(0u16..=10_000, 1..8), precision in 1u16..500) {
        let mut draft: PlanDraft = plan(Level::Medium).draft();
        let template = draft.steps[0].clone();
        draft.precision = Weight::new(precision).unwrap();
        draft.steps = shares.iter().enumerate().map(|(index, share)| {
            let mut step = template.clone();
            step.id = format!("step-{index}").parse().unwrap();
            step.route.share = Weight::new(*share).unwrap();
            step.evidence = if (1..10_000).contains(share) { Basis::Compare } else { Basis::Guard };
            step
        }).collect();
        if let Ok(plan) = Plan::try_from(draft) {
            let exposures: Vec<Weight> = plan.steps().iter().map(|step| step.route.share).collect();
            prop_assert!(exposures.windows(2).all(|pair| pair[0] < pair[1] || (pair[0] == pair[1] && pair[0] == Weight::ZERO)));
            prop_assert_eq!(exposures.last().copied(), Some(Weight::FULL));
            let text = serde_json::to_string(&plan).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Plan>(&text).unwrap(), &plan);
            prop_assert_eq!(Plan::try_from(plan.draft()).unwrap(), plan);
        }
    }
}
