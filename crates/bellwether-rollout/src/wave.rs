use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};

use bellwether_core::{Decision, Duration, Finding, RolloutId, Time};
use serde::{Deserialize, Serialize};

/// The version of the format of wave plans.
const SCHEMA: u32 = 1;

/// Many rollouts of one release as one: which may run when, how much of the fleet may be at risk at a time, and what
/// one failure does to the others. A rule over rollouts, not a second machine.
///
/// # Example: one box, then a region, then the rest
/// ```
/// use std::collections::BTreeMap;
///
/// use bellwether_core::{RolloutId, Time};
/// use bellwether_rollout::{Part, WavePlan, wave_goal};
///
/// let plan: WavePlan = serde_json::from_str(r#"{"schema": 1, "parallel": 2, "budget": 50, "soak": "1h", "on_failure": "back",
///     "members": {
///         "one-box":  {"size": 1},
///         "frankfurt": {"size": 20, "after": ["one-box"]},
///         "dublin":    {"size": 30, "after": ["one-box"], "soak": "12h"}
///     }}"#)?;
/// let mut parts: BTreeMap<RolloutId, Part> = BTreeMap::new();
/// let now: Time = "2026-03-03T10:00:00Z".parse()?;
/// assert_eq!(wave_goal(&plan, &parts, now).outcome.start.len(), 1, "one box first");
///
/// parts.insert("one-box".parse()?, Part::Completed { at: now });
/// assert!(wave_goal(&plan, &parts, now).outcome.start.is_empty(), "it soaks");
/// let later = now.after("1h".parse()?);
/// assert_eq!(wave_goal(&plan, &parts, later).outcome.start.len(), 2, "both regions fit the budget of 50");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "WaveDraft", into = "WaveDraft")]
pub struct WavePlan(WaveDraft);

/// A wave plan before its checks.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename = "WavePlan")]
pub struct WaveDraft {
    /// The version of this format.
    pub schema: u32,
    /// How many rollouts may run at a time.
    pub parallel: u32,
    /// How much may be at risk at a time: the sizes of the members that run or soak together.
    pub budget: u32,
    /// How long a member is watched after it completed before the next ones begin, where it does not say otherwise.
    #[serde(default)]
    pub soak: Duration,
    /// What a member that went back does to those that completed.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// The members by the names of their rollouts.
    pub members: BTreeMap<RolloutId, Member>,
}

/// One rollout of many.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// How much of the fleet it is, in the budget's unit.
    pub size: u32,
    /// The rollouts that must have completed and soaked before it begins.
    #[serde(default)]
    pub after: BTreeSet<RolloutId>,
    /// How long it is watched after it completed.
    #[serde(default)]
    pub soak: Option<Duration>,
}

/// What a member that went back does to those that completed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Nothing begins any more; what completed stays, and a person decides.
    #[default]
    Hold,
    /// Everything goes back, the last that began first.
    Back,
}

/// How a member's rollout stands. A member that is not named has not begun.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// On its way.
    Running,
    /// The candidate has replaced stable.
    Completed {
        /// When.
        at: Time,
    },
    /// On its way back.
    GoingBack,
    /// Stable has everything back.
    RolledBack,
    /// Waiting for a person.
    Stuck,
}

/// What the host should do with the members.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WaveGoal {
    /// Begin these.
    pub start: BTreeSet<RolloutId>,
    /// Stop forward moves of these.
    pub hold: BTreeSet<RolloutId>,
    /// Send these back now; the others that must go back follow when these have.
    pub back: BTreeSet<RolloutId>,
    /// When to ask again at the latest, where time alone changes something.
    pub wake: Option<Time>,
}

/// Tells which place of a wave plan is wrong, what was expected there and what was found.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
pub struct WaveError {
    at: String,
    expected: String,
    found: String,
}

impl WavePlan {
    /// The plan as data.
    #[must_use]
    pub const fn draft(&self) -> &WaveDraft {
        &self.0
    }

    fn soak(&self, member: &Member) -> Duration {
        member.soak.unwrap_or(self.0.soak)
    }
}

impl From<WavePlan> for WaveDraft {
    fn from(plan: WavePlan) -> Self {
        plan.0
    }
}

impl TryFrom<WaveDraft> for WavePlan {
    type Error = WaveError;

    fn try_from(draft: WaveDraft) -> Result<Self, WaveError> {
        let error = |at: &str, expected: &str, found: String| {
            Err(WaveError { at: at.into(), expected: expected.into(), found })
        };
        if draft.schema != SCHEMA {
            return error("$.schema", "1", draft.schema.to_string());
        }
        if draft.parallel == 0 {
            return error("$.parallel", "at least 1", "0".into());
        }
        if draft.members.is_empty() {
            return error("$.members", "at least one member", "none".into());
        }
        for (name, member) in &draft.members {
            if member.size > draft.budget {
                let expected = format!("at most the budget of {}, or it could never begin", draft.budget);
                return error(&format!("$.members.{name}.size"), &expected, member.size.to_string());
            }
            if let Some(unknown) = member.after.iter().find(|before| !draft.members.contains_key(*before)) {
                return error(&format!("$.members.{name}.after"), "the name of a member", unknown.to_string());
            }
        }
        if let Some(name) = in_a_circle(&draft.members) {
            return error(
                &format!("$.members.{name}.after"),
                "members that do not wait for this one",
                "a circle".into(),
            );
        }
        Ok(Self(draft))
    }
}

/// A member that waits for itself, if there is one: what is left when everything that waits for nothing is taken away.
fn in_a_circle(members: &BTreeMap<RolloutId, Member>) -> Option<RolloutId> {
    let mut left: BTreeMap<_, _> = members.iter().collect();
    loop {
        let free = |member: &&Member| member.after.iter().all(|before| !left.contains_key(before));
        let Some(name) = left.iter().find(|(_, member)| free(member)).map(|(name, _)| *name) else {
            return left.keys().next().map(|name| (*name).clone());
        };
        left.remove(name);
    }
}

