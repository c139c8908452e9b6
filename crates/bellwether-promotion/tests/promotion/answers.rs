//! What gates answered: windows above all.

use bellwether_core::{Decision, Finding, Verdict};
use bellwether_gate::{Evidence, Gate};
use bellwether_promotion::{Ask, Cause, Ending, EntryGate, Event, GateAnswer, History, Standing};

use crate::world::{World, environment, minute, release, rules, told};

fn windowed() -> World {
    let mut world = World::new(r#"{"name": "production", "gates": ["window"]}"#);
    world.makes("r1");
    world
}

fn answer(verdict: Verdict) -> GateAnswer {
    let decision = Decision::new(verdict).because(Finding::info("window.night", "nothing is changed at night"));
    GateAnswer::new(environment("production"), "window".parse().unwrap(), decision)
}

#[test]
fn a_window_that_nobody_asked_about_is_not_open() {
    let decision = windowed().entry("production", "r1");
    assert_eq!(decision.outcome.standing, Standing::Wait);
    assert_eq!(
        told(&decision, "promotion.gate"),
        "nobody asked window for production, or its answer has lapsed | window passed"
    );
}

#[test]
fn a_closed_window_is_waited_for_until_its_next_opening() {
    let mut world = windowed();
    world.answers = vec![answer(Verdict::Fail).with_next(minute(600))];
    let decision = world.entry("production", "r1");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Wait, Some(minute(600))));
    assert_eq!(
        told(&decision, "promotion.gate"),
        "window does not pass for production until 2026-03-03T10:00:00.000Z at the earliest: \
         nothing is changed at night | window passed at 2026-03-03T10:00:00.000Z"
    );
}

#[test]
fn a_gate_that_fails_without_knowing_when_it_passes_refuses() {
    let mut world = windowed();
    world.answers = vec![answer(Verdict::Fail)];
    assert_eq!(world.standing("production", "r1"), Standing::Refuse);
    world.answers = vec![answer(Verdict::Fail).with_next(minute(5))];
    assert_eq!(world.at(5).standing("production", "r1"), Standing::Refuse, "the next opening is over");
}

#[test]
fn an_open_window_lets_in_until_its_answer_lapses() {
    let mut world = windowed();
    world.answers = vec![answer(Verdict::Pass).with_valid_until(minute(30))];
    let decision = world.at(29).entry("production", "r1");
    assert_eq!((decision.outcome.standing, decision.outcome.wake), (Standing::Enter, Some(minute(30))));
    assert_eq!(world.at(30).standing("production", "r1"), Standing::Wait);
}

#[test]
fn neither_inconclusive_nor_no_data_is_a_pass() {
    for verdict in [Verdict::Inconclusive, Verdict::NoData] {
        let mut world = windowed();
        world.answers = vec![answer(verdict)];
        assert_eq!(world.standing("production", "r1"), Standing::Wait, "{verdict}");
    }
}

#[test]
fn of_several_answers_the_worst_counts() {
    let mut world = windowed();
    world.answers = vec![answer(Verdict::Pass), answer(Verdict::NoData)];
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    world.answers.push(answer(Verdict::Fail));
    assert_eq!(world.standing("production", "r1"), Standing::Refuse);
}

#[test]
fn an_answer_about_another_release_environment_or_gate_counts_for_nothing() {
    let mut world = windowed();
    let mut elsewhere = answer(Verdict::Pass);
    elsewhere.environment = environment("staging");
    let mut other = answer(Verdict::Pass);
    other.gate = "budget".parse().unwrap();
    world.answers = vec![answer(Verdict::Pass).with_release(release("r2")), elsewhere, other];
    assert_eq!(world.standing("production", "r1"), Standing::Wait);
    world.answers.push(answer(Verdict::Pass).with_release(release("r1")));
    assert_eq!(world.standing("production", "r1"), Standing::Enter);
}

#[test]
fn a_gate_of_the_gate_crate_answers_here() {
    let open = bellwether_gate::gate_fn(|_: &Evidence, _| Decision::new(Verdict::Pass));
    let mut world = windowed();
    let gate = ("window".parse().unwrap(), &open as &dyn Gate);
    world.answers = vec![GateAnswer::ask(environment("production"), gate, &Evidence::default(), minute(0))];
    assert_eq!(world.standing("production", "r1"), Standing::Enter);
}

