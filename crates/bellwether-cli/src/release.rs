//! A release as a file tells it: the release itself, where it goes, and perhaps how.

use std::fmt;

use bellwether_core::{Arms, Duration, Level, Release, ReleaseId, ServiceName, Target, Version, Weight};
use bellwether_strategy::{Bake, BigBang, Canary, CanaryStep, Conduct, OnDeadline, Strategy, for_level};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, Visitor,
        value::{MapAccessDeserializer, StrDeserializer},
    },
};

use crate::complaint::Complaint;

/// A release, where it goes, and how it is to be rolled out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Release")]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseDocument {
    /// The name of the release, and of its rollout.
    release: ReleaseId,
    /// The service.
    service: ServiceName,
    /// What runs today.
    #[serde(deserialize_with = "version")]
    #[schemars(with = "VersionText")]
    stable: Version,
    /// What shall run.
    #[serde(deserialize_with = "version")]
    #[schemars(with = "VersionText")]
    candidate: Version,
    /// How risky the change is; `bellwether risk` answers it.
    level: Level,
    /// What the surroundings can do and what they demand.
    #[serde(default)]
    pub(crate) target: Target,
    /// How to roll it out; without one the level decides.
    #[serde(default)]
    strategy: Option<Choice>,
}

/// How to roll a release out: the name of a strategy, or a strategy with its settings.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Strategy", untagged)]
enum Choice {
    /// As its level asks for it.
    Named(Named),
    /// With settings of one's own.
    Settings(Settings),
}

/// The name of a strategy.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Named {
    /// Everything at once.
    BigBang,
    /// A small share first: the shares of the level.
    Canary,
}

/// A strategy with its settings.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A small share first, then these.
    canary: Steps,
}

/// The shares of a canary.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Canary")]
#[serde(deny_unknown_fields)]
struct Steps {
    /// The shares, rising; a last one of 100 % is added where it is missing.
    steps: Vec<ShareStep>,
    /// How the rollout behaves beside its steps.
    #[serde(default)]
    conduct: Conduct,
}

/// One share of a canary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ShareStep {
    /// The candidate's share in basis points.
    share: Weight,
    /// How long it bakes.
    bake: ShareBake,
    /// What happens when the evidence is still inconclusive at the end of the bake.
    #[serde(default)]
    on_inconclusive: OnDeadline,
}

/// How long a share bakes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ShareBake {
    /// At least this long.
    min: Duration,
    /// How long inconclusive evidence is waited for; without it twice as long, at most a day and at least ten minutes.
    #[serde(default)]
    max: Option<Duration>,
}

impl ReleaseDocument {
    /// The release itself.
    pub(crate) fn release(&self) -> Release {
        let arms = Arms { stable: self.stable.clone(), candidate: self.candidate.clone() };
        Release::new(self.release.clone(), self.service.clone(), arms, self.level)
    }

    /// The smallest difference of two shares that the router can express; zero where that is not known.
    fn precision(&self) -> Weight {
        self.target.router.as_ref().map_or(Weight::ZERO, |router| router.precision)
    }

    /// How it is to be rolled out.
    pub(crate) fn strategy(&self) -> Result<Box<dyn Strategy>, Complaint> {
        match &self.strategy {
            None => Ok(for_level(self.level)),
            Some(Choice::Named(Named::BigBang)) => Ok(Box::new(BigBang)),
            Some(Choice::Named(Named::Canary)) => Ok(Box::new(canary_of(self.level))),
            Some(Choice::Settings(settings)) => settings.canary.strategy(self.precision()),
        }
    }
}

/// Where in the document the strategy's steps are: its errors speak of the plan's.
pub(crate) fn place_in_document(at: &str) -> String {
    match at.strip_prefix("$.steps") {
        Some(rest) => format!("$.strategy.canary.steps{}", rest.replace(".route.share", ".share")),
        None => match at.strip_prefix("$.conduct") {
            Some(rest) => format!("$.strategy.canary.conduct{rest}"),
            None => at
                .replace("$.arms", "$.candidate")
                .replace("$.capacity", "$.target")
                .replace("$.precision", "$.target.router.precision"),
        },
    }
}

/// The canary of a level. A change of zero risk needs none; who asks for one gets the gentlest.
fn canary_of(level: Level) -> Canary {
    match level {
        Level::Zero | Level::Low => Canary::low_risk(),
        Level::Medium => Canary::medium_risk(),
        Level::High => Canary::high_risk(),
    }
}

impl Steps {
    fn strategy(&self, precision: Weight) -> Result<Box<dyn Strategy>, Complaint> {
        let mut before: Option<Weight> = None;
        for (index, step) in self.steps.iter().enumerate() {
            if let Some(before) = before.filter(|before| step.share <= *before) {
                let at = format!("$.strategy.canary.steps[{index}].share");
                let message = format!("expected more than the {before} of the step before, found {}", step.share);
                return Err(Complaint::new("invalid", at, message));
            }
            if let Some(before) = before.filter(|before| is_same(*before, step.share, precision)) {
                let at = format!("$.strategy.canary.steps[{index}].share");
                let (share, rounded) = (step.share, step.share.round_down(precision));
                let message = format!(
                    "expected a share that the router's precision of {precision} tells from the step before, found \
                     {before} and {share}, which both round to {rounded}"
                );
                return Err(Complaint::new("invalid", at, message));
            }
            before = Some(step.share);
        }
        let steps = self.steps.iter().map(|step| {
            let max = step.bake.max.unwrap_or_else(|| Bake::at_least(step.bake.min).max);
            CanaryStep::new(step.share, step.bake.min).with_bake_max(max).on_inconclusive(step.on_inconclusive)
        });
        Ok(Box::new(Canary::new(steps).with_conduct(self.conduct.clone())))
    }
}

/// Whether a router gives both shares as one. What rounds to nothing is refused for that.
fn is_same(before: Weight, share: Weight, precision: Weight) -> bool {
    let rounded = share.round_down(precision);
    rounded != Weight::ZERO && before.round_down(precision) == rounded
}

/// The name of a version, or its name and digests.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used: the reader below gives better errors than serde's untagged one")]
enum VersionText {
    /// What people call it.
    Name(String),
    /// With digests.
    Version(Version),
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    struct NameOrMap;

    impl<'de> Visitor<'de> for NameOrMap {
        type Value = Version;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a version: its name, or a map with `name` and `digests`")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<Version, E> {
            Ok(Version::named(name))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Version, A::Error> {
            Version::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(NameOrMap)
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrMap;

        impl<'de> Visitor<'de> for NameOrMap {
            type Value = Choice;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a strategy: its name, or a map with its name as the one key")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Choice, E> {
                Named::deserialize(StrDeserializer::new(name)).map(Choice::Named)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Choice, A::Error> {
                Settings::deserialize(MapAccessDeserializer::new(map)).map(Choice::Settings)
            }
        }

        deserializer.deserialize_any(NameOrMap)
    }
}
