use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use bellwether_core::{ActorName, EnvironmentName, ReleaseId, Time, Verdict, Version};
use serde::{Deserialize, Serialize};

/// What happened, and when. A log of them is all that promotion decides on.
///
/// # Example: a release is fully exposed in staging
/// ```
/// use bellwether_promotion::Event;
///
/// let event: Event = serde_json::from_str(r#"{"at": "2026-03-04T00:00:00Z", "kind": {"exposed": {
///     "environment": "staging", "release": "checkout-42",
///     "digests": {"image": "sha256:0000000000000000000000000000000000000000000000000000000000000042"}}}}"#)?;
/// assert_eq!(event.at.to_string(), "2026-03-04T00:00:00.000Z");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When it happened. Within one environment time never runs backwards: an earlier time is read as the last one.
    pub at: Time,
    /// What happened.
    pub kind: Kind,
}

/// What happened. Facts in the past tense, about the world or about what a person said.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Kind {
    /// A release was made. Releases are older and newer by this time.
    Made(Made),
    /// A release was recalled: it enters nothing any more, and nothing returns to it.
    Withdrawn {
        /// Which.
        release: ReleaseId,
        /// By whom.
        by: ActorName,
        /// Why.
        why: String,
    },
    /// A rollout of a release into an environment began.
    Begun {
        /// Where.
        environment: EnvironmentName,
        /// Of which release.
        release: ReleaseId,
        /// On what ground.
        cause: Cause,
    },
    /// That rollout ended.
    Ended {
        /// Where.
        environment: EnvironmentName,
        /// Of which release.
        release: ReleaseId,
        /// How.
        ending: Ending,
    },
    /// A look found the release alone and fully exposed. Looks may be repeated: each vouches for a while.
    Exposed {
        /// Where.
        environment: EnvironmentName,
        /// Which release.
        release: ReleaseId,
        /// The digests of what really runs, by what they are of. What was not looked at is left out.
        digests: BTreeMap<String, String>,
    },
    /// What runs was restarting, partly replaced, or not to be seen: until the next look nothing soaks.
    Interrupted {
        /// Where.
        environment: EnvironmentName,
        /// Why.
        why: String,
    },
    /// A release was verified, or verified again; the last verdict counts.
    Verified {
        /// Where.
        environment: EnvironmentName,
        /// Which release.
        release: ReleaseId,
        /// With which result.
        verdict: Verdict,
    },
    /// An environment's real settings were read.
    Configured {
        /// Which environment.
        environment: EnvironmentName,
        /// All of its settings.
        settings: BTreeMap<String, String>,
    },
    /// A person agreed to a release.
    Approved {
        /// For which environment.
        environment: EnvironmentName,
        /// Which release.
        release: ReleaseId,
        /// The release's digests as the person saw them: the approval is for these bytes.
        digests: BTreeMap<String, String>,
        /// Who.
        by: ActorName,
        /// Until when, where the approval lapses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
    /// A person objected to a release, or took an approval back.
    Declined {
        /// For which environment.
        environment: EnvironmentName,
        /// Which release.
        release: ReleaseId,
        /// Who.
        by: ActorName,
        /// Why.
        why: String,
    },
    /// A person stopped automatic promotion into an environment.
    Held {
        /// Which environment.
        environment: EnvironmentName,
        /// Who.
        by: ActorName,
        /// Why.
        why: String,
    },
    /// A person let automatic promotion go on.
    Resumed {
        /// Into which environment.
        environment: EnvironmentName,
        /// Who.
        by: ActorName,
    },
    /// A person let one release skip environments in an emergency.
    Overridden(Override),
}

/// A release as it was made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its name.
    pub release: ReleaseId,
    /// What it consists of. Without digests, or with a tag in place of one, it enters nothing.
    pub version: Version,
    /// Whose work it is; they cannot approve it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<ActorName>,
    /// The branch it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// What cannot be undone once its rollout has begun, such as a migration that drops a column: nothing older is
    /// returned to after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<String>,
}

impl Made {
    /// A release without known authors.
    #[must_use]
    pub const fn new(release: ReleaseId, version: Version) -> Self {
        Self { release, version, authors: Vec::new(), branch: None, floor: None }
    }

    /// Adds an author.
    #[must_use]
    pub fn with_author(mut self, author: ActorName) -> Self {
        self.authors.push(author);
        self
    }

    /// Sets the branch it was made of.
    #[must_use]
    pub fn with_branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }

    /// Says what cannot be undone.
    #[must_use]
    pub fn with_floor(mut self, why: impl Into<String>) -> Self {
        self.floor = Some(why.into());
        self
    }
}

/// Leave for one release to skip environments on its way into another. It covers nothing but what it names, and only
/// what happened before it was given.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The environment that is entered.
    pub environment: EnvironmentName,
    /// The environments that are skipped: what they ask for is still asked of those before them.
    pub skips: BTreeSet<EnvironmentName>,
    /// Which release.
    pub release: ReleaseId,
    /// The release's digests as the person saw them.
    pub digests: BTreeMap<String, String>,
    /// Who.
    pub by: ActorName,
    /// Why.
    pub why: String,
    /// Until when.
    pub until: Time,
}

/// On what ground a release entered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It was its turn.
    Automatic,
    /// A person named it.
    Person,
    /// It was the last good one.
    Return,
}

/// How a rollout ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The release has replaced what was there.
    Arrived,
    /// What was there has everything back.
    WentBack,
}

impl Kind {
    /// The environment that it is about, where it is about one.
    #[must_use]
    pub const fn environment(&self) -> Option<&EnvironmentName> {
        match self {
            Self::Made(_) | Self::Withdrawn { .. } => None,
            Self::Begun { environment, .. }
            | Self::Ended { environment, .. }
            | Self::Exposed { environment, .. }
            | Self::Interrupted { environment, .. }
            | Self::Verified { environment, .. }
            | Self::Configured { environment, .. }
            | Self::Approved { environment, .. }
            | Self::Declined { environment, .. }
            | Self::Held { environment, .. }
            | Self::Resumed { environment, .. }
            | Self::Overridden(Override { environment, .. }) => Some(environment),
        }
    }

    /// The release that it is about, where it is about one.
    #[must_use]
    pub const fn release(&self) -> Option<&ReleaseId> {
        match self {
            Self::Interrupted { .. } | Self::Configured { .. } | Self::Held { .. } | Self::Resumed { .. } => None,
            Self::Made(Made { release, .. })
            | Self::Withdrawn { release, .. }
            | Self::Begun { release, .. }
            | Self::Ended { release, .. }
            | Self::Exposed { release, .. }
            | Self::Verified { release, .. }
            | Self::Approved { release, .. }
            | Self::Declined { release, .. }
            | Self::Overridden(Override { release, .. }) => Some(release),
        }
    }
}
