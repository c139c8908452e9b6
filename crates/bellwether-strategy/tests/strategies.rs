//! What each strategy plans, what it refuses and what it just does not refuse.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use bellwether_core::{
    Arms, Basis, Capabilities, Cohort, CohortSupport, Decision, Duration, Fencing, Level, Release, Target, Version,
    Weight,
};
use bellwether_strategy::{
    AbTest, Amount, Bake, BigBang, BlueGreen, Canary, CanaryStep, CohortStep, Conduct, Exchange, Facts, FeatureFlag,
    Mirror, OnDeadline, Phased, Plan, PlanDraft, Refusal, Rolling, StableSizing, Strategy, UnitTime, UnitsRule,
    WayBack, check,
};
use proptest::{prelude::*, strategy::Strategy as _};

fn release(level: Level) -> Release {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, level)
}

fn router() -> Capabilities {
    Capabilities {
        precision: Weight::new(1).unwrap(),
        mirror: true,
        cohort: CohortSupport::Matched,
        fencing: Fencing::None,
        staleness: Duration::ZERO,
    }
}

fn target() -> Target {
    Target::default().with_replicas(10).with_router(router())
}

fn plan(strategy: &dyn Strategy) -> Plan {
    strategy.plan(&release(Level::Medium), &target()).unwrap().outcome
}

fn refusal(strategy: &dyn Strategy, target: &Target) -> String {
    strategy.plan(&release(Level::Medium), target).unwrap_err().to_string()
}

fn cohort(name: &str, size: &str, matched: bool) -> CohortStep {
    let cohort = Cohort { name: name.parse().unwrap(), size: size.parse().unwrap(), matched };
    CohortStep::new(cohort, Duration::from_hours(24))
}

fn canary(shares: &[&str]) -> Canary {
    Canary::new(shares.iter().map(|share| CanaryStep::new(share.parse().unwrap(), Duration::from_hours(1))))
}

/// Name, exposure, units of the candidate, evidence and least bake of each step.
fn lines(plan: &Plan) -> Vec<String> {
    let line = |step: &bellwether_strategy::Step| {
        let units = plan.candidate_units(step).map_or("-".into(), |units| units.to_string());
        format!("{} {} {units} {} {}", step.id, step.route.exposure(), step.evidence, step.bake.min)
    };
    plan.steps().iter().map(line).collect()
}

#[test]
fn blue_green_previews_in_full_switches_once_and_keeps_a_standby() {
    // Seed 004, "Blue-Green Configuration": "Deployment Time: 5-10 minutes", "Keep Running (30 mins)", "2x".
    assert_eq!(lines(&plan(&BlueGreen::new())), ["preview 0 % 10 time 5m", "switch 100 % 10 guard 30m"]);
}

#[test]
fn the_gates_of_blue_green_stand_before_the_switch_and_not_before_the_preview() {
    let plan = plan(&BlueGreen::new().with_gates(["smoke".parse().unwrap()]));
    let gates: Vec<usize> = plan.steps().iter().map(|step| step.gates.len()).collect();
    assert_eq!(gates, [0, 1]);
}

#[test]
fn a_preview_has_at_least_one_unit_and_at_most_all() {
    let preview = |units| BlueGreen::new().with_preview_units(units);
    assert!(refusal(&preview(0), &target()).contains("$.steps[0].units: expected at least 1"));
    assert_eq!(plan(&preview(1)).steps()[0].units, UnitsRule::Count(1));
    let decision = |units| preview(units).plan(&release(Level::Medium), &target()).unwrap();
    assert!(decision(10).findings.is_empty());
    assert_eq!(decision(11).outcome.steps()[0].units, UnitsRule::Count(10));
    assert_eq!(
        decision(11).findings[0].to_string(),
        "info plan.preview_capped: a preview of 11 units was cut to the 10 that carry everything"
    );
}

