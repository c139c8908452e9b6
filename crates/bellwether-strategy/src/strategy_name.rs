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
    /// Deployed and met by nobody for an hour, then everything at once.
    Hidden,
    /// A preview beside stable, one switch, a standby.
    BlueGreen,
    /// Copies of the traffic, then a canary.
    Mirror,
    /// Shares of the traffic.
    Canary,
    /// Groups of users, then shares.
    Phased,
    /// Shares by a flag, without a deployment.
    FeatureFlag,
}

impl StrategyName {
    /// All of them, from the riskiest to the safest.
    /// Source of the order: the deployment strategy spectrum, "Big Bang, Blue-Green, ..., Canary, Feature Flags".
    pub const ALL: [Self; 7] =
        [Self::BigBang, Self::Hidden, Self::BlueGreen, Self::Mirror, Self::Canary, Self::Phased, Self::FeatureFlag];

    /// Its name in documents and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BigBang => "big-bang",
            Self::Hidden => "hidden",
            Self::BlueGreen => "blue-green",
            Self::Mirror => "mirror",
            Self::Canary => "canary",
            Self::Phased => "phased",
            Self::FeatureFlag => "feature-flag",
        }
    }

    /// What is bought and what is paid with it.
    /// Source: the benefits, costs and risks of the deployment strategy spectrum.
    pub(crate) const fn trade(self) -> &'static str {
        match self {
            Self::BigBang => "nothing to prepare and nothing to wait for, but every user meets the change at once",
            Self::Hidden => "errors of the start show before anybody meets it, then every user meets it at once",
            Self::BlueGreen => {
                "the whole environment is tested before the switch and going back is one switch, but every user is \
                 switched at once and both versions need all their units"
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
            Self::FeatureFlag => {
                "going back takes seconds and no unit is started or stopped, but both code paths must be kept until \
                 the flag is removed"
            }
        }
    }

    /// Whether old and new serve users side by side for a while.
    pub(crate) const fn mixes_versions(self) -> bool {
        match self {
            Self::BigBang | Self::Hidden | Self::BlueGreen => false,
            Self::Mirror | Self::Canary | Self::Phased | Self::FeatureFlag => true,
        }
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
