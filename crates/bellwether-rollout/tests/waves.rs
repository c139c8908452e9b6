//! Many rollouts as one: order, parallelism, what may be at risk, and the way back.

#![expect(clippy::unwrap_used, reason = "what a helper cannot make fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use bellwether_core::{Duration, RolloutId, Time};
use bellwether_rollout::{Member, OnFailure, Part, WaveDraft, WavePlan, wave_goal};
use proptest::prelude::*;

fn id(name: &str) -> RolloutId {
    name.parse().unwrap()
}

fn member(size: u32, after: &[&str]) -> Member {
    Member { size, after: after.iter().map(|name| id(name)).collect(), soak: None }
}

/// AWS' waves: one box 1 h, the first region 12 h, later ones 2 h.
fn draft() -> WaveDraft {
    let members = [
        ("a-one-box", member(1, &[])),
        ("b-first", member(10, &["a-one-box"])),
        ("c-second", member(20, &["b-first"])),
        ("d-third", member(20, &["b-first"])),
    ];
    let mut members: BTreeMap<_, _> = members.into_iter().map(|(name, member)| (id(name), member)).collect();
    members.get_mut("a-one-box").unwrap().soak = Some(Duration::from_hours(1));
    members.get_mut("b-first").unwrap().soak = Some(Duration::from_hours(12));
    WaveDraft {
        schema: 1,
        parallel: 2,
        budget: 30,
        soak: Duration::from_hours(2),
        on_failure: OnFailure::Back,
        members,
    }
}

fn plan() -> WavePlan {
    WavePlan::try_from(draft()).unwrap()
}

fn names(set: &BTreeSet<RolloutId>) -> Vec<&str> {
    set.iter().map(RolloutId::as_str).collect()
}

fn at(hours: u64) -> Time {
    Time::default().after(Duration::from_hours(hours))
}

#[test]
fn members_begin_in_order_once_what_they_wait_for_has_soaked() {
    let mut parts = BTreeMap::new();
    assert_eq!(names(&wave_goal(&plan(), &parts, at(0)).outcome.start), ["a-one-box"]);
    parts.insert(id("a-one-box"), Part::Completed { at: at(0) });
    let waiting = wave_goal(&plan(), &parts, at(0));
    assert_eq!((waiting.outcome.start.len(), waiting.outcome.wake), (0, Some(at(1))));
    assert_eq!(names(&wave_goal(&plan(), &parts, at(1)).outcome.start), ["b-first"]);
    parts.insert(id("b-first"), Part::Completed { at: at(2) });
    assert!(wave_goal(&plan(), &parts, at(13)).outcome.start.is_empty());
    let third = wave_goal(&plan(), &parts, at(14));
    assert_eq!(names(&third.outcome.start), ["c-second"], "20 and 20 are more than the budget of 30");
    assert!(third.findings.iter().any(|finding| finding.rule == "wave.budget"));
}

#[test]
fn one_failure_sends_everything_back_in_the_reverse_order() {
    let done = Part::Completed { at: at(0) };
    let mut parts: BTreeMap<_, _> =
        [("a-one-box", done), ("b-first", done), ("c-second", Part::Stuck), ("d-third", Part::Running)]
            .map(|(name, part)| (id(name), part))
            .into();
    assert_eq!(names(&wave_goal(&plan(), &parts, at(30)).outcome.back), ["d-third"]);
    parts.insert(id("d-third"), Part::RolledBack);
    assert!(wave_goal(&plan(), &parts, at(30)).outcome.back.is_empty(), "the one that is stuck still exposes somebody");
    parts.insert(id("c-second"), Part::RolledBack);
    assert_eq!(names(&wave_goal(&plan(), &parts, at(30)).outcome.back), ["b-first"]);
    parts.insert(id("b-first"), Part::RolledBack);
    assert_eq!(names(&wave_goal(&plan(), &parts, at(30)).outcome.back), ["a-one-box"]);
}

