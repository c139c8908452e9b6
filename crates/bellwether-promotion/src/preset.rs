//! Named graphs, each taken from one published deployment guide.
//!
//! The guides say which environments there are, what brings a release into them and who agrees; none says how long a
//! release soaks or when an environment returns by itself. They are data to start from: [`Graph::check`] names what
//! is unwise about them.

use crate::Graph;

/// A graph that comes with this crate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its document.
    pub document: &'static str,
}

impl Preset {
    /// The graph.
    #[must_use]
    pub fn graph(&self) -> Graph {
        read(self.document)
    }
}

/// All of them.
///
/// # Example: a preset by its name
/// ```
/// use bellwether_promotion::preset;
///
/// let preset = preset::ALL.iter().find(|preset| preset.name == "seed-004").ok_or("it is one of them")?;
/// assert_eq!(preset.graph().environments().count(), 8);
/// # Ok::<(), &str>(())
/// ```
pub const ALL: [Preset; 4] = [
    Preset {
        name: "seed-000",
        about: "staging, then production after its smoke tests, both from main",
        document: SEED_000,
    },
    Preset {
        name: "seed-001",
        about: "local, development, staging, production with one approval, preview, demo and load testing",
        document: SEED_001,
    },
    Preset {
        name: "seed-002",
        about: "staging and production with the same images and their own settings",
        document: SEED_002,
    },
    Preset {
        name: "seed-004",
        about: "development, integration testing, staging, pre-production and production in a row",
        document: SEED_004,
    },
];

/// The document of [`seed_000`], as a file to start from.
pub const SEED_000: &str = include_str!("../presets/seed-000.json");

/// The document of [`seed_001`], as a file to start from.
pub const SEED_001: &str = include_str!("../presets/seed-001.json");

/// The document of [`seed_002`], as a file to start from.
pub const SEED_002: &str = include_str!("../presets/seed-002.json");

/// The document of [`seed_004`], as a file to start from.
pub const SEED_004: &str = include_str!("../presets/seed-004.json");

/// `seed-000`: a pipeline of two environments. What is pushed to `main` goes to staging; once the smoke tests have
/// passed there, it goes to production.
#[must_use]
pub fn seed_000() -> Graph {
    read(SEED_000)
}

/// `seed-001`: local, development, staging, production, and the optional preview, demo and load testing, with their
/// triggers and whose data they hold. Production asks for one approval.
///
/// Development takes what is merged to `develop`, staging what is merged to `main`, so neither comes before the other.
///
/// # Example: who decides about production
/// ```
/// use bellwether_promotion::{Trigger, preset};
///
/// let graph = preset::seed_001();
/// let production = graph.environment(&"production".parse()?).ok_or("it has a production")?;
/// assert_eq!((production.trigger, production.approvals.as_ref().map(|it| it.count)), (Trigger::Person, Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn seed_001() -> Graph {
    read(SEED_001)
}

/// `seed-002`: staging and production with the settings of their environment files, which are expected to differ, and
/// the same images in both.
#[must_use]
pub fn seed_002() -> Graph {
    read(SEED_002)
}

/// `seed-004`: five environments in a row from development to production, with replicas, resources, databases and
/// features of three of them, and three special ones in a row of their own.
///
/// The guide draws production twice, as blue and green: those are the two versions of one rollout, so they are one
/// environment here.
#[must_use]
pub fn seed_004() -> Graph {
    read(SEED_004)
}

#[expect(clippy::expect_used, reason = "the texts are part of this crate, and the tests read them")]
fn read(text: &str) -> Graph {
    serde_json::from_str(text).expect("the preset is a graph")
}

#[cfg(test)]
mod tests;
