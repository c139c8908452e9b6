//! The exchange of units beside the functions of a Kubernetes Deployment's controller.
//!
//! `arithmetic::kubernetes` holds `ResolveFenceposts`, `NewRSNewReplicas`, `reconcileNewReplicaSet` and
//! `reconcileOldReplicaSets` with the results of the originals; here the machine must come to the same counts.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use bellwether_core::{Arms, Basis, Duration, EventId, Route, StepId, Time, Version, Weight};
use bellwether_rollout::{Actor, Event, Kind, Observation, Place, State, Units, goal, start, step};
use bellwether_strategy::arithmetic::kubernetes::{
    Fenceposts, NewSet, OldSets, reconcile_new_replica_set, reconcile_old_replica_sets, resolve_fenceposts,
};
use bellwether_strategy::arithmetic::{IntOrPercent, ReplicaSet};
use bellwether_strategy::{Amount, Bake, Capacity, Exchange, Plan, PlanDraft, Step};

const REPLICAS_MAX: u32 = 6;

fn plan(replicas: u32, exchange: Exchange) -> Option<Plan> {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let mut draft = PlanDraft::new("rolling".parse().unwrap(), arms);
    draft.capacity = Some(Capacity::of(replicas).with_exchange(exchange));
    let id = StepId::new("full").unwrap();
    draft.steps = vec![Step::new(id, Route::share(Weight::FULL), Basis::Guard, Bake::at_least(Duration::ZERO))];
    Plan::try_from(draft).ok()
}

fn event(kind: Kind, seconds: u64) -> Event {
    let at = Time::default().after(Duration::from_seconds(seconds));
    Event { id: EventId::new(format!("event-{seconds}")).unwrap(), at, by: Actor::Driver, kind }
}

fn seen(units: Arms<Units>, seconds: u64) -> Event {
    let as_of = Time::default().after(Duration::from_seconds(seconds));
    event(Kind::Observed(Observation { as_of, route: None, units: Some(units), applied: None }), seconds)
}

/// The machine at its move to 100 %, with these units.
fn wanted(plan: &Plan, units: Arms<Units>) -> Arms<u32> {
    let (state, _) = step(start(plan.clone(), Time::default()), &event(Kind::Ticked, 1));
    let (state, _) = step(state, &seen(units, 2));
    goal(&state).units.unwrap()
}

/// Both bounds in units and in percent, as the machine and as Kubernetes says them.
fn bounds() -> Vec<(Exchange, IntOrPercent, IntOrPercent)> {
    let amounts = || {
        let counts = (0..=2).map(|units| (Amount::Units(units), IntOrPercent::Count(i32::try_from(units).unwrap())));
        let share = |percent: u16| Amount::Share(Weight::new(percent * 100).unwrap());
        counts.chain([0_u16, 25, 50, 100].map(|percent| (share(percent), IntOrPercent::percent(i32::from(percent)))))
    };
    amounts()
        .flat_map(|(surge, max_surge)| {
            amounts().map(move |(unavailable, max_unavailable)| {
                (Exchange { outage: true, ..Exchange::new(surge, unavailable) }, max_surge.clone(), max_unavailable)
            })
        })
        .collect()
}

fn units(spec: u32, ready: u32) -> Units {
    Units { want: spec, exist: spec, ready }
}

#[test]
fn bounds_are_those_of_resolve_fenceposts() {
    let mut compared = 0;
    for (exchange, max_surge, max_unavailable) in bounds() {
        for replicas in 1..=100 {
            let desired = i32::try_from(replicas).unwrap();
            let posts = Fenceposts {
                desired,
                max_surge: Some(max_surge.clone()),
                max_unavailable: Some(max_unavailable.clone()),
            };
            let expected = resolve_fenceposts(&posts).unwrap();
            let found = exchange.bounds(replicas);
            assert_eq!(i32::try_from(found.most - replicas), Ok(expected.surge), "{exchange:?} of {replicas}");
            let unavailable = i32::try_from(replicas - found.least).unwrap();
            assert_eq!(unavailable, expected.unavailable.min(desired), "{exchange:?} of {replicas}");
            compared += 1;
        }
    }
    assert_eq!(compared, 49 * 100);
}

