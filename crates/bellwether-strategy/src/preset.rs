//! Named strategies, most of them taken from published deployment guides.
//!
//! The guides differ in shares and times, so no share is a constant of this crate: a preset is a place to start from.
//! Where a guide gives shares and no times, the preset's own words say which times were taken.
//!
//! # Example: a preset by its name
//! ```
//! use bellwether_core::{Arms, Level, Release, Target, Version};
//! use bellwether_strategy::{Strategy, preset};
//!
//! let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
//! let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
//! let preset = preset::named("seed-001-canary").ok_or("no such preset")?;
//! let plan = preset.strategy().plan(&release, &Target::default())?.outcome;
//! assert_eq!(plan.steps().len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::boxed::Box;

use bellwether_core::{Cohort, CohortName, Duration, Weight};

use crate::{Amount, BigBang, BlueGreen, Canary, CanaryStep, CohortStep, Exchange, Rolling, Strategy};

mod five_stages;
mod seed_000;
mod seed_001;
mod seed_003;
mod seed_004;

pub use five_stages::FiveStages;
pub use seed_000::{seed_000_canary, seed_000_feature_flag, seed_000_pipeline, seed_000_progressive};
pub use seed_001::seed_001_canary;
pub use seed_003::seed_003_phased;
pub use seed_004::seed_004_canary;

/// A strategy with a name and the words that it was taken from.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Preset {
    /// Its name, such as `seed-001-canary`.
    pub name: &'static str,
    /// What it does, in the guide's words where there is one.
    pub about: &'static str,
    make: fn() -> Box<dyn Strategy>,
}

impl Preset {
    /// The strategy.
    #[must_use]
    pub fn strategy(&self) -> Box<dyn Strategy> {
        (self.make)()
    }
}

/// The preset of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// Every preset, by name.
pub const ALL: &[Preset] = &[
    Preset {
        name: "canary-0.1-1-5-10-25-50",
        about: "0.1 %, 1 %, 5 %, 10 %, 25 % and 50 % for an hour each, then everybody",
        make: || Box::new(tenth_of_a_percent_first()),
    },
    Preset {
        name: "canary-1-5-10-25-50",
        about: "1 %, 5 %, 10 %, 25 % and 50 % for an hour each, then everybody",
        make: || Box::new(one_percent_first()),
    },
    Preset { name: "seed-000-big-bang", about: "100% traffic, instant switch", make: || Box::new(BigBang) },
    Preset {
        name: "seed-000-blue-green",
        about: "two identical houses: full environment testing before the switch",
        make: || Box::new(BlueGreen::new()),
    },
    Preset {
        name: "seed-000-canary",
        about: "5% traffic, if successful 50%, if successful 100%; the times are seed 003's",
        make: || Box::new(seed_000_canary()),
    },
    Preset {
        name: "seed-000-feature-flag",
        about: "internal users 0.1%, early adopters 1%, then 5%, 25%, 50%, 100%; the times are seed 003's",
        make: || Box::new(seed_000_feature_flag()),
    },
    Preset {
        name: "seed-000-pipeline",
        about: "canary 5%, wait 5 minutes, full rollout",
        make: || Box::new(seed_000_pipeline()),
    },
    Preset {
        name: "seed-000-progressive",
        about: "0.1%, 1%, 5%, 25%, 50%, 100% of a flag without groups; the times are seed 003's",
        make: || Box::new(seed_000_progressive()),
    },
    Preset {
        name: "seed-000-rolling",
        about: "maxSurge 1, maxUnavailable 0: zero downtime",
        make: || Box::new(Rolling::one_more()),
    },
    Preset {
        name: "seed-001-blue-green",
        about: "deploy to green, test green, switch traffic, keep blue for quick rollback",
        make: || Box::new(BlueGreen::new()),
    },
    Preset {
        name: "seed-001-canary",
        about: "5%, 25% and 50% with a pause of 10 minutes each, then 100%",
        make: || Box::new(seed_001_canary()),
    },
    Preset {
        name: "seed-001-rolling",
        about: "one server at a time, maxSurge 1, maxUnavailable 0, until all servers are updated",
        make: || Box::new(Rolling::one_more()),
    },
    Preset { name: "seed-002-rolling", about: "maxUnavailable 1, maxSurge 1", make: || Box::new(seed_002_rolling()) },
    Preset {
        name: "seed-003-canary",
        about: "medium risk: 10% (2-4 hrs), 50% (4-8 hrs), 100%",
        make: || Box::new(Canary::medium_risk()),
    },
    Preset {
        name: "seed-003-extended-canary",
        about: "high risk: 1-5% (8-24 hrs), 10%, 25%, 50%, 75%, 100%, each stage 4-8 hours minimum",
        make: || Box::new(Canary::high_risk()),
    },
    Preset {
        name: "seed-003-five-stages",
        about: "infrastructure, integration 1 hour, canary 10%, partial 50%, full rollout with 24 hours of monitoring",
        make: || Box::new(FiveStages),
    },
    Preset {
        name: "seed-003-flag-gated",
        about: "low risk: 1 hour with flag OFF",
        make: || Box::new(Canary::low_risk()),
    },
    Preset {
        name: "seed-003-phased",
        about: "internal, beta users, all users; the sizes are seed 000's, a day each",
        make: || Box::new(seed_003_phased()),
    },
    Preset {
        name: "seed-004-blue-green",
        about: "switch traffic, keep the old one running for 30 minutes",
        make: || Box::new(BlueGreen::new()),
    },
    Preset {
        name: "seed-004-canary",
        about: "5% for 10 minutes, 25% for 20 minutes, 100%",
        make: || Box::new(seed_004_canary()),
    },
    Preset { name: "seed-004-rolling", about: "max unavailable 25%, max surge 25%", make: || Box::new(Rolling::new()) },
];

/// `seed-002-rolling`: one more and one less at a time.
#[must_use]
pub fn seed_002_rolling() -> Rolling {
    Rolling::new().with_exchange(Exchange::new(Amount::Units(1), Amount::Units(1)))
}

/// `canary-1-5-10-25-50`: 1, 5, 10, 25 and 50 % for an hour each, then everybody.
#[must_use]
pub fn one_percent_first() -> Canary {
    canary(&[(100, 60), (500, 60), (1_000, 60), (2_500, 60), (5_000, 60)])
}

/// `canary-0.1-1-5-10-25-50`: the same, with a step at 0.1 % before it for services with enough traffic to see one request
/// in a thousand.
#[must_use]
pub fn tenth_of_a_percent_first() -> Canary {
    canary(&[(10, 60), (100, 60), (500, 60), (1_000, 60), (2_500, 60), (5_000, 60)])
}

/// A canary of shares in basis points, each with its minutes.
fn canary(steps: &[(u16, u64)]) -> Canary {
    Canary::new(steps.iter().map(|&(share, minutes)| CanaryStep::new(weight(share), Duration::from_minutes(minutes))))
}

/// A group without a control group of its own: what the guides describe.
#[expect(clippy::expect_used, reason = "only called with the literals of this module, which the tests build")]
fn group(name: &str, size: u16, bake: Duration) -> CohortStep {
    let name = CohortName::new(name).expect("a preset's cohort names are identifiers");
    CohortStep::new(Cohort { name, size: weight(size), matched: false }, bake)
}

#[expect(clippy::expect_used, reason = "only called with the literals of this module, which the tests build")]
fn weight(basis_points: u16) -> Weight {
    Weight::new(basis_points).expect("a preset's shares are at most 100 %")
}
