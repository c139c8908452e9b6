//! Canonical JSON: fields in the order of their structs, maps by key, no white space, integers as they are, floats in
//! their shortest form. The same value has the same bytes on every machine, so bytes can be hashed and compared.

use serde::Serialize;

use crate::finite::{self, NotFinite};

/// The canonical bytes of a value.
///
/// # Errors
/// The place of the first float that has no JSON form: a NaN or an infinity must not turn into a `null`.
///
/// # Example: a number that is none
/// ```
/// use bellwether_core::{Decision, Finding, Value, Verdict};
/// use bellwether_port::canonical_json;
///
/// let decision = |ratio| {
///     Decision::new(Verdict::Pass).because(Finding::info("a.rule", "{ratio}").figure("ratio", Value::Ratio(ratio)))
/// };
/// assert!(canonical_json(&decision(0.1))?.ends_with(br#""value":{"ratio":0.1}}],"text":"{ratio}"}]}"#));
/// let error = canonical_json(&decision(f64::NAN)).unwrap_err().to_string();
/// assert_eq!(error, "$.findings[0].figures[0].value.ratio: expected a finite number, found NaN");
/// # Ok::<(), bellwether_port::NotFinite>(())
/// ```
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, NotFinite> {
    finite::check(value)?;
    serde_json::to_vec(value).map_err(|error| NotFinite::other(&error))
}
