//! Which strategy is recommended, and what the others are refused for.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use bellwether_core::{
    Arms, Capabilities, Cohort, CohortSupport, Decision, Duration, Fencing, Finding, Level, Method, Release, Target,
    Version, Weight,
};
use bellwether_strategy::{
    ChangeKind, Choice, CohortStep, Feasibility, Irreversible, Needs, StrategyName, UnitTime, choose, for_level,
};
use proptest::prelude::*;

fn release(level: Level) -> Release {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, level)
}

fn router() -> Capabilities {
    Capabilities {
        precision: Weight::new(1).unwrap(),
        mirror: true,
        cohort: CohortSupport::Unmatched,
        fencing: Fencing::None,
        staleness: Duration::ZERO,
    }
}

fn target() -> Target {
    Target::default().with_replicas(10).with_router(router())
}

fn coarse(precision: u16) -> Target {
    target().with_router(Capabilities { precision: Weight::new(precision).unwrap(), ..router() })
}

fn cohort(name: &str, size: &str) -> CohortStep {
    let cohort = Cohort { name: name.parse().unwrap(), size: size.parse().unwrap(), matched: false };
    CohortStep::new(cohort, Duration::from_hours(24))
}

fn recommended(level: Level, target: &Target, needs: &Needs) -> Option<StrategyName> {
    choose(&release(level), target, needs).outcome.recommended
}

/// Why a strategy is refused; empty where it is possible.
fn refusal(choice: &Choice, strategy: StrategyName) -> String {
    match &choice.alternative(strategy).unwrap().feasibility {
        Feasibility::Possible(_) => String::new(),
        Feasibility::Refused(why) => why.iter().map(Finding::rendered).collect(),
    }
}

fn rules(decision: &Decision<Choice>) -> Vec<&str> {
    decision.findings.iter().map(|finding| &*finding.rule).collect()
}

#[test]
fn the_decision_matrix_decides_where_nothing_else_does() {
    // Seed 003, "ZERO-RISK: Deploy Immediately", "LOW-RISK: Flag-Gated ... Wait: 1 hour", "MEDIUM-RISK: Canary",
    // "HIGH-RISK: Extended Canary".
    let expected = [
        (Level::Zero, StrategyName::BigBang),
        (Level::Low, StrategyName::Hidden),
        (Level::Medium, StrategyName::Canary),
        (Level::High, StrategyName::Canary),
    ];
    for (level, name) in expected {
        let decision = choose(&release(level), &target(), &Needs::default());
        assert_eq!(decision.outcome.recommended, Some(name), "{level}");
        let of_level = for_level(level).plan(&release(level), &target()).unwrap().outcome;
        assert_eq!(decision.outcome.plan(), Some(&of_level), "the same plan as the level's own strategy");
    }
    let flagged = Needs::default().with_flag(router());
    assert_eq!(recommended(Level::Low, &target(), &flagged), Some(StrategyName::FeatureFlag), "flag-gated");
}

#[test]
fn what_the_change_is_about_decides_from_medium_risk_on() {
    // Seed 003, "Decision Framework": "Blue/Green ... Best for: Infrastructure changes", "Canary ... Application changes,
    // new features", "Phased ... Major UX changes, new workflows".
    let about = |kind| Needs::default().with_kind(kind).with_cohorts([cohort("internal", "0.1 %")]);
    let expected = [
        (ChangeKind::Infrastructure, StrategyName::BlueGreen),
        (ChangeKind::Application, StrategyName::Canary),
        (ChangeKind::Experience, StrategyName::Phased),
    ];
    for (kind, name) in expected {
        for level in [Level::Medium, Level::High] {
            assert_eq!(recommended(level, &target(), &about(kind)), Some(name), "{kind:?} {level}");
        }
        assert_eq!(recommended(Level::Zero, &target(), &about(kind)), Some(StrategyName::BigBang), "{kind:?}");
    }
}

#[test]
fn a_flag_comes_before_a_canary() {
    // Seed 000, "Deployment Strategy Spectrum": "Canary  Feature Flags (Safe)".
    let needs = Needs::default().with_flag(router());
    let choice = choose(&release(Level::High), &target(), &needs).outcome;
    assert_eq!(choice.recommended, Some(StrategyName::FeatureFlag));
    let prospect = choice.alternative(StrategyName::FeatureFlag).unwrap().prospect().unwrap();
    assert_eq!((prospect.way_back.method, prospect.extra_capacity), (Method::Flag, Some(UnitTime::ZERO)));
}

