use core::fmt;

use serde::{Deserialize, Serialize};

/// A strategy that a choice looks at, by its name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum StrategyName {
    /// Everything at once.
    BigBang,
    /// The old version stops, then the new one starts.
    Recreate,
    /// Deployed and met by nobody for an hour, then everything at once.
    Hidden,
    /// A preview beside stable, one switch, a standby.
    BlueGreen,
    /// Units are exchanged a few at a time, without a router.
    Rolling,
    /// Copies of the traffic, then a canary.
    Mirror,
    /// Shares of the traffic.
    Canary,
    /// Groups of users, then shares.
    Phased,
    /// A group of users beside a control group like it, decided by the verdict at its end.
    AbTest,
    /// Shares by a flag, without a deployment.
    FeatureFlag,
}

impl StrategyName {
    /// All of them, from the riskiest to the safest.
    /// Source of the order: the deployment strategy spectrum, "Big Bang, Blue-Green, ..., Canary, Feature Flags".
    pub const ALL: [Self; 10] = [
        Self::BigBang,
        Self::Recreate,
        Self::Hidden,
        Self::BlueGreen,
        Self::Rolling,
        Self::Mirror,
        Self::Canary,
        Self::Phased,
        Self::AbTest,
        Self::FeatureFlag,
    ];

    /// Its name in documents and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BigBang => "big-bang",
            Self::Recreate => "recreate",
            Self::Hidden => "hidden",
            Self::BlueGreen => "blue-green",
            Self::Rolling => "rolling",
            Self::Mirror => "mirror",
            Self::Canary => "canary",
            Self::Phased => "phased",
            Self::AbTest => "ab-test",
            Self::FeatureFlag => "feature-flag",
        }
    }

    /// What is bought and what is paid with it.
    /// Source: the benefits, costs and risks of the deployment strategy spectrum.
    pub(crate) const fn trade(self) -> &'static str {
        match self {
            Self::BigBang => "nothing to prepare and nothing to wait for, but every user meets the change at once",
            Self::Recreate => {
                "nothing ever runs twice, but nobody is served while it happens and going back takes a deployment"
            }
            Self::Hidden => "errors of the start show before anybody meets it, then every user meets it at once",
            Self::BlueGreen => {
                "the whole environment is tested before the switch and going back is one switch, but every user is \
                 switched at once and both versions need all their units"
            }
            Self::Rolling => {
                "no router and no second environment is needed, but both versions serve side by side and going back \
                 takes as long as going on"
            }
            Self::Mirror => {
                "real traffic before a user meets an answer, but each copied request is answered twice and the \
                 candidate has the units for it from the beginning"
            }
            Self::Canary => {
                "few users meet it first and each share is compared with stable, but it takes longest and two \
                 versions serve side by side"
            }
            Self::Phased => {
                "users who agreed to it meet it first and can say what they think, but a group without a control \
                 group is not compared"
            }
            Self::AbTest => {
                "like is compared with like for as long as it takes, but most users wait for it, and it may end with \
                 nothing changed"
            }
            Self::FeatureFlag => {
                "going back takes seconds and no unit is started or stopped, but both code paths must be kept until \
                 the flag is removed"
            }
        }
    }

    /// Whether old and new serve users side by side for a while.
    pub(crate) const fn mixes_versions(self) -> bool {
        match self {
            Self::BigBang | Self::Recreate | Self::Hidden | Self::BlueGreen => false,
            Self::Rolling | Self::Mirror | Self::Canary | Self::Phased | Self::AbTest | Self::FeatureFlag => true,
        }
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
