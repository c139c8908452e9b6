use std::{cmp::Reverse, collections::BTreeSet};

use bellwether_core::{Decision, Finding, Level};
use globset::Candidate;

use crate::{
    Change, Classifier, Combine, RuleError, RuleSet,
    compiled_rule::CompiledRule,
    fact::{Doubt, Touch},
    is_breaking, preset,
};

/// A [`RuleSet`] that was checked and is ready to classify.
///
/// The level is the maximum over everything that fired. The findings are ordered by level, highest first, then by the
/// order of the rules; each names how many paths it is about and the alphabetically first of them, so the order in which
/// a change lists its files decides nothing.
///
/// A change without files is of the level of an unmatched path: an empty list says that nobody looked, or that what
/// changed (a base image, a setting, a secret) is not in the repository. It never says that nothing changed.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rules {
    combine: Combine,
    unmatched: Level,
    breaking: Level,
    rules: Vec<CompiledRule>,
}

impl Rules {
    pub(crate) fn compile(set: &RuleSet) -> Result<Self, RuleError> {
        let rules = CompiledRule::all(set)?;
        Ok(Self { combine: set.combine, unmatched: set.unmatched, breaking: set.breaking, rules })
    }
}

impl Default for Rules {
    /// The rules of [`preset::seed_003`].
    fn default() -> Self {
        preset::seed_003_rules()
    }
}

impl Classifier for Rules {
    fn classify(&self, change: &Change) -> Decision<Level> {
        let mut reasons = self.reasons(change);
        let outcome = highest(&reasons).unwrap_or(self.unmatched);
        reasons.sort_by_key(|reason| Reverse(reason.level));
        let mut findings: Vec<Finding> = Vec::with_capacity(reasons.len());
        let is_alone = reasons.iter().filter(|reason| reason.level == outcome).count() == 1;
        for reason in reasons {
            let otherwise = (is_alone && reason.level == outcome).then(|| self.without(&reason, change)).flatten();
            findings.push(match otherwise.filter(|level| *level < outcome) {
                Some(level) => reason.finding.figure("otherwise", level.to_string()).flips_when(reason.subject.flip()),
                None => reason.finding,
            });
        }
        findings.extend(self.unknown_lines(change));
        Decision { outcome, findings }
    }
}

impl Rules {
    /// Everything that fires, in the order of the rules.
    fn reasons(&self, change: &Change) -> Vec<Reason> {
        let touches = Touch::all(change);
        let matches = self.matches(change, &touches);
        let fired = self.rules.iter().zip(&matches).filter_map(|(rule, touched)| rule.reason(change, touched));
        let mut reasons: Vec<Reason> = fired.collect();
        reasons.extend(self.unmatched(&touches, &matches));
        reasons.extend(self.doubtful(&touches));
        reasons.extend(self.breaking(change));
        reasons.extend(self.empty(change));
        reasons
    }

    /// The level of the change without what one reason is about; none when nothing would be left to judge.
    fn without(&self, reason: &Reason, change: &Change) -> Option<Level> {
        let Subject::Paths(paths) = &reason.subject else {
            return highest(self.reasons(change).iter().filter(|other| other.finding.rule != reason.finding.rule));
        };
        let is_kept = |path: &String| !paths.contains(path);
        let mut rest = change.clone();
        rest.files.retain(|file| is_kept(&file.path) && file.previous_path.as_ref().is_none_or(is_kept));
        if rest.files.is_empty() { None } else { highest(&self.reasons(&rest)) }
    }

    /// For each rule the paths that it speaks for.
    fn matches<'a>(&self, change: &Change, touches: &'a [Touch<'a>]) -> Vec<Vec<&'a Touch<'a>>> {
        let candidates: Vec<_> = touches.iter().map(|touch| (Candidate::new(touch.path.as_ref()), touch)).collect();
        let mut matches: Vec<Vec<_>> = self.rules.iter().map(|rule| rule.matching(change, &candidates)).collect();
        match self.combine {
            Combine::First => keep_first(matches.iter_mut()),
            Combine::Last => keep_first(matches.iter_mut().rev()),
            Combine::Max => {}
        }
        matches
    }

