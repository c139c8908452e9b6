use alloc::string::ToString;

use bellwether_core::{Finding, Level};

use crate::{ChangeKind, Needs, StrategyName};

/// Strategies in the order in which they would be taken, and why in this one.
pub(crate) struct Preference {
    pub(crate) order: &'static [StrategyName],
    pub(crate) reason: Finding,
}

impl Preference {
    /// The preference of the guides.
    pub(crate) fn of(level: Level, needs: &Needs) -> Self {
        use StrategyName::{BigBang, BlueGreen, Canary, FeatureFlag, Hidden, Phased, Recreate, Rolling};

        let why = |rule, text, flips| Finding::info(rule, text).figure("level", level.to_string()).flips_when(flips);
        let (order, reason): (&'static [StrategyName], Finding) = match (level, needs.kind) {
            _ if needs.emergency => (
                &[BigBang, BlueGreen, Hidden, Canary],
                why("choice.emergency", "waiting costs more than it saves: an emergency goes at once", "it could wait"),
            ),
            _ if needs.full_cutover => (
                &[BlueGreen, Hidden, Recreate, BigBang],
                why(
                    "choice.full_cutover",
                    "old and new must not serve side by side: one switch, with a way back",
                    "both versions could serve together",
                ),
            ),
            (Level::Zero, _) => (
                &[BigBang, Hidden, BlueGreen],
                why("choice.level", "a {level} risk change goes out immediately", "the level were higher"),
            ),
            (Level::Low, _) => (
                &[FeatureFlag, Hidden, BlueGreen, Rolling, BigBang],
                why("choice.level", "a {level} risk change waits an hour unseen", "the level were higher"),
            ),
            (Level::Medium | Level::High, ChangeKind::Infrastructure) => (
                &[BlueGreen, Canary],
                why(
                    "choice.infrastructure",
                    "infrastructure is tested as a whole and switched at once",
                    "the change were one of the application",
                ),
            ),
            (Level::Medium | Level::High, ChangeKind::Experience) => (
                &[FeatureFlag, Phased, Canary, BlueGreen],
                why(
                    "choice.experience",
                    "what changes how users work is shown to few of them first, who can say what they think",
                    "the change did not alter how users work",
                ),
            ),
            (Level::Medium | Level::High, ChangeKind::Application) => (
                &[FeatureFlag, Canary, Phased, BlueGreen],
                why(
                    "choice.level",
                    "a {level} risk change meets few users first and is compared before the next",
                    "the level were low or zero",
                ),
            ),
        };
        Self { order, reason }
    }
}
