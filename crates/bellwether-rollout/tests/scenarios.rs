//! Scenarios as text: a plan, timed events, and what must be decided on each. One `check` runs them all.
//!
//! A scenario file has a head (`step`, `capacity`, `conduct`, `floor`, `after`, each on a line) and a body with a line
//! an event: `TIME EVENT -> MOVE; share SHARE; rule RULE ...`. Time is counted from the start. What the expectation
//! does not name is not compared, but every line names at least the move.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a scenario that cannot be read fails the test"
)]

use std::{fs, path::PathBuf};

use bellwether_core::{
    Arms, Basis, Cohort, Decision, Digest, Duration, Fence, Finding, Response, Route, StageId, Time, Verdict, Version,
    Weight,
};
use bellwether_rollout::{
    Actor, Event, Kind, Move, Observation, State, Stepped, Units, goal, replay, start, start_after, step,
};
use bellwether_strategy::{
    Amount, Bake, Capacity, Conduct, Exchange, FailureWindow, Floor, OnDeadline, Plan, PlanDraft, StableSizing, Step,
    Supersede, UnitsRule, Wait,
};

#[test]
fn every_scenario_is_decided_as_written() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 60, "only {} scenarios were found", files.len());
    for file in files {
        check(&file.file_name().unwrap().to_string_lossy(), &fs::read_to_string(&file).unwrap());
    }
}

/// Runs one scenario, then stores and restores the state after every event and replays the log.
fn check(name: &str, text: &str) {
    let lines: Vec<(usize, &str)> =
        (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect();
    let (body, head): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(_, line)| line.contains("->"));
    let scenario = Scenario::read(&head);
    let mut state = scenario.start();
    let mut log = Vec::new();
    for (number, line) in body {
        let (said, expected) = line.split_once("->").unwrap();
        let event = event(&state, number, said.trim());
        let (next, decision) = step(state.clone(), &event);
        let restored = State::restore(state.plan().clone(), through_json(&state)).unwrap();
        assert_eq!(
            step(restored, &event),
            (next.clone(), decision.clone()),
            "{name}:{number}: a restored state decides otherwise"
        );
        compare(&format!("{name}:{number}: {line}"), &next, &decision, expected.trim());
        log.push(Stepped { event, decision });
        state = next;
    }
    let replayed = replay(scenario.start(), &log).unwrap_or_else(|divergence| panic!("{name}: {divergence}"));
    assert_eq!(replayed, state, "{name}: the replayed state is another one");
}

fn through_json(state: &State) -> bellwether_rollout::Snapshot {
    serde_json::from_str(&serde_json::to_string(&state.snapshot()).unwrap()).unwrap()
}

fn compare(place: &str, state: &State, decision: &Decision<Move>, expected: &str) {
    let mut parts = expected.split(';').map(str::trim);
    assert_eq!(decision.outcome.to_string(), parts.next().unwrap(), "{place}\n{decision}");
    assert!(!decision.findings.is_empty(), "{place}: a decision without a reason");
    for part in parts {
        let (what, value) = part.split_once(' ').unwrap_or((part, ""));
        match what {
            "share" => assert_eq!(goal(state).route.exposure().to_string(), value, "{place}: exposure wanted"),
            "place" => assert_eq!(state.place().to_string(), value, "{place}"),
            "units" => {
                let units = goal(state).units.map(|units| format!("{}/{}", units.stable, units.candidate));
                assert_eq!(units.as_deref().unwrap_or("none"), value, "{place}: units wanted");
            }
            "rule" => assert!(
                decision.findings.iter().any(|finding| finding.rule == value),
                "{place}: no finding {value} in\n{decision}"
            ),
            "holds" => assert_eq!(
                state.holds().iter().map(|hold| hold.why.to_string()).collect::<Vec<_>>().join(" + "),
                value,
                "{place}"
            ),
            "hooks" => {
                let hooks: Vec<_> = goal(state).hooks.iter().map(ToString::to_string).collect();
                assert_eq!(hooks.join(" "), value, "{place}: hooks in force");
            }
            "wake" => {
                let wake = goal(state).wake.map_or_else(|| "never".into(), |wake| wake.at.since(at("0s")).to_string());
                assert_eq!(wake, value, "{place}: wake");
            }
            "stage" => assert_eq!(
                goal(state).stage.map_or_else(|| "none".into(), |stage| stage.to_string()),
                value,
                "{place}: stage"
            ),
            _ => panic!("{place}: unknown expectation {part:?}"),
        }
    }
}

