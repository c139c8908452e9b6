use serde::{Deserialize, Serialize};

use crate::Exchange;

/// How many units run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// The units that carry the whole traffic.
    pub replicas: u32,
    /// How units are exchanged where no router splits traffic; absent where a router does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

impl Capacity {
    /// So many units, with a router in front of them.
    #[must_use]
    pub const fn of(replicas: u32) -> Self {
        Self { replicas, exchange: None }
    }

    /// Says that no router splits traffic, and how units are exchanged.
    #[must_use]
    pub const fn with_exchange(mut self, exchange: Exchange) -> Self {
        self.exchange = Some(exchange);
        self
    }
}