#[test]
fn an_emergency_goes_at_once_and_a_cutover_is_switched() {
    // Seed 000, "Big Bang ... When to use": "Emergency fixes that must be deployed immediately", "Breaking changes that
    // require full cutover"; seed 003: "Blue/Green ... Best for: ... complete version swaps".
    let emergency = choose(&release(Level::High), &target(), &Needs::default().in_emergency());
    assert_eq!(emergency.outcome.recommended, Some(StrategyName::BigBang));
    assert_eq!(rules(&emergency), ["choice.emergency"]);
    let cutover = Needs::default().with_full_cutover().with_flag(router()).with_cohorts([cohort("internal", "0.1 %")]);
    let choice = choose(&release(Level::High), &target(), &cutover).outcome;
    assert_eq!(choice.recommended, Some(StrategyName::BlueGreen));
    for name in [StrategyName::Mirror, StrategyName::Canary, StrategyName::Phased, StrategyName::FeatureFlag] {
        assert!(refusal(&choice, name).contains("side by side"), "{name}");
    }
}

#[test]
fn without_a_router_shares_are_units_and_nothing_is_switched() {
    let bare = Target::default().with_replicas(10);
    let decision = choose(&release(Level::Medium), &bare, &Needs::default());
    let choice = &decision.outcome;
    for alternative in &choice.alternatives {
        let named = [
            (StrategyName::BigBang, ""),
            (StrategyName::Recreate, ""),
            (StrategyName::Rolling, ""),
            (StrategyName::Canary, ""),
            (StrategyName::AbTest, "the target does not offer a group of users with a control group of the same kind"),
            (StrategyName::FeatureFlag, "the target does not offer a flag that the change is behind"),
        ];
        let named = named.iter().find(|(strategy, _)| *strategy == alternative.strategy);
        let expected = named.map_or("the target does not offer a router", |(_, refusal)| refusal);
        assert_eq!(refusal(choice, alternative.strategy), expected, "{}", alternative.strategy);
    }
    // Seed 003, "10% (2-4 hrs) → 50% (4-8 hrs) → 100%": of ten units one, five and all.
    let plan = choice.plan().unwrap();
    let units: Vec<_> = plan.steps().iter().map(|step| plan.candidate_units(step).unwrap()).collect();
    assert_eq!((choice.recommended, units), (Some(StrategyName::Canary), vec![1, 5, 10]));
    assert_eq!(recommended(Level::Low, &bare, &Needs::default()), Some(StrategyName::Rolling));
    assert_eq!(recommended(Level::Zero, &bare, &Needs::default()), Some(StrategyName::BigBang));
    let cutover = Needs::default().with_full_cutover();
    assert_eq!(recommended(Level::High, &bare, &cutover), Some(StrategyName::Recreate));
    // A single unit can only be replaced, and nobody answers for that at a medium risk.
    let single = choose(&release(Level::Medium), &Target::default().with_replicas(1), &Needs::default());
    assert_eq!((single.outcome.recommended, rules(&single).last()), (None, Some(&"choice.none")));
}

#[test]
fn a_router_that_only_switches_is_given_a_switch_and_the_reason_is_said() {
    let decision = choose(&release(Level::Medium), &coarse(10_000), &Needs::default());
    assert_eq!(decision.outcome.recommended, Some(StrategyName::BlueGreen));
    assert!(refusal(&decision.outcome, StrategyName::Canary).contains("the router's smallest share of 100 %"));
    let passed_over: Vec<String> = decision.findings.iter().skip(1).map(Finding::rendered).collect();
    assert!(
        passed_over[1].starts_with("canary would come first, but its numbers make no plan here"),
        "{passed_over:?}"
    );
}

#[test]
fn a_high_risk_begins_with_the_least_share_of_the_router_up_to_five_percent() {
    // Seed 003, "Stages: 1-5% (8-24 hrs)".
    let first = |precision| {
        let choice = choose(&release(Level::High), &coarse(precision), &Needs::default()).outcome;
        let canary = choice.alternative(StrategyName::Canary).unwrap().prospect();
        canary.map(|prospect| prospect.first_exposure.basis_points())
    };
    // 39 is a 256th of the traffic: 1 % is rounded down to two of them.
    let expected = [(1, Some(100)), (39, Some(78)), (200, Some(200)), (500, Some(500)), (501, None)];
    for (precision, share) in expected {
        assert_eq!(first(precision), share, "{precision}");
    }
}

