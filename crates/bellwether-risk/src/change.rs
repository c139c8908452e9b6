use bellwether_core::ReleaseId;
use serde::{Deserialize, Serialize};

/// What is known about a change before it is deployed.
///
/// # Example: two files and a commit, as a document
/// ```
/// use bellwether_risk::{Change, Commit, File, Status};
///
/// let change: Change = serde_json::from_str(
///     r#"{
///         "files": [{ "path": "src/auth/login.rs", "status": "modified", "added": 12, "deleted": 3 }],
///         "commits": [{ "message": "fix(auth): refuse empty passwords" }]
///     }"#,
/// )?;
/// let file = File::new("src/auth/login.rs", Status::Modified).with_lines(12, 3);
/// let commit = Commit::new("fix(auth): refuse empty passwords");
/// assert_eq!(change, Change::new(vec![file]).with_commit(commit));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// The release that it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseId>,
    /// Every file that it touches. Without any, nothing is known about what it does.
    pub files: Vec<File>,
    /// The labels of its pull request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Its commits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<Commit>,
    /// The feature flags that guard parts of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

impl Change {
    /// A change of files.
    #[must_use]
    pub fn new(files: Vec<File>) -> Self {
        Self { files, ..Self::default() }
    }

    /// Names the release that it makes.
    #[must_use]
    pub fn with_release(mut self, release: ReleaseId) -> Self {
        self.release = Some(release);
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.labels.push(label.into());
        self
    }

    /// Adds a commit.
    #[must_use]
    pub fn with_commit(mut self, commit: Commit) -> Self {
        self.commits.push(commit);
        self
    }

    /// Adds a feature flag.
    #[must_use]
    pub fn with_flag(mut self, flag: Flag) -> Self {
        self.flags.push(flag);
        self
    }
}

/// One changed file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its path from the root of the repository, with `/` between the parts.
    pub path: String,
    /// What happened to it.
    pub status: Status,
    /// Where a renamed file was before. Leaving a folder is a change to that folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_path: Option<String>,
    /// Lines added; not known of a binary file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<u64>,
    /// Lines deleted; not known of a binary file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<u64>,
}

impl File {
    /// A file and what happened to it.
    #[must_use]
    pub fn new(path: impl Into<String>, status: Status) -> Self {
        Self { path: path.into(), status, previous_path: None, added: None, deleted: None }
    }

    /// A file that moved.
    #[must_use]
    pub fn renamed(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { previous_path: Some(from.into()), ..Self::new(to, Status::Renamed) }
    }

    /// Sets how many lines were added and deleted.
    #[must_use]
    pub const fn with_lines(mut self, added: u64, deleted: u64) -> Self {
        self.added = Some(added);
        self.deleted = Some(deleted);
        self
    }

    /// Lines added and deleted, where both are known.
    #[must_use]
    pub fn lines(&self) -> Option<u64> {
        Some(self.added?.saturating_add(self.deleted?))
    }
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is new.
    Added,
    /// It was changed.
    Modified,
    /// It is gone.
    Deleted,
    /// It moved: for the rules, deleted at one path and added at another.
    Renamed,
}

/// One commit.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// Its whole message.
    pub message: String,
}

impl Commit {
    /// A commit by its message.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// A feature flag and the code behind it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// Its state in production while the change is deployed.
    pub state: FlagState,
    /// What only runs when it is on: paths of files, or of folders with a `/` at the end. A flag that guards nothing
    /// named here changes nothing.
    #[serde(default)]
    pub guards: Vec<String>,
}

impl Flag {
    /// A flag in a state that guards nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>, state: FlagState) -> Self {
        Self { name: name.into(), state, guards: Vec::new() }
    }

    /// Adds a file, or a folder with a `/` at the end, that only runs when the flag is on.
    #[must_use]
    pub fn guarding(mut self, path: impl Into<String>) -> Self {
        self.guards.push(path.into());
        self
    }

    /// Whether a path is behind the flag.
    #[must_use]
    pub fn is_guarding(&self, path: &str) -> bool {
        self.guards.iter().any(|guard| match guard.strip_suffix('/') {
            Some("") => false,
            Some(_) => path.starts_with(guard.as_str()),
            None => path == guard,
        })
    }
}

/// The state of a feature flag.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagState {
    /// Nobody runs the code behind it.
    Off,
    /// Somebody runs the code behind it.
    On,
}
