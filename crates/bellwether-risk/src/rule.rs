use std::fmt;

use bellwether_core::Level;
use serde::{Deserialize, Serialize};

use crate::{FlagState, RuleError, Rules, Status};

/// Rules as data: what they are called, how they combine and what holds where none matches.
///
/// Public fields, because anybody may write one; [`RuleSet::compile`] checks it.
///
/// # Example: one rule
/// ```
/// use bellwether_core::Level;
/// use bellwether_risk::{Change, Classifier, File, Risk, Rule, RuleSet, Status};
///
/// let rule = Rule::new("path.auth", Level::High, Risk::Security, "decides who gets in").with_path("**/auth/**");
/// let rules = RuleSet::new("mine").with_rule(rule).compile()?;
/// let change = Change::new(vec![File::new("src/auth/login.rs", Status::Modified)]);
/// assert_eq!(rules.classify(&change).outcome, Level::High);
/// # Ok::<(), bellwether_risk::RuleError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The schema number of the document: 1.
    pub schema: u32,
    /// What the set is called.
    pub name: String,
    /// Which of the rules that match one path speaks for it.
    #[serde(default)]
    pub combine: Combine,
    /// The level of a path that no rule matches, and of a change without files. Never zero.
    #[serde(default = "medium")]
    pub unmatched: Level,
    /// The least level of a change with a breaking commit: medium or high.
    #[serde(default = "medium")]
    pub breaking: Level,
    /// The rules, in order.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// The schema number that this build reads and writes.
    pub const SCHEMA: u32 = 1;

    /// A set without rules: everything is medium.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            schema: Self::SCHEMA,
            name: name.into(),
            combine: Combine::Max,
            unmatched: medium(),
            breaking: medium(),
            rules: Vec::new(),
        }
    }

    /// Adds a rule after the others.
    #[must_use]
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Sets which of the rules that match one path speaks for it.
    #[must_use]
    pub const fn with_combine(mut self, combine: Combine) -> Self {
        self.combine = combine;
        self
    }

    /// Sets the level of a path that no rule matches.
    #[must_use]
    pub const fn with_unmatched(mut self, level: Level) -> Self {
        self.unmatched = level;
        self
    }

    /// Sets the least level of a change with a breaking commit.
    #[must_use]
    pub const fn with_breaking(mut self, level: Level) -> Self {
        self.breaking = level;
        self
    }

    /// Checks the rules and makes them ready to classify.
    ///
    /// # Errors
    /// Another schema number; too many rules; an identifier that is empty, taken or reserved; a glob that is empty, too
    /// long or no glob; a rule without a condition; a rule of level zero that speaks for no path. The error names the
    /// rule and the place.
    pub fn compile(&self) -> Result<Rules, RuleError> {
        Rules::compile(self)
    }
}

const fn medium() -> Level {
    Level::Medium
}

/// Which of the rules that match one path speaks for it.
///
/// Between paths it is always the maximum: a harmless file makes no other file harmless. Rules without a condition on
/// files stand beside the paths and always count.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The first one, as in a firewall.
    First,
    /// The last one, as in a file of code owners.
    Last,
    /// All of them: the highest level counts.
    #[default]
    Max,
}

/// One rule: a level, why, what helps, and when it fires.
///
/// It fires when all of its conditions hold; a list holds when any of its members does. With a condition on files
/// (`paths`, `status`, `flag`) it speaks for those files, without one for the change as a whole.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its stable name, which is the rule of its findings.
    pub id: String,
    /// The level of what it matches.
    pub level: Level,
    /// The kind of risk.
    pub risk: Risk,
    /// Why, in a few words that follow the path: "decides who gets in".
    pub reason: String,
    /// What helps against the risk.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mitigation: String,
    /// Globs of paths, compared without case; `*` stays within a folder and `**` does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Globs of paths that `paths` shall not match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// What happened to the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// The state of the flag that guards the file. Off only when every flag that guards it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagState>,
    /// Labels of the change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Types of conventional commits, compared without case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commit_types: Vec<String>,
    /// The least number of lines added and deleted, over the files that the rule matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines_min: Option<u64>,
}

impl Rule {
    /// A rule without conditions yet.
    #[must_use]
    pub fn new(id: impl Into<String>, level: Level, risk: Risk, reason: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            level,
            risk,
            reason: reason.into(),
            mitigation: String::new(),
            paths: Vec::new(),
            except: Vec::new(),
            status: Vec::new(),
            flag: None,
            labels: Vec::new(),
            commit_types: Vec::new(),
            lines_min: None,
        }
    }

    /// Sets what helps against the risk.
    #[must_use]
    pub fn with_mitigation(mut self, mitigation: impl Into<String>) -> Self {
        self.mitigation = mitigation.into();
        self
    }

    /// Adds a glob of paths.
    #[must_use]
    pub fn with_path(mut self, glob: impl Into<String>) -> Self {
        self.paths.push(glob.into());
        self
    }

    /// Adds a glob of paths that the others shall not match.
    #[must_use]
    pub fn with_except(mut self, glob: impl Into<String>) -> Self {
        self.except.push(glob.into());
        self
    }

    /// Adds a file status.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status.push(status);
        self
    }

    /// Sets the state of the guarding flag.
    #[must_use]
    pub const fn with_flag(mut self, state: FlagState) -> Self {
        self.flag = Some(state);
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.labels.push(label.into());
        self
    }

    /// Adds a commit type.
    #[must_use]
    pub fn with_commit_type(mut self, kind: impl Into<String>) -> Self {
        self.commit_types.push(kind.into());
        self
    }

    /// Sets the least number of lines.
    #[must_use]
    pub const fn with_lines_min(mut self, lines: u64) -> Self {
        self.lines_min = Some(lines);
        self
    }

    /// Whether the rule speaks for files rather than for the change as a whole.
    #[must_use]
    pub const fn is_about_files(&self) -> bool {
        !self.paths.is_empty() || !self.status.is_empty() || self.flag.is_some()
    }
}

/// What can go wrong with a deployment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Bugs in new code.
    Bugs,
    /// Servers, networks and what is built on them.
    Infrastructure,
    /// Data and its schema.
    Data,
    /// Slowness and leaks.
    Performance,
    /// Vulnerabilities, and who may do what.
    Security,
    /// Down time and broken features, as users see them.
    UserExperience,
}

impl fmt::Display for Risk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Bugs => "bugs",
            Self::Infrastructure => "infrastructure",
            Self::Data => "data",
            Self::Performance => "performance",
            Self::Security => "security",
            Self::UserExperience => "user experience",
        })
    }
}