struct Scenario {
    draft: PlanDraft,
    after: Option<String>,
}

impl Scenario {
    fn read(head: &[(usize, &str)]) -> Self {
        let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
        let mut scenario = Self { draft: PlanDraft::new("r".parse().unwrap(), arms), after: None };
        for (_, line) in head {
            let words: Vec<&str> = line.split_whitespace().collect();
            scenario.read_line(words[0], &words[1..]);
        }
        scenario
    }

    fn read_line(&mut self, what: &str, words: &[&str]) {
        match what {
            "step" => self.draft.steps.push(plan_step(words)),
            "cohort" => self.draft.steps.push(Step { route: cohort(words), ..plan_step(words) }),
            "capacity" => self.draft.capacity = Some(capacity(words)),
            "conduct" => words.iter().for_each(|word| set_conduct(&mut self.draft.conduct, word)),
            "floor" => {
                let floor = Floor {
                    step: words[0].parse().unwrap(),
                    why: "a column is gone".into(),
                    alternatives: vec!["restore".into()],
                };
                self.draft.floor = Some(floor);
            }
            "after" => self.after = Some(words[0].into()),
            _ => panic!("unknown head line {what:?}"),
        }
    }

    fn start(&self) -> State {
        let plan = Plan::try_from(self.draft.clone()).unwrap();
        match &self.after {
            Some(rollout) => start_after(plan, rollout.parse().unwrap(), at("0s")),
            None => start(plan, at("0s")),
        }
    }
}

/// `ID SHARE EVIDENCE MIN MAX [gate=NAME] [then=human|back|proceed] [units=COUNT]`
fn plan_step(words: &[&str]) -> Step {
    let mut step = Step::new(
        words[0].parse().unwrap(),
        Route::share(words[1].parse().unwrap()),
        match words[2] {
            "compare" => Basis::Compare,
            "guard" => Basis::Guard,
            "time" => Basis::Time,
            other => panic!("unknown evidence {other:?}"),
        },
        Bake { min: words[3].parse().unwrap(), max: words[4].parse().unwrap() },
    );
    for word in &words[5..] {
        match word.split_once('=').unwrap() {
            ("gate", name) => step.gates.push(name.parse().unwrap()),
            ("approvals", count) => step.approvals = count.parse().unwrap(),
            ("hook", name) => step.hooks.push(name.parse().unwrap()),
            ("then", then) => step.on_inconclusive = on_deadline(then),
            ("units", count) => step.units = UnitsRule::Count(count.parse().unwrap()),
            other => panic!("unknown option {other:?}"),
        }
    }
    step
}

/// `REPLICAS [SURGE UNAVAILABLE [outage]]`: with a surge there is no router.
fn capacity(words: &[&str]) -> Capacity {
    let capacity = Capacity::of(words[0].parse().unwrap());
    let [surge, unavailable, rest @ ..] = &words[1..] else { return capacity };
    let amount = |text: &str| match text.parse() {
        Ok(units) => Amount::Units(units),
        Err(_) => Amount::Share(text.parse().unwrap()),
    };
    let outage = rest.contains(&"outage");
    capacity.with_exchange(Exchange { outage, ..Exchange::new(amount(surge), amount(unavailable)) })
}

/// A step's share as the size of a matched group of users.
fn cohort(words: &[&str]) -> Route {
    let cohort = Cohort { name: words[0].parse().unwrap(), size: words[1].parse().unwrap(), matched: true };
    Route { cohort: Some(cohort), ..Route::STABLE }
}