#[test]
fn a_mirror_comes_before_the_weights_and_is_guarded() {
    let decision = Mirror::new(Canary::medium_risk()).plan(&release(Level::Medium), &target()).unwrap();
    assert_eq!(
        lines(&decision.outcome),
        [
            "mirror 0 % 10 guard 1h",
            "canary-10 10 % 10 compare 2h",
            "canary-50 50 % 10 compare 4h",
            "full 100 % 10 guard 0s"
        ]
    );
    assert_eq!(decision.findings[0].rule, "plan.mirror_guarded");
}

#[test]
fn a_mirror_comes_after_a_hidden_step() {
    let plan = plan(&Mirror::new(Canary::low_risk()).with_share("50 %".parse().unwrap()));
    assert_eq!(lines(&plan), ["hidden 0 % 1 time 1h", "mirror 0 % 5 guard 1h", "full 100 % 10 guard 0s"]);
}

#[test]
fn a_mirror_is_refused_without_a_router_that_copies() {
    let mut deaf = router();
    deaf.mirror = false;
    let strategy = Mirror::new(Canary::medium_risk());
    for target in [Target::default(), target().with_router(deaf)] {
        assert!(
            refusal(&strategy, &target).contains("the target does not offer a router that copies traffic"),
            "{target:?}"
        );
    }
    assert!(strategy.plan(&release(Level::Medium), &target()).is_ok());
}

#[test]
fn a_mirror_too_small_for_the_router_is_refused() {
    let coarse = target().with_router(Capabilities { precision: Weight::new(200).unwrap(), ..router() });
    let copies = |share: &str| Mirror::new(canary(&["10 %"])).with_share(share.parse().unwrap());
    assert!(refusal(&copies("1 %"), &coarse).contains("$.steps[0].route.mirror: expected at least"));
    assert!(refusal(&copies("0 %"), &coarse).contains("$.steps[0].route.mirror: expected at least"));
    assert!(copies("2 %").plan(&release(Level::Medium), &coarse).is_ok());
}

#[test]
fn cohorts_come_before_weights_and_only_matched_ones_are_compared() {
    let strategy =
        Phased::new([cohort("internal", "0.1 %", false), cohort("beta", "1 %", true)], canary(&["5 %", "25 %"]));
    let decision = strategy.plan(&release(Level::Medium), &target()).unwrap();
    assert_eq!(
        lines(&decision.outcome),
        [
            "cohort-internal 0.1 % 1 guard 1d",
            "cohort-beta 1 % 1 compare 1d",
            "canary-5 5 % 1 compare 1h",
            "canary-25 25 % 3 compare 1h",
            "full 100 % 10 guard 0s"
        ]
    );
    assert_eq!(
        decision.findings[0].to_string(),
        "info plan.cohort_released: cohort beta may meet stable again when the weights begin"
    );
}

#[test]
fn a_kept_cohort_adds_to_the_weights_which_are_then_guarded() {
    let strategy = Phased::new([cohort("beta", "10 %", true)], canary(&["5 %", "25 %"])).keeping_cohort();
    let decision = strategy.plan(&release(Level::Medium), &target()).unwrap();
    assert_eq!(
        lines(&decision.outcome),
        [
            "cohort-beta 10 % 1 compare 1d",
            "canary-5 15 % 2 guard 1h",
            "canary-25 35 % 4 guard 1h",
            "full 100 % 10 guard 0s"
        ]
    );
    assert_eq!(decision.findings[0].rule, "plan.cohort_kept");
    let last = decision.outcome.steps().last().unwrap();
    assert!(last.route.cohort.is_none(), "nobody needs a list when everybody has it");
}

