use std::time::Duration;

use bellwether_core::Arms;
use hyper::header::HeaderName;

use crate::{Classifier, control::Control, pool::Pool};

/// What all connections of one proxy share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) control: Control,
    pub(crate) pools: Arms<Pool>,
    pub(crate) classifier: Classifier,
    pub(crate) user_header: HeaderName,
    pub(crate) connect_timeout: Duration,
    pub(crate) answer_timeout: Duration,
    pub(crate) body_timeout: Duration,
}