    fn unmatched(&self, touches: &[Touch<'_>], matches: &[Vec<&Touch<'_>>]) -> Option<Reason> {
        let matched: BTreeSet<_> = matches.iter().flatten().map(|touch| touch.number).collect();
        let strangers = touches.iter().filter(|touch| !matched.contains(&touch.number));
        let paths = strangers.map(|touch| touch.written);
        let (path, count) = first_and_count(paths.clone())?;
        let finding = Finding::warning("path.unmatched", "no rule knows {path} ({level}, paths: {paths})")
            .figure("path", path.to_owned())
            .figure("level", self.unmatched.to_string())
            .figure("paths", count);
        Some(Reason { level: self.unmatched, finding, subject: Subject::paths(paths) })
    }

    fn doubtful(&self, touches: &[Touch<'_>]) -> impl Iterator<Item = Reason> {
        let kinds = [
            (Doubt::Irregular, "path.irregular", "{path} is not a plain path from the root ({level}, paths: {paths})"),
            (
                Doubt::UnknownOrigin,
                "path.origin_unknown",
                "nobody named where {path} was before ({level}, paths: {paths})",
            ),
        ];
        kinds.into_iter().filter_map(|(doubt, rule, text)| {
            let paths = touches.iter().filter(|touch| touch.doubt == Some(doubt)).map(|touch| touch.written);
            let (path, count) = first_and_count(paths.clone())?;
            let finding = Finding::warning(rule, text)
                .figure("path", path.to_owned())
                .figure("level", self.unmatched.to_string())
                .figure("paths", count);
            Some(Reason { level: self.unmatched, finding, subject: Subject::paths(paths) })
        })
    }

    fn breaking(&self, change: &Change) -> Option<Reason> {
        let commits = change.commits.iter().filter(|commit| is_breaking(&commit.message));
        let (commit, count) = first_and_count(commits.map(|commit| first_line(&commit.message)))?;
        let text = "commit \"{commit}\" says that it breaks something ({level}, commits: {commits})";
        let finding = Finding::warning("commit.breaking", text)
            .figure("commit", commit.to_owned())
            .figure("level", self.breaking.to_string())
            .figure("commits", count);
        Some(Reason { level: self.breaking, finding, subject: Subject::Change })
    }

    fn empty(&self, change: &Change) -> Option<Reason> {
        let text = "no changed file is named, so nothing shows that the change is harmless ({level})";
        let finding = Finding::warning("change.empty", text).figure("level", self.unmatched.to_string());
        change.files.is_empty().then_some(Reason { level: self.unmatched, finding, subject: Subject::Change })
    }

    /// Says so when a rule asks for sizes that the change does not tell.
    fn unknown_lines(&self, change: &Change) -> Option<Finding> {
        self.rules.iter().find(|rule| rule.has_size())?;
        let paths = change.files.iter().filter(|file| file.lines().is_none()).map(|file| file.path.as_str());
        let (path, count) = first_and_count(paths)?;
        let finding =
            Finding::warning("lines.unknown", "how many lines of {path} changed is not known (paths: {paths})");
        Some(finding.figure("path", path.to_owned()).figure("paths", count))
    }
}

/// One thing that fired.
pub(crate) struct Reason {
    pub(crate) level: Level,
    pub(crate) finding: Finding,
    pub(crate) subject: Subject,
}

/// What a reason is about.
pub(crate) enum Subject {
    /// The change as a whole.
    Change,
    /// These paths of it.
    Paths(BTreeSet<String>),
}

impl Subject {
    pub(crate) fn paths<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        Self::Paths(paths.map(str::to_owned).collect())
    }

    const fn flip(&self) -> &'static str {
        match self {
            Self::Change => "to {otherwise} without this",
            Self::Paths(_) => "to {otherwise} without these paths",
        }
    }
}

fn highest<'a>(reasons: impl IntoIterator<Item = &'a Reason>) -> Option<Level> {
    reasons.into_iter().map(|reason| reason.level).max()
}

/// Leaves each path to the first of the rules that match it.
fn keep_first<'a, 'b: 'a>(matches: impl Iterator<Item = &'a mut Vec<&'b Touch<'b>>>) {
    let mut taken = BTreeSet::new();
    for touched in matches {
        touched.retain(|touch| taken.insert(touch.number));
    }
}

/// The alphabetically first and how many there are.
pub(crate) fn first_and_count<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Option<(&'a str, u64)> {
    let count = texts.clone().fold(0_u64, |count, _| count.saturating_add(1));
    Some((texts.min()?, count))
}

pub(crate) fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