#[test]
fn a_failure_may_hold_instead() {
    let plan = WavePlan::try_from(WaveDraft { on_failure: OnFailure::Hold, ..draft() }).unwrap();
    let parts = [(id("a-one-box"), Part::RolledBack), (id("b-first"), Part::Running)].into();
    let decision = wave_goal(&plan, &parts, at(0));
    assert_eq!((names(&decision.outcome.hold), decision.outcome.back.len()), (vec!["b-first"], 0));
}

#[test]
fn an_impossible_plan_is_refused_at_its_place() {
    let refused = |change: fn(&mut WaveDraft)| {
        let mut draft = draft();
        change(&mut draft);
        WavePlan::try_from(draft).unwrap_err().to_string()
    };
    assert_eq!(refused(|draft| draft.schema = 2), "$.schema: expected 1, found 2");
    assert_eq!(refused(|draft| draft.parallel = 0), "$.parallel: expected at least 1, found 0");
    assert_eq!(refused(|draft| draft.members.clear()), "$.members: expected at least one member, found none");
    assert_eq!(
        refused(|draft| draft.budget = 19),
        "$.members.c-second.size: expected at most the budget of 19, or it could never begin, found 20"
    );
    let unknown = refused(|draft| {
        draft.members.get_mut("b-first").unwrap().after.insert(id("nobody"));
    });
    assert_eq!(unknown, "$.members.b-first.after: expected the name of a member, found nobody");
    let circle = refused(|draft| {
        draft.members.get_mut("a-one-box").unwrap().after.insert(id("d-third"));
    });
    assert!(circle.ends_with("expected members that do not wait for this one, found a circle"), "{circle}");
}

fn any_plan() -> impl Strategy<Value = WavePlan> {
    let member = (1u32..20, prop::collection::vec(any::<prop::sample::Index>(), 0..3), 0u64..5);
    (1u32..4, 20u32..60, prop::collection::vec(member, 1..9)).prop_map(|(parallel, budget, shapes)| {
        let name = |number: usize| id(&format!("m{number}"));
        let members = shapes.into_iter().enumerate().map(|(number, (size, after, soak))| {
            let after = if number == 0 {
                BTreeSet::new()
            } else {
                after.iter().map(|index| name(index.index(number))).collect()
            };
            (name(number), Member { size, after, soak: Some(Duration::from_hours(soak)) })
        });
        let soak = Duration::ZERO;
        WavePlan::try_from(WaveDraft {
            schema: 1,
            parallel,
            budget,
            soak,
            on_failure: OnFailure::Back,
            members: members.collect(),
        })
        .unwrap()
    })
}

proptest! {
    /// Whoever finishes in whatever order: the bounds hold at every moment, the order is kept, and everybody gets a turn.
    #[test]
    fn every_member_completes_within_the_bounds(plan in any_plan(), order in prop::collection::vec(any::<prop::sample::Index>(), 60)) {
        let mut parts: BTreeMap<RolloutId, Part> = BTreeMap::new();
        let draft = plan.draft().clone();
        let mut now = Time::default();
        for choice in order {
            let goal = wave_goal(&plan, &parts, now).outcome;
            for name in &goal.start {
                let soaked = |before: &RolloutId| match parts.get(before) {
                    Some(Part::Completed { at }) => at.after(draft.members[before].soak.unwrap()) <= now,
                    _ => false,
                };
                prop_assert!(draft.members[name].after.iter().all(soaked), "{name} began too early");
                prop_assert!(!parts.contains_key(name));
            }
            parts.extend(goal.start.iter().map(|name| (name.clone(), Part::Running)));
            let running: Vec<_> = parts.iter().filter(|(_, part)| **part == Part::Running).map(|(name, _)| name.clone()).collect();
            prop_assert!(running.len() <= usize::try_from(draft.parallel).unwrap());
            prop_assert!(running.iter().map(|name| draft.members[name].size).sum::<u32>() <= draft.budget);
            if !running.is_empty() {
                parts.insert(running[choice.index(running.len())].clone(), Part::Completed { at: now });
            }
            now = now.after(Duration::from_hours(1));
        }
        prop_assert_eq!(parts.len(), draft.members.len(), "somebody never got a turn");
    }
}
