use alloc::{borrow::ToOwned, collections::BTreeMap, string::String};
use core::fmt;

use bellwether_core::{Decision, EnvironmentName, Finding, ReleaseId, Time};
use serde::{Deserialize, Serialize};

use crate::{Facts, Graph, Trigger, case::Case, notes::Notes};

/// Whether one release may enter one environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The release.
    pub release: ReleaseId,
    /// The environment.
    pub environment: EnvironmentName,
    /// Who asks.
    pub by: Trigger,
    /// The digests of what is about to be deployed, where the caller has looked: a tag may have moved since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<BTreeMap<String, String>>,
}

impl Ask {
    /// A person asks.
    #[must_use]
    pub const fn by_person(release: ReleaseId, environment: EnvironmentName) -> Self {
        Self { release, environment, by: Trigger::Person, digests: None }
    }

    /// Nobody asks; it would be its turn.
    #[must_use]
    pub const fn automatic(release: ReleaseId, environment: EnvironmentName) -> Self {
        Self { release, environment, by: Trigger::Automatic, digests: None }
    }

    /// Says what is about to be deployed.
    #[must_use]
    pub fn with_digests(mut self, digests: BTreeMap<String, String>) -> Self {
        self.digests = Some(digests);
        self
    }
}

/// How a release stands before an environment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The answer.
    pub standing: Standing,
    /// When to ask again at the latest, where time alone changes the answer: a wait is over, or leave to enter lapses.
    /// Until then only news changes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Time>,
}

/// How a release stands before an environment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It may enter now. Alone leave to go forward.
    Enter,
    /// Something is missing: time, a verification, an approval, a gate's pass. Nothing speaks against it.
    Wait,
    /// Something speaks against it.
    Refuse,
    /// It runs there already.
    Present,
    /// It was there, or something newer is: it does not go there by itself any more.
    Past,
}

impl Standing {
    /// The worse of two answers that must both be good.
    pub(crate) const fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuse, _) | (_, Self::Refuse) => Self::Refuse,
            (Self::Past, _) | (_, Self::Past) => Self::Past,
            (Self::Wait, _) | (_, Self::Wait) => Self::Wait,
            (Self::Present, _) | (_, Self::Present) => Self::Present,
            (Self::Enter, Self::Enter) => Self::Enter,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Enter => "may enter",
            Self::Wait => "waits",
            Self::Refuse => "is refused",
            Self::Present => "is there",
            Self::Past => "is past",
        })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.standing.fmt(formatter)
    }
}

impl Graph {
    /// Says whether a release may enter an environment now, why not, and what would change it.
    ///
    /// # Example: half a day of soak
    /// ```
    /// use bellwether_promotion::{Ask, Event, Facts, Graph, History, Standing};
    ///
    /// let graph: Graph = serde_json::from_str(r#"{"schema": 1, "environments": [
    ///     {"name": "staging"}, {"name": "production", "from": ["staging"], "soak": "12h"}]}"#)?;
    /// let image = "sha256:0000000000000000000000000000000000000000000000000000000000000042";
    /// let log: Vec<Event> = serde_json::from_str(&r#"[
    ///     {"at": "2026-03-03T23:00:00Z", "kind": {"made":
    ///         {"release": "checkout-42", "version": {"name": "42", "digests": {"image": "IMAGE"}}}}},
    ///     {"at": "2026-03-03T23:50:00Z", "kind": {"begun":
    ///         {"environment": "staging", "release": "checkout-42", "cause": "person"}}},
    ///     {"at": "2026-03-04T00:00:00Z", "kind": {"exposed":
    ///         {"environment": "staging", "release": "checkout-42", "digests": {"image": "IMAGE"}}}},
    ///     {"at": "2026-03-04T00:10:00Z", "kind": {"verified":
    ///         {"environment": "staging", "release": "checkout-42", "verdict": "pass"}}}
    /// ]"#.replace("IMAGE", image))?;
    /// let history = History::of(&graph, &log);
    ///
    /// let ask = Ask::by_person("checkout-42".parse()?, "production".parse()?);
    /// let early = graph.entry(&Facts::new(&history, "2026-03-04T08:40:00Z".parse()?), &ask);
    /// assert_eq!(early.outcome.standing, Standing::Wait);
    /// assert_eq!(
    ///     early.findings[0].rendered(),
    ///     "checkout-42 has soaked 8h40m of 12h in staging: 3h20m left, until 2026-03-04T12:00:00.000Z"
    /// );
    /// let later = graph.entry(&Facts::new(&history, early.outcome.wake.ok_or("soaking ends")?), &ask);
    /// assert_eq!(later.outcome.standing, Standing::Enter);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entry(&self, facts: &Facts<'_>, ask: &Ask) -> Decision<Entry> {
        let mut notes = Notes::told(facts.now);
        match (self.environment(&ask.environment), facts.history.known(&ask.release)) {
            (None, _) => notes.refuse(|| no_environment(&ask.environment)),
            (Some(_), None) => notes.refuse(|| no_release(&ask.release)),
            (Some(environment), Some(known)) => {
                let case = Case::new(self, facts, environment, known);
                case.examine(ask.by, ask.digests.as_ref(), &mut notes);
            }
        }
        notes.decide()
    }
}

impl Notes {
    pub(crate) fn decide(self) -> Decision<Entry> {
        Decision { outcome: Entry { standing: self.standing, wake: self.wake }, findings: self.findings }
    }
}

pub(crate) fn no_environment(environment: &EnvironmentName) -> Finding {
    Finding::critical("promotion.unknown_environment", "the graph has no environment {environment}")
        .figure("environment", environment.as_str().to_owned())
        .flips_when("the graph had one of that name")
}

pub(crate) fn no_release(release: &ReleaseId) -> Finding {
    Finding::critical("promotion.unknown_release", "no release {release} was ever made")
        .figure("release", release.as_str().to_owned())
        .flips_when("its making were in the log")
}
