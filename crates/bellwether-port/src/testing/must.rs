use std::fmt::Display;

/// Takes the value, or fails the test with the clause that is broken.
#[expect(clippy::panic, reason = "a suite runs inside a test, and a broken clause fails it")]
pub(crate) fn must<T, E: Display>(result: Result<T, E>, clause: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{clause}: {error}"),
    }
}
