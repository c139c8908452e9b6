use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use bellwether_core::Basis;
use serde_json::Value;

use crate::{FailureLimits, FailureWindow, OnDeadline, Plan, Step};

/// One place at which two plans differ.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PlanChange {
    /// The place, such as `$.steps[1].bake.min`.
    pub at: String,
    /// What it was, as JSON; absent where there was nothing.
    pub was: Option<String>,
    /// What it is, as JSON; absent where there is nothing any more.
    pub is: Option<String>,
}

impl fmt::Display for PlanChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
        write!(formatter, "{}: {} became {}", self.at, shown(&self.was), shown(&self.is))
    }
}

impl Plan {
    /// Every place at which another plan differs from this one, in the order of the document.
    ///
    /// # Example: a longer bake
    /// ```
    /// use bellwether_core::{Arms, Duration, Level, Release, Target, Version};
    /// use bellwether_strategy::{Plan, for_level};
    ///
    /// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    /// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
    /// let plan = for_level(Level::Medium).plan(&release, &Target::default())?.outcome;
    /// let mut draft = plan.draft();
    /// draft.steps[0].bake.min = Duration::from_hours(3);
    /// let changes = plan.changes_to(&Plan::try_from(draft)?);
    /// assert_eq!(changes[0].to_string(), r#"$.steps[0].bake.min: "2h" became "3h""#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn changes_to(&self, other: &Self) -> Vec<PlanChange> {
        let value = |plan: &Self| serde_json::to_value(plan).unwrap_or(Value::Null);
        let mut changes = Vec::new();
        compare("$", Some(&value(self)), Some(&value(other)), &mut changes);
        changes
    }

    /// Why this plan may not take the place of `before` while the step of that index is under way; nothing where it may.
    ///
    /// The rollout, its arms, how it splits traffic and the point of no return stay; finished steps stay as they were;
    /// the current step stays at its exposure and is looked at no less than before. What comes later is free.
    #[must_use]
    pub fn refused_in_place_of(&self, before: &Self, current: u32) -> Vec<String> {
        let mut refused = Vec::new();
        let mut refuse = |holds: bool, why: &str| {
            if !holds {
                refused.push(String::from(why));
            }
        };
        refuse(self.id() == before.id() && self.arms() == before.arms(), "it is for another rollout or other versions");
        let splits = |plan: &Self| (plan.capacity().is_some(), plan.exchange());
        refuse(splits(self) == splits(before), "it splits traffic another way");
        refuse(self.floor() == before.floor(), "the point of no return is another one");
        let done = usize::try_from(current).unwrap_or(usize::MAX);
        refuse(self.steps().get(..done) == before.steps().get(..done), "a step that is finished would be another one");
        match (self.step(current), before.step(current)) {
            (Some(step), Some(was)) => refused.extend(step.loosens(was)),
            _ => refused.push("it does not have the current step".into()),
        }
        refused.extend(self.conduct().failures.loosens(&before.conduct().failures));
        refused
    }
}

impl Step {
    /// What this step lets through that another one did not.
    fn loosens(&self, was: &Self) -> Vec<String> {
        let mut loosened = Vec::new();
        let mut check = |holds: bool, what: &str| {
            if !holds {
                loosened.push(format!("the current step would {what}"));
            }
        };
        check(self.id == was.id && self.route == was.route && self.units == was.units, "have another exposure");
        check(rank(self.evidence) >= rank(was.evidence), "go on by weaker evidence");
        check(self.bake.min >= was.bake.min, "bake for less time");
        check(self.approvals >= was.approvals, "need fewer approvals");
        let gates: BTreeSet<_> = self.gates.iter().collect();
        check(was.gates.iter().all(|gate| gates.contains(gate)), "pass fewer gates");
        let same = self.on_inconclusive == was.on_inconclusive;
        check(same || self.on_inconclusive == OnDeadline::RollBack, "go on more easily from inconclusive evidence");
        loosened
    }
}

impl FailureLimits {
    fn loosens(&self, was: &Self) -> Option<String> {
        let at_most = |is: Option<u32>, was: Option<u32>| was.is_none_or(|was| is.is_some_and(|is| is <= was));
        let window = |is: Option<FailureWindow>, was: Option<FailureWindow>| {
            was.is_none_or(|was| is.is_some_and(|is| is.count <= was.count && is.within >= was.within))
        };
        let is_as_strict = at_most(self.consecutive, was.consecutive)
            && at_most(self.total, was.total)
            && window(self.window, was.window);
        (!is_as_strict).then(|| "more failures of soft checks would be let through".into())
    }
}

/// How much evidence demands: a comparison more than guards, guards more than time.
const fn rank(basis: Basis) -> u8 {
    match basis {
        Basis::Time => 0,
        Basis::Guard => 1,
        Basis::Compare => 2,
    }
}

fn compare(at: &str, was: Option<&Value>, is: Option<&Value>, changes: &mut Vec<PlanChange>) {
    match (was, is) {
        (was, is) if was == is => {}
        (Some(Value::Object(was)), Some(Value::Object(is))) => {
            let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            names.into_iter().for_each(|name| compare(&format!("{at}.{name}"), was.get(name), is.get(name), changes));
        }
        (Some(Value::Array(was)), Some(Value::Array(is))) => {
            let longest = was.len().max(is.len());
            (0..longest).for_each(|index| compare(&format!("{at}[{index}]"), was.get(index), is.get(index), changes));
        }
        (was, is) => {
            let text = |value: Option<&Value>| value.map(ToString::to_string);
            changes.push(PlanChange { at: at.into(), was: text(was), is: text(is) });
        }
    }
}