#[test]
fn cohorts_are_refused_by_the_capability_that_is_missing() {
    let with = |cohort| target().with_router(Capabilities { cohort, ..router() });
    let plain = Phased::new([cohort("internal", "0.1 %", false)], canary(&["5 %"]));
    let matched = Phased::new([cohort("internal", "0.1 %", true)], canary(&["5 %"]));
    let flag = FeatureFlag::new(canary(&["5 %"])).with_cohorts([cohort("internal", "0.1 %", false)]);
    for strategy in [&plain as &dyn Strategy, &matched, &flag] {
        for target in [Target::default(), with(CohortSupport::None)] {
            assert!(refusal(strategy, &target).contains("does not offer a router that addresses groups of users"));
        }
    }
    assert!(refusal(&matched, &with(CohortSupport::Unmatched)).contains("does not offer a control group for a cohort"));
    assert!(plain.plan(&release(Level::Medium), &with(CohortSupport::Unmatched)).is_ok());
    assert!(flag.plan(&release(Level::Medium), &with(CohortSupport::Unmatched)).is_ok());
    assert!(matched.plan(&release(Level::Medium), &with(CohortSupport::Matched)).is_ok());
}

#[test]
fn cohorts_and_the_first_weight_must_rise() {
    let phased = |sizes: [&str; 2], weight: &str| {
        Phased::new([cohort("internal", sizes[0], false), cohort("beta", sizes[1], false)], canary(&[weight]))
    };
    assert!(refusal(&phased(["1 %", "1 %"], "5 %"), &target()).contains("$.steps[1].route.share: expected more than"));
    assert!(
        refusal(&phased(["1 %", "5 %"], "5 %"), &target())
            .contains("$.steps[2].route.share: expected more than the 5 % of cohort beta, found 5 %")
    );
    assert!(
        refusal(&phased(["0 %", "1 %"], "5 %"), &target())
            .contains("$.steps[0].route.cohort.size: expected a declared size above 0 %")
    );
    assert!(phased(["1 %", "4.99 %"], "5 %").plan(&release(Level::Medium), &target()).is_ok());
    assert!(refusal(&Phased::new([], canary(&["5 %"])), &target()).contains("at least one cohort"));
}

#[test]
fn a_flag_plan_starts_no_units() {
    let plan = plan(&FeatureFlag::new(canary(&["1 %", "50 %"])));
    assert_eq!(lines(&plan), ["canary-1 1 % - compare 1h", "canary-50 50 % - compare 1h", "full 100 % - guard 0s"]);
}

#[test]
fn a_rollback_slower_than_the_objective_is_refused_and_one_as_fast_is_not() {
    // Seed 001, "Rollback Methods": traffic switch "< 30 seconds", feature flag "< 10 seconds".
    let switched: [&dyn Strategy; 5] = [
        &BigBang,
        &canary(&["5 %"]),
        &BlueGreen::new(),
        &Mirror::new(canary(&["5 %"])),
        &Phased::new([cohort("beta", "1 %", false)], canary(&["5 %"])),
    ];
    let rto = |seconds| target().with_rto(Duration::from_seconds(seconds));
    for strategy in switched {
        assert!(refusal(strategy, &rto(29)).contains("going back takes about 30s, the service allows 29s"));
        assert!(strategy.plan(&release(Level::Medium), &rto(30)).is_ok());
    }
    // "Revert deployment < 2 minutes": units that were taken away come back one after another.
    let conduct = Conduct { stable_sizing: StableSizing::FollowsTraffic, ..Conduct::default() };
    let small = canary(&["5 %"]).with_conduct(conduct);
    assert!(refusal(&small, &rto(119)).contains("going back takes about 2m, the service allows 1m59s"));
    assert!(small.plan(&release(Level::Medium), &rto(120)).is_ok());
    let flag = FeatureFlag::new(canary(&["5 %"]));
    assert!(matches!(flag.plan(&release(Level::Medium), &rto(9)), Err(Refusal::Target(_))));
    let flagged = flag.plan(&release(Level::Medium), &rto(10)).unwrap().outcome;
    assert_eq!((flag.way_back(&flagged), small.way_back(&flagged)), (WayBack::FLAG, WayBack::TRAFFIC));
}

