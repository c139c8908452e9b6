//! What the gates of an environment answered.

use alloc::{borrow::ToOwned, string::ToString, vec::Vec};

use bellwether_core::{Finding, GateName, Severity, Time, Verdict};
use bellwether_gate::worst;

use crate::{GateAnswer, case::Case, notes::Notes};

impl Case<'_> {
    /// Every gate must pass; what nobody asked, or asked too long ago, is no pass.
    pub(crate) fn check_gates(&self, notes: &mut Notes) {
        for gate in &self.environment.gates {
            let answers: Vec<&GateAnswer> = self.answers(gate, notes.now).collect();
            let verdict = worst(answers.iter().map(|answer| answer.decision.outcome));
            let decisive: Vec<&GateAnswer> =
                answers.iter().copied().filter(|answer| answer.decision.outcome == verdict).collect();
            answers.iter().for_each(|answer| notes.wake_at(answer.valid_until));
            match verdict {
                Verdict::Pass => notes.tell(|| self.about_gate(gate, (verdict, None), "{gate} passes")),
                Verdict::Fail => self.failed(gate, &decisive, notes),
                Verdict::Inconclusive | Verdict::NoData => self.missing(gate, verdict, (&decisive, notes)),
            }
        }
    }

    /// The answers that are about this environment and this release, and still count.
    fn answers(&self, gate: &GateName, now: Time) -> impl Iterator<Item = &GateAnswer> {
        let is_about = move |answer: &&GateAnswer| {
            answer.environment == self.environment.name
                && answer.gate == *gate
                && answer.release.as_ref().is_none_or(|release| *release == self.known.made.release)
                && answer.valid_until.is_none_or(|until| until > now)
        };
        self.facts.answers.iter().filter(is_about)
    }

    /// A gate that knows when it opens again is waited for; one that does not speaks against the release.
    fn failed(&self, gate: &GateName, decisive: &[&GateAnswer], notes: &mut Notes) {
        let why = why(decisive);
        let opens: Option<Vec<Time>> = decisive.iter().map(|answer| answer.next.filter(|at| *at > notes.now)).collect();
        let Some(next) = opens.and_then(|opens| opens.into_iter().max()) else {
            return notes.refuse(|| {
                let finding =
                    self.about_gate(gate, (Verdict::Fail, why), "{gate} does not pass for {environment}{why}");
                Finding { severity: Severity::Critical, ..finding }.flips_when("{gate} passed")
            });
        };
        notes.wait(Some(next), || {
            let text = "{gate} does not pass for {environment} until {next} at the earliest{why}";
            self.about_gate(gate, (Verdict::Fail, why), text).figure("next", next).flips_when("{gate} passed at {next}")
        });
    }

    fn missing(&self, gate: &GateName, verdict: Verdict, (decisive, notes): (&[&GateAnswer], &mut Notes)) {
        let next = decisive.iter().filter_map(|answer| answer.next).filter(|next| *next > notes.now).min();
        let text = if decisive.is_empty() {
            "nobody asked {gate} for {environment}, or its answer has lapsed"
        } else {
            "{gate} answered {verdict} for {environment}{why}"
        };
        notes.wait(next, || {
            let finding = self.about_gate(gate, (verdict, why(decisive)), text).figure("verdict", verdict.to_string());
            Finding { severity: Severity::Warning, ..finding }.flips_when("{gate} passed")
        });
    }

    fn about_gate(&self, gate: &GateName, (_, why): (Verdict, Option<Finding>), text: &'static str) -> Finding {
        let why = why.map(|finding| alloc::format!(": {}", finding.rendered())).unwrap_or_default();
        self.info("promotion.gate", text).figure("gate", gate.as_str().to_owned()).figure("why", why)
    }
}

/// The most serious reason of those who decided.
fn why(decisive: &[&GateAnswer]) -> Option<Finding> {
    let findings = decisive.iter().flat_map(|answer| &answer.decision.findings);
    findings.rev().max_by_key(|finding| finding.severity).cloned()
}