#[test]
fn a_missing_capability_is_named_and_one_that_is_there_is_not() {
    let needs = Needs::default().with_cohorts([cohort("internal", "0.1 %")]);
    let choice = |mirror, cohort, needs: &Needs| {
        let target = target().with_router(Capabilities { mirror, cohort, ..router() });
        choose(&release(Level::Medium), &target, needs).outcome
    };
    let poor = choice(false, CohortSupport::None, &needs);
    assert_eq!(refusal(&poor, StrategyName::Mirror), "the target does not offer a router that copies traffic");
    assert_eq!(
        refusal(&poor, StrategyName::Phased),
        "the target does not offer a router that addresses groups of users"
    );
    let rich = choice(true, CohortSupport::Unmatched, &needs);
    assert_eq!(refusal(&rich, StrategyName::Mirror) + &refusal(&rich, StrategyName::Phased), "");
    let nobody = choice(true, CohortSupport::Unmatched, &Needs::default());
    assert!(refusal(&nobody, StrategyName::Phased).contains("a group of users that may meet the change before others"));
}

#[test]
fn a_flag_whose_store_knows_no_groups_begins_with_shares() {
    let steps = |store: CohortSupport| {
        let needs = Needs::default()
            .with_flag(Capabilities { cohort: store, ..router() })
            .with_cohorts([cohort("internal", "0.1 %"), cohort("beta", "1 %")]);
        let choice = choose(&release(Level::High), &target(), &needs).outcome;
        let plan = choice.plan().unwrap();
        plan.steps().iter().map(|step| step.id.to_string()).collect::<Vec<_>>()
    };
    let shares = ["canary-1", "canary-10", "canary-25", "canary-50", "canary-75", "full"];
    assert_eq!(steps(CohortSupport::None), shares);
    // The shares go on above what the last cohort has reached: 1 % of everybody is no more than 1 % of beta users.
    assert_eq!(steps(CohortSupport::Unmatched)[..2], ["cohort-internal", "cohort-beta"]);
    assert_eq!(steps(CohortSupport::Unmatched)[2..], shares[1..]);
}

#[test]
fn a_way_back_slower_than_the_objective_is_refused_and_one_as_fast_is_not() {
    // Seed 001, "Rollback Methods": flag < 10 s, traffic switch < 30 s, deploy previous version < 5 min.
    let needs = Needs::default().with_flag(router()).with_cohorts([cohort("internal", "0.1 %")]);
    let by_units = [StrategyName::Recreate, StrategyName::Rolling, StrategyName::AbTest];
    let possible = |target: Target, seconds| {
        let choice = choose(&release(Level::Medium), &target.with_rto(Duration::from_seconds(seconds)), &needs).outcome;
        let possible = choice.alternatives.iter().filter(|alternative| alternative.prospect().is_some());
        possible.map(|alternative| alternative.strategy).collect::<Vec<_>>()
    };
    // What a router splits is not split by units, and nobody named a control group.
    let routed: Vec<_> = StrategyName::ALL.into_iter().filter(|name| !by_units.contains(name)).collect();
    assert_eq!(possible(target(), 30), routed);
    assert_eq!(possible(target(), 29), [StrategyName::FeatureFlag]);
    assert_eq!(possible(target(), 10), [StrategyName::FeatureFlag]);
    assert_eq!(possible(target(), 9), []);
    let bare = Target::default().with_replicas(10);
    use StrategyName::{BigBang, Canary, FeatureFlag, Recreate, Rolling};
    assert_eq!(possible(bare.clone(), 300), [BigBang, Recreate, Rolling, Canary, FeatureFlag]);
    assert_eq!(possible(bare.clone(), 299), [Rolling, Canary, FeatureFlag]);
    // "undo < 2 min".
    assert_eq!((possible(bare.clone(), 120).len(), possible(bare, 119)), (3, vec![FeatureFlag]));
    // Seed 004, "Critical Services: 15 minutes", "Standard Services: 1 hour", "Non-Critical Services: 4 hours".
    for minutes in [15, 60, 240] {
        assert_eq!(possible(target(), minutes * 60), routed);
    }
}

