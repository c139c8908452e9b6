//! Who may pass in spite of a calendar.

use bellwether_core::{Decision, Finding, Severity, Time};

use crate::{Attempt, Calendar, Exemption, Override, State, schedule::Activity};

impl Calendar {
    /// The decision, which a recorded override may turn into open. A refused one is said and changes nothing.
    pub(super) fn exempted(&self, decision: Decision<State>, attempt: &Attempt, now: Time) -> Decision<State> {
        let Some(granted) = &attempt.granted else { return decision };
        if decision.outcome == State::Open {
            return decision;
        }
        match self.refusal(attempt, granted, now) {
            None => passed(decision, attempt, granted),
            Some(why) => {
                let text = "the override by {by} does not count: {why}";
                decision.because(
                    Finding::warning("calendar.override_refused", text)
                        .figure("by", granted.by.to_string())
                        .figure("why", why),
                )
            }
        }
    }

    /// Why an override does not count; none when it does.
    fn refusal(&self, attempt: &Attempt, granted: &Override, now: Time) -> Option<String> {
        if attempt.author.as_ref() == Some(&granted.by) {
            return Some("nobody lets their own change pass".to_owned());
        }
        if now < granted.from || now >= granted.until {
            return Some(format!("it holds from {} until {}", granted.from, granted.until));
        }
        let Some(class) = &attempt.class else { return Some("the change has no class".to_owned()) };
        let exemptions = self.draft().exemptions.iter().filter(|exemption| exemption.class == *class);
        let exemptions: Vec<&Exemption> = exemptions.collect();
        if exemptions.is_empty() {
            return Some(format!("the calendar exempts no {class}"));
        }
        let stopped_by = self.blocking(now.unix_millis());
        let rule = stopped_by.into_iter().find(|rule| !exemptions.iter().any(|it| it.covers(rule)))?;
        Some(format!("{class} may not pass by {rule}"))
    }

    /// What keeps a calendar from being open: rules, or that none speaks for the time.
    fn blocking(&self, now: i64) -> Vec<&str> {
        let blocking = self.rules().iter().filter(|rule| {
            let activity = rule.schedule.activity(now);
            rule.effect != crate::Effect::Open && activity != Activity::Inactive
        });
        let rules: Vec<&str> = blocking.map(|rule| rule.id.as_str()).collect();
        // An exemption from named rules is none from a time for which no rule speaks.
        if rules.is_empty() { vec!["calendar.otherwise"] } else { rules }
    }
}

/// Open by an override; what would have stopped it is still said, but stops nothing.
fn passed(decision: Decision<State>, attempt: &Attempt, granted: &Override) -> Decision<State> {
    let text = "{by} lets {class} pass until {until}: {reason}";
    let finding = Finding::warning("calendar.override", text)
        .figure("by", granted.by.to_string())
        .figure("class", attempt.class.clone().unwrap_or_default())
        .figure("until", granted.until)
        .figure("reason", granted.reason.clone());
    let stopped = decision.findings.into_iter().map(|finding| {
        let severity = finding.severity.min(Severity::Warning);
        Finding { severity, flips_when: None, ..finding }
    });
    Decision { outcome: State::Open, findings: std::iter::once(finding).chain(stopped).collect() }
}
