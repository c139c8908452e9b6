//! The machine's invariants in a world where everything goes wrong, and proof that each check can fail.

#[cfg(test)]
#[path = "machine/broken.rs"]
mod broken;
#[cfg(test)]
#[path = "machine/golden.rs"]
mod golden;
#[cfg(test)]
#[path = "machine/plans.rs"]
mod plans;

use std::collections::BTreeSet;

use bellwether_analysis::Sequential;
use bellwether_core::Time;
use bellwether_port::testing::{Rates, Simulation, Troubles, example_plan};
use bellwether_port::{Body, Record, replay};
use bellwether_rollout::Place;
use plans::{ends, patient_plan, plans, simulate};

/// A hundred and fifty rollouts of each plan; as many as `BELLWETHER_SEEDS` says where it is set.
#[test]
fn every_invariant_holds_whatever_goes_wrong() {
    let seeds: u64 = std::env::var("BELLWETHER_SEEDS").map_or(150, |seeds| seeds.parse().expect("a number of seeds"));
    for (name, plan) in plans() {
        let ends = ends(name, &plan, seeds);
        // A world in which no rollout finishes, or none goes back, would check half of the machine.
        let expected: &[&str] =
            if name == "test" { &["completed", "kept", "rolled back"] } else { &["completed", "rolled back"] };
        assert_eq!(ends.iter().map(String::as_str).collect::<Vec<_>>(), expected, "plan {name}");
    }
}

#[test]
fn without_troubles_every_rollout_completes_by_the_shortest_way() {
    for (name, plan) in plans() {
        for seed in 0..20 {
            let end = simulate(name, &plan, seed).with_troubles(Troubles::default()).run().unwrap();
            assert_eq!(end.state().place(), Place::Completed, "plan {name}, seed {seed}");
        }
    }
}

#[test]
fn a_simulation_repeats_itself_byte_by_byte() {
    let run = |seed| {
        let simulation = Simulation::new(seed, example_plan("checkout-42")).with_troubles(Troubles::all());
        simulation.run().unwrap().records().last().map(Record::digest)
    };
    let digests: BTreeSet<_> = (0..20).map(run).collect();
    assert_eq!((0..20).map(run).collect::<BTreeSet<_>>(), digests);
    assert_eq!(digests.len(), 20, "another seed is another rollout");
}

#[test]
fn whatever_happened_is_decided_again_from_the_journal() {
    for (name, plan) in plans() {
        for seed in 0..10 {
            let end = simulate(name, &plan, seed).run().unwrap();
            let replayed = replay(plan.id(), end.records()).unwrap_or_else(|error| panic!("plan {name}: {error}"));
            assert_eq!(replayed.course.state(), end.state(), "plan {name}, seed {seed}");
            assert_eq!(replayed.decisions, end.state().events(), "every event is decided again");
        }
    }
}

#[test]
fn a_judge_finds_the_bad_candidate_and_passes_the_good_one_and_both_are_derived_again() {
    for (errors, expected) in [(0.002, Place::Completed), (0.2, Place::RolledBack)] {
        for seed in 0..5 {
            let mut simulation = Simulation::new(seed, patient_plan()).with_judge(Sequential::default());
            simulation.world().rates = Rates { requests_per_minute: 6_000.0, stable: 0.002, candidate: errors };
            let end = simulation.run().unwrap();
            assert_eq!(end.state().place(), expected, "a candidate with {errors} of its requests failing");
            let replayed = replay(end.state().plan().id(), end.records()).unwrap();
            assert!(replayed.verdicts > 0 && replayed.not_derived.is_empty(), "{:?}", replayed.not_derived);
            assert_eq!(replayed.course.state(), end.state());
        }
    }
}

#[test]
fn a_judge_keeps_its_promises_in_a_troubled_world() {
    let troubles = Troubles { commands: 0.0, bad_verdicts: 0.0, ..Troubles::all() };
    for seed in 0..30 {
        let mut simulation =
            Simulation::new(seed, patient_plan()).with_judge(Sequential::default()).with_troubles(troubles);
        simulation.world().rates = Rates { requests_per_minute: 6_000.0, stable: 0.002, candidate: 0.3 };
        let end = simulation.run().unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(end.state().place(), Place::RolledBack, "seed {seed}: a bad candidate never completes");
        replay(end.state().plan().id(), end.records()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn snapshots_stand_in_long_journals_and_loading_from_one_gives_what_the_whole_journal_gives() {
    let mut simulation = Simulation::new(3, patient_plan()).with_judge(Sequential::default());
    simulation.world().rates = Rates { requests_per_minute: 6_000.0, stable: 0.002, candidate: 0.002 };
    let end = simulation.run().unwrap();
    let rollout = end.state().plan().id();
    let is_snapshot = |record: &&Record| matches!(record.body(rollout), Ok(Body::Snapshot(_)));
    assert!(end.records().iter().filter(is_snapshot).count() > 1, "{} records", end.records().len());
    let loaded = bellwether_port::load(rollout, end.records()).unwrap();
    assert_eq!(loaded.course, replay(rollout, end.records()).unwrap().course);
    assert!(loaded.since_snapshot < 300 && loaded.at > Time::default());
}