fn set_conduct(conduct: &mut Conduct, word: &str) {
    let (name, value) = word.split_once('=').unwrap();
    let wait = |value: &str| {
        let (until, then) = value.split_once(':').unwrap();
        Wait { until: until.parse().unwrap(), then: on_deadline(then) }
    };
    match name {
        "deadline" => conduct.deadline = value.parse().unwrap(),
        "drain" => conduct.drain = value.parse().unwrap(),
        "standby" => conduct.standby = value.parse().unwrap(),
        "no_data" => conduct.no_data = wait(value),
        "gate" => conduct.gate = wait(value),
        "human" => conduct.human = wait(value),
        "approval" => conduct.approval = wait(value),
        "consecutive" => conduct.failures.consecutive = value.parse().ok(),
        "total" => conduct.failures.total = value.parse().ok(),
        "window" => {
            let (count, within) = value.split_once('/').unwrap();
            let (count, within) = (count.parse().unwrap(), within.parse().unwrap());
            conduct.failures.window = Some(FailureWindow { count, within });
        }
        "sizing" if value == "follows" => conduct.stable_sizing = StableSizing::FollowsTraffic,
        "supersede" => conduct.supersede = if value == "queue" { Supersede::Queue } else { Supersede::Replace },
        _ => panic!("unknown conduct {name:?}"),
    }
}

fn on_deadline(text: &str) -> OnDeadline {
    match text {
        "back" => OnDeadline::RollBack,
        "human" => OnDeadline::Human,
        "proceed" => OnDeadline::ProceedUncertified,
        "keep" => OnDeadline::Keep,
        other => panic!("unknown outcome of a wait {other:?}"),
    }
}

fn at(time: &str) -> Time {
    let start: Time = "2026-03-03T10:00:00Z".parse().unwrap();
    start.after(time.parse::<Duration>().unwrap())
}

fn event(state: &State, number: usize, said: &str) -> Event {
    let words: Vec<&str> = said.split_whitespace().collect();
    let time = at(words[0]);
    // A repeated command has the identifier of the line that it repeats.
    let id = words.iter().find_map(|word| word.strip_prefix("id=")).map_or_else(|| number.to_string(), str::to_owned);
    let kind = kind(state, time, words[1], &words[2..]);
    let by = words.iter().find_map(|word| word.strip_prefix("by="));
    let by = by.map_or(Actor::Driver, |name| Actor::Person(name.parse().unwrap()));
    Event { id: id.parse().unwrap(), at: time, by, kind }
}

fn kind(state: &State, time: Time, what: &str, words: &[&str]) -> Kind {
    let why = || String::from("the scenario says so");
    match what {
        "tick" => Kind::Ticked,
        "resume" => Kind::Resumed,
        "caughtup" => Kind::CaughtUp,
        "see" => Kind::Observed(observation(state, time, words)),
        "judge" => Kind::Judged { stage: stage(state, words.get(1).copied()), decision: verdict(words[0]) },
        "gate" => Kind::GateChecked {
            gate: words[0].parse().unwrap(),
            decision: verdict(words[1]),
            valid_until: at(words[2]),
        },
        "policy" => Kind::Responded { decision: Decision::new(response(words[0])) },
        "check" => Kind::Checked { check: words[0].parse().unwrap(), decision: verdict(words[1]) },
        "approve" => Kind::Approved { digest: digest(state, words), step: words[0].parse().unwrap() },
        "refuse" => Kind::Refused { digest: digest(state, words), step: words[0].parse().unwrap(), why: why() },
        "change" => Kind::PlanChanged { plan: Box::new(changed(state, words)) },
        "rescale" => Kind::Rescaled { replicas: words[0].parse().unwrap() },
        "pause" => Kind::Paused { why: why() },
        "unpause" => Kind::Unpaused,
        "abort" => Kind::Aborted { why: why() },
        "skip" => Kind::Skipped { why: why() },
        "full" => Kind::AdvancedInFull { why: why() },
        "superseded" => Kind::Superseded { by: words[0].parse().unwrap() },
        "ended" => Kind::PredecessorEnded { rollout: words[0].parse().unwrap() },
        "alarm" => Kind::Alarmed { name: "disk".into(), why: why() },
        "failed" => Kind::PortFailed { port: words[0].into(), error: "time-out".into() },
        _ => panic!("unknown event {what:?}"),
    }
}

