use std::path::PathBuf;

use bellwether_core::{Decision, EventId, Finding, Time, Verdict};
use bellwether_rollout::{Actor, Changed, Event, GoalDifference, Kind, Move, Place, State, WhatIf, goal, what_if};
use bellwether_strategy::Plan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::waiting;
use crate::{
    complaint::Complaint,
    document,
    event_text::{by, moved, place, said},
    fault::cut,
    finding_with_line::{DecisionWithLines, FindingWithLine, decision_with_lines, with_lines},
    look::{Look, Role},
    source::Source,
};

/// Events may have this many bytes.
const EVENT_BYTES_MAX: usize = 256 * 1_024;

/// The events that a word stands for.
const WORDS: &[&str] = &[
    "pass",
    "fail",
    "inconclusive",
    "no-data",
    "ticked",
    "paused",
    "unpaused",
    "aborted",
    "skipped",
    "advanced-in-full",
    "alarmed",
];

/// What would happen. The rollout is only asked, nothing is recorded.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct WhatIfAnswer {
    /// The event.
    event: Event,
    /// What would be decided.
    #[schemars(with = "DecisionWithLines<'static, Move>")]
    #[serde(serialize_with = "decision_with_lines")]
    decision: Decision<Move>,
    /// Where the rollout stands, and where it would stand.
    place: Changed<Place>,
    /// What would be wanted otherwise; null where it is the same.
    goal: GoalDifference,
    /// What would be waited for then.
    #[schemars(with = "Vec<FindingWithLine<'static>>")]
    #[serde(serialize_with = "with_lines")]
    waiting: Vec<Finding>,
}

/// An event that is asked about: what is left out is now, and somebody.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AskedEvent")]
#[serde(deny_unknown_fields)]
pub(crate) struct EventDocument {
    /// Its name.
    #[serde(default)]
    id: Option<EventId>,
    /// When it happens; without it at once.
    #[serde(default)]
    at: Option<Time>,
    /// Who says so; without it a person called `somebody`.
    #[serde(default)]
    by: Option<Actor>,
    /// What happens.
    kind: Kind,
}

impl WhatIfAnswer {
    /// Asks what an event would do to a rollout: a word, a document, or a file with one.
    pub(super) fn new(asked: &str, state: &State) -> Result<Self, Complaint> {
        let event = event(asked, state)?;
        let WhatIf { decision, place, goal, waiting } = what_if(state, &event);
        Ok(Self { event, decision, place, goal, waiting })
    }

    pub(super) fn text(&self, plan: &Plan, look: &Look) -> String {
        let Self { event, decision, .. } = self;
        let moved = look.paint(Role::Outcome, &moved(decision.outcome, plan));
        let head = format!("what if {}{} at {}: {moved}", said(&event.kind), by(&event.by), event.at);
        let reasons = look.findings(&decision.findings);
        let changes: String = self.changes(plan).iter().map(|(name, change)| format!("\n  {name}: {change}")).collect();
        format!("{head}{reasons}{changes}{}", waiting(&self.waiting).replace('\n', "\n  "))
    }

