use std::sync::LazyLock;

use bellwether_core::{Decision, Level};
use bellwether_risk::{
    Approach, Change, Classifier, Combine, File, Header, Matrix, RuleSet, Rules, Status, is_breaking,
};
use serde::Deserialize;

use crate::decision::{check_decision, check_stored};

/// A path that the preset's rules cannot know.
const UNKNOWN: &str = "zzz-unknown/thing.unknown";

/// Compiling these takes longer than everything else here.
static PRESET: LazyLock<Rules> = LazyLock::new(Rules::default);

/// What the target reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rules: RuleSet,
    change: Change,
    matrix: Option<Matrix>,
}

/// Reads a rule set, a change and perhaps a matrix as JSON, compiles the rules and classifies the change.
pub fn change_rules(data: &[u8]) -> bool {
    let Ok(Document { rules, change, matrix }) = serde_json::from_slice(data) else { return false };
    check_stored(&rules);
    check_stored(&change);
    check_headers(&change);
    check_preset(&change);
    if let Some(matrix) = matrix {
        check_matrix(&matrix);
    }
    let Ok(compiled) = rules.compile() else { return false };
    check_classified(&rules, &compiled, &change);
    true
}

fn check_classified(set: &RuleSet, rules: &Rules, change: &Change) {
    let decision = rules.classify(change);
    check_decision(&decision);
    let mut reversed = change.clone();
    reversed.files.reverse();
    reversed.commits.reverse();
    assert_eq!(rules.classify(&reversed), decision, "the order of the files decides nothing");
    check_zero(set, change, &decision);
    if change.files.is_empty() {
        assert!(decision.outcome >= set.unmatched, "an empty change shows nothing: {decision}");
    }
    if change.commits.iter().any(|commit| is_breaking(&commit.message)) {
        assert!(decision.outcome >= set.breaking, "a breaking commit counts: {decision}");
    }
    check_monotone(set, rules, change);
}

/// Only a change whose every path is known to be harmless is zero.
fn check_zero(set: &RuleSet, change: &Change, decision: &Decision<Level>) {
    if decision.outcome != Level::Zero {
        return;
    }
    assert!(!change.files.is_empty(), "an empty change is zero");
    for finding in &decision.findings {
        let rule = set.rules.iter().find(|rule| rule.id == finding.rule);
        let is_harmless = rule.is_some_and(|rule| rule.level == Level::Zero) || finding.rule == "lines.unknown";
        assert!(is_harmless, "zero although {finding}");
    }
}

/// One more file never lowers the level, where no rule asks for sizes and all rules that match count.
fn check_monotone(set: &RuleSet, rules: &Rules, change: &Change) {
    let is_plain = set.combine == Combine::Max && set.rules.iter().all(|rule| rule.lines_min.is_none());
    if is_plain && !change.files.is_empty() {
        let more = with_unknown(change);
        assert!(rules.classify(&more).outcome >= rules.classify(change).outcome, "{UNKNOWN} lowered the level");
    }
}

/// A file that nobody knows is never harmless, whatever stands beside it.
fn check_preset(change: &Change) {
    let more = with_unknown(change);
    if change.flags.iter().any(|flag| flag.is_guarding(UNKNOWN)) {
        return;
    }
    let decision = PRESET.classify(&more);
    check_decision(&decision);
    assert!(decision.outcome >= Level::Medium, "an unknown file beside others: {decision}");
}

fn with_unknown(change: &Change) -> Change {
    let mut more = change.clone();
    more.files.push(File::new(UNKNOWN, Status::Modified));
    more
}

fn check_headers(change: &Change) {
    for commit in &change.commits {
        let Some(header) = Header::parse(&commit.message) else { continue };
        assert!(!header.kind.is_empty() && !header.description.is_empty(), "{header:?}");
        assert!(!header.has_mark || is_breaking(&commit.message), "a mark breaks: {header:?}");
    }
}

fn check_matrix(matrix: &Matrix) {
    check_stored(matrix);
    for level in [Level::Zero, Level::Low, Level::Medium, Level::High] {
        let approach: &Approach = matrix.approach(level);
        assert!(!approach.stages.is_empty());
        assert!(approach.to_string().starts_with(approach.name.as_str()));
        assert!(approach.stages.iter().all(|stage| stage.wait.min <= approach.shortest()));
    }
}
