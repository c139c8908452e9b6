//! Why a calendar says what it says.

use bellwether_core::{Decision, Finding, Severity};

use crate::{
    Calendar, Effect, State,
    calendar::CompiledRule,
    schedule::Activity,
    zone::{END, FIRST, time},
};

pub(super) fn going_back() -> Finding {
    Finding::info("calendar.going_back", "a calendar never holds what goes back")
}

impl Calendar {
    /// The state with its reasons: first the rules that decide, then those that are active beside them.
    pub(super) fn explained(&self, state: State, activities: &[Activity], now: i64) -> Decision<State> {
        if !(FIRST..END).contains(&now) {
            return Decision::new(state).because(out_of_reach());
        }
        let active = || {
            let rules = self.rules.iter().zip(activities).filter(|(_, activity)| **activity == Activity::Active);
            rules.map(|(rule, _)| rule)
        };
        let strongest = active().map(|rule| rule.effect).max();
        let mut findings: Vec<Finding> = self.unknown(state, activities).collect();
        let deciding = active().filter(|rule| Some(rule.effect) == strongest);
        findings.extend(deciding.clone().map(|rule| rule.finding(now)));
        match findings.as_mut_slice() {
            [] => findings.push(self.otherwise()),
            [only] if deciding.count() == 1 && state != State::Unknown => {
                let without = active().map(|rule| rule.effect).filter(|effect| Some(*effect) < strongest).max();
                self.add_flip(only, strongest, without);
            }
            _ => {}
        }
        findings.extend(active().filter(|rule| Some(rule.effect) < strongest).map(|rule| rule.overruled(now)));
        findings.extend(self.override_possible(state));
        Decision { outcome: state, findings }
    }

    /// The rules that nobody can answer for, when they matter.
    fn unknown(&self, state: State, activities: &[Activity]) -> impl Iterator<Item = Finding> {
        let is_unknown = state == State::Unknown;
        let rules = self.rules.iter().zip(activities).filter(move |(_, it)| is_unknown && **it == Activity::Unknown);
        rules.map(|(rule, _)| {
            let text = "the list of holidays {list} does not reach this time, so rule {rule} cannot tell";
            Finding::warning("calendar.holidays_unknown", text)
                .figure("list", rule.list.clone().unwrap_or_default())
                .figure("rule", rule.id.clone())
        })
    }

    fn otherwise(&self) -> Finding {
        let effect = self.draft.otherwise;
        let text = "no rule speaks for this time, so it is {effect}";
        finding("calendar.otherwise", effect, text)
    }

    /// Says what would hold without the only rule that decides.
    fn add_flip(&self, finding: &mut Finding, strongest: Option<Effect>, without: Option<Effect>) {
        let otherwise = without.unwrap_or(self.draft.otherwise);
        if Some(otherwise) != strongest {
            let flipped = std::mem::replace(finding, Finding::info("", ""));
            *finding = flipped.figure("otherwise", otherwise.name()).flips_when("to {otherwise} without this rule");
        }
    }

    fn override_possible(&self, state: State) -> Option<Finding> {
        if state == State::Open || self.draft.exemptions.is_empty() {
            return None;
        }
        let classes: Vec<&str> = self.draft.exemptions.iter().map(|exemption| exemption.class.as_str()).collect();
        let text = "{classes} may pass with a recorded override";
        Some(Finding::info("calendar.override_possible", text).figure("classes", classes.join(", ")))
    }
}

impl CompiledRule {
    fn finding(&self, now: i64) -> Finding {
        self.explained(now, "{effect}: {reason}", "{effect}: {reason} ({label})")
    }

    /// A rule beside a stronger one only explains.
    fn overruled(&self, now: i64) -> Finding {
        let text = "{effect} without a stronger rule: {reason}";
        let labelled = "{effect} without a stronger rule: {reason} ({label})";
        let finding = self.explained(now, text, labelled);
        Finding { severity: Severity::Info, ..finding }
    }

    fn explained(&self, now: i64, text: &'static str, labelled: &'static str) -> Finding {
        let Some(label) = self.schedule.label(now) else {
            return finding(self.id.clone(), self.effect, text).figure("reason", self.reason.clone());
        };
        finding(self.id.clone(), self.effect, labelled)
            .figure("reason", self.reason.clone())
            .figure("label", label.to_owned())
    }
}

fn finding(rule: impl Into<bellwether_core::RuleName>, effect: Effect, text: &'static str) -> Finding {
    let finding = match effect {
        Effect::Open => Finding::info(rule, text),
        Effect::Discouraged => Finding::warning(rule, text),
        Effect::Closed => Finding::critical(rule, text),
    };
    finding.figure("effect", effect.name())
}

fn out_of_reach() -> Finding {
    Finding::warning("calendar.out_of_reach", "calendars answer for times from {first} to {end}")
        .figure("first", time(FIRST))
        .figure("end", time(END))
}