#[test]
fn extra_unit_hours_are_those_counted_by_hand() {
    // Ten units, each phase as (units of the candidate, minutes); the last line is the old version's drain of 30 s.
    type Case<'a> = (&'a dyn Strategy, &'a [(u64, u64)]);
    let mirrored = Mirror::new(Canary::medium_risk());
    let standby = BlueGreen::new().with_preview_units(2).with_standby(Duration::from_minutes(60));
    let cases: [Case<'_>; 5] = [
        (&BigBang, &[(10, 0)]),
        (&BlueGreen::new(), &[(10, 5), (10, 30)]),
        (&standby, &[(2, 5), (10, 60)]),
        (&Canary::high_risk(), &[(1, 480), (1, 240), (3, 240), (5, 240), (8, 240), (10, 1_440)]),
        (&mirrored, &[(10, 60), (10, 120), (10, 240), (10, 0)]),
    ];
    for (strategy, phases) in cases {
        let unit_minutes: u64 = phases.iter().map(|(units, minutes)| units * minutes).sum();
        let by_hand = unit_minutes * 60_000 + 10 * 30_000;
        assert_eq!(UnitTime::extra_of(&plan(strategy)).unwrap().as_unit_millis(), by_hand);
    }
    assert_eq!(UnitTime::extra_of(&plan(&FeatureFlag::new(canary(&["5 %"])))), None, "a flag has no capacity");
}

#[test]
fn a_stable_that_follows_the_traffic_costs_only_what_rounding_up_costs() {
    // Ten units: 1 % needs 1 + 10, 10 % 1 + 9, 25 % 3 + 8, 50 % 5 + 5, 75 % 8 + 3, and 100 % 10 + 0.
    let plan = plan(&following(&["1 %", "10 %", "25 %", "50 %", "75 %"]));
    assert_eq!(UnitTime::extra_of(&plan), Some(UnitTime::of(3, Duration::from_hours(1))));
}

#[test]
fn a_stable_that_must_grow_again_is_slower_to_go_back_to() {
    // Seed 001, "Revert deployment ... < 2 minutes".
    let strategy = Mirror::new(following(&["5 %"]));
    let rto = |seconds| target().with_rto(Duration::from_seconds(seconds));
    assert!(refusal(&strategy, &rto(119)).contains("going back takes about 2m, the service allows 1m59s"));
    assert!(strategy.plan(&release(Level::Medium), &rto(120)).is_ok());
    let conduct = Conduct { stable_sizing: StableSizing::FollowsTraffic, ..Conduct::default() };
    assert!(
        refusal(&BlueGreen::new().with_conduct(conduct), &target())
            .contains("$.conduct.stable_sizing: expected full, because the standby is stable with all its units")
    );
}

fn following(shares: &[&str]) -> Canary {
    canary(shares).with_conduct(Conduct { stable_sizing: StableSizing::FollowsTraffic, ..Conduct::default() })
}

#[test]
fn a_cost_is_never_shown_as_nothing() {
    assert_eq!(UnitTime::of(1, Duration::from_millis(1)).to_string(), "0.01 unit-hours");
    assert_eq!(UnitTime::ZERO.to_string(), "0.00 unit-hours");
    assert_eq!(UnitTime::of(u32::MAX, Duration::MAX), UnitTime::of(2, Duration::MAX), "it saturates");
}

fn any_weight() -> impl proptest::strategy::Strategy<Value = Weight> {
    prop_oneof![Just(0), Just(1), Just(10_000), 0u16..=10_000].prop_map(|points| Weight::new(points).unwrap())
}

