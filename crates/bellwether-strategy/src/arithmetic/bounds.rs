use serde::{Deserialize, Serialize};

/// How far a rolling update may leave the wanted number of pods, in pods.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// How many pods there may be beyond the wanted number.
    pub surge: i32,
    /// How many of the wanted pods may be missing.
    pub unavailable: i32,
}

impl Bounds {
    /// Keeps an update from standing still: with neither room above nor below, one pod may be missing.
    ///
    /// Both may be zero by rounding alone. The rule of `ResolveFenceposts` in Kubernetes and in Argo Rollouts.
    pub(crate) const fn or_one_unavailable(self) -> Self {
        if self.surge == 0 && self.unavailable == 0 { Self { surge: 0, unavailable: 1 } } else { self }
    }
}
