//! Plans of every kind, and the troubles that they are simulated with.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use bellwether_core::{Basis, Cohort, CohortName, Duration, GateName, Level, RolloutId, Route, StepId, Weight};
use bellwether_port::testing::{Simulation, Troubles, example_plan};
use bellwether_strategy::{
    Bake, Capacity, Exchange, Floor, OnDeadline, Plan, PlanDraft, StableSizing, Step, Supersede, UnitsRule, Wait,
};

/// What makes a plan of the example.
type Change = (&'static str, fn(&mut PlanDraft));

/// Plans that differ in what the machine decides by.
pub(crate) fn plans() -> Vec<(&'static str, Plan)> {
    let changes: [Change; 20] = [
        ("canary", |_| {}),
        ("gates", |draft| {
            let gates = ["window", "approval"].map(|gate| GateName::new(gate).unwrap());
            draft.steps.iter_mut().for_each(|step| step.gates = gates.clone().into());
        }),
        ("no capacity", |draft| draft.capacity = None),
        ("time", |draft| draft.steps.iter_mut().for_each(|step| step.evidence = Basis::Time)),
        ("uncertified", |draft| {
            draft.level = Some(Level::Low);
            for step in &mut draft.steps {
                step.on_inconclusive = OnDeadline::ProceedUncertified;
                step.bake.max = step.bake.min;
            }
        }),
        ("floor", |draft| {
            let alternatives = vec!["go forward".into()];
            draft.floor = Some(Floor { step: draft.steps[1].id.clone(), why: "a contract step".into(), alternatives });
        }),
        ("standby", |draft| {
            draft.conduct.standby = Duration::from_minutes(5);
            draft.conduct.final_bake = Duration::from_minutes(2);
        }),
        ("hidden", |draft| {
            draft.steps.insert(0, step("hidden", Route::STABLE, Basis::Guard));
            draft
                .steps
                .insert(0, Step { bake: Bake::at_least(Duration::ZERO), ..step("dark", Route::STABLE, Basis::Time) });
        }),
        ("mirror and cohort", |draft| {
            let name = CohortName::new("staff").unwrap();
            let staff = Cohort { name, size: Weight::new(300).unwrap(), matched: false };
            let mirror = Route { mirror: Weight::new(1_000).unwrap(), ..Route::STABLE };
            draft.steps.insert(0, step("staff", Route { cohort: Some(staff), ..Route::STABLE }, Basis::Guard));
            draft.steps.insert(0, step("mirror", mirror, Basis::Guard));
        }),
        ("predecessor", |draft| draft.conduct.supersede = Supersede::Queue),
        ("one unit", |draft| draft.capacity = Some(Capacity::of(1))),
        ("impatient", |draft| {
            draft.conduct.no_data = Wait { until: Duration::from_minutes(2), then: OnDeadline::RollBack };
            draft.conduct.drain = Duration::ZERO;
        }),
        ("following", |draft| draft.conduct.stable_sizing = StableSizing::FollowsTraffic),
        ("following past a floor", |draft| {
            draft.conduct.stable_sizing = StableSizing::FollowsTraffic;
            let alternatives = vec!["go forward".into()];
            draft.floor = Some(Floor { step: draft.steps[0].id.clone(), why: "a contract step".into(), alternatives });
        }),
        ("rolling", |draft| exchange(draft, Exchange::ONE_MORE)),
        ("rolling by quarters", |draft| exchange(draft, Exchange::default())),
        ("recreate", |draft| {
            exchange(draft, Exchange::RECREATE);
            draft.steps.drain(..draft.steps.len() - 1);
        }),
        ("test", |draft| {
            let name = CohortName::new("beta").unwrap();
            let beta = Cohort { name, size: Weight::new(500).unwrap(), matched: true };
            let route = Route { cohort: Some(beta), ..Route::STABLE };
            let test = step("test", route, Basis::Compare);
            let bake = Bake { min: Duration::from_minutes(10), max: Duration::from_minutes(10) };
            draft.steps = vec![Step { on_inconclusive: OnDeadline::Keep, bake, ..test }];
        }),
        ("approvals", |draft| draft.steps.iter_mut().for_each(|step| step.approvals = 2)),
        ("big bang", |draft| {
            draft.steps.clear();
            draft.steps.push(step("all", Route::share(Weight::FULL), Basis::Time));
        }),
    ];
    let plan = |(name, change): Change| {
        let mut draft = example_plan("checkout-42").draft();
        change(&mut draft);
        (name, Plan::try_from(draft).unwrap())
    };
    changes.into_iter().map(plan).collect()
}

/// A simulation of one of the plans, with troubles that depend on the seed.
pub(crate) fn simulate(name: &str, plan: &Plan, seed: u64) -> Simulation {
    let all = Troubles::all();
    let troubles = match seed % 3 {
        0 => all,
        1 => Troubles { commands: 0.0, ..all },
        // No verdict and no person sends it back: most finish, in spite of drifts, crashes and rollbacks by hand.
        _ => Troubles { commands: 0.0, bad_verdicts: 0.0, drifts: 0.05, hand_rollbacks: 1.0, ..all },
    };
    let simulation = Simulation::new(seed, plan.clone());
    let simulation =
        if name == "predecessor" { simulation.after(RolloutId::new("checkout-41").unwrap()) } else { simulation };
    simulation.with_troubles(troubles)
}

/// How rollouts of these seeds end, simulated on every core.
pub(crate) fn ends(name: &str, plan: &Plan, seeds: u64) -> BTreeSet<String> {
    let next = AtomicU64::new(0);
    let work = || {
        let seeds = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < seeds));
        // Only a journal tells which events broke it.
        let fail = |seed| match simulate(name, plan, seed).run() {
            Err(failure) => panic!("plan {name}, {failure}"),
            Ok(_) => panic!("plan {name}, seed {seed}: broken without a journal, sound with one"),
        };
        let end = |seed| simulate(name, plan, seed).without_journal().run().unwrap_or_else(|_| fail(seed));
        seeds.map(|seed| end(seed).state().place().to_string()).collect::<BTreeSet<_>>()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no violation")).collect()
    })
}

/// Ten minutes to three hours a step: a judge needs five intervals of a minute at least, and a small service many more.
pub(crate) fn patient_plan() -> Plan {
    let mut draft = example_plan("checkout-42").draft();
    for step in &mut draft.steps {
        step.bake = Bake { min: Duration::from_minutes(10), max: Duration::from_hours(3) };
    }
    draft.try_into().unwrap()
}

fn exchange(draft: &mut PlanDraft, exchange: Exchange) {
    draft.capacity = draft.capacity.map(|capacity| capacity.with_exchange(exchange));
    draft.conduct.standby = Duration::ZERO;
    let replicas = draft.capacity.map_or(0, |capacity| capacity.replicas);
    for step in &mut draft.steps {
        step.units = UnitsRule::ByShare;
        step.route.share = exchange.shown_share(step.route.share, replicas);
    }
}

fn step(name: &str, route: Route, evidence: Basis) -> Step {
    let bake = Bake::at_least(Duration::from_minutes(1));
    Step { units: UnitsRule::Count(2), ..Step::new(StepId::new(name).unwrap(), route, evidence, bake) }
}