fn any_target() -> impl proptest::strategy::Strategy<Value = Target> {
    let cohort = prop_oneof![
        Just(CohortSupport::None),
        Just(CohortSupport::Unmatched),
        Just(CohortSupport::Matched),
        Just(CohortSupport::Matched)
    ];
    let router = (prop_oneof![Just(1u16), Just(39), 0u16..=10_000], prop::bool::weighted(0.8), cohort).prop_map(
        |(precision, mirror, cohort)| Capabilities {
            precision: Weight::new(precision).unwrap(),
            mirror,
            cohort,
            ..router()
        },
    );
    let replicas = prop::option::of(prop_oneof![0u32..50, Just(u32::MAX)]);
    let rto = prop::option::weighted(0.2, 0u64..60);
    (replicas, prop::option::weighted(0.9, router), rto).prop_map(|(replicas, router, rto)| {
        let mut target = Target::default();
        target.replicas = replicas;
        target.router = router;
        target.rto = rto.map(Duration::from_seconds);
        target
    })
}

/// Rising shares most of the time, so that many plans are made and not only refused.
fn any_canary() -> impl proptest::strategy::Strategy<Value = Canary> {
    (prop::collection::vec(any_weight(), 0..7), any::<bool>(), 0u64..100_000_000).prop_map(
        |(mut shares, sort, bake)| {
            if sort {
                shares.sort_unstable();
                shares.dedup();
            }
            Canary::new(shares.into_iter().map(|share| CanaryStep::new(share, Duration::from_millis(bake))))
        },
    )
}

fn any_cohorts() -> impl proptest::strategy::Strategy<Value = Vec<CohortStep>> {
    let sizes = prop::collection::vec((prop_oneof![0u16..200, 0u16..=10_000], any::<bool>()), 0..4);
    (sizes, any::<bool>()).prop_map(|(mut sizes, sort)| {
        if sort {
            sizes.sort_unstable();
        }
        let step = |(index, (size, matched))| {
            let cohort =
                Cohort { name: format!("c{index}").parse().unwrap(), size: Weight::new(size).unwrap(), matched };
            CohortStep::new(cohort, Duration::from_minutes(1)).on_inconclusive(OnDeadline::RollBack)
        };
        sizes.into_iter().enumerate().map(step).collect()
    })
}

/// Any of the strategies, in a form that a failing case can print.
#[derive(Clone, Debug)]
enum Any {
    BigBang,
    BlueGreen(BlueGreen),
    Canary(Canary),
    FeatureFlag(FeatureFlag),
    Mirror(Mirror),
    Phased(Phased),
}

impl Strategy for Any {
    fn plan(&self, release: &Release, target: &Target) -> Result<Decision<Plan>, Refusal> {
        match self {
            Self::BigBang => BigBang.plan(release, target),
            Self::BlueGreen(strategy) => strategy.plan(release, target),
            Self::Canary(strategy) => strategy.plan(release, target),
            Self::FeatureFlag(strategy) => strategy.plan(release, target),
            Self::Mirror(strategy) => strategy.plan(release, target),
            Self::Phased(strategy) => strategy.plan(release, target),
        }
    }
}

