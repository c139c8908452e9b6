//! One rule, checked and ready to match.
use std::collections::BTreeSet;

use bellwether_core::{Finding, Level};
use globset::{Candidate, Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::{
    Change, File, FlagState, Header, Rule, RuleError, RuleSet,
    fact::Touch,
    rules::{Reason, Subject, first_and_count, first_line},
};

/// The longest identifier of a rule in bytes.
const ID_LENGTH_MAX: usize = 100;
/// The longest glob in bytes: longer than any sensible path pattern, short enough to compile at once.
const PATTERN_LENGTH_MAX: usize = 256;
/// More globs than any repository needs.
const PATTERNS_MAX: usize = 4_000;
/// More rules than anybody maintains.
const RULES_MAX: usize = 1_000;

/// The names of findings that come from no rule of the set.
const RESERVED: [&str; 6] =
    ["change.empty", "commit.breaking", "lines.unknown", "path.irregular", "path.origin_unknown", "path.unmatched"];

#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    rule: Rule,
    paths: Option<GlobSet>,
    except: Option<GlobSet>,
}

impl CompiledRule {
    /// Checks a set and compiles its rules.
    pub(crate) fn all(set: &RuleSet) -> Result<Vec<Self>, RuleError> {
        check_set(set)?;
        let mut ids = BTreeSet::new();
        let mut compiled = Vec::with_capacity(set.rules.len());
        for (index, rule) in set.rules.iter().enumerate() {
            let at = format!("$.rules[{index}]");
            if !ids.insert(&rule.id) {
                let expected = "an identifier that no rule before it has";
                return Err(RuleError::new(format!("{at}.id"), expected, format!("{:?}", rule.id)).of(&rule.id));
            }
            compiled.push(Self::new(rule, &at).map_err(|error| error.of(&rule.id))?);
        }
        Ok(compiled)
    }

    fn new(rule: &Rule, at: &str) -> Result<Self, RuleError> {
        check_rule(rule, at)?;
        let paths = glob_set(&rule.paths, &format!("{at}.paths"))?;
        let except = glob_set(&rule.except, &format!("{at}.except"))?;
        Ok(Self { rule: rule.clone(), paths, except })
    }

    /// Whether the rule asks how large a change is.
    pub(crate) const fn has_size(&self) -> bool {
        self.rule.lines_min.is_some()
    }

