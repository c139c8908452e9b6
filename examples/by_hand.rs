//! The round of a rollout by hand: no driver, no async runtime, no adapter of ours.
//!
//! Look at the world, ask the judge, step the machine, close the difference. A host that has its own loop embeds
//! bellwether like this; what it has besides is in `by_hand/world.rs`, made up.

#[path = "by_hand/world.rs"]
mod world;

use std::error::Error;

use bellwether_analysis::Monitor;
use bellwether_core::{Basis, Fence, MetricName, Time};
use bellwether_rollout::{Actor, Event, Kind, Move, Stepped, difference, goal, replay, sort_round, start, step};

use crate::world::World;

fn main() -> Result<(), Box<dyn Error>> {
    let errors: MetricName = "errors".parse()?;
    let mut monitor = Monitor::new(&world::judge(&errors)?);
    let mut world = World::new("2026-03-03T10:00:00Z".parse()?);
    let beginning = start(world::plan()?, world.now);
    let (mut state, mut journal) = (beginning.clone(), Vec::new());
    println!("{}\n", state.plan().table());
    while !state.is_terminal() {
        world.sleep();
        let mut facts = vec![Kind::Observed(world.observe()), Kind::Ticked];
        if let Some(stage) = goal(&state).stage {
            monitor.enter(&stage, state.step().map_or(Basis::Guard, |step| step.evidence));
            monitor.push(&errors, &world.measure(&stage)?);
            facts.push(Kind::Judged { stage, decision: monitor.verdict(world.now) });
        }
        for event in round(facts, world.now)? {
            let (next, decision) = step(state, &event);
            if decision.outcome != Move::Stay {
                println!("{} {decision}", world.now);
            }
            // A host makes this durable before it goes on: nothing acts before it is written down.
            journal.push(Stepped { event, decision });
            state = next;
        }
        let wanted = goal(&state);
        if let Some(route) = difference(&wanted, &world.observe()).route {
            world.apply(route, Fence { token: 1, generation: wanted.generation });
        }
    }
    let replayed = replay(beginning, &journal)?;
    println!("\n{}; replayed {} decisions, all equal: {}", state.place(), journal.len(), replayed == state);
    Ok(())
}

/// Names the events of a round, and puts them into the order in which they are stepped.
fn round(facts: Vec<Kind>, at: Time) -> Result<Vec<Event>, Box<dyn Error>> {
    let name = |kind: &Kind| format!("{at} {}", kind.name()).parse();
    let event = |kind| Ok(Event { id: name(&kind)?, at, by: Actor::Driver, kind });
    let mut events = facts.into_iter().map(event).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    sort_round(&mut events);
    Ok(events)
}
