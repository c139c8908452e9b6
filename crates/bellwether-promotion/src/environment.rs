use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use bellwether_core::{ActorName, Duration, EnvironmentName, GateName};
use serde::{Deserialize, Serialize};

/// A place that releases are promoted into, and what it asks of them.
///
/// # Example: two approvals and half a day of soak
/// ```
/// use bellwether_core::{Duration, EnvironmentName};
/// use bellwether_promotion::{Approvals, Environment};
///
/// let mut production = Environment::new(EnvironmentName::new("production")?);
/// production.from = vec![EnvironmentName::new("staging")?];
/// production.soak = Duration::from_hours(12);
/// production.approvals = Some(Approvals { count: 2, of: Vec::new() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// What it is for, in the words of its owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Whether something runs here, or releases only pass through.
    #[serde(default)]
    pub site: Site,
    /// The environments before this one; none for an entrance, which takes releases as they are made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<EnvironmentName>,
    /// Whether all of the environments before must have verified a release, or one of them.
    #[serde(default)]
    pub need: Need,
    /// How long a release must have been fully exposed in an environment before. Interruptions do not count.
    #[serde(default)]
    pub soak: Duration,
    /// How long one observation of *this* environment vouches for what runs here; without one it does until something
    /// else is reported. A watcher that was down for an hour then adds no hour of soak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Duration>,
    /// Whether a release must be verified here before it goes on.
    #[serde(default)]
    pub verification: Verification,
    /// Who brings releases here.
    #[serde(default)]
    pub trigger: Trigger,
    /// Which of several releases that may enter goes first, when nobody asks for one by name.
    #[serde(default)]
    pub order: Order,
    /// What a newer release does to one that is still being verified or soaking here.
    #[serde(default)]
    pub on_newer: OnNewer,
    /// How long a release may take here to be exposed and verified before a newer one need not wait for it any longer;
    /// the soak that is asked for behind it comes on top. A day.
    #[serde(default = "a_day")]
    pub settle: Duration,
    /// What happens to automatic promotion after an older release was brought back.
    #[serde(default)]
    pub on_older: OnOlder,
    /// The branches whose releases may enter: exact names, or all below one as `release/*`. Any when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<String>,
    /// Who must agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Approvals>,
    /// The gates that must pass, such as a calendar's window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateName>,
    /// Who may let a release skip environments before this one in an emergency; without it nobody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Overrides>,
    /// When the last good release is returned to without being asked; without it never.
    #[serde(default, rename = "return", skip_serializing_if = "Option::is_none")]
    pub back: Option<ReturnRule>,
    /// Whose data is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataClass>,
    /// How the environment is configured. Values are shown in findings: write a digest in place of a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Settings that must be what they are in each environment before.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub same: BTreeSet<String>,
    /// Settings that are expected to differ; any other difference is a warning.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub may_differ: BTreeSet<String>,
}

impl Environment {
    /// An entrance that a person brings releases into, and that verifies them.
    #[must_use]
    pub const fn new(name: EnvironmentName) -> Self {
        Self {
            name,
            purpose: None,
            site: Site::Deployed,
            from: Vec::new(),
            need: Need::All,
            soak: Duration::ZERO,
            silence: None,
            verification: Verification::Required,
            trigger: Trigger::Person,
            order: Order::Newest,
            on_newer: OnNewer::Wait,
            settle: a_day(),
            on_older: OnOlder::Hold,
            branches: Vec::new(),
            approvals: None,
            gates: Vec::new(),
            overrides: None,
            back: None,
            data: None,
            settings: BTreeMap::new(),
            same: BTreeSet::new(),
            may_differ: BTreeSet::new(),
        }
    }

    pub(crate) fn is_junction(&self) -> bool {
        self.site == Site::Junction
    }

