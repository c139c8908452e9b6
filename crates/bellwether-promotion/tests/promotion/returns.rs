//! The way back to the last good release, once.

use std::collections::BTreeSet;

use bellwether_core::Verdict;
use bellwether_promotion::{Cause, Ending, Event, Facts, Graph, History, Kind, Standing, Way};

use crate::world::{World, environment, made, minute, person, release, rules, told};

fn returning() -> World {
    World::new(r#"{"name": "production", "trigger": "automatic", "return": {"within": "20m"}, "settle": "1m"}"#)
}

/// r1 was good, r2 came by itself and is bad.
fn bad() -> World {
    let mut world = returning();
    world.makes("r1").settles("production", "r1").at(60).makes("r2").brings("production", "r2", Cause::Automatic);
    world.at(65).fails("production", "r2").at(66);
    world
}

fn back_to(name: &str) -> Way {
    Way::Back { to: release(name) }
}

#[test]
fn a_failed_release_returns_to_the_last_one_that_was_verified_there() {
    let world = bad();
    let decision = world.back("production");
    assert_eq!((decision.outcome.way.clone(), decision.outcome.wake), (back_to("r1"), Some(minute(85))));
    assert_eq!(
        told(&decision, "promotion.return"),
        "r2 failed in production 1m ago: back to r1, which passed there | it were verified again and passed"
    );
    assert_eq!(world.goal().outcome.back.get("production"), Some(&release("r1")));
    assert_eq!(world.goal().outcome.enter.len(), 0);
}

#[test]
fn releases_that_were_never_verified_are_passed_over_on_the_way_back() {
    let mut world = returning();
    world.makes("r1").settles("production", "r1").at(10).makes("r2").brings("production", "r2", Cause::Person);
    world.at(20).makes("r3").brings("production", "r3", Cause::Person).fails("production", "r3");
    assert_eq!(world.back("production").outcome.way, back_to("r1"));
}

#[test]
fn a_release_that_failed_since_is_not_good_any_more() {
    let mut world = bad();
    world.fails("production", "r1");
    let decision = world.back("production");
    assert_eq!((decision.outcome.way.clone(), rules(&decision)), (Way::Stuck, vec!["promotion.no_last_good"]));
    assert_eq!(world.goal().outcome.stuck.len(), 1);
}

#[test]
fn nothing_returns_to_what_was_withdrawn_or_could_have_moved() {
    let mut world = bad();
    world.happens(Kind::Withdrawn { release: release("r1"), by: person("bob"), why: "leaks keys".into() });
    assert_eq!(world.back("production").outcome.way, Way::Stuck);
}

#[test]
fn there_is_no_return_of_a_return() {
    let mut world = bad();
    world.at(70).brings("production", "r1", Cause::Return).at(75).fails("production", "r1");
    let decision = world.back("production");
    assert_eq!(decision.outcome.way, Way::Stuck);
    assert_eq!(
        told(&decision, "promotion.return_of_return"),
        "r1 failed in production, and came by a return itself: a person decides"
    );
}

#[test]
fn a_return_that_went_back_itself_is_not_tried_again() {
    let mut world = bad();
    world.at(67).begins("production", "r1", Cause::Return).at(70).ends("production", "r1", Ending::WentBack);
    let decision = world.exposes("production", "r2").back("production");
    assert_eq!(decision.outcome.way, Way::Stuck);
    assert!(told(&decision, "promotion.return_of_return").contains("a return from it went back"));
}

#[test]
fn a_failure_that_is_too_old_is_left_to_people() {
    let mut world = bad();
    assert_eq!(world.at(84).back("production").outcome.way, back_to("r1"));
    let decision = world.at(85).back("production");
    assert_eq!((decision.outcome.way.clone(), rules(&decision)), (Way::Stay, vec!["promotion.failure_old"]));
}

#[test]
fn nothing_returns_while_a_rollout_is_under_way() {
    let mut world = bad();
    world.makes("r3").begins("production", "r3", Cause::Person);
    let decision = world.back("production");
    assert_eq!((decision.outcome.way.clone(), rules(&decision)), (Way::Stay, vec!["promotion.unsettled"]));
    world.ends("production", "r3", Ending::WentBack);
    assert_eq!(world.back("production").outcome.way, back_to("r1"), "r2 is still there, and still bad");
}

#[test]
fn a_failure_of_an_earlier_stay_is_no_reason_to_return() {
    let mut world = bad();
    world.at(70).brings("production", "r1", Cause::Person).at(72).brings("production", "r2", Cause::Person).at(73);
    assert_eq!(world.back("production").outcome.way, Way::Stay, "a person tries r2 again");
    world.fails("production", "r2");
    assert_eq!(world.back("production").outcome.way, back_to("r1"));
}

#[test]
fn without_a_rule_nothing_returns_and_somebody_is_told() {
    let mut world = World::pair();
    world
        .makes("r1")
        .settles("staging", "r1")
        .makes("r2")
        .brings("staging", "r2", Cause::Person)
        .fails("staging", "r2");
    let decision = world.back("staging");
    assert_eq!((decision.outcome.way.clone(), rules(&decision)), (Way::Stay, vec!["promotion.no_return"]));
}

#[test]
fn no_window_no_approval_and_no_hold_keeps_an_environment_from_returning() {
    let mut world = World::new(
        r#"{"name": "production", "return": {}, "gates": ["window"], "approvals": {"count": 1}, "branches": ["main"]}"#,
    );
    world.makes("r1").settles("production", "r1").makes("r2").settles("production", "r2").holds("production");
    world.at(1).fails("production", "r2");
    assert_eq!(world.standing("production", "r1"), Standing::Refuse, "forward it would be asked everything");
    assert_eq!(world.back("production").outcome.way, back_to("r1"));
}

#[test]
fn after_a_return_automatic_promotion_is_held_until_a_person_resumes_it() {
    let mut world = bad();
    world.at(70).brings("production", "r1", Cause::Return).passes("production", "r1").at(80).makes("r3");
    assert_eq!(world.next("production"), None);
    assert!(rules(&world.pick("production")).contains(&"promotion.hold"));
    assert_eq!(world.turn("production", "r2").outcome.standing, Standing::Past, "what failed does not come back");
    assert_eq!(world.resumes("production").next("production").as_deref(), Some("r3"));
}

#[test]
fn past_what_cannot_be_undone_nothing_returns() {
    let mut world = returning();
    world.makes("r1").settles("production", "r1").at(10);
    world.happens(Kind::Made(made("r2").with_floor("drops the column email"))).brings(
        "production",
        "r2",
        Cause::Person,
    );
    world.at(11).fails("production", "r2");
    let decision = world.back("production");
    assert_eq!(decision.outcome.way, Way::Stuck);
    assert_eq!(
        told(&decision, "promotion.floor"),
        "r2 failed in production, and r2 cannot be undone: drops the column email; r1 was before it | \
         a newer release repaired what is wrong"
    );
    let by_hand = world.entry("production", "r1");
    assert_eq!(by_hand.outcome.standing, Standing::Refuse, "nor does a person bring it back");
    assert!(rules(&by_hand).contains(&"promotion.floor"));
}

#[test]
fn a_release_that_cannot_be_undone_may_itself_be_returned_to() {
    let mut world = returning();
    world.makes("r1").settles("production", "r1").at(10);
    world.happens(Kind::Made(made("r2").with_floor("drops the column email"))).settles("production", "r2");
    world.at(20).makes("r3").brings("production", "r3", Cause::Person).fails("production", "r3");
    assert_eq!(world.back("production").outcome.way, back_to("r2"));
}

/// A rollout whose migration ran and that went back itself: what was before it does not fit the schema any more.
#[test]
fn what_cannot_be_undone_counts_from_the_beginning_of_its_rollout() {
    let mut world = returning();
    world.makes("r1").settles("production", "r1").at(5).makes("r2").settles("production", "r2").at(10);
    world.happens(Kind::Made(made("r3").with_floor("drops the column email")));
    world.begins("production", "r3", Cause::Person).ends("production", "r3", Ending::WentBack);
    world.exposes("production", "r2").fails("production", "r2");
    assert_eq!(world.back("production").outcome.way, Way::Stuck);
}

/// Every order of what can happen to one environment with four releases, ten things deep, with a host that does what it
/// is told: 4^10 orders.
#[test]
fn in_no_order_of_events_does_a_return_follow_a_return() {
    let mut world = returning();
    for name in ["r1", "r2", "r3", "r4"] {
        world.makes(name);
    }
    let history = History::of(&world.graph, &world.log);
    let model = Model { graph: world.graph, history, minute: 0, here: None, last: None, bad: BTreeSet::new() };
    let (mut returns, mut stuck) = (0, 0);
    model.go_on(10, &mut |way| match way {
        Way::Back { .. } => returns += 1,
        Way::Stuck => stuck += 1,
        Way::Stay => {}
    });
    // The model reaches what it is about.
    assert!(returns > 10_000 && stuck > 10_000, "{returns} returns, stuck {stuck} times");
}

/// What is known without asking the library: who is here, how it came, and which releases failed last.
#[derive(Clone)]
struct Model {
    graph: Graph,
    history: History,
    minute: u64,
    here: Option<&'static str>,
    last: Option<Cause>,
    bad: BTreeSet<&'static str>,
}

impl Model {
    /// Four things can happen next: another release comes, the one that is here passes, it fails, or nothing.
    fn go_on(&self, depth: u32, seen: &mut impl FnMut(&Way)) {
        if depth == 0 {
            return;
        }
        for choice in 0..4 {
            let mut next = Self { minute: self.minute + 1, ..self.clone() };
            match (choice, self.here) {
                (0, _) => next.bring(["r1", "r2", "r3", "r4"][usize::try_from(depth).unwrap() % 4], Cause::Person),
                (1, Some(name)) => next.judge(name, Verdict::Pass),
                (2, Some(name)) => next.judge(name, Verdict::Fail),
                (_, Some(_)) => {}
                (_, None) => continue,
            }
            next.obey(seen);
            next.go_on(depth - 1, seen);
        }
    }

    fn obey(&mut self, seen: &mut impl FnMut(&Way)) {
        let way = self.graph.back(&Facts::new(&self.history, minute(self.minute)), &environment("production"));
        seen(&way.outcome.way);
        let Way::Back { to } = way.outcome.way else { return };
        assert_ne!(self.last, Some(Cause::Return), "a return of a return: {:#?}", self.history);
        assert!(!self.bad.contains(to.as_str()), "back to the bad {to}: {:#?}", self.history);
        assert_ne!(self.here, Some(to.as_str()), "back to what is here: {:#?}", self.history);
        let name = ["r1", "r2", "r3", "r4"].into_iter().find(|name| *name == to.as_str()).unwrap();
        self.bring(name, Cause::Return);
    }

    fn bring(&mut self, name: &'static str, cause: Cause) {
        let mut world = World { graph: self.graph.clone(), log: Vec::new(), answers: Vec::new(), now: self.minute };
        world.brings("production", name, cause);
        world.log.iter().for_each(|event| self.history.push(&self.graph, event));
        (self.here, self.last) = (Some(name), Some(cause));
    }

    fn judge(&mut self, name: &'static str, verdict: Verdict) {
        let kind = Kind::Verified { environment: environment("production"), release: release(name), verdict };
        self.history.push(&self.graph, &Event { at: minute(self.minute), kind });
        if verdict == Verdict::Fail {
            self.bad.insert(name);
        } else {
            self.bad.remove(name);
        }
    }
}
