//! A release as a file tells it: the release itself, where it goes, and perhaps how.

use bellwether_core::{Arms, Level, Release, ReleaseId, ServiceName, Version, Weight};
use bellwether_strategy::{BigBang, Refusal, Strategy};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::complaint::Complaint;

mod needs;
mod strategy;
mod target;
mod version;

pub(crate) use needs::NeedsDocument;
pub(crate) use strategy::{Choice, place_in_document};
pub(crate) use target::TargetDocument;

use version::{VersionText, version};

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
    pub(crate) target: TargetDocument,
    /// What a choice between strategies must know about the change.
    #[serde(default)]
    pub(crate) needs: NeedsDocument,
    /// How to roll it out; without one it is chosen by level, target and needs.
    #[serde(default)]
    pub(crate) strategy: Option<Choice>,
}

impl ReleaseDocument {
    /// The release itself.
    pub(crate) fn release(&self) -> Release {
        let arms = Arms { stable: self.stable.clone(), candidate: self.candidate.clone() };
        Release::new(self.release.clone(), self.service.clone(), arms, self.level)
    }

    /// What it is, for the first line of a text.
    pub(crate) fn head(&self) -> String {
        format!("{}: {} → {}", self.release, self.stable, self.candidate)
    }

    /// How risky it is.
    pub(crate) const fn level(&self) -> Level {
        self.level
    }

    /// Refuses what no strategy could make a plan of, at its place in the document.
    pub(crate) fn check(&self) -> Result<(), Complaint> {
        self.target.check()?;
        self.needs.check()?;
        let mut target = self.target.target();
        target.rto = None;
        match BigBang.plan(&self.release(), &target) {
            Err(Refusal::Plan(error)) => Err(wrong(&error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// What is wrong with a plan's numbers, at the place in the document that they come from.
pub(crate) fn wrong(error: &bellwether_strategy::PlanError) -> Complaint {
    let text = error.to_string();
    let message = text.split_once(": ").map_or(text.as_str(), |(_, message)| message);
    Complaint::new("invalid", place_in_document(error.at()), message)
}

/// A precision that is no precision.
fn check_precision(precision: Weight, at: &str) -> Result<(), Complaint> {
    if precision == Weight::ZERO {
        return Err(Complaint::new("invalid", at, "expected at least 1 basis point, found 0"));
    }
    Ok(())
}