    /// The paths that the rule matches; none when a condition on the change as a whole does not hold.
    pub(crate) fn matching<'a>(
        &self,
        change: &Change,
        touches: &[(Candidate<'_>, &'a Touch<'a>)],
    ) -> Vec<&'a Touch<'a>> {
        if !self.rule.is_about_files() || self.signs(change).is_none() {
            return Vec::new();
        }
        let matching = touches.iter().filter(|(candidate, touch)| self.is_matching(candidate, touch));
        let matching: Vec<_> = matching.map(|(_, touch)| *touch).collect();
        let lines = matching.iter().filter_map(|touch| touch.lines).fold(0, u64::saturating_add);
        if self.rule.lines_min.is_none_or(|least| lines >= least) { matching } else { Vec::new() }
    }

    /// What the rule says, once it is known for which paths it speaks.
    pub(crate) fn reason(&self, change: &Change, touched: &[&Touch<'_>]) -> Option<Reason> {
        let level = self.rule.level;
        if !self.rule.is_about_files() {
            return Some(Reason { level, finding: self.about_change(change)?, subject: Subject::Change });
        }
        let subject = Subject::paths(touched.iter().map(|touch| touch.written));
        Some(Reason { level, finding: self.about_files(touched)?, subject })
    }

    fn about_files(&self, touched: &[&Touch<'_>]) -> Option<Finding> {
        let (path, count) = first_and_count(touched.iter().map(|touch| touch.written))?;
        let finding = self.finding("{path} {reason} ({level}, {risk}, paths: {paths})");
        Some(finding.figure("path", path.to_owned()).figure("paths", count))
    }

    fn about_change(&self, change: &Change) -> Option<Finding> {
        let sign = self.signs(change)?.join(" and ");
        let Some(least) = self.rule.lines_min else {
            return Some(self.finding("{sign} {reason} ({level}, {risk})").figure("sign", sign));
        };
        let lines = change.files.iter().filter_map(File::lines).fold(0, u64::saturating_add);
        let finding = match sign.as_str() {
            "" => self.finding("{lines} changed lines, {least} or more: {reason} ({level}, {risk})"),
            _ => self.finding("{sign} with {lines} changed lines, {least} or more: {reason} ({level}, {risk})"),
        };
        (lines >= least).then(|| finding.figure("sign", sign).figure("lines", lines).figure("least", least))
    }

    /// What shows that the conditions on labels and commits hold; none when one does not.
    fn signs(&self, change: &Change) -> Option<Vec<String>> {
        let mut signs = Vec::new();
        if !self.rule.labels.is_empty() {
            let label = self.rule.labels.iter().find(|label| change.labels.contains(label))?;
            signs.push(format!("label {label}"));
        }
        if !self.rule.commit_types.is_empty() {
            let is_kind = |kind: &str| self.rule.commit_types.iter().any(|asked| asked.eq_ignore_ascii_case(kind));
            let messages = change.commits.iter().map(|commit| commit.message.as_str());
            let matching = messages.filter(|message| Header::parse(message).is_some_and(|header| is_kind(header.kind)));
            signs.push(format!("commit \"{}\"", matching.map(first_line).min()?));
        }
        Some(signs)
    }

    fn is_matching(&self, candidate: &Candidate<'_>, touch: &Touch<'_>) -> bool {
        let is_path = self.paths.as_ref().is_none_or(|globs| globs.is_match_candidate(candidate));
        let is_excepted = || self.except.as_ref().is_some_and(|globs| globs.is_match_candidate(candidate));
        let is_status =
            || self.rule.status.is_empty() || self.rule.status.iter().any(|status| touch.status.contains(status));
        let is_flag = || self.rule.flag.is_none_or(|state| touch.flag == Some(state));
        is_path && is_status() && is_flag() && !is_excepted()
    }

    fn finding(&self, text: &'static str) -> Finding {
        let rule = &self.rule;
        let text = if rule.mitigation.is_empty() { text.to_owned() } else { format!("{text}; {{mitigation}}") };
        let finding = match rule.level {
            Level::Zero | Level::Low | Level::Medium => Finding::info(rule.id.clone(), text),
            Level::High => Finding::warning(rule.id.clone(), text),
        };
        let finding = finding
            .figure("reason", rule.reason.clone())
            .figure("level", rule.level.to_string())
            .figure("risk", rule.risk.to_string());
        if rule.mitigation.is_empty() { finding } else { finding.figure("mitigation", rule.mitigation.clone()) }
    }
}

fn check_set(set: &RuleSet) -> Result<(), RuleError> {
    if set.schema != RuleSet::SCHEMA {
        return Err(RuleError::new("$.schema", RuleSet::SCHEMA.to_string(), set.schema.to_string()));
    }
    if set.unmatched == Level::Zero {
        return Err(RuleError::new("$.unmatched", "low, medium or high", set.unmatched.to_string()));
    }
    if set.breaking < Level::Medium {
        return Err(RuleError::new("$.breaking", "medium or high", set.breaking.to_string()));
    }
    if set.rules.len() > RULES_MAX {
        return Err(RuleError::new("$.rules", format!("at most {RULES_MAX} rules"), set.rules.len().to_string()));
    }
    let patterns: usize = set.rules.iter().map(|rule| rule.paths.len().saturating_add(rule.except.len())).sum();
    if patterns > PATTERNS_MAX {
        return Err(RuleError::new("$.rules", format!("at most {PATTERNS_MAX} globs in all"), patterns.to_string()));
    }
    Ok(())
}

fn check_rule(rule: &Rule, at: &str) -> Result<(), RuleError> {
    let error =
        |field: &str, expected: &'static str, found: String| RuleError::new(format!("{at}{field}"), expected, found);
    let id = &rule.id;
    if id.is_empty() || id.len() > ID_LENGTH_MAX || id.chars().any(|sign| sign.is_control() || sign.is_whitespace()) {
        return Err(error(".id", "an identifier of 1 to 100 bytes without spaces", format!("{id:?}")));
    }
    if RESERVED.contains(&id.as_str()) {
        return Err(error(".id", "an identifier that no built-in finding has", format!("{id:?}")));
    }
    if rule.reason.trim().is_empty() {
        return Err(error(".reason", "a few words that say why", format!("{:?}", rule.reason)));
    }
    if !rule.except.is_empty() && rule.paths.is_empty() {
        return Err(error(".except", "globs only beside paths that they are taken from", "no paths".to_owned()));
    }
    let has_condition = rule.is_about_files() || !rule.labels.is_empty() || !rule.commit_types.is_empty();
    if !has_condition && rule.lines_min.is_none() {
        let expected = "a condition: paths, status, flag, labels, commit_types or lines_min";
        return Err(error("", expected, "none".to_owned()));
    }
    if rule.level == Level::Zero && rule.paths.is_empty() && rule.flag != Some(FlagState::Off) {
        let expected =
            "a level above zero, because without paths or a flag that is off the rule knows nothing harmless";
        return Err(error(".level", expected, rule.level.to_string()));
    }
    Ok(())
}

/// Compiles globs; none when there are none.
fn glob_set(patterns: &[String], at: &str) -> Result<Option<GlobSet>, RuleError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for (index, pattern) in patterns.iter().enumerate() {
        set.add(
            glob(pattern)
                .map_err(|expected| RuleError::new(format!("{at}[{index}]"), expected, format!("{pattern:?}")))?,
        );
    }
    set.build().map(Some).map_err(|error| RuleError::new(at, "globs that compile together", error.kind().to_string()))
}

/// Compiles one glob, or says what was expected in its place.
fn glob(pattern: &str) -> Result<Glob, String> {
    if pattern.is_empty() || pattern.len() > PATTERN_LENGTH_MAX {
        return Err(format!("a glob of 1 to {PATTERN_LENGTH_MAX} bytes"));
    }
    if pattern.starts_with(['/', '!']) || pattern.starts_with("./") || pattern.ends_with('/') {
        return Err("a glob of files from the root such as docs/** (no / or ! in front, no / at the end)".to_owned());
    }
    // Every switch that has a default of its own on some platform is set, so that one rule means one thing.
    let mut builder = GlobBuilder::new(pattern);
    builder.backslash_escape(true).case_insensitive(true).empty_alternates(false).literal_separator(true);
    builder.build().map_err(|error| format!("a glob ({})", error.kind()))
}