fn any_strategy() -> impl proptest::strategy::Strategy<Value = Any> {
    let build = |(which, canary, cohorts, share, kept): (u8, Canary, Vec<CohortStep>, Weight, bool)| match which {
        0 => Any::BlueGreen(BlueGreen::new().with_preview_units(share.basis_points().into())),
        1 => Any::Mirror(Mirror::new(canary).with_share(share).with_bake(Bake::at_least(Duration::ZERO))),
        2 if kept => Any::Phased(Phased::new(cohorts, canary).keeping_cohort()),
        2 => Any::Phased(Phased::new(cohorts, canary)),
        3 if kept => Any::FeatureFlag(FeatureFlag::new(canary).with_cohorts(cohorts).keeping_cohort()),
        3 => Any::FeatureFlag(FeatureFlag::new(canary).with_cohorts(cohorts)),
        4 => Any::Canary(canary),
        _ => Any::BigBang,
    };
    (0u8..6, any_canary(), any_cohorts(), any_weight(), any::<bool>()).prop_map(build)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn whatever_a_strategy_plans_rises_to_everybody_and_suits_the_target(
        strategy in any_strategy(), target in any_target()
    ) {
        let Ok(decision) = strategy.plan(&release(Level::High), &target) else { return Ok(()) };
        let plan = decision.outcome;
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Plan>(&text).unwrap(), &plan, "it passes its checks again");

        let exposures: Vec<Weight> = plan.steps().iter().map(|step| step.route.exposure()).collect();
        prop_assert!(exposures.windows(2).all(|pair| pair[0] < pair[1] || pair[1] == Weight::ZERO), "{:?}", exposures);
        prop_assert_eq!(exposures.last().copied(), Some(Weight::FULL));
        prop_assert_eq!(plan.steps().iter().filter(|step| step.route.share == Weight::FULL).count(), 1);

        let units: Vec<Option<u32>> = plan.steps().iter().map(|step| plan.candidate_units(step)).collect();
        prop_assert!(units.is_sorted(), "no step takes units away: {:?}", units);
        prop_assert!(units.iter().flatten().all(|count| (1..=target.replicas.unwrap()).contains(count)), "{:?}", units);

        if let Some(router) = target.router {
            let findings = check(&plan, &Facts::default().with_router(router));
            prop_assert!(findings.iter().all(|finding| finding.rule != "plan.beyond_router"), "{:?}", findings);
        }
    }

    #[test]
    fn a_step_is_compared_only_where_both_arms_carry_the_same_kind_of_traffic(
        strategy in any_strategy(), target in any_target()
    ) {
        let Ok(decision) = strategy.plan(&release(Level::High), &target) else { return Ok(()) };
        for step in decision.outcome.steps().iter().filter(|step| step.evidence == Basis::Compare) {
            let split = step.route.cohort.is_none() && (Weight::ZERO < step.route.share && step.route.share < Weight::FULL);
            let matched = step.route.share == Weight::ZERO && step.route.cohort.as_ref().is_some_and(|cohort| cohort.matched);
            prop_assert!(split || matched, "{:?}", step.route);
        }
    }
}

#[test]
fn a_rolling_exchange_stops_at_shares_that_whole_units_show() {
    let bare = Target::default().with_replicas(7);
    let batches =
        ["5 %", "10 %", "50 %"].map(|share| CanaryStep::new(share.parse().unwrap(), Duration::from_minutes(1)));
    let decision = Rolling::new().with_batches(batches).plan(&release(Level::Medium), &bare).unwrap();
    // One of seven is the least that can be shown, 5 % and 10 % are both that one; a half is three, not four.
    assert_eq!(
        lines(&decision.outcome),
        ["batch-14.29 14.29 % 1 guard 2m", "batch-42.86 42.86 % 3 guard 1m", "full 100 % 7 guard 0s"]
    );
    let rules: Vec<_> = decision.findings.iter().map(|finding| finding.rule.to_string()).collect();
    assert_eq!(rules, ["plan.units_round", "plan.units_merged", "plan.units_round"]);
    let nobody_counts = Rolling::new().plan(&release(Level::Medium), &Target::default()).unwrap_err().to_string();
    assert!(nobody_counts.contains("units that the rollout may scale"), "{nobody_counts}");
    let hurried = bare.with_rto(Duration::from_seconds(119));
    assert!(refusal(&Rolling::new(), &hurried).contains("going back takes about 2m"));
}

#[test]
fn a_test_needs_a_control_group_and_lasts_as_long_as_it_says() {
    let test = AbTest::new("beta".parse().unwrap(), "5 %".parse().unwrap(), Duration::from_hours(24));
    let plan = plan(&test);
    let step = &plan.steps()[0];
    assert_eq!((step.bake.min, step.bake.max), (Duration::from_hours(24), Duration::from_hours(24)));
    assert_eq!((step.evidence, step.on_inconclusive), (Basis::Compare, OnDeadline::Keep));
    let unmatched = target().with_router(Capabilities { cohort: CohortSupport::Unmatched, ..router() });
    assert!(refusal(&test, &unmatched).contains("a control group of the same kind"));
}