/// The plan of now, or, with `other`, another one.
fn digest(state: &State, words: &[&str]) -> Digest {
    if words.contains(&"other") { Digest::ZERO } else { state.digest() }
}

/// `STEP min=TIME|share=SHARE|evidence=BASIS|approvals=COUNT|drop`: the plan with another step of that name.
fn changed(state: &State, words: &[&str]) -> Plan {
    let mut draft = state.plan().draft();
    let index = draft.steps.iter().position(|step| step.id.as_str() == words[0]).unwrap();
    let step = &mut draft.steps[index];
    match words[1].split_once('=') {
        Some(("min", min)) => step.bake.min = min.parse().unwrap(),
        Some(("share", share)) => step.route.share = share.parse().unwrap(),
        Some(("approvals", count)) => step.approvals = count.parse().unwrap(),
        Some(("evidence", "time")) => step.evidence = Basis::Time,
        _ if words[1] == "drop" => drop(draft.steps.remove(index)),
        _ => panic!("unknown change {:?}", words[1]),
    }
    step_max(&mut draft);
    Plan::try_from(draft).unwrap()
}

/// A longer least bake needs a longer one at most.
fn step_max(draft: &mut PlanDraft) {
    draft.steps.iter_mut().for_each(|step| step.bake.max = step.bake.max.max(step.bake.min));
}

/// `SHARE% [units=STABLE/CANDIDATE] [unconfirmed]` or `nothing units=...`, or `goal`: the world looks as it is wanted.
fn observation(state: &State, time: Time, words: &[&str]) -> Observation {
    let wanted = goal(state);
    let route = match words[0] {
        "goal" => Some(wanted.route),
        "nothing" => None,
        share => Some(Route::share(share.parse::<Weight>().unwrap())),
    };
    let told = !words.contains(&"unconfirmed");
    let units = words.iter().find_map(|word| word.strip_prefix("units=")).map(|units| {
        let (stable, candidate) = units.split_once('/').unwrap();
        Arms { stable, candidate }.map(units_of)
    });
    Observation {
        as_of: time,
        route,
        units,
        applied: told.then_some(Fence { token: 1, generation: wanted.generation }),
    }
}

/// `READY`, or `READY:EXIST` where some are not ready.
fn units_of(text: &str) -> Units {
    let (ready, exist) = text.split_once(':').unwrap_or((text, text));
    let exist = exist.parse().unwrap();
    Units { want: exist, exist, ready: ready.parse().unwrap() }
}

fn stage(state: &State, named: Option<&str>) -> StageId {
    let Some(named) = named else {
        return goal(state).stage.unwrap_or_else(|| panic!("name the stage: none is current"));
    };
    let (rollout, rest) = named.split_once('/').unwrap();
    let (step, entry) = rest.split_once('.').unwrap();
    StageId { rollout: rollout.parse().unwrap(), step: step.parse().unwrap(), entry: entry.parse().unwrap() }
}

fn verdict(text: &str) -> Decision<Verdict> {
    let outcome = match text {
        "pass" => Verdict::Pass,
        "fail" => Verdict::Fail,
        "inconclusive" => Verdict::Inconclusive,
        "nodata" => Verdict::NoData,
        other => panic!("unknown verdict {other:?}"),
    };
    Decision::new(outcome).because(Finding::info("scenario", "as written"))
}

fn response(text: &str) -> Response {
    match text {
        "continue" => Response::Continue,
        "hold" => Response::Hold { until: None },
        "back" => Response::RollBack { method: bellwether_core::Method::Traffic, to: None },
        other => panic!("unknown response {other:?}"),
    }
}

#[test]
fn a_snapshot_of_another_plan_is_refused() {
    let head = [(1, "step five 5% compare 10m 20m")];
    let one = Scenario::read(&head).start();
    let other = Scenario::read(&[(1, "step six 6% compare 10m 20m")]).start();
    let error = State::restore(other.plan().clone(), one.snapshot()).unwrap_err().to_string();
    assert!(error.contains(&one.digest().to_string()) && one.digest() != Digest::ZERO, "{error}");
}