    /// What would be otherwise, by name.
    fn changes(&self, plan: &Plan) -> Vec<(&'static str, String)> {
        let GoalDifference { route, units, stage, wake, hooks } = &self.goal;
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let arrow = |before: String, after: String| (before != after).then(|| format!("{before} → {after}"));
        let changes = [
            ("place", arrow(place(self.place.before, plan), place(self.place.after, plan))),
            (
                "share",
                route.as_ref().and_then(|it| arrow(it.before.exposure().to_string(), it.after.exposure().to_string())),
            ),
            (
                "units",
                units.and_then(|it| {
                    let text = |units: Option<bellwether_core::Arms<u32>>| {
                        or_none(units.map(|units| format!("{} + {}", units.stable, units.candidate)))
                    };
                    arrow(text(it.before), text(it.after))
                }),
            ),
            (
                "stage",
                stage.as_ref().and_then(|it| {
                    let text =
                        |stage: &Option<bellwether_core::StageId>| or_none(stage.as_ref().map(ToString::to_string));
                    arrow(text(&it.before), text(&it.after))
                }),
            ),
            (
                "looks again",
                wake.and_then(|it| {
                    let text = |wake: Option<bellwether_rollout::Wake>| {
                        or_none(wake.map(|wake| format!("{} ({})", wake.at, wake.why)))
                    };
                    arrow(text(it.before), text(it.after))
                }),
            ),
            (
                "hooks",
                hooks.as_ref().and_then(|it| {
                    let text = |hooks: &std::collections::BTreeSet<bellwether_core::HookId>| {
                        let names: Vec<&str> = hooks.iter().map(bellwether_core::HookId::as_str).collect();
                        or_none((!names.is_empty()).then(|| names.join(", ")))
                    };
                    arrow(text(&it.before), text(&it.after))
                }),
            ),
        ];
        changes.into_iter().filter_map(|(name, change)| Some((name, change?))).collect()
    }
}

fn event(asked: &str, state: &State) -> Result<Event, Complaint> {
    let word = asked.replace('_', "-");
    let document = if WORDS.contains(&word.as_str()) {
        of_word(&word, state)?
    } else if asked.trim_start().starts_with('{') {
        document::json_line(asked.as_bytes())
            .and_then(document::typed)
            .map_err(|complaint| complaint.of("--what-if"))?
    } else {
        of_file(asked)?
    };
    let unnamed = |error| Complaint::new("invalid", "", error);
    let id = document.id.map_or_else(|| EventId::new("what-if"), Ok).map_err(unnamed)?;
    let somebody = || "somebody".parse().map(Actor::Person);
    let by = document.by.map_or_else(somebody, Ok).map_err(unnamed)?;
    Ok(Event { id, at: document.at.unwrap_or(state.now()), by, kind: document.kind })
}

fn of_file(name: &str) -> Result<EventDocument, Complaint> {
    let path = PathBuf::from(name);
    let source = Source::new(Some(path.clone()));
    if source != Source::Standard && !path.exists() {
        let message =
            format_args!("expected --what-if with {}, an event or its file, found {:?}", WORDS.join(", "), cut(name));
        return Err(Complaint::new("call", "", message));
    }
    document::read(&source, EVENT_BYTES_MAX)
}

fn of_word(word: &str, state: &State) -> Result<EventDocument, Complaint> {
    let why = || "what if".to_owned();
    let at = goal(state).wake.map(|wake| wake.at).filter(|_| word == "ticked");
    let kind = match word {
        "pass" => judged(Verdict::Pass, state)?,
        "fail" => judged(Verdict::Fail, state)?,
        "inconclusive" => judged(Verdict::Inconclusive, state)?,
        "no-data" => judged(Verdict::NoData, state)?,
        "paused" => Kind::Paused { why: why() },
        "unpaused" => Kind::Unpaused,
        "aborted" => Kind::Aborted { why: why() },
        "skipped" => Kind::Skipped { why: why() },
        "advanced-in-full" => Kind::AdvancedInFull { why: why() },
        "alarmed" => Kind::Alarmed { name: why(), why: why() },
        _ => Kind::Ticked,
    };
    let by = matches!(word, "pass" | "fail" | "inconclusive" | "no-data" | "ticked").then_some(Actor::Driver);
    Ok(EventDocument { id: None, at, by, kind })
}

fn judged(verdict: Verdict, state: &State) -> Result<Kind, Complaint> {
    let Some(stage) = goal(state).stage else {
        let message = format_args!("expected a rollout with an exposure to judge, found one at {}", state.place());
        return Err(Complaint::new("call", "", message).of("--what-if"));
    };
    Ok(Kind::Judged { stage, decision: Decision::new(verdict) })
}
