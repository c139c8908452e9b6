/// Returns the treatment's expected share of all events, if its share of the exposure is `share` and its rate is
/// `ratio` times the control's, or `None` where only one arm can have an event.
pub(crate) fn expected_share(share: f64, ratio: f64) -> Option<f64> {
    let weighted = ratio * share;
    let expected = weighted / (weighted + (1.0 - share));
    (expected > 0.0 && expected < 1.0).then_some(expected)
}

/// Returns the number of intervals in which evidence that grows by `gain` in each, in logarithms, reaches
/// `1 / error`, at least one.
pub(crate) fn intervals(error: f64, gain: f64) -> u32 {
    let needed = libm::ceil(-libm::log(error) / gain).max(1.0);
    let possible = error > 0.0 && error < 1.0 && gain > 0.0 && needed < f64::from(u32::MAX);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    if possible { needed as u32 } else { u32::MAX }
}