#[test]
fn promotion_is_a_gate_itself() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1");
    let ask = Ask::by_person(release("r1"), environment("production"));
    let verdict = |world: &World, now: u64| {
        let history = History::of(&world.graph, &world.log);
        EntryGate::new(&world.graph, history, ask.clone()).check(&Evidence::default(), minute(now)).outcome
    };
    assert_eq!(verdict(&world, 59), Verdict::Inconclusive);
    assert_eq!(verdict(&world, 60), Verdict::Pass);
    assert_eq!(verdict(world.fails("staging", "r1"), 60), Verdict::Fail);
}

#[test]
fn a_release_or_an_environment_that_nobody_knows_is_named() {
    let mut world = World::pair();
    assert_eq!(
        told(&world.entry("staging", "r9"), "promotion.unknown_release"),
        "no release r9 was ever made | its making were in the log"
    );
    world.makes("r1");
    assert_eq!(
        told(&world.entry("stagin", "r1"), "promotion.unknown_environment"),
        "the graph has no environment stagin | the graph had one of that name"
    );
    assert_eq!(world.standing("stagin", "r1"), Standing::Refuse);
    assert_eq!(rules(&world.pick("stagin")), ["promotion.unknown_environment"]);
    assert_eq!(rules(&world.back("stagin")), ["promotion.unknown_environment"]);
    assert_eq!(rules(&world.journey("r9")), ["promotion.unknown_release"]);
}

#[test]
fn nothing_enters_a_junction() {
    let mut world = World::new(
        r#"{"name": "one"}, {"name": "all", "site": "junction", "from": ["one"]}, {"name": "last", "from": ["all"]}"#,
    );
    world.makes("r1").settles("one", "r1");
    assert_eq!(rules(&world.entry("all", "r1")), ["promotion.junction"]);
    world.begins("all", "r1", Cause::Person);
    assert_eq!(world.oddities(), ["event 5 is about all, which is a junction: nothing runs there"]);
}

#[test]
fn events_about_nothing_that_is_known_are_told_and_change_nothing() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1");
    let before = world.journey("r1").outcome;
    world.exposes("stagin", "r1").exposes("staging", "r9");
    assert_eq!(
        world.oddities(),
        [
            "event 5 is about stagin, which the graph does not have",
            "event 6 is about the release r9, which was never made",
        ]
    );
    assert_eq!(world.journey("r1").outcome, before);
    for _ in 0..100 {
        world.exposes("stagin", "r1");
    }
    let told = world.oddities();
    assert_eq!((told.len(), told.last().map(String::as_str)), (21, Some("82 more events make no sense either")));
}

/// A log may begin in the middle: what it says still counts.
#[test]
fn an_end_without_a_beginning_is_told_and_counts() {
    let mut world = World::pair();
    world.makes("r1").ends("staging", "r1", Ending::WentBack);
    assert_eq!(world.oddities(), ["event 1 ends r1 in staging, which had not begun"]);
    assert_eq!(rules(&world.entry("production", "r1")), ["promotion.failed_upstream"]);
}

#[test]
fn a_log_reads_back_and_gives_the_same_decisions() {
    let mut world = World::pair();
    world.makes("r1").settles("staging", "r1").at(30).interrupts("staging").approves("production", "r1", "bob");
    world.holds("production").overrides(|_| {}).resumes("production").at(40);
    let text = serde_json::to_string(&world.log).unwrap();
    let log: Vec<Event> = serde_json::from_str(&text).unwrap();
    assert_eq!(log, world.log);
    let once = History::of(&world.graph, &world.log);
    let mut by_and_by = History::default();
    world.log.iter().for_each(|event| by_and_by.push(&world.graph, event));
    let facts = |history| bellwether_promotion::Facts::new(history, minute(40));
    assert_eq!(
        serde_json::to_string(&world.graph.goal(&facts(&once))).unwrap(),
        serde_json::to_string(&world.graph.goal(&facts(&by_and_by))).unwrap()
    );
}
