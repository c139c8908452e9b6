//! How a release is to be rolled out, as its file tells it.

use std::fmt;

use bellwether_core::{Duration, Weight};
use bellwether_strategy::{Bake, Canary, CanaryStep, Conduct, OnDeadline, StrategyName};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, Visitor,
        value::{MapAccessDeserializer, StrDeserializer},
    },
};

use crate::complaint::Complaint;

/// How to roll a release out: the name of a strategy, or a strategy with its settings.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Strategy", untagged)]
pub(crate) enum Choice {
    /// As its level asks for it.
    Named(StrategyName),
    /// With settings of one's own.
    Settings(Settings),
}

/// A strategy with its settings.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// A small share first, then these.
    pub(crate) canary: Steps,
}

/// The shares of a canary.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Canary")]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
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
pub(super) struct ShareBake {
    /// At least this long.
    pub(super) min: Duration,
    /// How long inconclusive evidence is waited for; without it twice as long, at most a day and at least ten minutes.
    #[serde(default)]
    pub(super) max: Option<Duration>,
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

impl ShareBake {
    /// How long inconclusive evidence is waited for.
    pub(super) fn max(self) -> Duration {
        self.max.unwrap_or_else(|| Bake::at_least(self.min).max)
    }
}

impl Steps {
    /// The canary. What the router's precision makes equal is told in the words of the document.
    pub(crate) fn strategy(&self, precision: Weight) -> Result<Canary, Complaint> {
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
            CanaryStep::new(step.share, step.bake.min)
                .with_bake_max(step.bake.max())
                .on_inconclusive(step.on_inconclusive)
        });
        Ok(Canary::new(steps).with_conduct(self.conduct.clone()))
    }
}

/// Whether a router gives both shares as one. What rounds to nothing is refused for that.
fn is_same(before: Weight, share: Weight, precision: Weight) -> bool {
    let rounded = share.round_down(precision);
    rounded != Weight::ZERO && before.round_down(precision) == rounded
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
                StrategyName::deserialize(StrDeserializer::new(name)).map(Choice::Named)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Choice, A::Error> {
                Settings::deserialize(MapAccessDeserializer::new(map)).map(Choice::Settings)
            }
        }

        deserializer.deserialize_any(NameOrMap)
    }
}
