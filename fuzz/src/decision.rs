use std::fmt::{Debug, Display};

use bellwether_core::Decision;
use bellwether_port::canonical_json;
use serde::{Serialize, de::DeserializeOwned};

/// What every decision promises: a reason, figures that are finite, a line for people, and a stored form that reads back.
pub(crate) fn check_decision<T>(decision: &Decision<T>)
where
    T: Debug + DeserializeOwned + Display + PartialEq + Serialize,
{
    assert!(!decision.findings.is_empty(), "a decision without a reason: {decision:?}");
    assert!(!decision.to_string().is_empty());
    check_stored(decision);
}

/// What is stored promises: no float without a JSON form, and the same value and bytes when it is read again.
pub(crate) fn check_stored<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let bytes = canonical_json(value).unwrap_or_else(|error| panic!("{error} in {value:?}"));
    let read: T = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error} in {value:?}"));
    assert_eq!(&read, value, "read back");
    assert_eq!(canonical_json(&read).as_ref(), Ok(&bytes), "written again");
}