    /// Whether releases of that branch may enter.
    pub(crate) fn takes_branch(&self, branch: Option<&str>) -> bool {
        let is_taken = |pattern: &String| match (pattern.strip_suffix("/*"), branch) {
            (_, None) => false,
            (None, Some(branch)) => branch == pattern.as_str(),
            (Some(folder), Some(branch)) => {
                branch.strip_prefix(folder).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
            }
        };
        self.branches.is_empty() || self.branches.iter().any(is_taken)
    }
}

const fn a_day() -> Duration {
    Duration::from_hours(24)
}

/// Whether something runs in an environment.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// Releases run here.
    #[default]
    Deployed,
    /// Nothing runs here: a name for what the environments before have in common, so that many environments behind need
    /// not repeat it. What they ask for, soak included, is asked of the environments before the junction.
    Junction,
}

/// How many of the environments before must have verified a release.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Every one of them.
    #[default]
    All,
    /// Any one of them; verification and soak must come from the same one.
    One,
}

/// Whether a release must be verified in an environment before it goes on.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// The last verdict must be a pass.
    #[default]
    Required,
    /// Being fully exposed is enough; a verdict of failure still counts.
    None,
}

/// Who brings releases into an environment.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A person, who names the release.
    #[default]
    Person,
    /// Nobody: whatever may enter does.
    Automatic,
}

/// Which of several releases that may enter goes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest of those that may enter now; the ones before it are superseded.
    #[default]
    Newest,
    /// The oldest of those that may enter now, so that releases pass one by one. A release that may not enter holds
    /// nothing up; it is superseded when a newer one is in.
    Oldest,
}

/// What a newer release does to one that is still being verified or soaking.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnNewer {
    /// It waits until the one that is there has passed, failed or run out of time. However fast releases come, some
    /// reach the last environment.
    #[default]
    Wait,
    /// It replaces it. Releases that come faster than they soak starve what is behind.
    Replace,
}

/// What happens to automatic promotion after an older release was brought back, by a person or by a return.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnOlder {
    /// It is held until a person resumes it, or brings a release newer than all before.
    #[default]
    Hold,
    /// It goes on with the next release that is newer than all that have been here.
    Continue,
}

/// How many people must agree to a release.
///
/// An approval counts once a person, is bound to the release's digests, and never comes from one of its authors.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// How many.
    pub count: u32,
    /// Of whom; anybody when it names nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<ActorName>,
}

/// Who may let a release skip environments, and for how long at most.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// Who; never an author of the release.
    pub by: Vec<ActorName>,
    /// An override lapses after this long at the latest, whatever it says itself.
    pub at_most: Duration,
}

/// When the last good release is returned to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnRule {
    /// A failed verification that is older than this is left to people: the world has gone on since.
    #[serde(default = "twenty_minutes")]
    pub within: Duration,
}

impl Default for ReturnRule {
    fn default() -> Self {
        Self { within: twenty_minutes() }
    }
}

const fn twenty_minutes() -> Duration {
    Duration::from_minutes(20)
}

/// Whose data an environment holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DataClass {
    /// Made up.
    Seeded,
    /// Like production's, or a copy of it.
    Copy,
    /// Of real users.
    Live,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_taken_by_its_name_or_by_the_folder_it_is_in() {
        let mut environment = Environment::new("staging".parse().unwrap());
        assert!(environment.takes_branch(None), "without branches every release may enter");
        environment.branches = alloc::vec!["main".into(), "release/*".into()];
        for (branch, is_taken) in [
            (Some("main"), true),
            (Some("main2"), false),
            (Some("mai"), false),
            (Some("release/1.2"), true),
            (Some("release/"), false),
            (Some("release"), false),
            (Some("releases/1"), false),
            (None, false),
        ] {
            assert_eq!(environment.takes_branch(branch), is_taken, "{branch:?}");
        }
    }

    #[test]
    fn what_a_document_leaves_out_is_what_the_constructor_sets() {
        let read: Environment = serde_json::from_str(r#"{"name": "staging"}"#).unwrap();
        assert_eq!(read, Environment::new("staging".parse().unwrap()));
    }
}