#[test]
fn a_refused_rollback_names_both_times() {
    let choice =
        choose(&release(Level::Medium), &target().with_rto(Duration::from_seconds(29)), &Needs::default()).outcome;
    assert_eq!(refusal(&choice, StrategyName::Canary), "going back takes about 30s, the service allows 29s");
}

#[test]
fn a_strategy_whose_first_user_is_past_the_point_of_no_return_is_refused() {
    let from = |basis_points| {
        let irreversible = Irreversible {
            from: Weight::new(basis_points).unwrap(),
            why: "the old column is dropped".into(),
            alternatives: vec!["roll forward".into(), "restore".into()],
        };
        choose(&release(Level::Medium), &target(), &Needs::default().with_irreversible(irreversible)).outcome
    };
    // The canary shows 10 % first: a floor above it leaves one step to go back from, a floor at it leaves none.
    let above = from(1_001);
    assert_eq!(above.recommended, Some(StrategyName::Canary));
    let plan = above.plan().unwrap();
    assert_eq!((plan.floor().unwrap().step.as_str(), plan.floor_index()), ("canary-50", Some(1)));
    let reasons = &above.alternative(StrategyName::Canary).unwrap().reasons;
    assert!(
        reasons
            .iter()
            .any(|finding| finding.rendered()
                == "from step canary-50 on there is no way back: the old column is dropped")
    );
    for name in [StrategyName::BigBang, StrategyName::Hidden, StrategyName::BlueGreen] {
        assert_eq!(
            refusal(&above, name),
            "its first users meet it past the point of no return: the old column is dropped; instead of going back: roll \
             forward, restore"
        );
    }
    for at_or_below in [1_000, 1, 0] {
        assert_eq!(from(at_or_below).recommended, None, "{at_or_below}");
    }
}

#[test]
fn a_comparison_that_sees_too_little_says_so() {
    // 10 % for at most 4 h: 1,000 requests are 1,000 / (0.1 x 240) = 41.67 a minute.
    let thin = |per_minute| {
        let target = target().with_traffic_per_minute(per_minute);
        let choice = choose(&release(Level::Medium), &target, &Needs::default()).outcome;
        let reasons = choice.alternative(StrategyName::Canary).unwrap().reasons.clone();
        reasons.into_iter().find(|finding| finding.rule == "choice.thin_traffic").map(|finding| finding.rendered())
    };
    assert_eq!(thin(41.0).unwrap(), "step canary-10 sees about 984 requests in 4h, a comparison may need 1000");
    assert_eq!(thin(42.0), None);
}

#[test]
fn the_table_shows_the_figures_that_were_counted_by_hand() {
    // Ten units; the old version's last 30 s cost 10 x 30 s = 0.083 unit-hours each time.
    // hidden: 1 x 1 h; blue-green: 10 x 35 min = 5.833; mirror: 10 x 7 h; canary: 1 x 2 h + 5 x 4 h;
    // phased: 1 x 24 h + the canary's 22. Ends: bakes and the last 30 s.
    let needs = Needs::default().with_cohorts([cohort("internal", "0.1 %")]);
    let choice = choose(&release(Level::Medium), &target(), &needs).outcome;
    assert_eq!(
        choice.to_string(),
        "strategy      first  extra capacity    earliest end  rollback  verdict\n\
         big-bang      100 %  0.09 unit-hours   30s           < 30s     possible\n\
         recreate      -      -                 -             -         refused: a router splits the traffic here, so the \
         share of the units does not\n\
         hidden        100 %  1.09 unit-hours   1h30s         < 30s     possible\n\
         blue-green    100 %  5.92 unit-hours   35m30s        < 30s     possible\n\
         rolling       -      -                 -             -         refused: a router splits the traffic here, so the \
         share of the units does not\n\
         mirror        10 %   70.09 unit-hours  7h30s         < 30s     possible\n\
         canary        10 %   22.09 unit-hours  6h30s         < 30s     recommended\n\
         phased        0.1 %  46.09 unit-hours  1d6h30s       < 30s     possible\n\
         ab-test       -      -                 -             -         refused: the target does not offer a group of \
         users with a control group of the same kind\n\
         feature-flag  -      -                 -             -         refused: the target does not offer a flag that the \
         change is behind"
    );
}