/// One look of the machine asks for what the controller's two halves ask for, the new set's first.
#[test]
fn every_count_is_the_one_of_the_controller() {
    let mut compared = 0_u32;
    for (exchange, max_surge, max_unavailable) in bounds() {
        for replicas in 1..=REPLICAS_MAX {
            let Some(plan) = plan(replicas, exchange) else { continue };
            let most = exchange.bounds(replicas).most;
            for (old, new) in (0..=replicas).flat_map(|old| (0..=replicas).map(move |new| (old, new))) {
                if old + new > most {
                    continue;
                }
                for (old_ready, new_ready) in (0..=old).flat_map(|old| (0..=new).map(move |new| (old, new))) {
                    let found = wanted(&plan, Arms { stable: units(old, old_ready), candidate: units(new, new_ready) });
                    let controller = Controller { replicas, max_surge: &max_surge, max_unavailable: &max_unavailable };
                    let expected = controller.next((old, old_ready), (new, new_ready));
                    assert_eq!(
                        found, expected,
                        "{exchange:?}, {replicas} replicas, old {old_ready} of {old}, new {new_ready} of {new}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 10_000, "only {compared} situations were compared");
}

struct Controller<'a> {
    replicas: u32,
    max_surge: &'a IntOrPercent,
    max_unavailable: &'a IntOrPercent,
}

impl Controller<'_> {
    fn next(&self, (old, old_ready): (u32, u32), (new, new_ready): (u32, u32)) -> Arms<u32> {
        let number = |count: u32| i32::try_from(count).unwrap();
        let set = NewSet {
            replicas: number(self.replicas),
            max_surge: Some(self.max_surge.clone()),
            old: number(old),
            new: number(new),
        };
        let grown = reconcile_new_replica_set(&set).unwrap().unwrap_or(number(new));
        let replica_set = |spec, ready| ReplicaSet::new(spec, number(ready));
        let sets = OldSets {
            replicas: number(self.replicas),
            max_surge: Some(self.max_surge.clone()),
            max_unavailable: Some(self.max_unavailable.clone()),
            new: Some(replica_set(grown, new_ready)),
            old: vec![replica_set(number(old), old_ready)],
        };
        let old = reconcile_old_replica_sets(&sets).and_then(|old| old.first().copied()).unwrap_or(number(old));
        Arms { stable: u32::try_from(old).unwrap(), candidate: u32::try_from(grown).unwrap() }
    }
}

/// The world does what is wanted, a unit at a time in a drawn order, until the rollout stands at its exposure.
#[test]
fn an_exchange_ends_whatever_the_order_in_which_units_come_and_go() {
    for (exchange, ..) in bounds() {
        for replicas in 1..=REPLICAS_MAX {
            let Some(plan) = plan(replicas, exchange) else { continue };
            for order in 0..8_u32 {
                let state = run(&plan, replicas, order);
                assert_eq!(state.place(), Place::Bake(0), "{exchange:?}, {replicas} replicas, order {order}");
            }
        }
    }
}

fn run(plan: &Plan, replicas: u32, order: u32) -> State {
    let (mut state, _) = step(start(plan.clone(), Time::default()), &event(Kind::Ticked, 1));
    let mut there = Arms { stable: units(replicas, replicas), candidate: units(0, 0) };
    let least = plan.exchange().unwrap().bounds(replicas).least;
    for round in 0..200_u32 {
        let seconds = u64::from(round) + 2;
        state = step(state, &seen(there, seconds)).0;
        if state.place() == Place::Bake(0) {
            break;
        }
        let wanted = goal(&state).units.unwrap();
        there.stable.want = wanted.stable;
        there.candidate.want = wanted.candidate;
        // What is not wanted stops serving at once and goes later; what is wanted comes first and serves later.
        there.stable.ready = there.stable.ready.min(wanted.stable);
        there.candidate.ready = there.candidate.ready.min(wanted.candidate);
        if (round ^ order) & 1 == 0 {
            there.stable.exist -= u32::from(there.stable.exist > wanted.stable);
        }
        if (round ^ order) & 2 == 0 {
            there.candidate.exist = (there.candidate.exist + 1).min(wanted.candidate);
        }
        if (round ^ order) & 4 == 0 {
            there.candidate.ready = there.candidate.exist;
        }
        assert!(there.stable.ready + there.candidate.ready >= least, "{there:?} of at least {least}");
    }
    state
}