/// Says which members begin, hold or go back.
///
/// Nothing begins beside a failure. On the way back a member goes only when everything that waited for it is back, so
/// the order is the reverse of the way there.
pub fn wave_goal(plan: &WavePlan, parts: &BTreeMap<RolloutId, Part>, now: Time) -> Decision<WaveGoal> {
    let failed = parts.iter().find(|(_, part)| matches!(part, Part::GoingBack | Part::RolledBack | Part::Stuck));
    let Some((name, _)) = failed else { return go_on(plan, parts, now) };
    let finding = Finding::critical("wave.failed", "{rollout} did not complete, nothing else begins")
        .figure("rollout", name.to_string())
        .flips_when("{rollout} had completed");
    match plan.0.on_failure {
        OnFailure::Hold => {
            let running = parts.iter().filter(|(_, part)| **part == Part::Running).map(|(name, _)| name.clone());
            Decision::new(WaveGoal { hold: running.collect(), ..WaveGoal::default() }).because(finding)
        }
        OnFailure::Back => {
            Decision::new(WaveGoal { back: next_back(plan, parts), ..WaveGoal::default() }).because(finding)
        }
    }
}

/// The members that go back now: exposed, and nothing that waited for them is exposed any more.
fn next_back(plan: &WavePlan, parts: &BTreeMap<RolloutId, Part>) -> BTreeSet<RolloutId> {
    let exposed = |name: &RolloutId| {
        matches!(parts.get(name), Some(Part::Running | Part::Completed { .. } | Part::GoingBack | Part::Stuck))
    };
    let followers = |name: &RolloutId| {
        plan.0.members.iter().filter(|(_, member)| member.after.contains(name)).any(|(follower, _)| exposed(follower))
    };
    let goes = |part: &Part| matches!(part, Part::Running | Part::Completed { .. });
    parts.iter().filter(|(name, part)| goes(part) && !followers(name)).map(|(name, _)| name.clone()).collect()
}

fn go_on(plan: &WavePlan, parts: &BTreeMap<RolloutId, Part>, now: Time) -> Decision<WaveGoal> {
    let running = parts.values().filter(|part| **part == Part::Running).count();
    let mut free = usize::try_from(plan.0.parallel).unwrap_or(usize::MAX).saturating_sub(running);
    let mut at_risk: u32 = at_risk(plan, parts, now);
    let mut goal = WaveGoal { wake: next_soaked(plan, parts, now), ..WaveGoal::default() };
    let mut findings = Vec::new();
    for (name, member) in &plan.0.members {
        if parts.contains_key(name) {
            continue;
        }
        if let Some(finding) = waits(plan, parts, (name, member), now) {
            findings.push(finding);
        } else if free == 0 {
            findings.push(
                about("wave.parallel", "{rollout} waits: {parallel} run already", name)
                    .figure("parallel", plan.0.parallel),
            );
        } else if at_risk.saturating_add(member.size) > plan.0.budget {
            let text = "{rollout} waits: {at_risk} of {budget} are at risk, it is {size}";
            let finding = about("wave.budget", text, name).figure("at_risk", at_risk).figure("budget", plan.0.budget);
            findings.push(finding.figure("size", member.size));
        } else {
            free = free.saturating_sub(1);
            at_risk = at_risk.saturating_add(member.size);
            goal.start.insert(name.clone());
            findings.push(about("wave.start", "{rollout} begins", name));
        }
    }
    if findings.is_empty() {
        findings.push(
            Finding::info("wave.under_way", "all {members} members have begun")
                .figure("members", count(plan.0.members.len())),
        );
    }
    Decision { outcome: goal, findings }
}

/// The sizes of the members that run, or that completed and still soak.
fn at_risk(plan: &WavePlan, parts: &BTreeMap<RolloutId, Part>, now: Time) -> u32 {
    let risky = |(name, part): (&RolloutId, &Part)| {
        let member = plan.0.members.get(name)?;
        (!is_soaked(plan, member, part, now)).then_some(member.size)
    };
    parts.iter().filter_map(risky).fold(0, u32::saturating_add)
}

fn is_soaked(plan: &WavePlan, member: &Member, part: &Part, now: Time) -> bool {
    matches!(part, Part::Completed { at } if at.after(plan.soak(member)) <= now)
}

/// What a member waits for among those before it.
fn waits(
    plan: &WavePlan,
    parts: &BTreeMap<RolloutId, Part>,
    (name, member): (&RolloutId, &Member),
    now: Time,
) -> Option<Finding> {
    let not_soaked = |before: &&RolloutId| {
        let known = plan.0.members.get(*before).zip(parts.get(*before));
        !known.is_some_and(|(member, part)| is_soaked(plan, member, part, now))
    };
    let before = member.after.iter().find(not_soaked)?;
    Some(
        about("wave.order", "{rollout} waits until {before} has completed and soaked", name)
            .figure("before", before.to_string()),
    )
}

fn next_soaked(plan: &WavePlan, parts: &BTreeMap<RolloutId, Part>, now: Time) -> Option<Time> {
    let end = |(name, part): (&RolloutId, &Part)| match part {
        Part::Completed { at } => Some(at.after(plan.soak(plan.0.members.get(name)?))),
        Part::Running | Part::GoingBack | Part::RolledBack | Part::Stuck => None,
    };
    parts.iter().filter_map(end).filter(|end| *end > now).min()
}

fn about(rule: &'static str, text: &'static str, rollout: &RolloutId) -> Finding {
    Finding::info(rule, text).figure("rollout", rollout.to_string())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
