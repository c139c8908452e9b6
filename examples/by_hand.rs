//! The round of a rollout by hand: no driver, no async runtime, no adapter of ours.
//!
//! Look at the world, ask the judge, step the machine, close the difference; the router and the traffic are a few
//! lines of plain arithmetic here. A host that has its own loop embeds bellwether like this.

use std::{collections::BTreeMap, error::Error};

use bellwether_analysis::{Dependence, Interval, MetricSpec, Monitor, Sample, Sequential, SequentialSpec};
use bellwether_core::{
    Arms, Basis, Decision, Duration, Fence, Level, MetricName, Release, Route, StageId, Target, Time, Version,
};
use bellwether_rollout::{Actor, Event, Kind, Observation, Stepped, difference, goal, replay, sort_round, start, step};
use bellwether_strategy::{Canary, CanaryStep, Strategy};

const ROUND: Duration = Duration::from_seconds(1);

fn main() -> Result<(), Box<dyn Error>> {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
    let steps = [
        CanaryStep::new("5 %".parse()?, Duration::from_seconds(10)),
        CanaryStep::new("50 %".parse()?, Duration::from_seconds(10)),
    ];
    let plan = Canary::new(steps).plan(&release, &Target::default())?.outcome;
    println!("{}\n", plan.table());

    let errors: MetricName = "errors".parse()?;
    let mut monitor = Monitor::new(&judge(&errors)?);
    let mut now: Time = "2026-03-03T10:00:00Z".parse()?;
    let beginning = start(plan, now);
    let (mut state, mut router, mut log) = (beginning.clone(), Router::default(), Vec::new());
    while !state.is_terminal() {
        now = now.after(ROUND);
        let mut round = vec![Kind::Observed(router.observe(now)), Kind::Ticked];
        if let Some(stage) = goal(&state).stage {
            let basis = state.plan().step(stage.step).map_or(Basis::Guard, |step| step.evidence);
            monitor.enter(&stage, basis);
            monitor.push(&errors, &traffic(&router.route, &stage, now)?);
            round.push(Kind::Judged { stage, decision: monitor.verdict(now) });
        }
        for event in ordered(round, now)? {
            let (next, decision) = step(state, &event);
            tell(now, &decision);
            log.push(Stepped { event, decision });
            state = next;
        }
        let wanted = goal(&state);
        if let Some(route) = difference(&wanted, &router.observe(now)).route {
            router = Router { route, applied: Some(Fence { token: 1, generation: wanted.generation }) };
        }
    }
    let replayed = replay(beginning, &log)?;
    println!("\n{}; replayed {} decisions, all equal: {}", state.place(), log.len(), replayed == state);
    Ok(())
}

/// Each request of this world fails on its own, so a request is the unit of evidence. Traffic of real users comes in
/// bursts: a real host leaves the default, `Dependence::Clustered`.
fn judge(errors: &MetricName) -> Result<Sequential, Box<dyn Error>> {
    let dependence = Dependence::Independent;
    let metric = MetricSpec { dependence, acceptable: 0.01, interval: ROUND, ..MetricSpec::default() };
    let metrics = BTreeMap::from([(errors.clone(), metric)]);
    Ok(Sequential::new(SequentialSpec { metrics, ..SequentialSpec::default() })?)
}

#[derive(Default)]
struct Router {
    route: Route,
    applied: Option<Fence>,
}

impl Router {
    fn observe(&self, now: Time) -> Observation {
        Observation { as_of: now, route: Some(self.route.clone()), units: None, applied: self.applied }
    }
}

/// A second of two thousand requests, split as the router says, none of which fails.
fn traffic(route: &Route, stage: &StageId, now: Time) -> Result<Interval, Box<dyn Error>> {
    let candidate = u64::from(route.share.of(2_000));
    let arms = Arms { stable: Sample::counts(2_000 - candidate, 0)?, candidate: Sample::counts(candidate, 0)? };
    let (start, stage, share) = (now.before(ROUND), stage.clone(), route.share);
    Ok(Interval { start, end: now, stage, intended: share, observed: share, settled: true, arms })
}

fn ordered(kinds: Vec<Kind>, at: Time) -> Result<Vec<Event>, Box<dyn Error>> {
    let name = |kind: &Kind| format!("{at} {}", kind.name()).parse();
    let event = |kind| Ok(Event { id: name(&kind)?, at, by: Actor::Driver, kind });
    let mut events = kinds.into_iter().map(event).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    sort_round(&mut events);
    Ok(events)
}

fn tell(now: Time, decision: &Decision<bellwether_rollout::Move>) {
    if decision.outcome != bellwether_rollout::Move::Stay {
        println!("{now} {decision}");
    }
}