/// Where a plan is refused, and what makes it wrong.
type Lie = (&'static str, fn(&mut PlanDraft));

/// What a plan without a router may not say, and where it says so.
#[test]
fn a_plan_by_units_that_lies_is_refused_with_its_place() {
    let bare = Target::default().with_replicas(10);
    let good = Rolling::new().plan(&release(Level::Medium), &bare).unwrap().outcome.draft();
    let cases: [Lie; 8] = [
        ("$.steps[0].route.share: expected a share that whole units of 10 show, such as 10 %, found 5 %", |draft| {
            draft.steps.insert(0, by_units("5 %"));
        }),
        ("$.steps[0].route: expected a share alone", |draft| {
            let mut step = by_units("10 %");
            step.route.mirror = "1 %".parse().unwrap();
            draft.steps.insert(0, step);
        }),
        ("$.steps[0].route.share: expected more than 0", |draft| draft.steps.insert(0, by_units("0 %"))),
        ("$.steps[0].units: expected by_share", |draft| draft.steps[0].units = UnitsRule::Count(3)),
        ("$.conduct.standby: expected 0s", |draft| draft.conduct.standby = Duration::from_minutes(30)),
        ("$.conduct.stable_sizing: expected nothing", |draft| {
            draft.conduct.stable_sizing = StableSizing::FollowsTraffic;
        }),
        ("$.capacity.exchange: expected a unit more or a unit less, found neither", |draft| {
            let exchange = Exchange::new(Amount::Units(0), Amount::Units(0));
            draft.capacity = draft.capacity.map(|capacity| capacity.with_exchange(exchange));
        }),
        ("$.capacity.exchange.unavailable: expected fewer than all 10 units", |draft| {
            let exchange = Exchange { outage: false, ..Exchange::RECREATE };
            draft.capacity = draft.capacity.map(|capacity| capacity.with_exchange(exchange));
        }),
    ];
    for (expected, change) in cases {
        let mut draft = good.clone();
        change(&mut draft);
        let error = Plan::try_from(draft).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

fn by_units(share: &str) -> bellwether_strategy::Step {
    let route = bellwether_core::Route::share(share.parse().unwrap());
    let bake = Bake::at_least(Duration::from_minutes(1));
    bellwether_strategy::Step::new("first".parse().unwrap(), route, Basis::Guard, bake)
}

#[test]
fn a_plan_may_not_become_easier_under_way() {
    let before = plan(&canary(&["5 %", "25 %", "50 %"]));
    let refused = |change: fn(&mut PlanDraft), step| {
        let mut draft = before.draft();
        change(&mut draft);
        Plan::try_from(draft).unwrap().refused_in_place_of(&before, step)
    };
    assert_eq!(refused(|_| {}, 1), [""; 0]);
    assert_eq!(refused(|draft| drop(draft.steps.remove(2)), 1), [""; 0], "what comes later is free");
    assert_eq!(refused(|draft| draft.steps[1].bake.min = Duration::from_hours(2), 1), [""; 0]);
    let first = |change| refused(change, 1).first().cloned().unwrap_or_default();
    assert_eq!(first(|draft| draft.steps[1].bake.min = Duration::ZERO), "the current step would bake for less time");
    assert_eq!(first(|draft| draft.steps[1].evidence = Basis::Time), "the current step would go on by weaker evidence");
    assert_eq!(first(|draft| draft.steps[0].bake.min = Duration::ZERO), "a step that is finished would be another one");
    assert_eq!(
        first(|draft| draft.arms.candidate = Version::named("43")),
        "it is for another rollout or other versions"
    );
    assert_eq!(
        first(|draft| draft.conduct.failures.consecutive = Some(4)),
        "more failures of soft checks would be let through"
    );
}
