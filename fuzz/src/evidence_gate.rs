use bellwether_core::{Decision, Time, Verdict};
use bellwether_gate::{AllOf, Condition, Enforcement, Evidence, Gate, OnMissing, Reading};
use bellwether_port::canonical_json;
use serde::Deserialize;

use crate::decision::{check_decision, check_stored};

/// What the target reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    set: AllOf,
    evidence: Evidence,
    now: Time,
}

/// Reads a set of conditions and evidence as JSON and asks the gate: it always answers, and what was not measured as a
/// number never passes.
pub fn evidence_gate(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return false };
    let Document { set, evidence, now } = &document;
    check_stored(set);
    check_evidence(evidence);
    let decision = set.check(evidence, *now);
    check_decision(&decision);
    assert_eq!(decision.findings.len(), 1 + set.conditions().len(), "one line a condition after the summary");
    assert_eq!(set.check(evidence, *now), decision, "the same question has one answer");
    assert_ne!(set.check(&Evidence::default(), *now).outcome, Verdict::Pass, "nothing measured");
    check_dry_runs(&document, &decision);
    for condition in enforced(set) {
        check_condition(&document, condition, &decision);
    }
    true
}

/// A number that is none is written as `null`, so evidence is compared by its bytes.
fn check_evidence(evidence: &Evidence) {
    let bytes = serde_json::to_vec(evidence).unwrap_or_else(|error| panic!("{error}"));
    let read: Evidence = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(serde_json::to_vec(&read).ok(), Some(bytes), "written again");
}

/// What is only reported changes nothing.
fn check_dry_runs(document: &Document, decision: &Decision<Verdict>) {
    let conditions = enforced(&document.set).cloned().collect();
    let set = AllOf::new(document.set.name().clone(), conditions).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(set.check(&document.evidence, document.now).outcome, decision.outcome, "a dry run decided");
}

fn check_condition(document: &Document, condition: &Condition, decision: &Decision<Verdict>) {
    let Document { set, evidence, now } = document;
    let found = evidence.measurement(&condition.metric);
    if found.is_none_or(|measurement| !measurement.value.is_finite()) {
        let is_excused = found.is_none() && matches!(condition.on_missing, OnMissing::Warn | OnMissing::Pass { .. });
        assert!(is_excused || decision.outcome != Verdict::Pass, "{} was not measured", condition.metric);
    }
    let Some(measurement) = found else { return };
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut broken = measurement.clone();
        broken.value = Reading::Number(number);
        let decision = set.check(&evidence.clone().with(condition.metric.clone(), broken), *now);
        assert_ne!(decision.outcome, Verdict::Pass, "{number} passed: {decision}");
        assert!(canonical_json(&decision).is_ok(), "{decision}");
    }
}

fn enforced(set: &AllOf) -> impl Iterator<Item = &Condition> {
    set.conditions().iter().filter(|condition| condition.enforcement == Enforcement::Enforce)
}