#[test]
fn a_choice_reads_back() {
    let choice = choose(&release(Level::High), &target(), &Needs::default()).outcome;
    let text = serde_json::to_string(&choice).unwrap();
    assert_eq!(serde_json::from_str::<Choice>(&text).unwrap(), choice);
    for name in StrategyName::ALL {
        assert_eq!(serde_json::to_value(name).unwrap(), name.to_string(), "one name in documents and in tables");
    }
}

fn any_capabilities() -> impl proptest::strategy::Strategy<Value = Capabilities> {
    let support = prop_oneof![Just(CohortSupport::None), Just(CohortSupport::Unmatched), Just(CohortSupport::Matched)];
    (prop_oneof![Just(1u16), 0u16..=10_000], any::<bool>(), support).prop_map(|(precision, mirror, cohort)| {
        Capabilities { precision: Weight::new(precision).unwrap(), mirror, cohort, ..router() }
    })
}

fn any_target() -> impl proptest::strategy::Strategy<Value = Target> {
    let router = prop::option::weighted(0.9, any_capabilities());
    (prop::option::of(0u32..50), router, prop::option::of(0u64..400), any::<f64>()).prop_map(
        |(replicas, router, rto, traffic)| {
            let mut target = Target::default().with_traffic_per_minute(traffic);
            target.replicas = replicas;
            target.router = router;
            target.rto = rto.map(Duration::from_seconds);
            target
        },
    )
}

fn any_needs() -> impl proptest::strategy::Strategy<Value = Needs> {
    let kind =
        prop_oneof![Just(ChangeKind::Application), Just(ChangeKind::Infrastructure), Just(ChangeKind::Experience)];
    let sizes = prop::collection::btree_set(0u16..3_000, 0..3);
    let flag = prop::option::of(any_capabilities());
    let floor = prop::option::weighted(0.3, 0u16..=10_000);
    (kind, prop::bool::weighted(0.2), prop::bool::weighted(0.2), flag, sizes, floor).prop_map(
        |(kind, emergency, full_cutover, flag, sizes, floor)| {
            let cohort = |size: u16| {
                let size = Weight::new(size).unwrap();
                let cohort = Cohort { name: format!("of {size}").parse().unwrap(), size, matched: false };
                CohortStep::new(cohort, Duration::ZERO)
            };
            let mut needs = Needs::default().with_kind(kind).with_cohorts(sizes.into_iter().map(cohort));
            needs.emergency = emergency;
            needs.full_cutover = full_cutover;
            needs.flag = flag;
            needs.irreversible = floor.map(|from| Irreversible {
                from: Weight::new(from).unwrap(),
                why: "a reason".into(),
                alternatives: vec![],
            });
            needs
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_recommendation_is_possible_and_a_refusal_says_why(
        level in prop_oneof![Just(Level::Zero), Just(Level::Low), Just(Level::Medium), Just(Level::High)],
        target in any_target(),
        needs in any_needs(),
    ) {
        let decision = choose(&release(level), &target, &needs);
        let choice = &decision.outcome;
        prop_assert_eq!(choice.recommended.is_some(), choice.plan().is_some());
        prop_assert!(decision.findings.iter().all(|finding| finding.flips_when.is_some() || finding.rule == "choice.passed_over"));
        for alternative in &choice.alternatives {
            match &alternative.feasibility {
                Feasibility::Refused(why) => prop_assert!(!why.is_empty()),
                Feasibility::Possible(prospect) => {
                    prop_assert!(target.rto.is_none_or(|rto| prospect.way_back.time <= rto));
                    prop_assert_eq!(prospect.plan.steps().last().map(|step| step.route.share), Some(Weight::FULL));
                    // Something can be gone back from: the floor is never at the first step that users meet.
                    let live = prospect.plan.steps().iter().position(|step| step.route.exposure() != Weight::ZERO);
                    prop_assert!(prospect.plan.floor_index().is_none_or(|floor| floor as usize > live.unwrap()));
                }
            }
        }
        if choice.recommended == Some(StrategyName::BigBang) && level >= Level::Medium {
            prop_assert!(needs.emergency || needs.full_cutover, "nobody answers for a big bang");
        }
    }
}
